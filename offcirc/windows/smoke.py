"""Trying an installation: starting a window as a process of its own, and what it may not say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from offcirc import ourselves

PATIENCE = 60.0
"""Seconds a step may take: generous, it only costs when something is wrong."""

_HARMLESS = re.compile(
    # The screen in memory has no window manager to tell sizes to.
    r"This plugin does not support (propagateSizeHints|raise)\(\)"
)


class SmokeError(Exception):
    """The installation does not work; the message is a sentence for people."""


def start(module: str, part: str, folder: Path, **more: str) -> subprocess.Popen[str]:
    """Start one of our modules that plays a part on a window.

    Args:
        module: the module, which takes the part's name and the folder as its arguments.
        part: what it plays.
        folder: where it may write.
        more: variables to add to its environment.
    """
    return subprocess.Popen(  # noqa: S603 - our own program
        ourselves.command(part, str(folder), module=module),
        # Whether this PC can play sounds is no matter of the installation.
        env=ourselves.environment(OFFCIRC_SOUND_ON="false", **_screen(), **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )


def kill_when(process: subprocess.Popen[str], done: Callable[[], bool], sentence: str) -> None:
    """Kill a process without warning, once it has done something.

    Args:
        process: from :func:`start`.
        done: asked until it says yes.
        sentence: what to say when it never does, or when the process complained.

    Raises:
        SmokeError: it ended by itself, took too long, or complained.
    """
    deadline = time.monotonic() + PATIENCE
    while not done():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise SmokeError(" ".join([sentence, *process.communicate()[1].split()]))
        time.sleep(0.02)
    process.kill()
    _check(process.communicate()[1], sentence)


def end(process: subprocess.Popen[str], sentence: str) -> None:
    """Wait for a process to end by itself.

    Raises:
        SmokeError: it took too long, failed, or complained.
    """
    try:
        said = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        said = process.communicate()[1]
    if process.returncode:
        raise SmokeError(" ".join([sentence, *said.split()]))
    _check(said, sentence)


def report(attempt: Callable[[], None], fine: str) -> int:
    """Try, and say what came of it; the exit code."""
    try:
        attempt()
    except SmokeError as error:
        if sys.stderr is not None:
            sys.stderr.write(f"{error}\n")
        return 1
    if sys.stdout is not None:
        sys.stdout.write(f"{fine}\n")
    return 0


def _screen() -> dict[str, str]:
    """A screen in memory where there is none."""
    if sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY"):
        return {}
    return {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}


def _check(said: str, sentence: str) -> None:
    unexpected = [line for line in said.splitlines() if line and not _HARMLESS.fullmatch(line)]
    if unexpected:
        raise SmokeError(" ".join([sentence, *unexpected]))
