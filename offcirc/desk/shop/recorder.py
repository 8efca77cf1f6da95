"""Recording a loan or return at the desk: the journal first; only then list, band and field."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from offcirc.core.session import clean
from offcirc.core.transaction import Source, Transaction
from offcirc.core.waiting import NOTHING
from offcirc.desk.shop.store import InUseError, NotKeptError
from offcirc.desk.words import faultwords, words

if TYPE_CHECKING:
    from offcirc.core.sides import SideDoubt
    from offcirc.desk.desk import WholeDesk


class RowRecorder:
    """Records what was scanned or typed at one desk window."""

    def __init__(self, desk: WholeDesk) -> None:
        self._desk = desk

    def record(
        self,
        transaction: Transaction,
        note: str = "",
        repaired: str = "",
        odd: str = "",
        *,
        doubt: SideDoubt | None = None,
        aside: bool = False,
    ) -> bool:
        """Journal first; only then list, band and field. False when no disk took it.

        Args:
            transaction: the loan or return.
            note: what there is to say besides.
            repaired: code of the repair by which its barcode was won; empty if there was none.
            odd: codes of what is doubtful about it, with blanks between; empty if nothing is.
            doubt: what is strange about it.
            aside: whether it comes from those still to record: fields and reader stay.
        """
        desk = self._desk
        if not desk.store.is_open and not self._open_again(transaction.item, aside=aside):
            return False
        caretaker = desk.caretaker
        caretaker.look_at_clock(transaction.at)
        try:
            row = desk.book.record(transaction, repaired, odd)
        except NotKeptError as error:
            self._not_kept(transaction.item, error.why, aside=aside)
            caretaker.show_standing()
            return False
        desk.recorded.emit(transaction.id)
        caretaker.watch.recorded(transaction.at)
        away = row.where == "fallback"
        desk.session.recorded(transaction, doubt, aside=aside)
        self._show_recorded(transaction, note, desk.store.place if away else None, aside=aside)
        if away != caretaker.away:
            caretaker.show_standing()
        desk.shown.emit(transaction)
        return True

    def _not_kept(self, item: str, why: str, *, aside: bool) -> None:
        desk = self._desk
        message = words.not_kept(item, why)
        desk.say(replace(message, left=NOTHING) if aside else message)
        desk.focus(desk.target() if aside else desk.ui.item)

    def _open_again(self, item: str, *, aside: bool) -> bool:
        """The data folder could not be used before: perhaps it can now."""
        desk = self._desk
        try:
            if desk.open_store():
                return True
            why = desk.ui.band.message.detail
        except InUseError as error:
            why = error.why
        self._not_kept(item, why, aside=aside)
        return False

    def _show_recorded(
        self, transaction: Transaction, note: str, elsewhere: Path | None, *, aside: bool
    ) -> None:
        desk = self._desk
        ui = desk.ui
        desk.asked.clear()
        if elsewhere is not None:
            desk.say(faultwords.rescued(transaction, elsewhere))
        else:
            desk.say(words.with_note(words.recorded(transaction), note))
        by_hand = transaction.source is Source.TYPED
        desk.waitlist.settle(transaction.item, by_hand=by_hand)
        if not aside or clean(ui.item.text()) == transaction.item:
            desk.empty_item()
        desk.show_count()
        desk.tally.recorded()
        if not ui.item.hasFocus():
            ui.item.setFocus(Qt.FocusReason.OtherFocusReason)
