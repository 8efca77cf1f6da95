"""Which control and which key does what in the desk window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from offcirc.core.transaction import Operation
from offcirc.desk.shop.rowacts import take_odd

if TYPE_CHECKING:
    from offcirc.desk.program.window import DeskWindow


def wire(desk: DeskWindow) -> None:
    """Connect the controls of a window with what they do."""
    ui, intake = desk.ui, desk.intake
    desk.keys.finished.connect(intake.finished)
    desk.keys.broken.connect(intake.broken)
    desk.keys.stalled.connect(intake.stalled)
    desk.keys.flooded.connect(intake.flooded)
    desk.keys.caps_changed.connect(intake.caps_lock)
    ui.borrower.textChanged.connect(desk.fields_changed)
    ui.item.textChanged.connect(desk.fields_changed)
    ui.clear.clicked.connect(desk.clear)
    ui.action.clicked.connect(lambda: desk.keys.done(ui.item))
    ui.loan.toggled.connect(desk.mode_toggled)
    ui.modes.buttonClicked.connect(desk.mode_clicked)
    ui.save.clicked.connect(desk.save)
    ui.delete.clicked.connect(desk.delete)
    ui.help.clicked.connect(desk.show_help)
    ui.close.clicked.connect(desk.close)
    ui.status.asked = desk.say_hints
    for keys, act in (
        ("Ctrl+Alt+L", lambda: desk.choose(Operation.LOAN)),
        ("Ctrl+Alt+R", lambda: desk.choose(Operation.RETURN)),
        ("Ctrl+S", desk.save),
        ("Ctrl+Z", desk.undo),
        ("F8", lambda: take_odd(desk)),
        ("F1", desk.show_help),
    ):
        QShortcut(QKeySequence(keys), desk, act)
    remove = QShortcut(QKeySequence(Qt.Key.Key_Delete), ui.list, desk.delete)
    remove.setContext(Qt.ShortcutContext.WidgetShortcut)
