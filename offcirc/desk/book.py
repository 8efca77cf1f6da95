"""The rows: kept in the journal, shown in the list, written to the file, in that order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from offcirc.core.transaction import Transaction
from offcirc.desk import scanwords, words
from offcirc.desk.band import Kind, Message
from offcirc.desk.store import DeskStore, NotKeptError
from offcirc.desk.table import TransactionModel, TransactionView
from offcirc.desk.tally import Tally

if TYPE_CHECKING:
    from offcirc.storage.journal import Row


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

    def open(self, now: datetime) -> Message | None:
        """Open journal and file, show the rows; a message if there is something to say.

        Raises:
            InUseError: another program is at work on this data folder.
            NotKeptError: the folder or the journal cannot be used.
        """
        found = self.store.open(now)
        self._model.show(found.rows)
        if any(row.transaction.local.date() != self._model.today for row in found.rows):
            self._view.make_room_for_days()
        self._tally.opened(found.back, found.last_save)
        if found.notices:
            return words.repaired(found.notices, found.back)
        return words.welcome_back(found.back) if found.back else None

    def record(self, transaction: Transaction) -> None:
        """Keep a transaction, then show it.

        Raises:
            NotKeptError: it is neither kept nor shown.
        """
        row = self.store.append(transaction)
        view = self._view
        if view.selectionModel().hasSelection():
            view.clearSelection()
        self._model.add(row)
        bar = view.verticalScrollBar()
        if bar.value():
            bar.setValue(0)
        self._model.trim(view.last_in_view() + 1)

    def save(self) -> Message:
        """Write the pending rows to the file, then show them as saved.

        Raises:
            NotKeptError: they are not in the file.
        """
        from offcirc.storage.journal import State

        number, notices = self.store.save()
        pending = self._model.pending()
        self._model.change([replace(row, state=State.SAVED) for row in pending])
        self._tally.saved()
        message = words.saved(number, self.store.file)
        if notices:
            message = replace(message, kind=Kind.NOTICE, detail=" ".join(notices))
        return message

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
