"""The line under every page: where one stands, the way back, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent.look import Look
from offcirc.referent.parts import button, label


@dataclass(frozen=True, slots=True)
class Turn:
    """What the line says on one page.

    Attributes:
        text: where one stands.
        action: the words of the button that does the next thing; no button when empty.
        act: what it does.
        ready: whether it can be done now.
    """

    text: str = ""
    action: str = ""
    act: Callable[[], None] | None = None
    ready: bool = True


class NextBar(QFrame):
    """Shows a :class:`Turn`, and the way back.

    Attributes:
        text: where one stands.
        back: goes one step back.
        next: does the next thing.
    """

    def __init__(self, look: Look, go_back: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("nextbar")
        self._turn = Turn()
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(1.1), look.px(0.45), look.px(1.1), look.px(0.45))
        row.setSpacing(look.px(0.8))
        self.back = button(_("&Back"), look, self, go_back)
        self.text = label("", look.text, self, wrap=True)
        self.next = button("", look, self, self._act, "primary")
        row.addWidget(self.back)
        row.addWidget(self.text, 1)
        row.addWidget(self.next)

    def show_turn(self, turn: Turn, *, can_go_back: bool) -> None:
        """Show where one stands and what is next."""
        self._turn = turn
        self.back.setVisible(can_go_back)
        self.text.setText(turn.text)
        self.next.setVisible(bool(turn.action))
        self.next.setText(turn.action)
        self.next.setEnabled(turn.ready)
        self.next.setAccessibleDescription(turn.text)

    def _act(self) -> None:
        if self._turn.act is not None and self._turn.ready:
            self._turn.act()
