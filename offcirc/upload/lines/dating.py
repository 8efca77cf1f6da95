"""Which lines a library system would date by its own clock, told before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.core.transaction import OPERATIONS
from offcirc.i18n import _, ngettext
from offcirc.servers.protocol import Abilities, Dated
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.lines.source import Uploadable


@dataclass(frozen=True, slots=True)
class Undated:
    """How many lines would get the date of the upload. False if none would."""

    loans: int = 0
    returns: int = 0

    def __bool__(self) -> bool:
        return bool(self.loans or self.returns)


def undated(plan: Uploadable, abilities: Abilities) -> Undated:
    """The lines of a plan whose recorded time would be lost."""
    kept = abilities.keeps_dates
    if {Dated.LOANS, Dated.RETURNS} <= kept:
        return Undated()
    loans = returns = 0
    for line in plan.lines():
        if line.state is LineState.PLANNED:
            lends = OPERATIONS[line.operation].lends
            loans += lends
            returns += not lends
    return of_counts(loans, returns, abilities)


def of_counts(loans: int, returns: int, abilities: Abilities) -> Undated:
    """The same, of lines that are counted already."""
    kept = abilities.keeps_dates
    return Undated(0 if Dated.LOANS in kept else loans, 0 if Dated.RETURNS in kept else returns)


def sentence(found: Undated) -> str:
    """What to tell a librarian; empty if every date is kept."""
    told = []
    if found.loans:
        told.append(
            ngettext(
                "{count} loan will be dated today, at the time of the upload.",
                "{count} loans will be dated today, at the time of the upload.",
                found.loans,
            ).format(count=found.loans)
        )
    if found.returns:
        told.append(
            ngettext(
                "{count} return will be dated today, at the time of the upload.",
                "{count} returns will be dated today, at the time of the upload.",
                found.returns,
            ).format(count=found.returns)
        )
    if not told:
        return ""
    told.append(
        _(
            "This system does not keep the time at which they were recorded: due dates and late"
            " returns are to be put right by hand, from the list after the upload."
        )
    )
    return " ".join(told)
