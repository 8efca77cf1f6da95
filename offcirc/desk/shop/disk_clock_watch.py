"""Looks after disk and clock while nobody scans: goes back home, watches the time, says so.

One slow timer does all of it. What may have to wait for a disk is asked in a thread of its own;
what has to be done in the window's thread is done when the desk is at rest. What kind of places the
folders are in is looked at once, after the start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from offcirc import RELEASED
from offcirc.core.clockwatch import TOLERANCE, ClockFault, ClockTrouble, ClockWatch, Tick
from offcirc.desk.face.banner import Banner, Matter, Weight
from offcirc.desk.message import MessageKind
from offcirc.desk.shop.store import InUseError
from offcirc.desk.words import faultwords, savewords
from offcirc.disk.clocks import describe_clock, since_boot
from offcirc.disk.place import PlaceRole, describe_risk, examine, risks
from offcirc.disk.probe import can_write
from offcirc.storage.keeper.standing import describe_missing, describe_standing

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost, WholeDesk
    from offcirc.storage.keeper.standing import Standing


ROUND = 3000
"""Milliseconds between two rounds."""

SELDOM = 10
"""Rounds between two looks at the room on the disk, and the longest wait for the desk to rest."""

CALM_ROUNDS = 10
"""Rounds for which it is said that all is well again."""


_IMPOSSIBLE = (ClockFault.BEFORE_BUILD, ClockFault.FAR_AHEAD)
"""Faults that say more than a jump or the last transaction does."""


class Caretaker(QObject):
    """Makes the rounds from the moment the journal is open until the window is closed.

    Attributes:
        away: whether the last transaction went to the fallback place, or nowhere.
        watch: judges the PC's clock.
    """

    _answered = Signal(bool)

    def __init__(self, desk: WholeDesk) -> None:
        """Begin the rounds."""
        super().__init__(desk.pane)
        self._desk = desk
        self._book = desk.book
        self._store = desk.store
        self._banner: Banner | None = None
        self._before: object = None
        self._busy = 0
        self._number = 0
        self._calm = 0
        self._probing = False
        self._could_write = False
        self._was_home = False
        self._closed = False
        self.away = False
        self._build = datetime.fromisoformat(RELEASED).replace(tzinfo=UTC)
        self.watch = ClockWatch(self._build)
        self._jump: ClockTrouble | None = None
        self._moved = 0.0
        self._clock_shown = False
        self._answered.connect(self._hear)
        self._timer = QTimer(self, interval=ROUND)
        self._timer.timeout.connect(self.round)
        self._timer.start()

    def opened(self) -> None:
        """The journal is open, or its stand-in."""
        self.watch = ClockWatch(self._build, self._store.last_at())
        self.look_at_clock()
        self.show_standing()

    def stop(self) -> None:
        """The window is closed: no more rounds."""
        self._closed = True
        self._timer.stop()

    @property
    def banner(self) -> Banner:
        """The strip for what lasts; made when there is something to say."""
        if self._banner is None:
            desk = self._desk
            self._banner = Banner(desk.look, desk.pane)
            self._banner.pressed = self._pressed
            layout = desk.pane.layout()
            assert layout is not None
            layout.insertWidget(0, self._banner)  # type: ignore[attr-defined]
        return self._banner

    def _say(self, topic: str, matter: Matter | None) -> None:
        if matter is not None or self._banner is not None:
            self.banner.say(topic, matter)

    # Rounds

    def round(self) -> None:
        """Do what is due."""
        self.look_at_clock()
        self._number += 1
        if self._calm and self._number >= self._calm:
            self._calm = 0
            self._say("calm", None)
            self._say("found", None)
        resting = self._is_resting()
        self._busy = 0 if resting else self._busy + 1
        free = resting or (self._busy > SELDOM and not self._desk.ui.item.text())
        if not self._store.is_open:
            if free and self._number % SELDOM == 0:
                with suppress(InUseError):
                    self._desk.open_store(again=True)
            return
        if self._store.keeper.is_waiting:
            if free:
                self._try_to_go_home()
        elif self._number % SELDOM == 0:
            self.tend()
        self.show_standing()

    def _is_resting(self) -> bool:
        """Whether nothing has happened at the desk since the last round."""
        ui = self._desk.ui
        now = (ui.patron.text(), ui.item.text(), ui.model.total(), ui.band.message)
        before, self._before = self._before, now
        return now == before

    def _try_to_go_home(self) -> None:
        standing = self._store.keeper.standing
        if standing.fault is not None:
            self._probe(self._store.folder, made=not self._was_home)
        elif standing.save_fault is not None:
            self._probe(self._store.file.parent)
        else:
            self.tend()

    def _probe(self, folder: Path, *, made: bool = False) -> None:
        """Ask whether something can be written there, and go on in :meth:`_hear`.

        A dying drive or a dead share may take its time: the window does not wait for it.

        Args:
            folder: the folder.
            made: whether it is made when it is missing.
        """
        if self._probing:
            return
        self._probing = True

        def ask() -> None:
            place = folder
            while made and not place.exists() and place != place.parent:
                place = place.parent
            answer = can_write(place)
            with suppress(RuntimeError):  # the window is gone
                self._answered.emit(answer)

        threading.Thread(target=ask, name="offcirc-probe", daemon=True).start()

    def _hear(self, answer: bool) -> None:
        self._probing = False
        before, self._could_write = self._could_write, answer
        if answer and not self._closed and self._store.is_open:
            self.tend(at_once=not before)
            self.show_standing()

    def tend(self, *, at_once: bool = False) -> None:
        """Go home if that is due and possible, and say so when something has come of it."""
        self._tell_both(*self._book.tend(self._desk.now(), at_once=at_once))

    def _tell_both(self, told: tuple[str, ...], found: tuple[str, ...]) -> None:
        self._tell(told)
        if found and not describe_missing(self._store.keeper.standing):
            self._say("found", Matter(" ".join(found), Weight.WARNING))
            self._calm = self._number + CALM_ROUNDS

    def _tell(self, told: tuple[str, ...]) -> None:
        """Say calmly what has been put right; nothing that the band says about a scan is lost."""
        if not told:
            return
        desk = self._desk
        message = desk.ui.band.message
        if message.kind is MessageKind.RESCUED or message.title == savewords.not_saved("").title:
            desk.say(faultwords.well_again(told))
        else:
            self._say("calm", Matter(" ".join(told), Weight.CALM))
            self._calm = self._number + CALM_ROUNDS

    # How things stand

    def show_standing(self) -> None:
        """Show in the banner what is wrong with the places, and take away what is not any more."""
        if not self._store.is_open:
            return
        self._store.keeper.find_place()
        standing = self._store.keeper.standing
        if standing.fault is not None:  # rows that had been saved may be to be saved again
            self._tell_both(*self._book.hear(self._desk.now()))
        before, self.away = self.away, standing.fault is not None
        if before != self.away:
            self._desk.moved.emit(self._store.place)
        self._was_home = self._was_home or not self.away
        if standing.save_fault is not None and self.away:
            # As a rule one thing is wrong with both: once is enough.
            standing = replace(standing, save_fault=None)
        grave, *others = describe_standing(standing, space=False) or ("",)
        if not self.away:
            others, grave = [text for text in (grave, *others) if text], ""
        kept = standing.where is not None and not standing.unkept
        weight = Weight.RESCUED if kept else Weight.GRAVE
        self._say("place", Matter(grave, weight) if grave else None)
        self._say("file", Matter(" ".join(others), Weight.WARNING) if others else None)
        if self.away:
            self._say("calm", None)  # all was well for a moment only
        self._say_asked(standing)
        self._desk.tally.hint(faultwords.space_hint(standing.free, standing.low), "space")

    def _say_asked(self, standing: Standing) -> None:
        """What somebody must have seen, or answered: it stays until a button is pressed."""
        lost, seen = describe_missing(standing), " ".join(self._book.grave)
        answer = faultwords.was_uploaded() if standing.gone else faultwords.is_right_so()
        self._say("lost", Matter(lost, Weight.WARNING, answer) if lost else None)
        button = faultwords.was_seen()
        self._say("journal", Matter(seen, Weight.WARNING, button) if seen else None)

    # The clock

    def _look_at_clocks(self, wall: datetime | None = None) -> Tick:
        return Tick(wall or self._desk.now(), time.monotonic(), since_boot())

    def look_at_clock(self, wall: datetime | None = None) -> None:
        """Compare the PC's clock with the others; cheap enough for every scan.

        Args:
            wall: what the PC's clock says, aware, when that is known already.
        """
        troubles = self.watch.look(self._look_at_clocks(wall))
        if troubles or self._clock_shown:
            self._show_clock(troubles)

    def _show_clock(self, troubles: tuple[ClockTrouble, ...]) -> None:
        if troubles and troubles[0].fault is ClockFault.JUMPED:
            was_undone = self._jumped(troubles[0])
            troubles = self.watch.look(self._look_at_clocks(None)) if was_undone else troubles[1:]
        impossible = [each for each in troubles if each.fault in _IMPOSSIBLE]
        trouble = next(iter(impossible), None) or self._jump or next(iter(troubles), None)
        self._clock_shown = trouble is not None
        if trouble is None:
            self._say("clock", None)
            return
        sure = trouble.fault is ClockFault.BEFORE_BUILD
        button = "" if sure else faultwords.clock_is_right()
        self._say("clock", Matter(describe_clock(trouble), Weight.WARNING, button))

    def _jumped(self, jump: ClockTrouble) -> bool:
        """Note a jump for whoever corrects the times later.

        Returns:
            Whether it undid an earlier one: the clock is as it was.
        """
        self._store.note_jump(jump.reference, jump.wall)
        self._desk.tally.tick()  # another minute, perhaps another day
        self._moved += jump.seconds
        self._jump = jump
        if abs(self._moved) > TOLERANCE.total_seconds():
            return False
        self._moved, self._jump = 0.0, None
        self.watch.accept()
        return True

    def _pressed(self, topic: str) -> None:
        """The staff say that the clock is right, or that something is seen or settled."""
        if topic == "lost":
            self._book.settle_missing(self._desk.now())
            self.show_standing()
        elif topic == "journal":
            self._book.grave = ()
            self.show_standing()
        elif topic == "clock":
            self._jump, self._moved = None, 0.0
            self.watch.accept()
            self.look_at_clock()


class Lookout(QObject):
    """Looks at places, and has the status line say what may go wrong there."""

    _seen = Signal(tuple)

    def __init__(self, desk: DeskHost) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._seen.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def look(self, places: Sequence[tuple[Path, PlaceRole]]) -> None:
        """Look at these places, in the background."""
        look = threading.Thread(
            target=self._look, args=(tuple(places),), name="offcirc-lookout", daemon=True
        )
        look.start()

    def _look(self, places: Sequence[tuple[Path, PlaceRole]]) -> None:
        told = what_may_go_wrong(places)
        with suppress(RuntimeError):  # the window is gone
            self._seen.emit(told)

    def _show(self, told: tuple[str, ...]) -> None:
        self._desk.tally.hint(faultwords.place_hint(told), "machine")


def what_may_go_wrong(places: Sequence[tuple[Path, PlaceRole]]) -> tuple[str, ...]:
    """What may go wrong in these places, worded; each thing once."""
    told = []
    for folder, role in places:
        found = examine(folder)
        told += [describe_risk(risk, found) for risk in risks(found, role)]
    return tuple(dict.fromkeys(told))
