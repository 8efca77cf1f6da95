"""``python -m offcirc`` as a script would run it: each command a process of its own.

Starting Python and importing the program costs ten times what most commands do. So on systems that
can, one process per test process has imported everything and forks: the child gets the command's
own environment, folder, words and files. It ends as multiprocessing ends a child: its output is
flushed and its exit code kept, but neither ``atexit`` nor the tear-down of the interpreter runs.
What Python itself reads from the environment when it starts is not read again, so a command that
wants it otherwise is started in full; so is everything on Windows.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

SECONDS = 240
_WINDOWS = ("__main__", "desk", "referent", "windows")
"""Rooms that need Qt."""
_LATE = ("httpx", "keyring.backends.null", "openpyxl", "rich.console", "sqlite_utils", "xlsxwriter")
"""What the program imports only where it needs it."""
_PYTHONS_OWN = ("PYTHON", "LC_", "LANG", "TZ", "LD_")


class Commands:
    """Runs commands; a context manager."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._own: dict[str, str] = {}

    def __enter__(self) -> Commands:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._server is not None and self._line is not None:
            self._line.close()
            self._server.wait(SECONDS)

    def run(
        self, words: list[str], environment: Mapping[str, str], folder: Path, stdin: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one to its end."""
        if words[:1] != ["demo"] and self._forks(environment):  # it starts the windows itself
            return self._forked(words, environment, folder, stdin)
        return subprocess.run(
            [sys.executable, "-m", "offcirc", *words],
            env=environment,
            cwd=folder,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )

    def _forks(self, environment: Mapping[str, str]) -> bool:
        """Whether there is a process to fork that was started as this command wants it."""
        if sys.platform == "win32":
            return False
        if self._server is None:
            self._own = _pythons_own(environment)
            self._line, theirs = socket.socketpair()
            with theirs:
                self._server = subprocess.Popen(
                    [sys.executable, __file__, str(theirs.fileno())],
                    env=environment,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
        return self._own == _pythons_own(environment)

    def _forked(
        self, words: list[str], environment: Mapping[str, str], folder: Path, stdin: str
    ) -> subprocess.CompletedProcess[str]:
        assert self._line is not None
        with TemporaryDirectory() as kept:
            files = [Path(kept, name) for name in ("in", "out", "err")]
            files[0].write_text(stdin, encoding="utf-8")
            order = {
                "words": words,
                "environment": dict(environment),
                "folder": str(folder),
                "files": [str(file) for file in files],
            }
            self._line.sendall(json.dumps(order).encode() + b"\n")
            self._line.settimeout(2 * SECONDS)
            code = int(_line(self._line))
            out, err = (file.read_text(encoding="utf-8") for file in files[1:])
        if code == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(words, SECONDS, out, err)
        return subprocess.CompletedProcess(words, code, out, err)


def _pythons_own(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_PYTHONS_OWN)}


def _line(connection: socket.socket) -> bytes:
    """What comes up to the end of a line; empty when the other end has gone."""
    text = b""
    while not text.endswith(b"\n"):
        piece = connection.recv(1 << 16)
        if not piece:
            return b""
        text += piece
    return text


def _serve(connection: socket.socket) -> None:
    """Fork for each order until nobody is left to give one."""
    import offcirc

    for found in pkgutil.walk_packages(offcirc.__path__, "offcirc."):
        if found.name.split(".")[1] not in _WINDOWS:
            import_module(found.name)
    for name in _LATE:
        import_module(name)
    gc.freeze()
    forking = get_context("fork")
    while order := _line(connection):
        child = forking.Process(target=_become, args=(json.loads(order),))
        child.start()
        child.join()
        connection.sendall(f"{child.exitcode}\n".encode())


def _become(order: dict[str, Any]) -> NoReturn:
    """Be the process of one command."""
    from offcirc.cli import main

    signal.alarm(SECONDS)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, (name, flags) in enumerate(
        zip(order["files"], (os.O_RDONLY, how, how), strict=True)
    ):
        opened = os.open(name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as it lives
    sys.argv = ["offcirc", *order["words"]]
    sys.exit(main.main())


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as line:
        _serve(line)
