"""What kind of places the desk's folders are in, looked at once after the start.

The answer may take its time when a folder is on a share, so a thread of its own asks.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from offcirc.desk.words import faultwords
from offcirc.disk.place import PlaceRole, describe_risk, examine, risks

if TYPE_CHECKING:
    from offcirc.desk.desk import Desk


class Lookout(QObject):
    """Looks at places, and has the status line say what may go wrong there."""

    _seen = Signal(tuple)

    def __init__(self, desk: Desk) -> None:
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
