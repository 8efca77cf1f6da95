"""Who may have been meant by an identifier that nobody has, as choices to pick one from."""

from __future__ import annotations

import html
from collections.abc import Sequence
from difflib import SequenceMatcher

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QWidget

from offcirc.i18n import _
from offcirc.referent.kit.cells import breakable
from offcirc.referent.kit.figures import named
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import label
from offcirc.upload.followup.followupwords import slip_reasons
from offcirc.upload.followup.slips import Slip


class LikelyPatrons(QWidget):
    """The likely readers, the likeliest chosen already.

    Attributes:
        choices: one for each of them.

    Signals:
        picked: one of them is chosen; the identifier.
    """

    picked = Signal(str)

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.choices: list[QRadioButton] = []
        self._labels: list[QLabel] = []
        self._group = QButtonGroup(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(look.px(0.3))
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._title = label(_("Likely readers"), look.strong, self)
        self._grid.addWidget(self._title, 0, 0, 1, 2)
        self.hide()

    @property
    def text(self) -> str:
        """All of them in words."""
        return "\n".join(choice.accessibleName() for choice in self.choices)

    def show_found(self, wrong: str, found: Sequence[Slip]) -> None:
        """Offer these; none hides it.

        Args:
            wrong: the identifier that nobody has.
            found: who may have been meant, the likeliest first.
        """
        for part in (*self.choices, *self._labels):
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self.choices, self._labels = [], []
        for number, slip in enumerate(found):
            self._add(number, wrong, slip)
        self.setVisible(bool(found))
        if self.choices:
            self.choices[0].setChecked(True)

    def pick_none(self) -> None:
        """Somebody else was meant."""
        self._group.setExclusive(False)
        for choice in self.choices:
            choice.setChecked(False)
        self._group.setExclusive(True)

    def _add(self, number: int, wrong: str, slip: Slip) -> None:
        look = self._look
        choice = QRadioButton(self)
        reasons = slip_reasons(slip)
        choice.setAccessibleName(named(f"{slip.identifier} {slip.name}".rstrip(), reasons))
        choice.toggled.connect(lambda on: self.picked.emit(slip.identifier) if on else None)
        name, why = _Words(choice, self), _Words(choice, self)
        name.setTextFormat(Qt.TextFormat.RichText)
        name.setFont(look.code)
        name.setText(marked(wrong, slip.identifier, slip.name))
        name.setToolTip(html.escape(slip.identifier))
        why.setTextFormat(Qt.TextFormat.PlainText)
        why.setObjectName("faint")
        why.setFont(look.small)
        why.setText(reasons)
        self._group.addButton(choice)
        self.choices.append(choice)
        self._labels += [name, why]
        row = 1 + 2 * number
        self._grid.addWidget(choice, row, 0)
        self._grid.addWidget(name, row, 1)
        self._grid.addWidget(why, row + 1, 1)


class _Words(QLabel):
    """What is told of a choice; a click on it chooses, too."""

    def __init__(self, choice: QRadioButton, parent: QWidget) -> None:
        super().__init__(parent)
        self._choice = choice
        self.setWordWrap(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        self._choice.setChecked(True)
        self._choice.setFocus()
        event.accept()


def marked(wrong: str, right: str, name: str) -> str:
    """An identifier with the characters that differ from the wrong one marked, as HTML."""
    parts = []
    for kind, _i, _j, start, end in SequenceMatcher(None, wrong, right, False).get_opcodes():
        text = html.escape(breakable(right[start:end]))
        if text:
            same = kind == "equal"
            parts.append(text if same else f'<span style="background:#ffe39a">{text}</span>')
    return f"{''.join(parts)} {html.escape(name)}".rstrip()
