"""PMB: the file of its page *Retour secouru*.

The page reads one token a line: a command, a card, items. It keeps no dates, and renews nothing:
a reader who has the item already keeps the old due date. When a card is unknown to it, it lends the
items that follow to the reader before: so a loan is written only when somebody has seen that PMB
knows its card.
"""

from __future__ import annotations

from collections.abc import Sequence

from offcirc.i18n import _
from offcirc.servers.files.byhand import ByHand, blocks, carried, one_file, sieved
from offcirc.servers.files.target import Known, LeftOut, TargetFile, Unfit
from offcirc.servers.protocol import Event

LOANS = "PRET SECOURU"
RETURNS = "RETOUR SECOURU"
CHECK_FAILED = "Un code barre lecteur est attendu"
"""PMB's words for a card that it does not know; beside them it offers to go on."""
FORCE = "Lancer quand même"


class Pmb(ByHand):
    """PMB's page for what was recorded while it was down."""

    kind = "pmb"
    name = "PMB"
    identity = kind
    format = "pmb"
    suffix = ".txt"
    abilities = carried(frozenset())
    proves = True

    def title(self) -> str:
        """What it is for people."""
        return _("PMB, Retour secouru: returns only")

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """One file: a block for each reader in turn, and for the returns between them."""
        proven = known.patrons if known is not None else frozenset()
        there = set(known.loans) if known is not None else set()

        def unfit(event: Event) -> Unfit | None:
            if not event.operation.lends:
                there.difference_update({one for one in there if one[0] == event.item})
                return None
            if event.patron not in proven:
                return Unfit.CARD_UNPROVEN
            return Unfit.RENEWAL if (event.item, event.patron) in there else None

        held, left = sieved(events, unfit)
        return one_file(blocks(held, LOANS, RETURNS), held), left

    def limits(self) -> tuple[str, ...]:
        """What to know before."""
        return (
            _(
                "PMB keeps no times: every loan and return gets the day on which the file is "
                "uploaded, and due dates count from there. Put them right by hand where that "
                "matters."
            ),
        )

    def before(self) -> tuple[str, ...]:
        """What to do first."""
        return (
            _(
                "Sign in to PMB as someone who may lend. Loans and returns get the date of today: "
                "upload the files today."
            ),
        )

    def each(self) -> tuple[str, ...]:
        """What to do for each file."""
        return (
            _("Open Circulation > Retour secouru, pick the file and send it."),
            _(
                "If PMB finds a mistake (“{words}”), never press “{button}”: it would lend items "
                "to the wrong reader. Cancel, and have the file written again (offcirc upload "
                "--again)."
            ).format(words=CHECK_FAILED, button=FORCE),
            _("Wait until PMB has gone through the file to its end, then go on with the next one."),
        )

    def after(self) -> tuple[str, ...]:
        """What to do last."""
        return (
            _(
                "Have OffCirc look up every line in PMB: a mistake in one of them ends the rest in "
                "silence."
            ),
        )
