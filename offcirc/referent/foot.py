"""The line at the bottom: which server, which desk, who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent.look import Look
from offcirc.referent.parts import label

if TYPE_CHECKING:
    from offcirc.referent.work import Connection


class Foot(QFrame):
    """Says where uploads go now."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("foot")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(1.1), look.px(0.25), look.px(1.1), look.px(0.25))
        row.setSpacing(look.px(1.5))
        self.server = label("", look.small, self, "footText")
        self.who = label("", look.small, self, "footText")
        row.addWidget(self.server)
        row.addStretch(1)
        row.addWidget(self.who)

    def show_state(self, connection: Connection | None, desk: str) -> None:
        """Show server and circulation desk, and who is signed in."""
        if connection is None:
            self.server.setText(_("Not signed in"))
            self.who.setText("")
            return
        name = connection.name
        place = f"{name} · {desk}" if desk else name
        self.server.setText(_("Server: {place}").format(place=place))
        self.who.setText(connection.account.name or connection.account.login)
