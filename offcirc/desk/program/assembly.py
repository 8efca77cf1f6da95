"""Puts the parts of the desk together, once its window is painted: the one place that knows all.

Which part there is; which control, which key and which control card does what.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from offcirc.core.barcodes.controlcards import CHOICES, Card
from offcirc.core.transaction import Operation
from offcirc.desk.scan.intake import Intake
from offcirc.desk.scan.keys import ScanKeys
from offcirc.desk.scan.pile import PileCheck
from offcirc.desk.shop.book_drop import BookDrop
from offcirc.desk.shop.disk_clock_watch import Caretaker
from offcirc.desk.shop.recorder import RowRecorder
from offcirc.desk.shop.row_actions import Book, take_odd
from offcirc.desk.shop.waitlist import WaitList

if TYPE_CHECKING:
    from offcirc.desk.program.window import DeskWindow


def assemble(desk: DeskWindow) -> None:
    """Give a window its parts, and connect them with its controls."""
    ui = desk.ui
    desk.book = Book(desk.store, ui.model, ui.list, desk.tally)
    desk.keys = ScanKeys((ui.patron, ui.item), desk.target, desk)
    desk.keys.watch(desk, ui.patron, ui.item, ui.list, *ui.buttons())
    desk.waitlist = WaitList(desk)
    desk.recorder = RowRecorder(desk)
    desk.intake = Intake(desk)
    desk.drop = BookDrop(desk)
    desk.pile = PileCheck(desk)
    desk.caretaker = Caretaker(desk)
    desk.acts = {
        **{card: partial(desk.choose, which) for card, which in CHOICES.items()},
        Card.DROP: desk.drop.toggle,
        Card.PILE: desk.pile.check,
        Card.SAVE: desk.save,
        Card.CLEAR: desk.clear,
        Card.UNDO: desk.undo,
        Card.HELP: desk.show_help,
    }
    _wire(desk)


def _wire(desk: DeskWindow) -> None:
    ui, intake = desk.ui, desk.intake
    desk.keys.finished.connect(intake.finished)
    desk.keys.broken.connect(intake.broken)
    desk.keys.stalled.connect(intake.stalled)
    desk.keys.flooded.connect(intake.flooded)
    desk.keys.caps_changed.connect(intake.caps_lock)
    ui.patron.textChanged.connect(desk.fields_changed)
    ui.item.textChanged.connect(desk.fields_changed)
    ui.clear.clicked.connect(desk.clear)
    ui.action.clicked.connect(lambda: desk.keys.done(ui.item))
    for which, radio in ui.radios.items():
        radio.toggled.connect(partial(desk.mode_toggled, which))
    ui.drop.clicked.connect(desk.drop.toggle)
    ui.drop.wanted = desk.drop.choose
    ui.drop_when.clicked.connect(desk.drop.choose)
    ui.modes.buttonClicked.connect(desk.mode_clicked)
    ui.save.clicked.connect(desk.save)
    ui.delete.clicked.connect(desk.delete)
    ui.help.clicked.connect(desk.show_help)
    ui.close.clicked.connect(desk.close)
    ui.status.asked = desk.say_hints
    acts: tuple[tuple[str, Callable[[], object]], ...] = (
        *((f"Ctrl+Alt+{which.key}", partial(desk.choose, which)) for which in Operation),
        ("Ctrl+Alt+B", desk.drop.toggle),
        ("F7", desk.print_slip),
        ("F9", desk.pile.check),
        ("Ctrl+S", desk.save),
        ("Ctrl+Z", desk.undo),
        ("F8", lambda: take_odd(desk)),
        ("F1", desk.show_help),
    )
    for keys, act in acts:
        QShortcut(QKeySequence(keys), desk, act)
    remove = QShortcut(QKeySequence(Qt.Key.Key_Delete), ui.list, desk.delete)
    remove.setContext(Qt.ShortcutContext.WidgetShortcut)
