"""``offcirc desk`` and ``offcirc uploader``: open a window.

The windows are found by name, so that the command line works on a machine without Qt.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from offcirc import i18n
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, path
from offcirc.i18n import _

_WINDOWS = {"desk": "offcirc.desk.main", "uploader": "offcirc.referent.main"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a window."""
    if parser.prog.split()[-1] == "desk":
        parser.add_argument(
            "--file",
            type=path,
            default=argparse.SUPPRESS,
            metavar=_("OFFCIRC.DAT"),
            help=_("the desk’s OffCirc.dat; in the data folder if not given"),
        )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Open the window and return when it is closed.

    Raises:
        Stop: Qt, or a library of the system that it needs, is missing.
    """
    words = ["--lang", i18n.language()]
    # Not made here: where it cannot be, the desk goes on elsewhere and the uploader says so.
    if (folder := context.settings.folder("data_dir")) is not None:
        words += ["--data-dir", str(folder)]
    if options.command == "desk":
        file = options.file or context.settings.folder("file")
        if file is not None:
            words += ["--file", str(file)]
    try:
        # The windows import Qt when they are opened, so it may be missed here or later.
        code = import_module(_WINDOWS[options.command]).main(words)
    except ImportError as error:
        if (error.name or "").startswith("offcirc"):
            raise
        raise Stop(
            _(
                "The window cannot be opened: {reason}. “{program} doctor” tells what to install."
            ).format(reason=error.msg, program=program())
        ) from error
    return Exit.NOT_DONE if code else Exit.FINE


def program() -> str:
    """How this program is called, for sentences that name a command."""
    return "offcirc" if not sys.argv[0].endswith("__main__.py") else "python -m offcirc"
