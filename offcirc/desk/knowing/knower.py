"""Says at the desk what is known of a reader or an item, once the row is kept and on the screen.

Nothing asks and nothing refuses: the loan is recorded before anything is looked up.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from offcirc.core.told import DeskTold, ToldCode
from offcirc.core.transaction import Transaction
from offcirc.desk.knowing.asking import Asking, KnowingSetup, KnowingState
from offcirc.desk.knowing.findings import KnownAnswer, KnownQuestion
from offcirc.desk.message import MessageKind
from offcirc.desk.words import knowwords
from offcirc.disk.errors import StorageError

if TYPE_CHECKING:
    from offcirc.desk.desk import WholeDesk

ASK_DELAY = 15
"""Milliseconds after which something is asked: the row is painted by then."""

REST = 1500
"""Milliseconds of rest after which what was told is written beside the rows."""

PATIENCE = 0.2
"""Seconds that closing waits for what was asked last."""

_KEEPS_THE_BAND = (MessageKind.REFUSED, MessageKind.RESCUED)


class Knower(QObject):
    """What is known at one desk.

    Signals:
        title: the title of a row's item is known; the row's id, the title.

    Attributes:
        state: how it stands with it.
    """

    title = Signal(str, str)
    _answers = Signal(object, object)
    _states = Signal(object, object)

    def __init__(self, desk: WholeDesk) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._asking: Asking | None = None
        self._setup: KnowingSetup | None = None
        self._waiting: deque[KnownQuestion] = deque()
        self._told: dict[str, str] = {}
        self._card = ""
        self.state = KnowingState()
        self._delay = QTimer(self, singleShot=True, interval=ASK_DELAY)
        self._delay.timeout.connect(self._ask)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self.write)
        self._answers.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._states.connect(self._stand, Qt.ConnectionType.QueuedConnection)
        desk.shown.connect(self._row)
        desk.patron.connect(self._patron)
        desk.book.before_save = self.write

    def use(self, setup: KnowingSetup) -> None:
        """Know by these settings from now on."""
        if setup == self._setup:
            return
        self._setup = setup
        if self._asking is not None:
            self._asking.stop()
        asking = Asking(setup, self._answered, lambda state: self._stands(asking, state))
        self._asking = asking
        asking.start()

    def erase(self) -> None:
        """The outage is over: nothing is known any more."""
        if self._asking is not None:
            self._asking.erase()

    def stop(self) -> None:
        """The desk is closed: what was told and is not written yet is, in a moment."""
        self._delay.stop()
        if self._asking is not None:
            self._asking.stop(PATIENCE)
            self._asking = None
        self._desk.book.before_save = lambda: None
        self.write()

    # In the asking threads

    def _answered(self, question: KnownQuestion, answer: KnownAnswer) -> None:
        with suppress(RuntimeError):  # the window is gone
            self._answers.emit(question, answer)

    def _stands(self, asking: Asking, state: KnowingState) -> None:
        with suppress(RuntimeError):
            self._states.emit(asking, state)

    # Questions

    def _row(self, transaction: Transaction) -> None:
        band = self._desk.ui.band.message
        self._put(
            KnownQuestion(
                transaction.told.replace(tzinfo=self._desk.now().tzinfo),
                transaction.patron,
                transaction.item,
                transaction.operation,
                transaction.id,
                band,
            )
        )

    def _patron(self, card: str) -> None:
        self._card = ""
        self._put(KnownQuestion(self._desk.now(), card, band=self._desk.ui.band.message))

    def _put(self, question: KnownQuestion) -> None:
        if self.state.facts is not None or self.state.estimates:
            self._waiting.append(question)
            self._delay.start()

    def _ask(self) -> None:
        while self._waiting and self._asking is not None:
            self._asking.ask(self._waiting.popleft())

    # Answers

    def _hear(self, question: KnownQuestion, answer: KnownAnswer) -> None:
        if question.name:
            self._keep(question, answer.told)
            if answer.item is not None and answer.item.title:
                self.title.emit(question.name, answer.item.title)
            self._say_row(question, answer)
        else:
            self._say_card(question, answer)

    def _say_card(self, question: KnownQuestion, answer: KnownAnswer) -> None:
        desk = self._desk
        said = knowwords.card(question, answer)
        if said is not None and desk.ui.band.message is question.band:
            self._card = question.card
            desk.say(said)
        elif answer.patron is not None and answer.patron.name:
            desk.ui.band.add_beside(question.band, ("", answer.patron.name, ""))

    def _say_row(self, question: KnownQuestion, answer: KnownAnswer) -> None:
        desk, band = self._desk, self._desk.ui.band
        codes = answer.told.what
        said = knowwords.row(question, answer)
        if said is None and ToldCode.NOT_LISTED in codes and question.card != self._card:
            self._card = question.card
            said = knowwords.card(question, answer)
        due = () if answer.due is None else knowwords.due(answer.due, question.at)
        own = band.message is question.band
        if said is None:
            band.add_beside(question.band, due)
            return
        loud = said.kind is MessageKind.STOP
        if not loud and (not own or band.message.kind in _KEEPS_THE_BAND):
            return  # the band says more; the flag of the row says this
        if own and band.message.kind is MessageKind.NOTICE:
            said = replace(said, detail=f"{said.detail} {band.message.detail}")
        desk.say(replace(said, beside=due))

    def _keep(self, question: KnownQuestion, told: DeskTold) -> None:
        row = self._desk.ui.model.named(question.name)
        if row is None or not told:
            return
        self._desk.ui.model.change([replace(row, told=str(told))])
        self._told[question.name] = str(told)
        self._rest.start()

    def write(self) -> None:
        """Write what was told beside the rows."""
        desk = self._desk
        if not self._told or not desk.store.is_open:
            return
        self._rest.stop()
        rows = [(desk.ui.model.named(name), about) for name, about in self._told.items()]
        with suppress(StorageError):  # the rows themselves are kept; with the next ones, or a save
            desk.store.keeper.tell((row, about) for row, about in rows if row is not None)
            self._told.clear()

    # How it stands

    def _stand(self, asking: Asking, state: KnowingState) -> None:
        if asking is not self._asking:
            return
        self.state = state
        self._desk.ui.list.show_due(wanted=state.estimates)
        oldest = None if state.facts is None else state.facts.oldest
        hint = knowwords.hint(state.trouble, oldest, self._desk.now())
        self._desk.tally.hint(hint, "knowledge")
