"""The line under every page: where one stands, where uploads go, the way back, what is next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label

if TYPE_CHECKING:
    from offcirc.referent.background.uploads import Connection


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
    """Shows a :class:`Turn`, the way back, and who is signed in where.

    Attributes:
        text: where one stands.
        server: which server, which desk, who.
        middle: the place of these two.
        back: goes one step back.
        next: does the next thing.
    """

    def __init__(self, look: ReferentLook, go_back: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("nextbar")
        self._turn = Turn()
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(0.89), look.px(0.45), look.px(0.89), look.px(0.45))
        row.setSpacing(look.px(0.8))
        self.back = button(_("&Back"), look, self, go_back)
        self.middle = QWidget(self)
        lines = QVBoxLayout(self.middle)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        self.text = label("", look.text, self, wrap=True)
        self.server = label("", look.small, self, "faint", wrap=True)
        lines.addStretch(1)
        lines.addWidget(self.text)
        lines.addWidget(self.server)
        lines.addStretch(1)
        self.middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.next = button("", look, self, self._act, "primary")
        row.addWidget(self.back)
        row.addWidget(self.middle, 1)
        row.addWidget(self.next)
        self.setMinimumHeight(look.px(3.1))

    def show_turn(self, turn: Turn, *, can_go_back: bool) -> None:
        """Show where one stands and what is next."""
        self._turn = turn
        self.back.setVisible(can_go_back)
        self.text.setText(turn.text)
        self.next.setVisible(bool(turn.action))
        self.next.setText(turn.action)
        self.next.setEnabled(turn.ready)
        self.next.setAccessibleDescription(turn.text)

    def show_state(self, connection: Connection | None, desk: str) -> None:
        """Show server and circulation desk, and who is signed in."""
        if connection is None:
            self.server.setText(_("Not signed in"))
            return
        who = connection.account.name or connection.account.login
        place = " · ".join(filter(None, (connection.name, desk, who)))
        self.server.setText(_("Server: {place}").format(place=place))

    def _act(self) -> None:
        if self._turn.act is not None and self._turn.ready:
            self._turn.act()
