"""Numbers as the active language writes them."""

from __future__ import annotations

from offcirc.i18n import pgettext


def number(count: int) -> str:
    """A count, its thousands set apart: 2,914, or 2 914 in French."""
    return f"{count:,}".replace(",", pgettext("thousands", ","))
