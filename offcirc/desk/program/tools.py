"""The small panel of tools that opens above the status line, and the button that opens it.

It lies in the desk's own window: nothing loses the focus by it, and a scan closes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from offcirc.desk.face.look import quiet_button
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost
    from offcirc.desk.program.extras import Companions


class ToolsPanel(QFrame):
    """Undo last, settings, scanner test, this PC, control cards."""

    def __init__(self, desk: DeskHost, companions: Companions) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        look = desk.look
        self.setObjectName("tools")
        self.setAccessibleName(_("Tools"))
        column = QVBoxLayout(self)
        pad = look.px(0.4)
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(look.px(0.25))
        # Made in the order in which they stand: the Tab key goes by it.
        self.undo = self._tool(_("&Undo last (Ctrl+Z)"), desk.undo)
        self.patron = self._tool(_("New reader, pro&visional card"), companions.registering.show)
        self.slip = self._tool(_("&Quick due slip (F7)"), desk.print_slip)
        self.settings = self._tool(_("Settin&gs"), companions.show_settings)
        self.test = self._tool(_("Sca&nner test"), companions.test_scanner)
        self.pc = self._tool(_("Chec&k this PC"), companions.show_this_pc)
        self.again = self._tool(_("Make O&ffCirc.dat again"), companions.make_file_again)
        self.cards = self._tool(_("&Print the control cards"), companions.print_cards)
        self.outage = self._tool(_("Outage card: what to do ne&xt"), companions.print_outage_card)
        for button in self.buttons():
            column.addWidget(button)
        if not companions.named:
            # For the administrator: who scans need not care, and is not asked.
            self.unnamed = self._tool(_("This desk is not named &yet…"), companions.show_settings)
            self.unnamed.setFont(look.small)
            column.addWidget(self.unnamed)
        self._leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.shut)
        self._leave.setContext(Qt.ShortcutContext.WindowShortcut)
        desk.keys.watch(*self.findChildren(QPushButton))
        desk.keys.arrived.connect(self.hide)
        desk.recorded.connect(self.hide)
        self.hide()

    def buttons(self) -> tuple[QPushButton, ...]:
        """The tools."""
        first = (self.undo, self.patron, self.slip, self.settings, self.test, self.pc)
        return (*first, self.again, self.cards, self.outage)

    def _tool(self, text: str, act: Callable[[], None]) -> QPushButton:
        button = quiet_button(text, self._desk.look.text, self)

        def chosen() -> None:
            self.shut()
            act()

        button.clicked.connect(chosen)  # without the button's state, which no tool wants
        return button

    def toggle(self) -> None:
        """Open, or close again."""
        if self.isVisible():
            self.shut()
            return
        self.adjustSize()
        more, gap = self._desk.ui.more, self._desk.look.px(0.25)
        left = min(more.x(), self._desk.pane.width() - self.width() - gap)
        self.move(left, more.y() - self.height() - gap)
        self.show()
        self.raise_()
        self.undo.setFocus(Qt.FocusReason.OtherFocusReason)

    def shut(self) -> None:
        """Close; the next scan finds its field."""
        inside = bool(at := self._desk.pane.focusWidget()) and self.isAncestorOf(at)
        self.hide()
        if inside:
            self._desk.focus(self._desk.target())
