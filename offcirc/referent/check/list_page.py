"""A list kept elsewhere: how it was understood, put right where it must be, and then taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from offcirc import words
from offcirc.core.barcodes.rules import ANY, RuleSet
from offcirc.core.transaction import Operation
from offcirc.i18n import _, ngettext
from offcirc.referent.check.list_model import SHOWN, ListRowsModel
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.flow_layout import Flow, pair
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label
from offcirc.referent.kit.sidepanel import Facts, SidePanel, narrow
from offcirc.referent.kit.skeleton import TableAndPanel, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.upload.lists import listwords, moments
from offcirc.upload.lists.reading import ColumnUse, ListSheet
from offcirc.upload.lists.understanding import (
    ListLine,
    ListProblem,
    Told,
    Understanding,
    understand,
)

_NOTHING = Understanding((), ())


class ListTab(TableAndPanel):
    """The tab of a list.

    Attributes:
        found: how the list is understood.

    Signals:
        taken: the lines are to be put on the list of files.
    """

    taken = Signal()

    def __init__(self, look: ReferentLook) -> None:
        self.model = ListRowsModel(look)
        self.table = RowTable(look, _("Rows of the list"))
        self.panel = SidePanel(look)
        self._strip = QFrame()
        super().__init__(look, TableSheet(look, self.table, [self._strip]), self.panel)
        self.model.setParent(self)
        self.found = _NOTHING
        self._sheets: tuple[ListSheet, ...] = ()
        self._at = 0
        self._rules = ANY
        self._told = Told()
        self._wrong: ListLine | None = None
        self.table.setModel(self.model)
        self.table.set_empty_text(
            _(
                "Loans and returns written down elsewhere: choose the list or drop it here,\n"
                "or copy it in the spreadsheet or the mail, then paste it."
            ),
            drop=True,
        )
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.panel.stepped.connect(self._step)
        self._why = self.panel.add_text(look.text)
        self._asked = self.panel.add_text(look.text)
        self.panel.body.addStretch(1)
        self._make_strip()
        self._make_foot()
        self.show_list((), ANY)

    def _make_strip(self) -> None:
        """What the columns are, below the table; as many choices as it has columns."""
        look = self._look
        self._flow = Flow(look.px(0.5))
        self._flow.setContentsMargins(look.px(0.6), look.px(0.4), look.px(0.6), look.px(0.4))
        self._strip.setLayout(self._flow)
        self.sheets = QComboBox(self._strip)
        self.sheets.setAccessibleName(_("Sheet"))
        self.sheets.activated.connect(self._turn)
        self._flow.addWidget(self.sheets)
        self.uses: list[QComboBox] = []
        self._pairs: list[QWidget] = []
        for at in range(SHOWN):
            choice = QComboBox(self._strip)
            for use in ColumnUse:
                choice.addItem(listwords.use(use), use)
            letter = chr(ord("A") + at)
            choice.setAccessibleName(_("Column {letter}").format(letter=letter))
            choice.activated.connect(partial(self._used, at))
            title = label(f"{letter} :", look.text, self._strip, "faint")
            self.uses.append(choice)
            self._pairs.append(pair(title, choice, look.px(0.3)))
            self._flow.addWidget(self._pairs[-1])

    def _make_foot(self) -> None:
        look, panel = self._look, self.panel
        self.corrected = QLineEdit(panel)
        self.corrected.setFont(look.code)
        self.corrected.setAccessibleName(_("What it should be"))
        self.corrected.returnPressed.connect(self._correct)
        self.correct = button(_("Co&rrect"), look, panel, self._correct)
        row = QHBoxLayout()
        row.setSpacing(look.px(0.4))
        row.addWidget(self.corrected, 1)
        row.addWidget(self.correct)
        panel.foot.addLayout(row)
        self.operation = QComboBox(panel)
        self.operation.addItem(_("as the list says"))
        for operation in (Operation.LOAN, Operation.RETURN):
            self.operation.addItem(words.operation(operation))
        self.operation.activated.connect(self._retell)
        self.day = self._field(_("as the list says"))
        self.clock = self._field(_("as the list says"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.px(0.6))
        grid.setVerticalSpacing(look.px(0.2))
        grid.setColumnStretch(1, 1)
        names = (_("Opera&tion:"), _("Da&y:"), _("Ti&me:"))
        for at, (name, field) in enumerate(
            zip(names, (self.operation, self.day, self.clock), strict=True)
        ):
            title = label(name, look.text, panel, "faint")
            title.setBuddy(field)
            grid.addWidget(title, at, 0)
            grid.addWidget(field, at, 1)
        panel.foot.addLayout(grid)
        self.counts = Facts(look, [_("Loans"), _("Returns"), _("To be corrected")], panel)
        panel.foot.addWidget(self.counts)
        self.take = button("", look, panel, self.taken.emit, "primary")
        narrow(self.take)
        panel.foot.addWidget(self.take)

    def _field(self, hint: str) -> QLineEdit:
        field = QLineEdit(self.panel)
        field.setFont(self._look.text)
        field.setPlaceholderText(hint)
        field.editingFinished.connect(self._retell)
        return field

    def show_list(self, sheets: tuple[ListSheet, ...], rules: RuleSet) -> None:
        """Show the lists of a file; nothing when there is none."""
        self._sheets, self._rules, self._at = sheets, rules, 0
        self.sheets.clear()
        for sheet in sheets:
            self.sheets.addItem(_("Sheet {name}").format(name=sheet.name or "1"))
        self.sheets.setVisible(len(sheets) > 1)
        for field in (self.day, self.clock, self.corrected):
            field.clear()
        self.operation.setCurrentIndex(0)
        self._told = Told()
        self._understand()

    @property
    def ready(self) -> bool:
        """Whether something can be taken, and nothing is left open."""
        return bool(self.found.records) and not self.found.questions

    def _understand(self) -> None:
        now = datetime.now()  # noqa: DTZ005 - a list states local time, as OffCirc.dat does
        sheet = self._sheets[self._at] if self._sheets else None
        self.found = understand(sheet, self._rules, now, self._told) if sheet else _NOTHING
        self.model.show_list(sheet, self.found)
        last = self.model.last
        least = dict.fromkeys(range(1, last), 4.0) | {last: 8.0}
        self.table.shape(Shape(last, least=least, middle=frozenset(range(1, last))))
        self.table.fit()
        for at, (choice, around) in enumerate(zip(self.uses, self._pairs, strict=True)):
            known = at < len(self.found.columns)
            around.setVisible(known)
            if known:
                column = self.found.columns[at]
                choice.setCurrentIndex(list(ColumnUse).index(column.use))
                tip = _("{fitting} of {filled} cells fit")
                choice.setToolTip(tip.format(fitting=column.fitting, filled=column.filled))
        self._strip.setVisible(bool(self.found.columns) or len(self._sheets) > 1)
        self._tell()
        self._show_first()

    def _tell(self) -> None:
        found = self.found
        asked = [listwords.question(question) for question in found.questions]
        if found.american:
            asked.append(_("Days were read as month/day/year."))
        self.panel.say(self._asked, "\n".join(asked))
        loans, returns = (found.count(each) for each in (Operation.LOAN, Operation.RETURN))
        problems = len(found.problems)
        self.counts.show_values([number(one) for one in (loans, returns, problems)])
        count = len(found.records)
        text = ngettext("&Take {count} line", "&Take {count} lines", count)
        self.take.setText(text.format(count=number(count)))
        self.take.setEnabled(self.ready)

    def _show_first(self) -> None:
        """Go to the first row that asks for a look."""
        wrong = [row for row in range(self.model.rowCount()) if self.model.row(row).problem]
        if wrong:
            self.table.selectRow(wrong[0])
        self._chosen()

    def _step(self, by: int) -> None:
        at = self.table.currentIndex().row()
        rows = range(at + by, self.model.rowCount() if by > 0 else -1, by)
        for row in rows:
            if self.model.row(row).problem is not None:
                self.table.selectRow(row)
                return

    def _chosen(self, *_index: object) -> None:
        index = self.table.currentIndex()
        thing = self.model.row(index.row()) if index.isValid() else None
        self._wrong = thing.problem if thing is not None else None
        problems = self.found.problems
        title = _("Row {row}").format(row=thing.number) if thing is not None else ""
        self.panel.say(self.panel.title, title)
        self.panel.say(self._why, listwords.problem(self._wrong) if self._wrong else "")
        if self._wrong is not None:
            place = _("{place} of {count}")
            place = place.format(place=problems.index(self._wrong) + 1, count=len(problems))
            self.panel.show_mark(_("to be corrected"), Tone.BAD, place)
        elif self.found.questions:
            self.panel.show_mark(_("something is open"), Tone.LOOK)
        else:
            self.panel.show_mark("", Tone.PLAIN)
        self.corrected.setEnabled(self._wrong is not None)
        self.correct.setEnabled(self._wrong is not None)
        self.corrected.setText(_proposed(self._wrong) if self._wrong is not None else "")

    def _correct(self) -> None:
        if self._wrong is None:
            return
        where = (self._wrong.row - 1, self._wrong.place)
        put_right = self._told.corrected | {where: self.corrected.text().strip()}
        self._told = replace(self._told, corrected=put_right)
        self._understand()

    def _turn(self, at: int) -> None:
        self._at = at
        self._told = replace(self._told, uses=(), corrected={})
        self._understand()

    def _used(self, at: int, choice: int) -> None:
        uses = [column.use for column in self.found.columns]
        uses[at] = list(ColumnUse)[choice]
        self._told = replace(self._told, uses=tuple(uses))
        self._understand()

    def _retell(self, *_choice: object) -> None:
        day, clock = _moment(self.day), _moment(self.clock)
        told = replace(
            self._told,
            day=day if isinstance(day, date) else None,
            clock=clock if isinstance(clock, time) else None,
            operation=(None, Operation.LOAN, Operation.RETURN)[self.operation.currentIndex()],
        )
        if told != self._told:
            self._told = told
            self._understand()


def _proposed(wrong: ListLine) -> str:
    """What it may be; nothing where digits are lost, so that nobody takes the wrong ones."""
    if wrong.problem in (ListProblem.ROUNDED, ListProblem.TOO_MANY_DIGITS):
        return ""
    return wrong.detail or wrong.text


def _moment(field: QLineEdit) -> date | time | None:
    """The day or time typed; the field turns red when it is neither."""
    text = field.text().strip()
    found = moments.written(text) if text else None
    field.setProperty("wrong", bool(text) and found is None)
    field.style().unpolish(field)
    field.style().polish(field)
    if found is None:
        return None
    return found.day if found.day is not None else found.clock
