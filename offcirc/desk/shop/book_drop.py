"""The book drop: what is returned now came back at the last closing time, and is stated so.

On, it is seen everywhere; it goes off by itself as soon as anything but returns is chosen, and a
quarter of an hour after the last return, so that nothing is stated by mistake.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from offcirc.core.transaction import Operation
from offcirc.desk.words import dropwords

if TYPE_CHECKING:
    from offcirc.core.openinghours import OpeningHours
    from offcirc.desk.desk import DeskHost
    from offcirc.desk.face.droppanel import DropPanel
    from offcirc.desk.message import Message

QUIET = timedelta(minutes=15)
"""So long after the last return it is over."""

OFFERED = 6
"""Closing times to choose from."""


class BookDrop(QObject):
    """Whether returns are stated to have come earlier, and when.

    Attributes:
        moment: when what is returned came back, naive local time; ``None``: when it is scanned.
        hours: when the library is open; ``None`` when the settings do not say.
    """

    def __init__(self, desk: DeskHost) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._until: datetime | None = None
        self._panel: DropPanel | None = None
        self._said = ""
        self.moment: datetime | None = None
        self.hours: OpeningHours | None = None
        self._timer = QTimer(self, singleShot=True, interval=QUIET // timedelta(milliseconds=1))
        self._timer.timeout.connect(self._look)

    def closings(self) -> list[datetime]:
        """The last closing times, newest first; empty when the settings do not say."""
        now = self._desk.now().replace(tzinfo=None)
        return [] if self.hours is None else self.hours.closings_before(now, OFFERED)

    def toggle(self) -> None:
        """On at the last closing time, or off."""
        if self.moment is not None:
            self._end(dropwords.over())
            return
        closings = self.closings()
        if closings:
            self.begin(closings[0])
        else:
            self._desk.choose(Operation.RETURN)
            self._show()
            self._desk.say(dropwords.when())
            self.choose()

    def choose(self) -> None:
        """Show the moments there are to choose from, or put them away."""
        if self._panel is None:
            from offcirc.desk.face.droppanel import DropPanel

            self._panel = DropPanel(self._desk, self)
        self._panel.toggle(self.closings())

    def begin(self, moment: datetime) -> None:
        """Returns are stated to have come at a moment, naive local time, from now on."""
        desk = self._desk
        now = desk.now()
        moment = moment.replace(second=0, microsecond=0)
        if moment > now.replace(tzinfo=None):
            desk.say(dropwords.not_yet(moment))
            return
        desk.choose(Operation.RETURN)
        desk.ui.list.make_room_for_days()
        self.moment = moment
        self._stay(now)
        self._show()
        desk.say(dropwords.begun(moment))
        desk.focus(desk.target())

    def stated(self, now: datetime) -> datetime | None:
        """What a return scanned now is stated to be; ``None``: of now, as anything else."""
        if self.moment is not None and self._until is not None and now >= self._until:
            self._off()  # the PC slept, or its clock was moved
            self._said = dropwords.off()
        if self.moment is not None:
            self._stay(now)
        return self.moment

    def besides(self) -> str:
        """What there is to say with the return that found it over; once."""
        said, self._said = self._said, ""
        return said

    def chose(self, which: Operation) -> str:
        """An operation was chosen; what there is to say of it."""
        if self.moment is None or which.ends_loan:
            return ""
        self._off()
        return dropwords.off()

    def _stay(self, now: datetime) -> None:
        self._until = now + QUIET
        self._timer.start()

    def _look(self) -> None:
        if self.moment is not None:
            self._end(dropwords.forgotten())

    def _end(self, message: Message) -> None:
        self._off()
        self._desk.say(message)
        self._desk.focus(self._desk.target())

    def _off(self) -> None:
        self.moment = self._until = None
        self._timer.stop()
        self._show()

    def _show(self) -> None:
        self._desk.ui.drop.show_moment(self.moment)
        self._desk.tally.drop(dropwords.standing(self.moment))
