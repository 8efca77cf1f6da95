"""What the desk says of each operation, in the active language: one table, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from offcirc.core.transaction import Operation
from offcirc.i18n import _, language, ngettext, pgettext


@dataclass(frozen=True, slots=True)
class OperationWords:
    """The words for one operation.

    Attributes:
        name: as the list shows it.
        radio: where it is chosen, with its Alt letter.
        action: on the button that records it, with its Alt letter.
        tip: for whoever points at where it is chosen.
        empty: what the borrower's field says when it is out of use.
        ready: nothing has happened yet; of what lends, with a reader.
        recorded: it is on the disk.
        already: the same item again; ``{time}``.
        undone, deleted, brought_back: what became of its row.
        undoing: how it is taken back once it is in the file.
        count: how many in a row, or for this reader.
    """

    name: str
    radio: str
    action: str
    tip: str
    empty: str
    ready: str
    recorded: str
    already: str
    undone: str
    deleted: str
    brought_back: str
    undoing: str
    count: Callable[[int], str]


def said(which: Operation) -> OperationWords:
    """The words for an operation, looked up once: every scan says some of them."""
    return _said(language(), which)


@cache
def _said(_language: str, which: Operation) -> OperationWords:
    return _SAID[which]()


def _loan() -> OperationWords:
    return OperationWords(
        name=pgettext("operation", "Loan"),
        radio=pgettext("radio button", "Lo&an"),
        action=pgettext("button that records", "&Loan"),
        tip=_("Lend items to a reader (Ctrl+Alt+L)."),
        empty="",
        ready=_("Ready to lend"),
        recorded=_("Loan recorded"),
        already=_("Lent to this reader at {time}. No second row was added."),
        undone=_("Undone: loan"),
        deleted=_("Loan deleted"),
        brought_back=_("Loan brought back"),
        undoing=_("It is already in the file, so it stays. To undo it, record its return."),
        count=lambda n: ngettext("{n} item for this reader", "{n} items for this reader", n),
    )


def _return() -> OperationWords:
    return OperationWords(
        name=pgettext("operation", "Return"),
        radio=pgettext("radio button", "Re&turn"),
        action=pgettext("button that records", "&Return"),
        tip=_("Take items back (Ctrl+Alt+R)."),
        empty=_("— no borrower for a return —"),
        ready=_("Ready for returns"),
        recorded=_("Return recorded"),
        already=_("Returned at {time}. No second row was added."),
        undone=_("Undone: return"),
        deleted=_("Return deleted"),
        brought_back=_("Return brought back"),
        undoing=_("It is already in the file, so it stays. Note it down for the referent."),
        count=lambda n: ngettext("{n} return", "{n} returns", n),
    )


def _in_house() -> OperationWords:
    return OperationWords(
        name=pgettext("operation", "In-house use"),
        radio=pgettext("radio button", "In-hous&e"),
        action=pgettext("button that records", "&Record"),
        tip=_("Count items that were read here and stay (Ctrl+Alt+I)."),
        empty=_("— no borrower for in-house use —"),
        ready=_("Ready for in-house use"),
        recorded=_("In-house use recorded"),
        already=_("Recorded at {time}. No second row was added."),
        undone=_("Undone: in-house use"),
        deleted=_("In-house use deleted"),
        brought_back=_("In-house use brought back"),
        undoing=_("It is already in the file, so it stays. Note it down for the referent."),
        count=lambda n: ngettext("{n} in-house use", "{n} in-house uses", n),
    )


def _renewal() -> OperationWords:
    return OperationWords(
        name=pgettext("operation", "Renewal"),
        radio=pgettext("radio button", "Rene&wal"),
        action=pgettext("button that records", "&Renew"),
        tip=_("Lend on what the reader has already (Ctrl+Alt+N)."),
        empty="",
        ready=_("Ready to renew"),
        recorded=_("Renewal recorded"),
        already=_("Renewed for this reader at {time}. No second row was added."),
        undone=_("Undone: renewal"),
        deleted=_("Renewal deleted"),
        brought_back=_("Renewal brought back"),
        undoing=_("It is already in the file, so it stays. Note it down for the referent."),
        count=lambda n: ngettext("{n} renewal for this reader", "{n} renewals for this reader", n),
    )


_SAID: dict[Operation, Callable[[], OperationWords]] = {
    Operation.LOAN: _loan,
    Operation.RETURN: _return,
    Operation.IN_HOUSE: _in_house,
    Operation.RENEWAL: _renewal,
}
