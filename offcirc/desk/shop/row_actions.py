"""The rows: kept in the journal, shown in the list, written to the file, in that order.

:class:`Book` does it; the functions below are what the staff ask for: undo, take away what is
marked, make the file again, leave.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from offcirc.core.session import clean
from offcirc.core.transaction import Transaction
from offcirc.desk.face.table import TransactionModel, TransactionView
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.shop.day_figures import DayFigures
from offcirc.desk.shop.store import DeskStore, News, NotKeptError
from offcirc.desk.words import faultwords, savewords, scanwords, waitwords, words

if TYPE_CHECKING:
    from offcirc.desk.desk import WholeDesk
    from offcirc.storage.journal.rows import Row


class Book:
    """What happens to rows, in store and list alike.

    Attributes:
        store: journal and file.
    """

    def __init__(
        self, store: DeskStore, model: TransactionModel, view: TransactionView, tally: DayFigures
    ) -> None:
        self.store = store
        self._model = model
        self._view = view
        self._tally = tally
        self._is_partial = False
        self._deleted: Row | None = None
        """What the last act deleted, if it did; *Undo* brings it back."""
        self.before_save: Callable[[], None] = lambda: None
        """Called before rows are written to the file."""
        self.grave: tuple[str, ...] = ()
        """What was found about the journal and nobody has yet said to have seen, worded."""

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
        self.grave = found.grave
        if found.away:
            return faultwords.begun_away(self.store.place, found.back)
        if found.notices:
            return words.repaired((*found.notices, *found.well), found.back)
        if found.well:
            return faultwords.together_again(found.well, found.back)
        return words.welcome_back(found.back, whole=not found.grave) if found.back else None

    def _show(self, rows: list[Row]) -> None:
        self._model.show(rows)
        if any(row.transaction.local.date() != self._model.today for row in rows):
            self._view.make_room_for_days()

    def record(self, transaction: Transaction, repaired: str = "", odd: str = "") -> Row:
        """Keep a transaction, then show it; the row tells where it is.

        Args:
            transaction: the loan or return.
            repaired: code of the repair by which its barcode was won; empty if there was none.
            odd: codes of what is doubtful about it; empty if nothing is.

        Raises:
            NotKeptError: it is neither kept nor shown.
        """
        return self._add(self.store.append(transaction, repaired, odd))

    def _add(self, row: Row) -> Row:
        self._deleted = None
        view = self._view
        if view.selectionModel().hasSelection():
            view.clearSelection()
        self._model.add(row)
        bar = view.verticalScrollBar()
        if bar.value():
            bar.setValue(0)
        self._model.trim(view.last_in_view)
        return row

    def save(self, now: datetime) -> Message:
        """Write the pending rows to the file, then show them as saved.

        Args:
            now: the moment, aware, in the PC's own time zone.

        Raises:
            NotKeptError: they are not in the file.
        """
        self.before_save()
        number, notices = self.store.save()
        # Trying to save may have brought rows home, which are in the file now too.
        news = self.store.news()
        notices += (*news.found, *self._take(news, now))
        self._show_saved()
        message = savewords.saved(number, self.store.file)
        if notices:
            message = replace(message, kind=MessageKind.NOTICE, detail=" ".join(notices))
        return message

    def _show_saved(self) -> None:
        """The pending rows of the journal are in the file now; those elsewhere are not."""
        from offcirc.storage.journal.rows import RowState, Where

        pending = [row for row in self._model.pending() if row.where is Where.MAIN]
        self._model.change([replace(row, state=RowState.SAVED) for row in pending])
        self._tally.saved()

    def tend(
        self, now: datetime, *, at_once: bool = False
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Let the store do what is due, and show what has come of it; what there is to say.

        Args:
            now: the moment, aware, in the PC's own time zone.
            at_once: whether to try even when the last attempt has just failed.

        Returns:
            What was done, and what was found about the file.
        """
        news = self.store.tend(at_once=at_once)
        return self._take(news, now), news.found

    def hear(self, now: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Show what has happened by itself meanwhile, without doing anything; as :meth:`tend`."""
        news = self.store.news()
        return self._take(news, now), news.found

    def settle_missing(self, now: datetime) -> None:
        """The staff say that what is missing in the file was uploaded, or is right so."""
        self.store.settle_missing()
        self._take(self.store.news(), now)

    def make_again(self, now: datetime) -> Message:
        """Write again what had been saved and is in no file any more; says what came of it."""
        try:
            rows, place = self.store.make_again()
        except NotKeptError as error:
            return savewords.not_made_again(error.why)
        self._take(self.store.news(), now)
        return savewords.made_again(rows, place)

    def _take(self, news: News, now: datetime) -> tuple[str, ...]:
        """Show what happened by itself; gives back what there is to say."""
        self.grave += news.grave
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
        if row.state in {"saved", "missing"}:
            return savewords.cannot_delete_saved(row.transaction), None
        if row.state == "voided":
            return savewords.already_deleted(row.transaction), None
        return self._void(row, savewords.deleted(row.transaction))

    def _void(self, row: Row, message: Message) -> tuple[Message, Row | None]:
        try:
            gone = self.store.void(row)
        except NotKeptError as error:
            return savewords.not_deleted(row.transaction.item, error.why), None
        self._model.change([gone])
        self._view.clearSelection()
        self._tally.voided()
        self._deleted = gone
        return message, gone

    def restore(self) -> tuple[Message, Row] | None:
        """Bring back what the last act deleted, by a new row; ``None`` if it deleted nothing.

        Returns:
            What to say, and the deleted row, when it was brought back the new one.
        """
        gone = self._deleted
        if gone is None:
            return None
        try:
            row = self._add(self.store.restore(gone))
        except NotKeptError as error:
            return savewords.not_brought_back(gone.transaction.item, error.why), gone
        self._tally.recorded()
        return savewords.brought_back(row.transaction), row

    def take_odd(self) -> tuple[Message, Row | None]:
        """Void the newest row that carries a mark and is not saved."""
        place = self._model.newest_pending(odd=True)
        if place is None:
            self._deleted = None
            return savewords.nothing_marked(), None
        row = self._model.row(place)
        self._view.scrollTo(self._model.index(place, 0))
        return self._void(row, savewords.deleted(row.transaction))

    def undo(self) -> tuple[Message, Row | None]:
        """Void the newest row that is not saved; says so, and gives it if there was one."""
        place = self._model.newest_pending()
        if place is None:
            return scanwords.nothing_to_undo(), None
        row = self._model.row(place)
        done = self._void(row, scanwords.undone(row.transaction))
        self._view.scrollTo(self._model.index(place, 0))
        self._deleted = None  # the next undo goes on with the row before
        return done

    def _propose_newest(self) -> Message:
        place = self._model.newest_pending()
        if place is None:
            return savewords.delete_which()
        self._view.selectRow(place)
        self._view.scrollTo(self._model.index(place, 0))
        return savewords.delete_this(self._model.row(place).transaction)


def undo(desk: WholeDesk) -> None:
    """Bring back what was just deleted; else void the newest row that is not saved."""
    back = desk.book.restore()
    if back is None:
        desk.voided(*desk.book.undo())
        return
    message, row = back
    if row.state == "pending":
        desk.session.brought_back(row.transaction)
        desk.recorded.emit(row.transaction.id)
        desk.show_count()
    desk.say(message)
    desk.focus(desk.target())


def take_odd(desk: WholeDesk) -> None:
    """Void the newest row that carries a mark and is not saved."""
    desk.voided(*desk.book.take_odd())


def make_again(desk: WholeDesk) -> None:
    """Write again what had been saved and is in no file any more."""
    desk.say(desk.book.make_again(desk.now()))
    desk.caretaker.show_standing()
    desk.focus(desk.target())


def may_close(desk: WholeDesk) -> bool:
    """Whether the desk may close; each thing left undone is said once, the next Close goes on."""
    if desk.waitlist and "waiting" not in desk.asked:
        desk.asked.update(("waiting", "item"))
        desk.say(waitwords.at_close(len(desk.waitlist)))
        return False
    waiting = clean(desk.ui.item.text())
    if waiting and "item" not in desk.asked:
        desk.asked.add("item")
        desk.say(words.not_recorded_yet(waiting))
        desk.focus(desk.ui.item)
        return False
    if not desk.tally.pending or not desk.store.is_open or "file" in desk.asked:
        return True
    if why := desk.save_rows():
        desk.asked.add("file")
        desk.say(savewords.not_saved_at_close(why, desk.store.unkept))
        return False
    return True
