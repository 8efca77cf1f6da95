"""Due slips: of the reader at the desk, by a key or after every reader."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from offcirc.core.told import parse_told
from offcirc.core.transaction import Transaction
from offcirc.desk.words import dropwords, scanwords
from offcirc.settings.deskname import desk_identity

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost
    from offcirc.desk.paper.dueslip import DueSlip
    from offcirc.desk.program.extras import Companions


class Slips(QObject):
    """Remembers the loans of one reader at a time, by the ids of their rows."""

    _failed = Signal(str)

    def __init__(self, desk: DeskHost, companions: Companions) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._companions = companions
        self._patron = ""
        self._rows: dict[str, str] = {}
        """Of each of the reader's loans: the row's id, and the title if it is known."""
        self._owed = False
        self._failed.connect(self._say_failed, Qt.ConnectionType.QueuedConnection)
        desk.shown.connect(self._recorded)
        desk.cleared.connect(self._over)

    def _recorded(self, transaction: Transaction) -> None:
        if not transaction.operation.begins_loan:
            return
        if transaction.patron != self._patron:
            self._over()
            self._patron, self._rows = transaction.patron, {}
        self._rows[transaction.id] = ""
        self._owed = True

    def know_title(self, name: str, title: str) -> None:
        """The title of a row is known."""
        if name in self._rows:
            self._rows[name] = title

    def _over(self) -> None:
        """The reader is served."""
        if self._owed and self._companions.settings.text("slip.when") == "reader":
            self.print()
        self._owed = False

    def print(self) -> None:
        """Print the slip of the reader at the desk, or of the last one."""
        slip = self._slip()
        if slip is None:
            self._desk.say(scanwords.no_slip())
            return
        settings = self._companions.settings
        place, paper = settings.text("slip.printer"), settings.text("slip.paper")
        if place:
            act = threading.Thread(
                target=self._send, args=(slip, place, paper), name="offcirc-slip", daemon=True
            )
            act.start()
            return
        from offcirc.desk.paper.printing import show_slip

        self._desk.say(show_slip(self._desk.store.place, slip, paper))

    def _slip(self) -> DueSlip | None:
        from offcirc.desk.paper.dueslip import DueSlip

        model = self._desk.ui.model
        lines = []
        for name, title in self._rows.items():
            row = model.named(name)
            if row is not None and row.state != "voided":
                due = parse_told(row.told).due
                day = f"{dropwords.day(due)} {due.year}" if due else ""
                lines.append((title or row.transaction.item, day))
        if not lines:
            return None
        library = desk_identity(self._companions.settings).library
        return DueSlip(library, self._desk.now(), self._patron, tuple(lines))

    def _send(self, slip: DueSlip, place: str, paper: str) -> None:
        from offcirc.desk.paper.dueslip import open_printer, print_slip

        try:
            printer = open_printer(place)
            try:
                print_slip(slip, printer, paper)
            finally:
                printer.close()
        except Exception as error:
            with suppress(RuntimeError):  # the window is gone
                self._failed.emit(str(error) or type(error).__name__)

    def _say_failed(self, reason: str) -> None:
        self._desk.say(scanwords.slip_not_printed(reason))
