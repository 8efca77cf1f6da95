"""What a person makes sure of whatever the library system is."""

from __future__ import annotations

from offcirc.i18n import _
from offcirc.servers.protocol import PreflightItem


def every_file() -> PreflightItem:
    """That nothing is missing from what is put into one order."""
    return PreflightItem(
        "files",
        _("The files of every desk PC are there: one order is only right if it is whole."),
    )


def hold_shelf() -> PreflightItem:
    """That what readers wait for gets where they wait for it."""
    return PreflightItem(
        "hold-shelf",
        _("Scan once more each returned item that a reader has requested."),
        after=True,
    )
