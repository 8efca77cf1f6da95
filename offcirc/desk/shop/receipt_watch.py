"""Follows the referent's word: closes OffCirc.dat once its lines are uploaded, and says so.

It looks now and then while nobody scans: for a receipt in the data folder, and for one that the
copies have met in the collection folder. Readers of files closed long ago are forgotten here too.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from offcirc.desk.shop.store import NotKeptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from offcirc.desk.desk import WholeDesk
    from offcirc.desk.shop.copies import Copies
    from offcirc.storage.closing.receipts import Receipt

LOOK = 10_000
"""Milliseconds between two looks."""

FORGET_AFTER = 6
"""Looks after which readers are forgotten that are due; once in each run of the program."""


class Closer(QObject):
    """Looks for receipts until the window is closed."""

    def __init__(self, desk: WholeDesk, copies: Copies) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._copies = copies
        self._before: object = None
        self._not_ours: set[Receipt] = set()
        self._looks = 0
        self._days = 0
        self.over: Callable[[], None] = lambda: None
        """Called when the file was closed."""
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(self.look)
        desk.saved.connect(self._be_quiet)

    def begin(self) -> None:
        """Begin to look."""
        self._timer.start()

    def use(self, days: int) -> None:
        """Forget readers after so many days from now on; 0: never."""
        self._days = days

    def stop(self) -> None:
        """The desk is closed."""
        self._timer.stop()

    def look(self) -> None:
        """Follow what there is to be followed, if the desk is at rest."""
        if not (self._is_resting() and self._desk.store.is_open):
            return
        for place, receipt in self._receipts():
            if receipt not in self._not_ours:
                self._follow(place, receipt)
        self._looks += 1
        if self._looks == FORGET_AFTER and self._days:
            with suppress(NotKeptError):
                self._desk.store.forget(timedelta(days=self._days))

    def _is_resting(self) -> bool:
        """Whether nothing has happened since the last look, and no field holds anything."""
        ui = self._desk.ui
        now = (ui.patron.text(), ui.item.text(), ui.model.total(), ui.band.message)
        before, self._before = self._before, now
        return now == before and not ui.item.text()

    def _receipts(self) -> Iterator[tuple[Path | None, Receipt]]:
        """The receipts that there are, each with its place if it is ours to take away."""
        from offcirc.disk.errors import StorageError
        from offcirc.storage.closing.receipts import ReceiptError, read_receipt, receipt_path

        store = self._desk.store
        path = receipt_path(store.folder / store.file.name)
        with suppress(ReceiptError, StorageError):
            found = read_receipt(path)
            if found is not None:
                yield path, found
        mirror = self._copies.mirror
        if mirror is not None and mirror.state.receipt is not None:
            yield None, mirror.state.receipt

    def _follow(self, place: Path | None, receipt: Receipt) -> None:
        from offcirc.storage.closing.receipts import Order

        try:
            told = self._desk.store.obey(receipt)
        except NotKeptError:
            return  # the disk does not let it just now: the next look tries again
        if not told:
            self._not_ours.add(receipt)
            return
        if place is not None:
            with suppress(OSError):
                place.unlink()
        if receipt.order is Order.CLOSE:
            self.over()
        self._say(told)
        self._copies.wake()

    def _say(self, told: str) -> None:
        """Say it where nothing that the band says about a scan is lost, until the next save."""
        from offcirc.desk.face.banner import Matter, Weight

        self._desk.caretaker.banner.say("closed", Matter(told, Weight.CALM))

    def _be_quiet(self) -> None:
        banner = self._desk.caretaker.banner
        if banner.matter("closed") is not None:
            banner.say("closed", None)
