"""The words of the standard library's ``argparse``, so that its help and errors are ours.

It translates them through the gettext domain of the process, which follows the environment and
not ``--lang``; so its two functions are replaced by those of our catalogue.
"""

from __future__ import annotations

import argparse

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
    """Let ``argparse`` speak the active language."""
    argparse._ = i18n._  # type: ignore[attr-defined]
    argparse.ngettext = i18n.ngettext  # type: ignore[attr-defined]


def _plural() -> str:
    return i18n.ngettext("expected %s argument", "expected %s arguments", 2)
