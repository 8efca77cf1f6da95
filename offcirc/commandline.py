"""What all our command lines do, in a terminal or from a menu: streams, grammar, patterns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from offcirc import i18n
from offcirc.i18n import N_

WORDS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("unrecognized arguments: %s"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("ignored explicit argument %r"),
    N_("not allowed with argument %s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
)
"""Its texts as it holds them, for the catalogue; a test compares them with its source."""


def translate() -> None:
    """Let ``argparse`` speak the active language in its help and errors.

    It translates them through the gettext domain of the process, which follows the environment and
    not ``--lang``; so its two functions are replaced by those of our catalogue.
    """
    import argparse  # noqa: PLC0415 - 10 ms, which a desk's window does not need

    argparse._ = i18n._  # type: ignore[attr-defined]
    argparse.ngettext = i18n.ngettext  # type: ignore[attr-defined]


def prepare() -> None:
    """Make standard output take any text: UTF-8 in pipes, no failure over a strange file name.

    A windowed program has none, or the pipe of whoever started it.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if is_terminal(stream):
            reconfigure(errors="backslashreplace")
        else:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a person sits at the other end of a stream.

    Windows counts every device as one, also ``NUL``, which the task scheduler gives.
    """
    try:
        if stream is None or not stream.isatty():
            return False
        return _is_console(stream.fileno())
    except (OSError, ValueError):
        return False


def expanded(files: Sequence[Path]) -> list[Path]:
    """The files meant by patterns such as ``*.dat``, which the shells of Windows leave as they are.

    A pattern that fits none stays: whoever opens it says that there is no such file. Elsewhere a
    star that is left was quoted, and is a name.
    """
    if sys.platform != "win32":
        return list(files)
    found = []
    for file in files:
        name = file.name
        fitting = sorted(file.parent.glob(name)) if "*" in name or "?" in name else []
        found += fitting or [file]
    return found


def _is_console(number: int) -> bool:
    if sys.platform != "win32":
        return True
    import ctypes  # noqa: PLC0415 - Windows only
    import msvcrt  # noqa: PLC0415
    from ctypes import wintypes  # noqa: PLC0415

    mode = wintypes.DWORD()
    handle = wintypes.HANDLE(msvcrt.get_osfhandle(number))
    return bool(ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)))


def _plural() -> str:
    return i18n.ngettext("expected %s argument", "expected %s arguments", 2)
