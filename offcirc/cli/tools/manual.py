"""``offcirc manual``: the page to print and pin up at the desk, or the whole manual."""

from __future__ import annotations

import argparse

from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context
from offcirc.cli.tools import sheets
from offcirc.i18n import _


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``manual``."""
    sheets.arguments(parser, _("PAGE.pdf"))
    parser.add_argument(
        "--whole", action="store_true", help=_("the whole manual instead of the one page")
    )


def run(options: argparse.Namespace, _context: Context) -> Exit:
    """Write the page, or the manual."""
    if options.whole:
        return sheets.write(options, "manualpage", "manual")
    return sheets.write(options, "pinup", "page")
