"""What is still to be recorded: kept in sight above the list, and taken up again from there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from offcirc.core.session import clean
from offcirc.core.transaction import NotRecordableError, Source, record_now
from offcirc.core.waiting import LeftToRecord, Waiting, Way
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.words import waitwords

if TYPE_CHECKING:
    from offcirc.desk.desk import WholeDesk
    from offcirc.desk.shop.waitpanel import WaitPanel


class WaitList:
    """The desk's list of what was shown and is not recorded.

    Attributes:
        waiting: the list itself.
    """

    def __init__(self, desk: WholeDesk) -> None:
        self._desk = desk
        self._panel: WaitPanel | None = None
        self.waiting = Waiting()

    def __len__(self) -> int:
        """How many are on it."""
        return len(self.waiting.entries)

    @property
    def entries(self) -> tuple[LeftToRecord, ...]:
        """What is on it, newest first."""
        return tuple(self.waiting.entries)

    def refused(self, message: Message) -> None:
        """Something was refused: what is left to be recorded joins the list."""
        left = message.left or LeftToRecord(message.code)
        if message.kind is not MessageKind.REFUSED or not left.text:
            return
        desk = self._desk
        operation = desk.session.operation
        loan = operation.lends and left.way is not Way.PATRON
        self.waiting.add(
            replace(
                left,
                why=left.why or message.detail,
                operation=operation,
                patron=clean(desk.ui.patron.text()) if loan else "",
                at=desk.now(),
                stated=desk.drop.moment,
            )
        )
        self._show()

    def settle(self, item: str, *, by_hand: bool) -> None:
        """An item is recorded."""
        if self.waiting.entries and self.waiting.settle(item, by_hand=by_hand):
            self._show()

    def put_away(self, left: LeftToRecord) -> None:
        """It need not be recorded."""
        self.waiting.put_away(left)
        self._show()
        self._desk.focus(self._desk.target())

    def put_first_away(self) -> None:
        """Put the newest away, if there is one."""
        if self.waiting.entries:
            self.put_away(self.waiting.entries[0])

    def take_first(self) -> None:
        """Take the newest up, if there is one."""
        if self.waiting.entries:
            self.take(self.waiting.entries[0])

    def take(self, left: LeftToRecord) -> None:
        """Record it if nothing is missing; else put it into the field where it can be finished."""
        desk = self._desk
        complete = bool(left.patron) or not left.operation.lends
        if left.way is Way.RECORD and complete and self._record(left):
            return
        if desk.session.operation is not left.operation:
            desk.choose(left.operation)
        desk.ui.item.setText(left.text)
        self.waiting.in_hand = left
        patron = clean(desk.ui.patron.text())
        needs_patron = left.operation.lends and not patron
        desk.say(waitwords.taken_up(left, patron))
        desk.focus(desk.ui.patron if needs_patron else desk.ui.item)

    def _record(self, left: LeftToRecord) -> bool:
        """Record one as it is; false when it cannot be stated, whatever the disk does."""
        try:
            transaction = record_now(
                self._desk.now(),
                left.operation,
                left.text,
                left.patron,
                raw=left.text,
                source=Source.TYPED,
                stated=left.stated,
            )
        except NotRecordableError:
            return False
        self._desk.recorder.record(transaction, aside=True)
        return True

    def _show(self) -> None:
        if self._panel is None:
            if not self.waiting.entries:
                return
            from offcirc.desk.shop.waitpanel import WaitPanel

            self._panel = WaitPanel(self, self._desk)
        self._panel.show_entries(self.entries)
        self._desk.tally.waiting(len(self))
