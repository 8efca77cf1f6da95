"""The rules of a desk session: what a scan or a typed line means, given what came before.

Nothing here knows windows, files or clocks. The door gives texts and the moment; it gets back a
:class:`DeskDecision`, acts on it (journal first), and reports a kept transaction with
:meth:`Session.recorded`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from offcirc.core.sides import SideDoubt, Sides, Strange
from offcirc.core.transaction import (
    NotRecordableError,
    Operation,
    Problem,
    Source,
    Transaction,
    check_patron,
    record_now,
)

RETURN_AGAIN = timedelta(minutes=10)
"""An item returned a second time within this was scanned twice. Later it may well have been lent
at another desk in between, and its return must not be lost."""


class Field(StrEnum):
    """The two fields of the window."""

    PATRON = "borrower"
    ITEM = "item"


class DeskAnswer(StrEnum):
    """What is to be done about a finished scan or typed line."""

    NOTHING = "nothing"
    """The field was empty: a second Enter, or the LF of a CRLF."""

    PATRON_READY = "borrower-ready"
    """The borrower can be lent to; items come next."""

    PATRON_FIRST = "borrower-first"
    """An item came in loan mode without a borrower: it waits in its field."""

    SAME_PATRON_FIRST = "same-reader-first"
    """Back from returns, an item came before it was said that the reader is the same."""

    REFUSED = "refused"
    """OffCirc.dat has no way to state it; :attr:`DeskDecision.problem` says why."""

    ALREADY = "already"
    """The item is in the basket: it was just recorded for this reader, or returned."""

    RECORD = "record"
    """:attr:`DeskDecision.transaction` is to be kept now."""


@dataclass(frozen=True, slots=True)
class DeskDecision:
    """The session's answer to a finished scan or typed line.

    Attributes:
        answer: what is to be done.
        text: the text that was judged, cleaned.
        problem: why it is refused; only with :attr:`DeskAnswer.REFUSED`.
        field: the field that is at fault, or that must be filled first.
        transaction: what to keep; only with :attr:`DeskAnswer.RECORD`.
        since: when it was recorded before, local time; only with :attr:`DeskAnswer.ALREADY`.
        holder: the loan of the same item to another reader that no return has followed here;
            only with :attr:`DeskAnswer.RECORD`.
        doubt: what the day's other rows make strange about it, if they do.
    """

    answer: DeskAnswer
    text: str = ""
    problem: Problem | None = None
    field: Field = Field.ITEM
    transaction: Transaction | None = None
    since: datetime | None = None
    holder: Transaction | None = None
    doubt: SideDoubt | None = None


def clean(text: str) -> str:
    """``text`` without the blanks, control and invisible characters around it.

    What lies between is kept: a blank or a tab inside a barcode is a fault to be shown, not to
    be mended silently.
    """
    if text.isalnum():
        return text
    start, end = 0, len(text)
    while start < end and _empty(text[start]):
        start += 1
    while end > start and _empty(text[end - 1]):
        end -= 1
    return text[start:end]


def _empty(character: str) -> bool:
    return character.isspace() or not character.isprintable()


@dataclass(slots=True)
class Session:
    """What the desk remembers between two scans.

    Attributes:
        operation: loan or return, as chosen by the staff.
        patron: on loans, the reader the count is about; empty before the first loan.
        count: loans to that reader, or returns in a row, since the reader or operation changed.
        basket: the items counted, each with its last transaction.
        repeats: whether an item that is in the basket may be recorded again.
        lent: the items lent since the start and not returned since, each with its last loan.
        sides: who was a reader and what was an item today.
        card: what seems to be the next reader's card, lent to this reader as an item.
        proposed: back from returns, the reader of before, until the staff say that it is the same.
    """

    operation: Operation = Operation.LOAN
    patron: str = ""
    count: int = 0
    basket: dict[str, Transaction] = field(default_factory=dict)
    repeats: bool = False
    lent: dict[str, Transaction] = field(default_factory=dict)
    sides: Sides = field(default_factory=Sides)
    card: Transaction | None = None
    proposed: str = ""

    def choose(self, operation: Operation) -> None:
        """Switch to loans or returns; the count starts again."""
        if operation is not self.operation:
            self.operation = operation
            self._begin("")

    def clear(self) -> None:
        """The reader is served: the next one starts at nought."""
        self._begin("")

    def _begin(self, patron: str) -> None:
        self.patron = patron
        self.count = 0
        self.card = None
        self.proposed = ""
        self.basket.clear()

    def can_record(self, patron: str, item: str) -> bool:
        """Whether the fields hold what the operation needs, so that the button is active."""
        if not clean(item):
            return False
        return not self.operation.lends or bool(clean(patron))

    def target(self, patron: str) -> Field:
        """The field a scan belongs to when no field has been chosen by the staff."""
        if self.operation.lends and not clean(patron):
            return Field.PATRON
        return Field.ITEM

    def patron_given(self, text: str, waiting: str = "", *, ruled: bool = False) -> DeskDecision:
        """Judge a finished borrower field.

        Args:
            text: the borrower field as it came, or as it was read.
            waiting: an item that waits for its reader; empty if none does.
            ruled: whether a rule of the library says that it is a card.
        """
        patron = clean(text)
        if not patron:
            return DeskDecision(DeskAnswer.NOTHING)
        try:
            check_patron(patron)
        except NotRecordableError as error:
            return DeskDecision(DeskAnswer.REFUSED, patron, error.problem, Field.PATRON)
        is_other = self.proposed not in ("", patron)
        if is_other and not ruled and not self.sides.may_follow(patron, self.proposed):
            return DeskDecision(DeskAnswer.SAME_PATRON_FIRST, patron, field=Field.PATRON)
        self.proposed = ""
        if patron != self.patron:
            self._begin(patron)
        doubt = self.sides.patron(patron, waiting=clean(waiting), ruled=ruled)
        return DeskDecision(DeskAnswer.PATRON_READY, patron, doubt=doubt)

    def item_given(
        self,
        text: str,
        patron_text: str,
        now: datetime,
        source: Source = Source.SCAN,
        raw: str | None = None,
        *,
        ruled: bool = False,
        stated: datetime | None = None,
    ) -> DeskDecision:
        """Judge a finished item field.

        Args:
            text: the item field as it came, or as it was read.
            patron_text: the borrower field as it came; ignored in return mode.
            now: the moment, aware, in the desk PC's own time zone.
            source: how the item came.
            raw: the characters as they came, when ``text`` was mended.
            ruled: whether a rule of the library says that it is an item.
            stated: the minute at which it is to be stated, naive local time; ``None``: now.
        """
        item = clean(text)
        if not item:
            return DeskDecision(DeskAnswer.NOTHING)
        patron = ""
        if self.operation.lends:
            patron = clean(patron_text)
            if not patron:
                return DeskDecision(DeskAnswer.PATRON_FIRST, item, field=Field.PATRON)
            try:
                check_patron(patron)
            except NotRecordableError as error:
                return DeskDecision(DeskAnswer.REFUSED, patron, error.problem, Field.PATRON)
        try:
            raw = text if raw is None else raw
            transaction = record_now(
                now, self.operation, item, patron, raw=raw, source=source, stated=stated
            )
        except NotRecordableError as error:
            return DeskDecision(DeskAnswer.REFUSED, error.text, error.problem)
        before = self._before(transaction)
        if before is not None:
            return DeskDecision(DeskAnswer.ALREADY, item, since=before.local)
        return DeskDecision(
            DeskAnswer.RECORD,
            item,
            transaction=transaction,
            holder=self._holder(transaction),
            doubt=self._doubt(transaction, ruled),
        )

    def _doubt(self, transaction: Transaction, ruled: bool) -> SideDoubt | None:
        doubt = self.sides.item(transaction.item, transaction.patron, ruled=ruled)
        if doubt is None and self.card is not None and transaction.patron == self.patron:
            return SideDoubt(Strange.AFTER_CARD, self.card.item, self.card.local, self.patron)
        return doubt

    def _holder(self, transaction: Transaction) -> Transaction | None:
        """The loan to another reader that a loan takes the item from."""
        if not transaction.operation.lends:
            return None
        loan = self.lent.get(transaction.item)
        return loan if loan is not None and loan.patron != transaction.patron else None

    def _before(self, transaction: Transaction) -> Transaction | None:
        """The transaction that this one repeats, if it does and is not to."""
        before = None if self.repeats else self.basket.get(transaction.item)
        if before is None or before.patron != transaction.patron:
            return None
        late = transaction.at - before.at > RETURN_AGAIN
        return None if late and not transaction.operation.lends else before

    def recorded(
        self, transaction: Transaction, doubt: SideDoubt | None = None, *, aside: bool = False
    ) -> None:
        """A transaction of this session is safely kept: count it.

        Args:
            transaction: it.
            doubt: what was strange about it.
            aside: whether it was one still to record, of another reader perhaps: the reader of
                now goes on.
        """
        mine = transaction.operation is self.operation and transaction.patron == self.patron
        if not aside and transaction.operation.lends and not mine:
            self._begin(transaction.patron)
        if not aside or mine:
            self.count += 1
            self.basket[transaction.item] = transaction
        self.sides.count(transaction, doubt)
        if doubt is not None and doubt.begins_another:
            self.card = transaction
        if transaction.operation.lends:
            self.lent[transaction.item] = transaction
        else:
            self.lent.pop(transaction.item, None)

    def brought_back(self, transaction: Transaction) -> None:
        """A deleted transaction is kept again; it counts if it would have been counted."""
        if transaction.operation is self.operation and transaction.patron == self.patron:
            self.recorded(transaction)
            return
        self.sides.count(transaction)
        if transaction.operation.lends:
            self.lent[transaction.item] = transaction

    def voided(self, transaction: Transaction) -> None:
        """A kept transaction was deleted: it no longer counts if it was one of those counted."""
        self.sides.uncount(transaction)
        if self.card is not None and self.card.id == transaction.id:
            self.card = None
        counted = transaction.operation is self.operation and transaction.patron == self.patron
        if counted and self.count:
            self.count -= 1
        kept = self.basket.get(transaction.item)
        if kept is not None and kept.id == transaction.id:
            del self.basket[transaction.item]
        loan = self.lent.get(transaction.item)
        if loan is not None and loan.id == transaction.id:
            del self.lent[transaction.item]
