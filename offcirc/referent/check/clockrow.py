"""How wrong a desk's clock was: what it measured itself, what somebody says, taken back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from offcirc.i18n import _, pgettext
from offcirc.referent.background.deciding import DecisionMade
from offcirc.referent.background.inspection import LineView, SourceRow
from offcirc.referent.kit.cells import shortened
from offcirc.referent.kit.flow_layout import Flow, pair
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label, set_tip

_DAYS = 400
"""The greatest offset that can be set: a clock that has lost its battery is years off, but then
nobody knows by how much."""


class ClockRow(QWidget):
    """The clock of one file.

    Signals:
        decided: somebody says how wrong the clock was, or takes that back, a :class:`DecisionMade`.
    """

    decided = Signal(object)

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._source: SourceRow | None = None
        self._whole = ""
        row = Flow(look.px(0.5))
        row.setContentsMargins(look.px(0.8), look.px(0.3), look.px(0.8), look.px(0.3))
        self.setLayout(row)
        self.told = label("", look.text, self)
        self.told.setMinimumWidth(look.px(14))
        self.told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
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
        row.addWidget(self.told)
        row.addWidget(self._trust_pair)
        signs = pair(sign_label, self.sign, look.px(0.4))
        self._controls = (signs, self.time, self.set)
        for part in (*self._controls, self.undo):
            row.addWidget(part)
        # The files above keep their places, whatever is told of the one chosen.
        keep = self.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.setSizePolicy(keep)
        self.hide()

    def focus_first(self) -> None:
        """Put the keyboard where the time is typed."""
        self.time.setFocus()

    def show_source(self, source: SourceRow | None) -> None:
        """Show what there is to say of a file, and its clock, if it has one that matters."""
        self.setVisible(source is not None)
        if source is None or source == self._source:
            self._source = source
            return
        self._source = source
        has_clock = source.ready and bool(source.mark)
        for part in self._controls:
            part.setVisible(has_clock)
        self.setAccessibleName(_("Clock of {file}").format(file=source.name))
        self._tell(source)
        whole = round(abs(source.added))
        self.sign.setCurrentIndex(1 if source.added < 0 else 0)
        told = f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}" if whole else ""
        self.time.setText(told)
        self.trust.setCurrentIndex(max(self.trust.findData(source.trust), 0))
        self._trust_pair.setVisible(has_clock and bool(source.measured))
        self.undo.setVisible(bool(source.clock_decision))

    def _tell(self, source: SourceRow) -> None:
        """All there is to say of the file; else how its clock stands."""
        clock = source.clock or _("as recorded")
        if source.clock and source.measured and not source.clock_decision:
            clock = _("{offset}, as the desk measured").format(offset=source.clock)
        text = _("Clock of {file}: {clock}").format(file=source.name, clock=clock)
        whole = f"{text}. {source.text}" if source.text else text
        self._whole = source.text if source.text or not source.ready else text
        set_tip(self.told, whole)
        self._shorten()

    def _shorten(self) -> None:
        metrics = QFontMetricsF(self.told.font())
        room = max(self.told.width(), self.told.minimumWidth())
        self.told.setText(shortened(self._whole, metrics, room, middle=True))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell as much as there is room for."""
        super().resizeEvent(event)
        self._shorten()

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
            self.decided.emit(DecisionMade("clock", (file,), seconds=offset, trust=trust))

    def _undo(self) -> None:
        if self._source is not None and self._source.clock_decision:
            self.decided.emit(DecisionMade("undo", undoes=(self._source.clock_decision,)))


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
