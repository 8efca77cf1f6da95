"""One finding: both lines as they stand in their files, and what can be decided about them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from offcirc import words
from offcirc.core.transaction import WRITTEN, Operation
from offcirc.i18n import _, pgettext
from offcirc.referent.background.deciding import DecisionMade
from offcirc.referent.background.inspection import Ask, CheckRow, FindingWeight, LineView
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.look import ReferentLook, operation_sign
from offcirc.referent.kit.parts import button, label
from offcirc.referent.kit.sidepanel import SidePanel, narrow

_TONES = {
    FindingWeight.ERROR: Tone.BAD,
    FindingWeight.WARNING: Tone.LOOK,
    FindingWeight.NOTE: Tone.PLAIN,
    FindingWeight.DECIDED: Tone.GOOD,
}


class LinePanel(SidePanel):
    """A finding, and the ways to deal with it.

    Signals:
        decided: somebody decides something, a :class:`DecisionMade`.
        clock_wanted: the clock of a file is to be set; the file's name.
    """

    decided = Signal(object)
    clock_wanted = Signal(str)

    def __init__(
        self, look: ReferentLook, chosen_rows: Callable[[], list[CheckRow]], parent: QWidget
    ) -> None:
        """Make it empty.

        Args:
            look: type and sizes.
            chosen_rows: tells the findings that are selected in the table.
            parent: the page.
        """
        super().__init__(look, parent)
        self._chosen_rows = chosen_rows
        self._row: CheckRow | None = None
        self.why = self.add_text(look.text)
        self.advice = self.add_text(look.text)
        self.pair = self.add_text(look.text)
        self.who = self.add_text(look.small, "faint")
        self.raw = self.add_text(look.code)
        self.body.addStretch(1)
        self._make_acts()
        self._make_form()
        self.show_row(None)

    def _make_acts(self) -> None:
        """Every choice has its place, whatever is looked at; what cannot be chosen is faint."""
        look = self._look
        self.first = button(_("&This one first"), look, self, self._this_first)
        self.second = button(_("The &other first"), look, self, self._other_first)
        self.swap = button(_("&Swap the two"), look, self, self._swap)
        self.clock = button(_("Set &its clock"), look, self, self._clock)
        self.hold = button(_("Hold b&ack"), look, self, self._hold)
        self.drop = button(_("&Do not send"), look, self, self._drop)
        self.acts = (self.first, self.second, self.swap, self.clock, self.hold, self.drop)
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.px(0.4))
        grid.setVerticalSpacing(look.px(0.3))
        for number, act in enumerate(self.acts):
            narrow(act)
            grid.addWidget(act, number // 2, number % 2)
        self.foot.addLayout(grid)

    def _make_form(self) -> None:
        look = self._look
        self.item = self._field(_("Item barcode"))
        self.patron = self._field(_("Borrower"))
        self.minute = self._field(_("Time"))
        self.minute.setPlaceholderText("2018-05-31 14:05")
        self.operation = QComboBox(self)
        self.operation.setFont(look.text)
        self.operation.setAccessibleName(_("Operation"))
        for operation in WRITTEN:
            self.operation.addItem(words.operation(operation), operation.value)
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.px(0.6))
        grid.setVerticalSpacing(look.px(0.2))
        grid.setColumnStretch(1, 1)
        self.fields = (self.item, self.patron, self.minute, self.operation)
        names = (
            _("Ite&m:"),
            pgettext("correct", "Borrower:"),
            pgettext("correct", "Time:"),
            pgettext("correct", "Operation:"),
        )
        for row, (name, field) in enumerate(zip(names, self.fields, strict=True)):
            title = label(name, look.text, self, "faint")
            title.setBuddy(field)
            grid.addWidget(title, row, 0)
            grid.addWidget(field, row, 1)
        self.foot.addLayout(grid)
        self.undo = button(_("U&ndo the decision"), look, self, self._undo)
        self.correct = button(_("&Put it right"), look, self, self._correct)
        last = QHBoxLayout()
        last.setSpacing(look.px(0.4))
        for act in (self.undo, self.correct):
            narrow(act)
            last.addWidget(act, 1)
        self.foot.addLayout(last)

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setFont(self._look.code)
        field.setAccessibleName(name)
        field.returnPressed.connect(self._correct)
        return field

    def show_row(self, row: CheckRow | Heading | None, place: str = "") -> None:
        """Show a finding, a kind of them, or nothing.

        Args:
            row: what is looked at.
            place: which of how many it is.
        """
        if isinstance(row, Heading):
            self._row = None
            self._say(row.name, "", "", row.advice, "")
            self.show_mark("", row.tone)
        elif row is None:
            self._row = None
            self._say("", "", "", "", "")
            self.show_mark("", Tone.PLAIN)
        else:
            same = self._row is not None and self._row.line == row.line
            self._row = row
            title = _("Line {line} of {file}").format(line=row.line.number, file=row.line.file)
            self._say(
                title if row.line.number else row.line.file, row.text, _raw(row), row.act, row.who
            )
            self.show_mark(row.name, _TONES[row.weight], place)
            if not same:
                self._fill(row.line)
        self._allow()

    def _say(self, title: str, why: str, raw: str, advice: str, who: str) -> None:
        for part, text in (
            (self.title, title),
            (self.why, why),
            (self.raw, raw),
            (self.advice, f"→ {advice}" if advice else ""),
            (self.who, who),
        ):
            self.say(part, text)
        self.say(self.pair, _pair(self._row))
        self.setAccessibleName(" ".join(filter(None, (title, why, advice, who))))

    def _fill(self, line: LineView) -> None:
        self.item.setText(line.item)
        self.patron.setText(line.patron)
        self.minute.setText(line.at.isoformat(" ", "minutes") if line.at is not None else "")
        value = (line.operation or Operation.LOAN).written.value
        self.operation.setCurrentIndex(self.operation.findData(value))

    def _allow(self) -> None:
        row = self._row
        finding = row is not None and _is_open(row)
        ask = row.ask if row is not None else Ask.NOTHING
        loan = (
            row is not None
            and row.line.operation is not None
            and row.line.operation.lends
            and not row.line.damaged
        )
        choose = finding and ask is Ask.CHOOSE and row is not None and row.other is not None
        allowed = {
            self.first: choose,
            self.second: choose,
            self.swap: finding and loan,
            self.clock: row is not None and not row.decision,
            self.hold: finding,
            self.drop: finding,
            self.correct: finding,
            self.undo: row is not None and bool(row.decision),
        }
        wanted = {
            # The other line is the one that comes first as long as nobody decides.
            Ask.CHOOSE: self.second,
            Ask.SWAP: self.swap,
            Ask.DROP: self.drop,
            Ask.HOLD: self.hold,
            Ask.CORRECT: self.correct,
            Ask.CLOCK: self.clock,
        }.get(ask)
        for part, can in allowed.items():
            part.setEnabled(can)
            name = "wanted" if can and part is wanted else ""
            if part.objectName() != name:
                part.setObjectName(name)
                part.style().unpolish(part)
                part.style().polish(part)
        for field in self.fields:
            field.setEnabled(finding)

    # -- deciding ------------------------------------------------------------------------------

    def _decide(self, act: str, *lines: LineView) -> None:
        if self._row is not None:
            self.decided.emit(DecisionMade(act, lines or (self._row.line,)))

    def _this_first(self) -> None:
        if self._row is not None and self._row.other is not None:
            self._decide("before", self._row.line, self._row.other)

    def _other_first(self) -> None:
        if self._row is not None and self._row.other is not None:
            self._decide("before", self._row.other, self._row.line)

    def _decide_all(self, act: str) -> None:
        """The same about every line that is chosen, in one decision."""
        lines = {row.line.key: row.line for row in self._chosen_rows() if _is_open(row)}
        if lines:
            self._decide(act, *lines.values())

    def _swap(self) -> None:
        self._decide_all("swap")

    def _hold(self) -> None:
        self._decide_all("hold")

    def _drop(self) -> None:
        self._decide_all("drop")

    def _clock(self) -> None:
        if self._row is not None:
            self.clock_wanted.emit(self._row.line.file)

    def _undo(self) -> None:
        undoes = tuple(row.decision for row in self._chosen_rows() if row.decision)
        if undoes:
            self.decided.emit(DecisionMade("undo", undoes=tuple(dict.fromkeys(undoes))))

    @property
    def change(self) -> tuple[str, str, str, str]:
        """What the fields say otherwise than the line: minute, operation, item and borrower."""
        assert self._row is not None
        line = self._row.line
        minute = self.minute.text().strip().replace(" ", "T")
        was = line.at.isoformat(timespec="minutes") if line.at is not None else ""
        operation = str(self.operation.currentData())
        old = line.operation.written.value if line.operation is not None else ""
        item, patron = self.item.text().strip(), self.patron.text().strip()
        if line.damaged:
            return minute, operation, item, patron  # nothing of it holds unless it is said
        return (
            minute if minute != was else "",
            operation if operation != old else "",
            item if item != line.item else "",
            patron if patron != line.patron else "",
        )

    def _correct(self) -> None:
        if self._row is not None and any(self.change):
            self.decided.emit(DecisionMade("correct", (self._row.line,), self.change))


def _is_open(row: CheckRow) -> bool:
    """Whether something can be decided about the line of a finding."""
    return not row.decision and bool(row.line.number) and bool(row.line.key)


def _raw(row: CheckRow) -> str:
    """The lines as they stand in their files, the other one below."""
    lines = [row.line] if row.other is None else [row.line, row.other]
    return "\n".join(line.shown for line in lines if line.shown)


def _pair(row: CheckRow | None) -> str:
    """Two lines about which something is asked, one under the other."""
    if row is None or row.other is None:
        return ""
    told = []
    for name, line in (
        (pgettext("pair", "This one"), row.line),
        (pgettext("pair", "The other"), row.other),
    ):
        operation = words.operation(line.operation) if line.operation is not None else "—"
        sign = operation_sign(line.operation)
        desk = line.desk or line.file
        told.append(f"{name} {sign} {operation} · {desk} · {line.number}")
    return "\n".join(told)
