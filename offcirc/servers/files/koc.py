"""Koha: its ``.koc`` file, for the queue of pending offline operations.

The page cuts item barcodes and card numbers that are longer than its table; those are left out.
Only the queue keeps the time of day: what is applied directly gets the day alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from offcirc import __version__
from offcirc.i18n import _
from offcirc.servers.files.byhand import ByHand, one_file, sieved
from offcirc.servers.files.target import Known, LeftOut, TargetFile, Unfit
from offcirc.servers.protocol import Event

_WIDEST_ITEM = 20
_WIDEST_CARD = 32
_HEADER = f"Version=1.0\tGenerator=OffCirc\tGeneratorVersion={__version__}\n"


class KohaQueue(ByHand):
    """Koha's page for ``.koc`` files."""

    kind = "koha-file"
    name = "Koha"
    identity = kind
    format = "koc"
    suffix = ".koc"
    by_desk = True

    def title(self) -> str:
        """What it is for people."""
        return _("Koha, for its queue")

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """One file, tabs between the columns, dashes in the time of day."""
        held, left = sieved(events, _unfit)
        content = _HEADER + "".join(map(_line, held))
        return one_file(content.encode(), held), left

    def limits(self) -> tuple[str, ...]:
        """What to know before."""
        return (
            _(
                "Koha keeps the time of day only in its queue of pending offline operations; a "
                "file that is applied directly gets the day alone."
            ),
        )

    def before(self) -> tuple[str, ...]:
        """What to do first."""
        return (
            _(
                "Sign in to Koha at the library that stands beside the file: its queue shows only "
                "the operations of that library."
            ),
        )

    def each(self) -> tuple[str, ...]:
        """What to do for each file."""
        return (
            _("Open Circulation > Offline circulation > Offline circulation file upload."),
            _(
                "Pick the file, then press “Add to offline circulation queue”, never “Apply "
                "directly”: that loses the time of day, and an unknown barcode stops the rest."
            ),
            _(
                "Open “Pending offline circulation actions”, process the rows from the first to "
                "the last, and write down those that Koha refuses: they leave the list all the "
                "same."
            ),
        )

    def after(self) -> tuple[str, ...]:
        """What to do last."""
        return (
            _(
                "Upload no file twice: Koha would renew each loan. Then have OffCirc look the "
                "lines up in Koha."
            ),
        )


def _unfit(event: Event) -> Unfit | None:
    cut = len(event.item) > _WIDEST_ITEM or len(event.patron) > _WIDEST_CARD
    return Unfit.TOO_LONG if cut else None


def _line(event: Event) -> str:
    at = f"{event.at:%Y-%m-%d %H-%M-%S} {event.at.microsecond // 1000:03d}"
    what = ["issue", event.patron] if event.operation.lends else ["return"]
    return "\t".join((at, *what, event.item)) + "\n"
