"""A strip at the top of the window for what lasts: it comes and goes by itself, and asks nothing.

The band below tells what became of the last scan; what is wrong all the while would be covered by
the next one there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from offcirc.desk.face.colours import Colours
from offcirc.desk.face.look import Look


class Weight(IntEnum):
    """How grave a matter is; the graver stands above."""

    CALM = 0
    """Something is well again."""
    WARNING = 1
    RESCUED = 2
    """Work goes on in the fallback place."""
    GRAVE = 3


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that lasts.

    Attributes:
        text: one or two sentences: what it is, what to do.
        weight: how grave it is.
        button: what a button beside it says; empty for none.
    """

    text: str
    weight: Weight
    button: str = ""


_SIGNS = {Weight.CALM: "✓", Weight.WARNING: "⚠", Weight.RESCUED: "⤓", Weight.GRAVE: "⚠"}


class Banner(QFrame):
    """Shows some matters, each on a line of its own; hidden while there are none.

    Attributes:
        pressed: called with the topic whose button was pressed.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._matters: dict[str, Matter] = {}
        self._lines: list[QWidget] = []
        self.pressed: Callable[[str], None] = lambda topic: None
        self.setObjectName("banner")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self.hide()

    def matter(self, topic: str) -> Matter | None:
        """What it says about something now."""
        return self._matters.get(topic)

    def text(self) -> str:
        """All that it says, the gravest first."""
        return "\n".join(matter.text for _topic, matter in self._in_order())

    def say(self, topic: str, matter: Matter | None) -> None:
        """Show a matter, another one about the same thing, or take it away."""
        if self._matters.get(topic) == matter:
            return
        if matter is None:
            del self._matters[topic]
        else:
            self._matters[topic] = matter
        self._show()
        if matter is not None:
            self._announce(matter)

    def _in_order(self) -> list[tuple[str, Matter]]:
        return sorted(self._matters.items(), key=lambda each: -each[1].weight)

    def _show(self) -> None:
        for line in self._lines:
            self._grid.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(topic, matter) for topic, matter in self._in_order()]
        for place, line in enumerate(self._lines):
            self._grid.addWidget(line, place, 0)
        self.setVisible(bool(self._lines))
        self.setAccessibleName(self.text())

    def _line(self, topic: str, matter: Matter) -> QWidget:
        """A line of the strip: sign, sentences, perhaps a button that no key can press."""
        ground, ink = _colours(matter.weight, self._look.colours)
        px = self._look.px
        line = QFrame(self)
        line.setObjectName("bannerline")
        line.setStyleSheet(
            f"#bannerline {{ background: {ground}; }}"
            f" QLabel {{ color: {ink}; background: transparent; }}"
        )
        inside = QGridLayout(line)
        inside.setContentsMargins(px(1), px(0.25), px(1), px(0.25))
        inside.setHorizontalSpacing(px(0.6))
        sign = QLabel(_SIGNS[matter.weight], line)
        sign.setFont(self._look.strong)
        text = QLabel(matter.text, line)
        text.setFont(self._look.small)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        inside.addWidget(sign, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        inside.addWidget(text, 0, 1)
        inside.setColumnStretch(1, 1)
        if matter.button:
            button = QPushButton(matter.button, line)
            button.setFont(self._look.small)
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda: self.pressed(topic))
            inside.addWidget(button, 0, 2, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _announce(self, matter: Matter) -> None:
        from offcirc.windows.announce import announce

        if self.isVisible():
            announce(self, matter.text, urgent=matter.weight >= Weight.RESCUED)


def _colours(weight: Weight, colours: Colours) -> tuple[str, str]:
    """Ground and ink."""
    if weight is Weight.GRAVE:
        return colours.refused, colours.refused_ink
    if weight is Weight.RESCUED:
        return colours.rescued, colours.rescued_ink
    if weight is Weight.CALM:
        return colours.recorded, colours.recorded_ink
    return colours.notice, colours.notice_ink
