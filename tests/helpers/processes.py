"""Asking a program to end, and a terminal for it: as each system does it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest


def needs(*programs: str) -> None:
    """Leave the test out where these programs of a Unix are not."""
    for program in programs:
        if shutil.which(program) is None:
            where = "only on Unix: " if sys.platform == "win32" else ""
            pytest.skip(f"{where}needs {program}")


def ask_to_end(process: subprocess.Popen[str]) -> None:
    """Ask a window to close, as a session's end does: SIGTERM, on Windows WM_CLOSE by taskkill."""
    if sys.platform != "win32":
        process.send_signal(signal.SIGTERM)
        return
    done = subprocess.run(
        ["taskkill", "/PID", str(process.pid)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout


_HEARS = """import os, signal, threading
def told():
    if number := os.read(0, 9):
        signal.raise_signal(int(number))
threading.Thread(target=told, daemon=True).start()
"""
OFFCIRC = "import runpy; runpy.run_module('offcirc', run_name='__main__', alter_sys=True)"
ENDS = (signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGTERM))
"""Ctrl+C, and what tells a program politely to end."""


def interruptible(*words: str | os.PathLike[str], code: str = OFFCIRC) -> list[str]:
    """The command line of a program for :func:`interrupt`; its standard input is to be a pipe."""
    heard = _HEARS if sys.platform == "win32" else ""
    return [sys.executable, "-c", heard + code, *map(os.fspath, words)]


def interrupt(process: subprocess.Popen[str], number: int) -> None:
    """Send a signal; on Windows, where each is born in the program that gets it, have it made."""
    if sys.platform != "win32":
        process.send_signal(number)
        return
    assert process.stdin is not None
    process.stdin.write(str(int(number)))
    process.stdin.flush()


def with_window(environment: dict[str, str]) -> dict[str, str]:
    """The environment of a process whose window can be asked to close: on Windows, a real one."""
    wanted = "windows" if sys.platform == "win32" else "offscreen"
    return {**environment, "QT_QPA_PLATFORM": wanted}


def pseudo_terminal(*, raw: bool = False) -> tuple[int, int]:
    """Our end of a terminal, and the one of whoever is started in it."""
    if sys.platform == "win32":
        pytest.skip("only on systems with pseudo terminals")
    import tty

    ours, theirs = os.openpty()
    if raw:
        tty.setraw(theirs)
    return ours, theirs
