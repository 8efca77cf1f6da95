"""The rows: kept in the journal, shown in the list, written to the file, in that order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from offcirc.core.transaction import Transaction
from offcirc.desk import faultwords, scanwords, words
from offcirc.desk.band import Kind, Message
from offcirc.desk.store import DeskStore, News, NotKeptError
from offcirc.desk.table import TransactionModel, TransactionView
from offcirc.desk.tally import Tally

if TYPE_CHECKING:
    from offcirc.storage.rows import Row


class Book:
    """What happens to rows, in store and list alike.

    Attributes:
        store: journal and file.
    """

    def __init__(
        self, store: DeskStore, model: TransactionModel, view: TransactionView, tally: Tally
    ) -> None:
        self.store = store
        self._model = model
        self._view = view
        self._tally = tally
        self._is_partial = False

    def open(self, now: datetime) -> Message | None:
        """Open journal and file, show the rows; a message if there is something to say.

        Raises:
            InUseError: another program is at work on this data folder.
            NotKeptError: neither the folder nor the fallback place can be used.
        """
        found = self.store.open(now)
        self._show(found.rows)
        self._tally.opened(found.back, found.last_save)
        self._is_partial = bool(found.away)
        if found.away:
            return faultwords.begun_away(self.store.place, found.back)
        if found.notices:
            return words.repaired((*found.notices, *found.well), found.back)
        if found.well:
            return faultwords.together_again(found.well, found.back)
        return words.welcome_back(found.back) if found.back else None

    def _show(self, rows: list[Row]) -> None:
        self._model.show(rows)
        if any(row.transaction.local.date() != self._model.today for row in rows):
            self._view.make_room_for_days()

    def record(self, transaction: Transaction, repaired: str = "") -> Row:
        """Keep a transaction, then show it; the row tells where it is.

        Args:
            transaction: the loan or return.
            repaired: code of the repair by which its barcode was won; empty if there was none.

        Raises:
            NotKeptError: it is neither kept nor shown.
        """
        row = self.store.append(transaction, repaired)
        view = self._view
        if view.selectionModel().hasSelection():
            view.clearSelection()
        self._model.add(row)
        bar = view.verticalScrollBar()
        if bar.value():
            bar.setValue(0)
        self._model.trim(view.last_in_view() + 1)
        return row

    def save(self, now: datetime) -> Message:
        """Write the pending rows to the file, then show them as saved.

        Args:
            now: the moment, aware, in the PC's own time zone.

        Raises:
            NotKeptError: they are not in the file.
        """
        number, notices = self.store.save()
        # Trying to save may have brought rows home, which are in the file now too.
        notices += self._take(self.store.news(), now)
        self._show_saved()
        message = words.saved(number, self.store.file)
        if notices:
            message = replace(message, kind=Kind.NOTICE, detail=" ".join(notices))
        return message

    def _show_saved(self) -> None:
        """The pending rows of the journal are in the file now; those elsewhere are not."""
        from offcirc.storage.rows import State, Where

        pending = [row for row in self._model.pending() if row.where is Where.MAIN]
        self._model.change([replace(row, state=State.SAVED) for row in pending])
        self._tally.saved()

    def tend(self, now: datetime, *, at_once: bool = False) -> tuple[str, ...]:
        """Let the store do what is due, and show what has come of it; what there is to say.

        Args:
            now: the moment, aware, in the PC's own time zone.
            at_once: whether to try even when the last attempt has just failed.
        """
        return self._take(self.store.tend(at_once=at_once), now)

    def _take(self, news: News, now: datetime) -> tuple[str, ...]:
        """Show what happened by itself; gives back what there is to say."""
        missing = self._is_partial and news.anew
        if missing or not all(map(self._model.knows, news.rows)):
            self._is_partial = False
            self._show(self.store.rows_to_show(now))
            self._tally.opened(len(self._model.pending()), self.store.last_save())
        elif news.rows:
            self._model.change(news.rows)
            self._tally.opened(len(self._model.pending()), self.store.last_save())
        if news.saved:
            self._show_saved()
        return news.told

    def delete(self) -> tuple[Message, Row | None]:
        """Void the chosen row; with none chosen, propose the newest that is not saved.

        Returns:
            What to say, and the row if one was deleted.
        """
        place = self._view.chosen()
        if place is None:
            return self._propose_newest(), None
        row = self._model.row(place)
        if row.state == "saved":
            return words.cannot_delete_saved(row.transaction), None
        if row.state == "voided":
            return words.already_deleted(row.transaction), None
        try:
            gone = self.store.void(row)
        except NotKeptError as error:
            return words.not_deleted(row.transaction.item, error.why), None
        self._model.change([gone])
        self._view.clearSelection()
        self._tally.voided()
        return words.deleted(row.transaction), gone

    def undo(self) -> tuple[Message, Row | None]:
        """Void the newest row that is not saved; says so, and gives it if there was one."""
        place = self._model.newest_pending()
        if place is None:
            return scanwords.nothing_to_undo(), None
        row = self._model.row(place)
        try:
            gone = self.store.void(row)
        except NotKeptError as error:
            return words.not_deleted(row.transaction.item, error.why), None
        self._model.change([gone])
        self._view.clearSelection()
        self._view.scrollTo(self._model.index(place, 0))
        self._tally.voided()
        return scanwords.undone(row.transaction), gone

    def _propose_newest(self) -> Message:
        place = self._model.newest_pending()
        if place is None:
            return words.delete_which()
        self._view.selectRow(place)
        self._view.scrollTo(self._model.index(place, 0))
        return words.delete_this(self._model.row(place).transaction)
