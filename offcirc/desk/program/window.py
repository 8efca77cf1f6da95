"""The blue window: what happens when a scan comes or a button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from offcirc.core.identity import DeskIdentity
from offcirc.core.session import DeskDecision, Field, Session, clean
from offcirc.core.transaction import Operation
from offcirc.desk.face import look as style
from offcirc.desk.face.controls import Controls
from offcirc.desk.face.look import Look
from offcirc.desk.face.table import REST_MILLISECONDS
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.shop.day_figures import DayFigures
from offcirc.desk.shop.store import DeskStore, NotKeptError
from offcirc.desk.words import faultwords, savewords, words

if TYPE_CHECKING:
    from offcirc.core.barcodes.controlcards import Card
    from offcirc.desk.program.extras import Companions
    from offcirc.desk.scan.intake import Intake
    from offcirc.desk.scan.keys import ScanKeys
    from offcirc.desk.scan.pile import PileCheck
    from offcirc.desk.shop.book_drop import BookDrop
    from offcirc.desk.shop.disk_clock_watch import Caretaker
    from offcirc.desk.shop.front import Front
    from offcirc.desk.shop.recorder import RowRecorder
    from offcirc.desk.shop.row_actions import Book
    from offcirc.desk.shop.setup import Setup
    from offcirc.desk.shop.waitlist import WaitList
    from offcirc.scanning.decoder import Scan
    from offcirc.settings.load import Settings
    from offcirc.storage.journal.journal import Row


def _now() -> datetime:
    return datetime.now().astimezone()


class DeskWindow(QWidget):
    """The desk: controls that can be painted at once, and the parts that make them work.

    What the parts know of it is said in :mod:`offcirc.desk.desk`.

    Signals:
        painted: the window is on the screen for the first time.
        recorded, shown, cleared, reader, saved, moved, closed, said: see :class:`DeskHost`.

    Attributes:
        ui, look, store, now, tally, session, companions, asked: see :class:`WholeDesk`.
        keys, intake, book, waitlist, recorder, drop, pile, caretaker: the parts, made by
            :meth:`furnish`.
        acts: what each control card does; the test card is not among them.
        front: looks whether scans arrive here; ``None`` until the store is open.
    """

    painted = Signal()
    recorded = Signal(str)
    shown = Signal(object)
    cleared = Signal()
    patron = Signal(str)
    saved = Signal()
    moved = Signal(object)
    closed = Signal()
    said = Signal(object)

    keys: ScanKeys
    intake: Intake
    book: Book
    waitlist: WaitList
    recorder: RowRecorder
    drop: BookDrop
    pile: PileCheck
    caretaker: Caretaker
    acts: dict[Card, Callable[[], object]]

    def __init__(
        self,
        store: DeskStore,
        look: Look,
        identity: DeskIdentity | None = None,
        now: Callable[[], datetime] = _now,
        *,
        bare: bool = False,
    ) -> None:
        """Build the window; :meth:`open_store` then fills it.

        Args:
            store: journal and file; not opened here, so that the window can be painted first.
            look: type and sizes.
            identity: whose desk it is.
            now: the moment, aware, in the PC's own time zone.
            bare: only what can be seen: whoever asks for that calls :meth:`furnish` afterwards.
        """
        super().__init__()
        self.store = store
        self.look = look
        self.now = now
        self._first_paint = self._bare = True
        self._put_aside = ""
        self._next_is_near = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MILLISECONDS)
        self._rest.timeout.connect(self.fields_changed)
        self.asked: set[str] = set()
        self._ending = False
        self.companions: Companions | None = None
        self.front: Front | None = None
        self.session = Session()
        self.setObjectName("desk")
        self.setWindowTitle(words.title(identity or DeskIdentity()))
        self.ui = Controls(self, look)
        self.ui.list.say_nothing(words.nothing_yet(store.file))
        self.tally = DayFigures(self.ui.status, self.ui.model, store.file, now, self)
        self.tally.new_day.connect(self.ui.list.forget_pictures)
        self._ground = QPixmap()
        self.ui.loan.setChecked(True)
        self.ui.show_operation(self.session.operation)
        self.ui.action.setEnabled(False)
        self.show_count()
        self.ui.band.say(words.starting())
        self.ui.patron.setFocus()
        if not bare:
            self.furnish()

    # Beginning

    def furnish(self) -> None:
        """Give the window its parts, unless it has them."""
        if self._bare:
            from offcirc.desk.program.assembly import assemble

            assemble(self)
            self._bare = False

    def open_store(self, *, again: bool = False) -> bool:
        """Open journal and file, and show what is there; says so in the band when it cannot.

        Args:
            again: whether it failed before, and nothing need be said when it fails once more.

        Raises:
            InUseError: another program is at work on this data folder.
        """
        try:
            message = self.book.open(self.now())
        except NotKeptError as error:
            if not again:
                self.say(words.not_open(error.why))
            return False
        self._recall_the_day()
        if self.front is None:
            from offcirc.desk.shop.front import Front

            self.front = Front(self)
        self.caretaker.opened()
        self.say(message or words.ready(self.session.operation))
        return True

    def _recall_the_day(self) -> None:
        """Begun again: what was a reader today, and what an item."""
        model = self.ui.model
        for row in model.all():
            if row.state != "voided" and row.transaction.local.date() == model.today:
                self.session.sides.recall(row.transaction)

    def attach(self, settings: Settings) -> Companions:
        """Put settings to work, with the sounds and windows that go by them."""
        from offcirc.desk.program.extras import Companions

        self.companions = Companions(self, settings)
        return self.companions

    def use(self, setup: Setup) -> None:
        """Work by these settings from now on."""
        self.intake.use(setup)
        self.setWindowTitle(words.title(setup.identity))
        self.store.identify(setup.identity)
        self.store.fallback = setup.fallback
        self.drop.hours = setup.hours
        self.pile.at_the_end = setup.pile_check

    # Scans

    def refuse(self, decision: DeskDecision) -> None:
        """Say why the session does not accept something, and go to the field at fault."""
        self.say(words.refused(decision))
        self.focus(self.ui.patron if decision.field is Field.PATRON else self.ui.item)

    def obey(self, order: Card, scan: Scan) -> None:
        """Do what a control card says."""
        if order in self.acts:
            self.acts[order]()
        elif self.companions is not None:
            self.companions.test_scanner(scan)

    # Choices and buttons

    def choose(self, operation: Operation) -> None:
        """Switch to loans or returns, and go to the field a scan belongs to."""
        wanted = self.ui.radios[operation]
        if wanted.isChecked():
            self.focus(self.target())
        else:
            wanted.setChecked(True)

    def mode_toggled(self, which: Operation, chosen: bool) -> None:
        """An operation was chosen; the reader of before is put aside, then proposed."""
        if not chosen:
            return
        ui = self.ui
        lent = self.session.operation.lends
        self.session.choose(which)
        over = self.drop.chose(which)
        self.pile.leave()
        if which.lends and not lent:
            ui.patron.setText(self._put_aside)
            self._put_aside = ""
        elif lent and not which.lends:
            self._put_aside = ui.patron.text()
            ui.patron.clear()
        self._show_operation()
        patron = clean(ui.patron.text())
        if which.lends and not lent and patron:
            # The reader of before, or the next one? A card scanned now replaces; Enter goes on.
            self.session.proposed = patron
            self.say(words.with_note(words.same_patron(patron), over))
            self.focus(ui.patron)
            return
        self.say(words.with_note(words.ready(self.session.operation, patron), over))
        self.focus(self.target())

    def mode_clicked(self) -> None:
        """Also when it was chosen already: the cursor goes where the next scan belongs."""
        if self.focusWidget() not in (self.ui.patron, self.ui.item):
            self.focus(self.target())

    def _show_operation(self) -> None:
        self.ui.show_operation(self.session.operation)
        self.show_count()
        self.fields_changed()

    def clear(self, *, counted: bool = False) -> None:
        """Ready for the next reader: both fields are empty, the cursor is in the borrower's.

        Args:
            counted: whether the items in the hand were counted just now.
        """
        if not counted and self.pile.before_clear():
            return
        ui = self.ui
        self.cleared.emit()
        ui.patron.clear()
        ui.item.clear()
        self._put_aside = ""
        self.session.clear()
        self.show_count()
        self.say(words.ready(self.session.operation))
        self.focus(self.target())

    def save(self) -> bool:
        """Save To File: write every pending row; true when nothing is pending any more."""
        if not self.tally.pending:
            self.say(savewords.nothing_to_save(self.store.file))
            self.focus(self.target())
            return True
        try:
            message = self.book.save(self.now())
            self.saved.emit()
        except NotKeptError as error:
            message = savewords.not_saved(error.why, self.store.unkept)
        self.say(message)
        self.caretaker.show_standing()
        self.focus(self.target())
        return not self.tally.pending

    def save_rows(self) -> str:
        """Save pending rows without a word; why it failed if it did."""
        if self.tally.pending:
            try:
                self.book.save(self.now())
                self.saved.emit()
            except NotKeptError as error:
                return error.why
        return ""

    def undo(self) -> None:
        """Bring back what was just deleted; else void the newest row that is not saved."""
        from offcirc.desk.shop.row_actions import undo

        undo(self)

    def delete(self) -> None:
        """Void the chosen row; with none chosen, propose the newest that is not saved."""
        self.voided(*self.book.delete())

    def voided(self, message: Message, row: Row | None) -> None:
        """Say what became of a row, and count it no more if it was deleted."""
        if row is not None:
            self.session.voided(row.transaction)
            self.show_count()
        self.say(message)
        self.focus(self.target())

    def print_slip(self) -> None:
        """Print the due slip of the reader at the desk."""
        if self.companions is not None:
            self.companions.slips.print()

    def show_help(self) -> None:
        """Open the manual in a window of its own; scanning goes on."""
        from offcirc.desk.side.manual import open_manual

        open_manual(self)

    # Leaving

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save what is pending. What cannot be saved stays in the journal, and is said once."""
        from offcirc.desk.shop.row_actions import may_close

        self.furnish()  # the window system may close what has only just been painted
        if not (self._ending or may_close(self)):
            event.ignore()
            return
        self.save_quietly()
        self.tally.stop()
        self.caretaker.stop()
        self.store.close()
        event.accept()
        self.hide()  # a last copy may take a moment
        self.closed.emit()

    def save_quietly(self) -> None:
        """The session may be about to end: save what is pending, ask and say nothing."""
        if self.store.is_open and (why := self.save_rows()):
            self.say(savewords.not_saved(why, self.store.unkept))

    def end_session(self) -> None:
        """The user logs out or the PC is shut down: save, ask nothing, close."""
        self._ending = self.keys.gate.ending = True
        self.close()

    # Small things

    @property
    def pane(self) -> QWidget:
        """The window itself."""
        return self

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.store.folder

    @property
    def was_painted(self) -> bool:
        """Whether the window has been on the screen."""
        return not self._first_paint

    def say_already_here(self) -> None:
        """Come to the front because the program was started a second time."""
        if self.isMinimized():
            self.showNormal()
        self.raise_()
        self.activateWindow()
        self.say(words.already_here())

    def say_hints(self) -> None:
        """Say in full what the status line hints at."""
        standing = self.ui.status.standing
        self.say(faultwords.hints(standing.hint, standing.advice))

    def say_broke_down(self, log: Path) -> None:
        """The program died the last time it ran; ``log`` tells how."""
        self.say(faultwords.crashed(self.store.place, log))

    def say_our_fault(self) -> None:
        """A bug was met and logged."""
        self.say(words.our_fault(self.store.place))

    def say(self, message: Message) -> None:
        """Show a message in the band, and let it be heard."""
        self.ui.band.say(message)
        if message.kind is MessageKind.REFUSED:
            self.waitlist.refused(message)
        self.said.emit(message)

    def target(self) -> QLineEdit:
        """The field a scan belongs to when the staff have chosen none."""
        field = self.session.target(self.ui.patron.text())
        return self.ui.patron if field is Field.PATRON else self.ui.item

    def focus(self, field: QLineEdit) -> None:
        """Put the cursor in a field; the next scan replaces what is there."""
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()

    def empty_item(self) -> None:
        """The item is recorded: its field is empty for the next scan, which comes at once."""
        # That scan would only make the button active again: it is painted afterwards.
        self._next_is_near = True
        self.ui.item.clear()
        self._next_is_near = False

    def fields_changed(self) -> None:
        """The button that records is active when the fields are filled."""
        if self.waitlist:
            self.waitlist.waiting.edited(self.ui.item.text())
        able = self.session.can_record(self.ui.patron.text(), self.ui.item.text())
        if able or not self._next_is_near:
            self.ui.action.setEnabled(able)
        else:
            self._rest.start()

    def show_count(self) -> None:
        """Show how many items the reader has taken, or were returned."""
        self.ui.counter.say(words.count(self.session.operation, self.session.count))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The blue ground."""
        with QPainter(self) as painter:
            if self._ground.size() != self.size():
                self._ground = style.ground(self.look.colours, self.size())
            for part in event.region():  # type: ignore[attr-defined]
                painter.drawPixmap(part, self._ground, part)
            if self._first_paint:
                self._first_paint = False
                self.painted.emit()
