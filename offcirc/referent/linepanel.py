"""One finding: both lines as they stand in their files, and what can be decided about them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QSizePolicy, QWidget

from offcirc import words
from offcirc.core.datparts import glimpse
from offcirc.core.transaction import Operation
from offcirc.i18n import _, pgettext
from offcirc.referent.cells import Heading, Tone
from offcirc.referent.deciding import Verdict
from offcirc.referent.flow import Flow, pair
from offcirc.referent.inspection import Ask, CheckRow, LineView, Weight
from offcirc.referent.look import Look
from offcirc.referent.parts import button, label, make_card, set_property

_TONES = {
    Weight.ERROR: Tone.BAD,
    Weight.WARNING: Tone.LOOK,
    Weight.NOTE: Tone.PLAIN,
    Weight.DECIDED: Tone.GOOD,
}


class LinePanel(QFrame):
    """A finding, and the ways to deal with it.

    Signals:
        decided: somebody decides something, a :class:`Verdict`.
        clock_wanted: the clock of a file is to be set; the file's name.
    """

    decided = Signal(object)
    clock_wanted = Signal(str)

    def __init__(
        self, look: Look, chosen_rows: Callable[[], list[CheckRow]], parent: QWidget
    ) -> None:
        """Make it empty.

        Args:
            look: type and sizes.
            chosen_rows: tells the findings that are selected in the table.
            parent: the page.
        """
        super().__init__(parent)
        self._look = look
        self._chosen_rows = chosen_rows
        self._row: CheckRow | None = None
        column = make_card(self, look)
        self.setObjectName("detail")
        column.setSpacing(look.px(0.3))
        self.title = label("", look.heading, self, wrap=True)
        self.why = label("", look.text, self, wrap=True)
        self.raw = label("", look.code, self, wrap=True)
        self.advice = label("", look.text, self, wrap=True)
        self.who = label("", look.small, self, "faint", wrap=True)
        for part in (self.title, self.why, self.raw, self.advice, self.who):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(part)
        self._acts = QWidget(self)
        row = Flow(look.px(0.4))
        self._acts.setLayout(row)
        self.first = button(_("&This one came first"), look, self, self._this_first)
        self.second = button(_("The &other one came first"), look, self, self._other_first)
        self.clock = button(_("&Set its clock"), look, self, self._clock)
        self.swap = button(_("&Swap item and borrower"), look, self, self._swap)
        self.hold = button(_("Hold b&ack"), look, self, self._hold)
        self.drop = button(_("&Do not send"), look, self, self._drop)
        self.undo = button(_("U&ndo the decision"), look, self, self._undo)
        acts = (self.first, self.second, self.clock, self.swap, self.hold, self.drop, self.undo)
        for act in acts:
            row.addWidget(act)
        column.addWidget(self._acts)
        self._form = self._make_form()
        column.addWidget(self._form)
        column.addStretch(1)
        self.show_row(None)

    def _make_form(self) -> QWidget:
        look = self._look
        form = QWidget(self)
        row = Flow(look.px(0.4))
        form.setLayout(row)
        self.item = self._field(form, _("Item barcode"), 10)
        self.patron = self._field(form, _("Borrower"), 10)
        self.minute = self._field(form, _("Time"), 9)
        self.minute.setPlaceholderText("2018-05-31 14:05")
        self.operation = QComboBox(form)
        self.operation.setFont(look.text)
        self.operation.setAccessibleName(_("Operation"))
        for operation in Operation:
            self.operation.addItem(words.operation(operation), operation.value)
        for name, field in (
            (_("Ite&m:"), self.item),
            (pgettext("correct", "Borrower:"), self.patron),
            (pgettext("correct", "Time:"), self.minute),
            (pgettext("correct", "Operation:"), self.operation),
        ):
            row.addWidget(pair(label(name, look.text, form, "faint"), field, look.px(0.4)))
        self.correct = button(_("&Put it right"), look, form, self._correct)
        row.addWidget(self.correct)
        return form

    def _field(self, form: QWidget, name: str, least: float) -> QLineEdit:
        field = QLineEdit(form)
        field.setFont(self._look.code)
        field.setMinimumWidth(self._look.px(least))
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.setAccessibleName(name.replace("&", ""))
        field.returnPressed.connect(self._correct)
        return field

    def show_row(self, row: CheckRow | Heading | None) -> None:
        """Show a finding, a kind of them, or nothing."""
        self.setEnabled(row is not None)
        if isinstance(row, Heading):
            self._row = None
            self._say(row.name, "", "", row.advice, "")
            tone = row.tone
        elif row is None:
            self._row = None
            self._say("", "", "", "", "")
            tone = Tone.PLAIN
        else:
            same = self._row is not None and self._row.line == row.line
            self._row = row
            place = _("Line {line} of {file}").format(line=row.line.number, file=row.line.file)
            title = place if row.line.number else row.line.file
            self._say(f"{row.name} · {title}", row.text, _raw(row), row.act, row.who)
            tone = _TONES[row.weight]
            if not same:
                self._fill(row.line)
        set_property(self, "tone", tone.value)
        self._allow()

    def _say(self, title: str, why: str, raw: str, advice: str, who: str) -> None:
        for part, text in (
            (self.title, title),
            (self.why, why),
            (self.raw, raw),
            (self.advice, f"→ {advice}" if advice else ""),
            (self.who, who),
        ):
            part.setText(text)
            part.setVisible(bool(text))
        self.setAccessibleName(" ".join(filter(None, (title, why, advice, who))))

    def _fill(self, line: LineView) -> None:
        # Of a damaged line, what can be read; it counts as changed, for the line does not say it.
        seen = glimpse(line.raw) if line.operation is None else line
        self.item.setText(seen.item)
        self.patron.setText(seen.patron)
        self.minute.setText(seen.at.isoformat(" ", "minutes") if seen.at is not None else "")
        value = seen.operation.value if seen.operation is not None else Operation.LOAN.value
        self.operation.setCurrentIndex(self.operation.findData(value))

    def _allow(self) -> None:
        row = self._row
        finding = row is not None and _is_open(row)
        ask = row.ask if row is not None else Ask.NOTHING
        loan = row is not None and row.line.operation is Operation.LOAN
        choose = finding and ask is Ask.CHOOSE and row is not None and row.other is not None
        self.first.setVisible(choose)
        self.second.setVisible(choose)
        self.swap.setVisible(finding and loan and ask in (Ask.SWAP, Ask.CORRECT))
        self.hold.setVisible(finding)
        self.drop.setVisible(finding)
        self.undo.setVisible(row is not None and bool(row.decision))
        clock = row is not None and ask is Ask.CLOCK and not row.decision
        self.clock.setVisible(clock)
        self._acts.setVisible(finding or clock or (row is not None and bool(row.decision)))
        self._form.setVisible(finding)
        wanted = {
            Ask.CHOOSE: self.first,
            Ask.SWAP: self.swap,
            Ask.DROP: self.drop,
            Ask.HOLD: self.hold,
            Ask.CORRECT: self.correct,
            Ask.CLOCK: self.clock,
        }.get(ask)
        for part in (self.first, self.clock, self.swap, self.hold, self.drop, self.correct):
            name = "wanted" if part is wanted else ""
            if part.objectName() != name:
                part.setObjectName(name)
                part.style().unpolish(part)
                part.style().polish(part)

    # -- deciding ------------------------------------------------------------------------------

    def _decide(self, act: str, *lines: LineView) -> None:
        if self._row is not None:
            self.decided.emit(Verdict(act, lines or (self._row.line,)))

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
            self.decided.emit(Verdict("undo", undoes=tuple(dict.fromkeys(undoes))))

    @property
    def change(self) -> tuple[str, str, str, str]:
        """What the fields say otherwise than the line: minute, operation, item and borrower."""
        assert self._row is not None
        line = self._row.line
        minute = self.minute.text().strip().replace(" ", "T")
        was = line.at.isoformat(timespec="minutes") if line.at is not None else ""
        operation = str(self.operation.currentData())
        old = line.operation.value if line.operation is not None else ""
        item, patron = self.item.text().strip(), self.patron.text().strip()
        return (
            minute if minute != was else "",
            operation if operation != old else "",
            item if item != line.item else "",
            patron if patron != line.patron else "",
        )

    def _correct(self) -> None:
        if self._row is not None and any(self.change):
            self.decided.emit(Verdict("correct", (self._row.line,), self.change))


def _is_open(row: CheckRow) -> bool:
    """Whether something can be decided about the line of a finding."""
    return not row.decision and bool(row.line.number) and bool(row.line.key)


def _raw(row: CheckRow) -> str:
    """The lines as they stand in their files, the other one below."""
    lines = [row.line] if row.other is None else [row.line, row.other]
    if len(lines) == 1:
        return row.line.shown
    return "\n".join(f"{line.file} : {line.number}\n{line.shown}" for line in lines)
