"""Servers and uploaders as programs of their own, which can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from helpers.checkout import TOP

HERE = Path(__file__).parent


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Run a script that lies beside this one; what it says is read from the process."""
    return subprocess.Popen(
        [sys.executable, str(HERE / script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TOP), str(TOP / "tests")])},
    )


def kill(process: subprocess.Popen[str]) -> None:
    """Kill without warning."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def free_port() -> int:
    """A port nobody listens on just now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machine:
    """A practice server that can be killed and started again at its address.

    Attributes:
        data: its data folder.
        url: its address.
    """

    def __init__(self, library: Path, data: Path, milliseconds: float = 0) -> None:
        self.data = data
        self._library = library
        self._milliseconds = milliseconds
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it; it listens when this returns."""
        self._process = start(
            "slow_server.py", self._library, self.data, self._port, self._milliseconds
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == self.url, "the server did not start"

    def kill(self) -> None:
        """Kill it; idempotent."""
        if self._process is not None:
            kill(self._process)
            self._process = None


@contextmanager
def machine(library: Path, data: Path, milliseconds: float = 0) -> Iterator[Machine]:
    """A running practice server, each of whose answers takes so much longer than it must."""
    server = Machine(library, data, milliseconds)
    server.start()
    try:
        yield server
    finally:
        server.kill()
