"""``offcirc cards``: the sheet of control cards, to print and cut up."""

from __future__ import annotations

import argparse

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context
from offcirc.cli.tools import sheets
from offcirc.i18n import _


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``cards``."""
    sheets.arguments(parser, _("SHEET.pdf"))


def run(options: argparse.Namespace, _context: Context) -> Exit:
    """Write the sheet."""
    done = sheets.write(options, "cardsheet", "sheet")
    output.note(_("Print it at actual size (100%), then cut along the marks."))
    return done
