"""Starting the program's own commands as processes of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from offcirc.cli.frame.exits import Stop
from offcirc.i18n import _
from offcirc.ourselves import command, environment

__all__ = ["command", "environment", "practice_server", "run", "typed"]

LISTENING = "listening on "
_START_SECONDS = 60
_END_SECONDS = 15


@contextmanager
def practice_server(*words: str) -> Iterator[str]:
    """A practice server while the ``with`` block lasts.

    Args:
        words: the options of ``offcirc server``.

    Yields:
        Its address.

    Raises:
        Stop: it did not start; its own sentence says why.
    """
    process = subprocess.Popen(  # noqa: S603 - our own program
        command("server", *words),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        lines.append(process.stdout.readline())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    deadline = time.monotonic() + _START_SECONDS
    while reader.is_alive() and time.monotonic() < deadline:
        reader.join(0.1)
    line = lines[0] if lines else ""
    if line.startswith(LISTENING):
        return line.removeprefix(LISTENING).strip()
    process.kill()
    _out, said = process.communicate()
    reason = " ".join(said.split()) or _("it did not answer in time")
    raise Stop(_("The practice server could not be started: {reason}").format(reason=reason))


def typed() -> str:
    """How a person types our command here: by its name where a shell finds it, else by its path."""
    if shutil.which("offcirc"):
        return "offcirc"
    program = Path(sys.executable)
    if program.stem != "offcirc":  # not the frozen one: the script lies beside the interpreter
        program = program.with_name("offcirc" + program.suffix)
    here = Path.cwd()
    return str(program.relative_to(here) if program.is_relative_to(here) else program)


def run(
    words: Sequence[str], *, timeout: float, inherit: bool = False, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command line of ours to its end.

    Args:
        words: the whole command line, see :func:`command`.
        timeout: seconds it may take.
        inherit: let it print where this program prints, instead of keeping what it says.
        more: variables to add to the environment.

    Raises:
        Stop: it takes longer.
    """
    sys.stdout.flush()
    try:
        return subprocess.run(  # noqa: S603 - our own program
            list(words),
            env=environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=not inherit,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        text = _("A step took longer than {count} seconds.")
        raise Stop(text.format(count=int(timeout))) from error
