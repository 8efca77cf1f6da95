"""Readers without a card: the window for them, the loans that follow, and forgetting them again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from offcirc.core.transaction import Operation
from offcirc.desk.shop.setup import framing_of
from offcirc.desk.words import scanwords
from offcirc.settings.deskname import desk_identity

if TYPE_CHECKING:
    from offcirc.desk.desk import WholeDesk
    from offcirc.desk.program.extras import Companions
    from offcirc.desk.side.newpatron import NewPatron


class Registering(QObject):
    """Registers readers at one desk.

    Attributes:
        window: where they are written down; ``None`` until it was opened.
    """

    def __init__(self, desk: WholeDesk, companions: Companions) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._companions = companions
        self.window: NewPatron | None = None

    def show(self) -> None:
        """Open the window; the one already open comes to the front."""
        from offcirc.desk.side.newpatron import NewPatron

        desk, settings = self._desk, self._companions.settings
        if self.window is None:
            window = NewPatron(desk.look, desk.pane, framing_of(settings), now=desk.now)
            window.registered.connect(self._lend_to)
            window.print_wanted.connect(self._print)
            window.scanned.connect(self._companions.scan_elsewhere)
            self.window = window
        key = settings.text("registrations.key")
        self.window.use(desk.folder, key, str(desk_identity(settings)))
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _lend_to(self, card: str) -> None:
        """The reader is written down: loans to the provisional card come next."""
        desk = self._desk
        desk.pane.activateWindow()
        desk.clear(counted=True)
        desk.choose(Operation.LOAN)
        desk.intake.patron(card)
        desk.say(scanwords.registered(card))

    def _print(self, card: str) -> None:
        from offcirc.desk.paper.printing import show_provisional

        desk = self._desk
        library = desk_identity(self._companions.settings).library
        desk.say(show_provisional(desk.store.place, card, library, desk.now().date()))

    def forget(self) -> None:
        """Forget, in the background, whom the desk registered long ago."""
        settings = self._companions.settings
        words = (settings.text("registrations.key"), settings.number("registrations.days"))
        act = threading.Thread(
            target=forget, args=(self._desk.folder, *words), name="offcirc-forget", daemon=True
        )
        act.start()


def forget(folder: Path, key: str, days: int) -> None:
    """Forget registrations older than so many days; what cannot be done now is done next time."""
    from offcirc.disk.errors import StorageError
    from offcirc.storage.registrations import deskbook
    from offcirc.storage.registrations.seal import WrongKeyError, seal_of

    if not (folder / deskbook.NAME).is_file():
        return
    try:
        deskbook.forget(folder, seal_of(folder, key), datetime.now(UTC), days)
    except (StorageError, WrongKeyError):
        return
