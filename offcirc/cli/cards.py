"""``offcirc cards``: the sheet of control cards, to print and cut up.

The sheet is drawn by the desk's room with Qt; it is found by name, so that the command line works
on a machine without Qt.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from offcirc.cli import output
from offcirc.cli.exits import Exit, Stop
from offcirc.cli.launch import program
from offcirc.cli.parser import Context, path
from offcirc.i18n import _

PAPERS = ("a4", "letter")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``cards``."""
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        required=True,
        metavar=_("SHEET.pdf"),
        help=_("the PDF to write; a file of that name is replaced"),
    )
    parser.add_argument(
        "--paper",
        choices=PAPERS,
        default=PAPERS[0],
        help=_("size of the paper; a4 if not given"),
    )


def run(options: argparse.Namespace, _context: Context) -> Exit:
    """Write the sheet.

    Raises:
        Stop: Qt, or a library of the system that it needs, is missing.
        StorageError: the file cannot be written.
    """
    from offcirc.storage import durable

    try:
        room = import_module("offcirc.desk.cardsheet")
    except ImportError as error:
        if (error.name or "").startswith("offcirc"):
            raise
        text = _("The sheet cannot be drawn: {reason}. “{program} doctor” tells what to install.")
        raise Stop(text.format(reason=error.msg, program=program())) from error
    durable.replace(options.output, room.sheet(room.Paper(options.paper)))
    output.say(output.visible(str(options.output.absolute())))
    output.note(_("Print it at actual size (100%), then cut along the marks."))
    return Exit.FINE
