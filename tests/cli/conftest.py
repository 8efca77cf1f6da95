"""Running the real command, as a script would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from helpers import TOP
from helpers.commands import Commands
from helpers.library import begin_library
from helpers.processes import interruptible

from offcirc.practice.web.serve import running


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """The environment of the commands of this test: the new home, and no site settings."""
    return {
        **os.environ,
        "PYTHONPATH": str(TOP),
        "OFFCIRC_SITE_DIR": str(home / "site" / "offcirc"),
        "PYTHONWARNINGS": "error",
    }


@pytest.fixture(scope="session")
def _commands() -> Iterator[Commands]:
    with Commands() as commands:
        yield commands


@pytest.fixture
def offcirc(tmp_path: Path, environment: dict[str, str], _commands: Commands) -> Callable[..., Ran]:
    """Run ``python -m offcirc`` with these words; never fails by itself."""

    def run(*words: str | Path, env: Mapping[str, str] | None = None, stdin: str = "") -> Ran:
        everything = {**environment, **(env or {})}
        done = _commands.run([str(word) for word in words], everything, tmp_path, stdin)
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@dataclass(frozen=True)
class Serving:
    """A practice server, in this process or in one of its own."""

    url: str
    process: subprocess.Popen[str] | None = None


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Serving]:
    """``offcirc server`` on a free port, with its own data folder."""
    process = subprocess.Popen(
        interruptible("server", "--port", "0", "--data-dir", folder, *words),
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("listening on http://"), line + process.stderr.read()
        yield Serving(line.removeprefix("listening on ").strip(), process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    """A practice server that plays the sample library from its beginning."""
    with running(None, begin_library(tmp_path / "server")) as url:
        yield Serving(url)


@pytest.fixture
def serve() -> Callable[..., AbstractContextManager[Serving]]:
    """Start ``offcirc server`` with these options, in a folder."""
    return serving


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A practice server for the tests that record nothing."""
    with running(None, begin_library(tmp_path_factory.mktemp("shared") / "server")) as url:
        yield Serving(url)
