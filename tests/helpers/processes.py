"""Asking a program to end, and a terminal for it: as each system does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest


def ask_to_end(process: subprocess.Popen[str]) -> None:
    """Ask a window to close, as a session's end does: SIGTERM, on Windows WM_CLOSE by taskkill."""
    if sys.platform != "win32":
        process.send_signal(signal.SIGTERM)
        return
    done = subprocess.run(
        ["taskkill", "/PID", str(process.pid)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout


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
