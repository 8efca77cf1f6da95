"""Starting this program's own parts as processes of their own, however it is installed.

From a checkout or a wheel, Python runs a module (``python -m offcirc``). In a bundle there is no
Python to run; its programs take ``-m MODULE`` themselves, for modules of ours alone.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

_OURS = "offcirc"


def is_bundled() -> bool:
    """Whether this is a bundle that brings its own Python."""
    return bool(getattr(sys, "frozen", False))


def command(*words: str, module: str = _OURS) -> list[str]:
    """The command line that runs one of our modules with these words.

    Args:
        words: its arguments.
        module: the module; ``offcirc`` is the command line itself.
    """
    if not is_bundled():
        return [sys.executable, "-m", module, *words]
    # The program for terminals lies beside the windowed ones and can run all of them.
    own = Path(sys.executable)
    return [str(own.with_name(_OURS + own.suffix)), "-m", module, *words]


def environment(**more: str) -> dict[str, str]:
    """An environment in which this very program is found, installed or not."""
    if is_bundled():
        return {**os.environ, "PYTHONUTF8": "1", **more}
    home = str(Path(__file__).resolve().parents[1])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1", **more}


def run_module(argv: list[str]) -> bool:
    """In a bundle: run what ``-m MODULE`` asks for; it ends by ``SystemExit``.

    Args:
        argv: the process's arguments, program included.

    Returns:
        Whether a module of ours was asked for; otherwise nothing was done.
    """
    if len(argv) < 3 or argv[1] != "-m" or argv[2].split(".")[0] != _OURS:
        return False
    module = argv[2]
    del argv[1:3]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return True
