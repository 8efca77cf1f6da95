"""``offcirc cards`` and ``offcirc manual``: PDFs to print, drawn by the desk's room with Qt.

The room is found by name, so that the command line works on a machine without Qt.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, path
from offcirc.cli.tools.launch import program
from offcirc.i18n import _

PAPERS = ("a4", "letter")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the sheet goes and what paper it is for."""
    manual = parser.prog.split()[-1] == "manual"
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        required=True,
        metavar=_("PAGE.pdf") if manual else _("SHEET.pdf"),
        help=_("the PDF to write; a file of that name is replaced"),
    )
    parser.add_argument(
        "--paper",
        choices=PAPERS,
        default=PAPERS[0],
        help=_("size of the paper; a4 if not given"),
    )
    if manual:
        parser.add_argument(
            "--whole", action="store_true", help=_("the whole manual instead of the one page")
        )


def run(options: argparse.Namespace, _context: Context) -> Exit:
    """Write the sheet, the page or the manual."""
    if options.command == "cards":
        done = _write(options, "cardsheet", "sheet")
        output.note(_("Print it at actual size (100%), then cut along the marks."))
        return done
    if options.whole:
        return _write(options, "manualpage", "manual")
    return _write(options, "pinup", "page")


def _write(options: argparse.Namespace, module: str, function: str) -> Exit:
    return write_drawn(
        *(options.output, options.paper, module),
        lambda drawing, paper: getattr(drawing, function)(paper),
    )


def write_drawn(
    place: Path, size: str, module: str, draw: Callable[[ModuleType, object], bytes]
) -> Exit:
    """Draw a sheet and write it.

    Args:
        place: the PDF.
        size: of the paper.
        module: of the desk's room, that draws it.
        draw: draws it, given that module and the paper.

    Raises:
        Stop: Qt, or a library of the system that it needs, is missing.
        StorageError: the file cannot be written.
    """
    from offcirc.disk import durable

    try:
        paper = import_module("offcirc.desk.paper.pdfpage").Paper(size)
        drawing = import_module(f"offcirc.desk.paper.{module}")
    except ImportError as error:
        if (error.name or "").startswith("offcirc"):
            raise
        text = _("The sheet cannot be drawn: {reason}. “{program} doctor” tells what to install.")
        raise Stop(text.format(reason=error.msg, program=program())) from error
    durable.replace(place, draw(drawing, paper))
    output.say(output.visible(str(place.absolute())))
    return Exit.FINE
