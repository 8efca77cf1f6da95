"""How wrong a desk's clock was: what it measured itself, what somebody says, taken back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from offcirc.i18n import _, pgettext
from offcirc.referent.deciding import Verdict
from offcirc.referent.flow import Flow, pair
from offcirc.referent.inspection import LineView, SourceRow
from offcirc.referent.look import Look
from offcirc.referent.parts import button, label

_DAYS = 400
"""The greatest offset that can be set: a clock that has lost its battery is years off, but then
nobody knows by how much."""


class ClockRow(QWidget):
    """The clock of one file.

    Signals:
        decided: somebody says how wrong the clock was, or takes that back, a :class:`Verdict`.
    """

    decided = Signal(object)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._source: SourceRow | None = None
        row = Flow(look.px(0.5))
        self.setLayout(row)
        self.title = label(_("Clock:"), look.strong, self)
        self.told = label("", look.text, self, "faint")
        self.time = QLineEdit(self)
        self.time.setFont(look.code)
        self.time.setMinimumWidth(look.px(6))
        self.time.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.time.setAccessibleName(_("How much: hours, minutes and seconds"))
        self.time.setPlaceholderText(_("h:min:s"))
        self.time.textChanged.connect(lambda _text: self._allow())
        self.time.returnPressed.connect(self._set)
        self.sign = QComboBox(self)
        self.sign.setFont(look.text)
        self.sign.addItem(pgettext("clock", "add"), 1)
        self.sign.addItem(pgettext("clock", "take away"), -1)
        self.sign.setAccessibleName(_("Add or take away"))
        self.trust = QComboBox(self)
        self.trust.setFont(look.text)
        self.trust.setAccessibleName(_("Which clock is believed"))
        for text, value in (
            (_("as it was after it was moved"), "after"),
            (_("as it was before it was moved"), "before"),
            (_("as it was all along"), "neither"),
        ):
            self.trust.addItem(text, value)
        self.set = button(_("&Set the clock"), look, self, self._set)
        self.undo = button(_("U&ndo"), look, self, self._undo)
        sign_label = label(_("Ti&mes:"), look.text, self, "faint")
        self._trust_pair = pair(
            label(_("Bel&ieve the clock"), look.text, self, "faint"), self.trust, look.px(0.4)
        )
        row.addWidget(self.title)
        row.addWidget(self.told)
        row.addWidget(self._trust_pair)
        row.addWidget(pair(sign_label, self.sign, look.px(0.4)))
        for part in (self.time, self.set, self.undo):
            row.addWidget(part)
        self.hide()

    def focus_first(self) -> None:
        """Put the keyboard where the time is typed."""
        self.time.setFocus()

    def show_source(self, source: SourceRow | None) -> None:
        """Show the clock of a file; nothing for a file whose clock does not matter."""
        shown = source is not None and source.ready and bool(source.mark)
        self.setVisible(shown)
        if source is None or not shown or source == self._source:
            self._source = source if shown else None
            return
        self._source = source
        self.setAccessibleName(_("Clock of {file}").format(file=source.name))
        self.told.setText(self._tell(source))
        whole = round(abs(source.added))
        self.sign.setCurrentIndex(1 if source.added < 0 else 0)
        told = f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}" if whole else ""
        self.time.setText(told)
        self.trust.setCurrentIndex(max(self.trust.findData(source.trust), 0))
        self._trust_pair.setVisible(bool(source.measured))
        self.undo.setVisible(bool(source.clock_decision))

    def _tell(self, source: SourceRow) -> str:
        if source.clock and source.measured and not source.clock_decision:
            return _("{offset}, as the desk measured").format(offset=source.clock)
        if source.clock:
            return source.clock
        return _("as recorded")

    @property
    def offset(self) -> int | None:
        """What is to be added, in seconds; ``None`` while that cannot be read."""
        seconds = parse_span(self.time.text())
        return seconds * int(self.sign.currentData()) if seconds is not None else None

    def _allow(self) -> None:
        self.set.setEnabled(self.offset is not None)

    def _set(self) -> None:
        offset = self.offset
        if self._source is not None and offset is not None:
            file = LineView(self._source.name, 0, self._source.mark)
            trust = str(self.trust.currentData())
            self.decided.emit(Verdict("clock", (file,), seconds=offset, trust=trust))

    def _undo(self) -> None:
        if self._source is not None and self._source.clock_decision:
            self.decided.emit(Verdict("undo", undoes=(self._source.clock_decision,)))


def parse_span(text: str) -> int | None:
    """Seconds that somebody has written: 5 (minutes), 1:30 (hours, minutes) or 0:05:30.

    Returns:
        ``None`` when it is nothing of the kind, or more than :data:`_DAYS`.
    """
    parts = text.strip().split(":")
    if len(parts) > 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if any(number > 59 for number in numbers[1:]):
        return None
    if len(numbers) == 1:
        numbers = [0, *numbers]
    hours, minutes, seconds = (*numbers, 0)[:3]
    total = hours * 3600 + minutes * 60 + seconds
    return total if total <= _DAYS * 86400 else None
