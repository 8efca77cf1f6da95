"""The uploads of before: how each of them stands, and the way back to its report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from offcirc import words
from offcirc.i18n import _
from offcirc.referent.background import jobwords
from offcirc.referent.background.hits import HitRow, Hits
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.flow_layout import Flow, pair
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label, make_card
from offcirc.referent.kit.rows import RowsModel
from offcirc.referent.kit.skeleton import Skeleton, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.upload.report import uploadwords
from offcirc.upload.report.report import JobReport, JobStatus


class PastModel(RowsModel[JobReport]):
    """The uploads, newest first."""

    STARTED, STATUS, DESK, FILES, PROCESSED, EXCEPTIONS, WHO, PROCESS_ID = range(8)
    numbers = (PROCESSED, EXCEPTIONS)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("Started on"),
            _("Status"),
            _("Circulation desk"),
            _("Files"),
            _("Records"),
            _("Exceptions"),
            _("Uploaded by"),
            _("Process ID"),
        )

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        job = self._rows[row]
        texts = {
            self.STARTED: jobwords.minute(job.started),
            self.STATUS: "" if job.complete else jobwords.left(job),
            self.DESK: job.desk,
            self.FILES: ", ".join(file.name for file in job.files),
            self.PROCESSED: number(job.processed),
            self.EXCEPTIONS: number(job.exceptions),
            self.WHO: job.who,
            self.PROCESS_ID: job.process_id,
        }
        return texts[column]

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """How far the upload has come."""
        if column != self.STATUS:
            return None
        status = self._rows[row].status
        tone = Tone.GOOD if status is JobStatus.COMPLETED else Tone.LOOK
        return uploadwords.job_status(status), tone


class HistoryPage(Skeleton):
    """The list of uploads.

    Signals:
        report_wanted: somebody wants the report of an upload, a :class:`JobReport`.
        resume_wanted: somebody wants an unfinished upload to go on, a :class:`JobReport`.
    """

    report_wanted = Signal(object)
    resume_wanted = Signal(object)

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("Past uploads"), parent)
        self.model = PastModel()
        self.model.setParent(self)
        self.table = RowTable(look, _("Past uploads"), self)
        self.table.setModel(self.model)
        model = PastModel
        self.table.shape(
            Shape(
                model.FILES,
                least={model.FILES: 6, model.STATUS: 10, model.DESK: 5, model.WHO: 5},
                middle=frozenset({model.FILES}),
                drop=(model.PROCESS_ID, model.WHO, model.FILES),
            )
        )
        self.table.set_empty_text(_("Nothing has been uploaded from this PC yet."))
        self.table.doubleClicked.connect(lambda _index: self._open())
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.table)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self._open)
        self.add_tab(_("Past uploads"), TableSheet(look, self.table))
        self.search = SearchCard(look, self)
        self.add_tab(_("What happened to it?"), self.search)
        self.resume = button(_("Resu&me"), look, self, self._resume)
        self.open = button(_("&Open the report"), look, self, self._open, "primary")
        self.add_tools(self.resume, self.open)
        self.table.selectionModel().selectionChanged.connect(lambda *_gone: self._refresh())
        self._refresh()

    def show_jobs(self, jobs: Sequence[JobReport]) -> None:
        """Show these uploads, the newest chosen."""
        self.model.show_rows(list(jobs))
        self.table.fit()
        if jobs:
            self.table.selectRow(0)
        self._refresh()

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    @property
    def chosen(self) -> JobReport | None:
        """The upload chosen."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.row(rows[0].row()) if rows else None

    def _open(self) -> None:
        if self.chosen is not None:
            self.report_wanted.emit(self.chosen)

    def _resume(self) -> None:
        if self.chosen is not None:
            self.resume_wanted.emit(self.chosen)

    def _refresh(self) -> None:
        job = self.chosen
        self.open.setEnabled(job is not None)
        resumable = job is not None and not job.complete and job.status is not JobStatus.WAITING
        self.resume.setEnabled(resumable)


_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d")


class HitsModel(Listing[HitRow]):
    """The lines found."""

    TIME, STATE, OPERATION, ITEM, PATRON, JOB = range(6)
    numbers = (JOB,)

    def __init__(self, look: ReferentLook) -> None:
        super().__init__()
        self._code_font: QFont = look.code

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("Time"),
            _("What became of it"),
            _("Operation"),
            _("Item"),
            _("Borrower"),
            _("Upload"),
        )

    def cell(self, thing: HitRow, column: int) -> str:
        """What is said of a line in a column."""
        if column == self.TIME:
            return words.when(thing.at) if thing.at is not None else ""
        if column == self.OPERATION:
            return words.operation(thing.operation) if thing.operation is not None else ""
        texts = {
            self.STATE: thing.story[-1] if thing.story else "",
            self.ITEM: thing.item,
            self.PATRON: thing.patron,
            self.JOB: str(thing.job),
        }
        return texts[column]

    def cell_mark(self, thing: HitRow, column: int) -> tuple[str, Tone] | None:
        """What became of it."""
        return (thing.state, thing.tone) if column == self.STATE else None

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code_font if column in (self.ITEM, self.PATRON) else None


class SearchCard(QFrame):
    """The question, and what was found.

    Signals:
        wanted: something is looked for: a text, and a day or ``None``.
        more_wanted: older lines are wanted.
    """

    wanted = Signal(str, object)
    more_wanted = Signal()

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        column = make_card(self, look)
        bar = Flow(look.px(0.5))
        self.text = self._field(look, _("Barcode or borrower"), 11)
        self.day = self._field(look, _("Day"), 6)
        self.day.setPlaceholderText(words.day(date(2018, 5, 31)))
        text_label = label(_("B&arcode or borrower:"), look.text, self, "faint")
        bar.addWidget(pair(text_label, self.text, look.px(0.4)))
        bar.addWidget(pair(label(_("Day:"), look.text, self, "faint"), self.day, look.px(0.4)))
        self.search = button(_("&Search"), look, self, self._search)
        bar.addWidget(self.search)
        column.addLayout(bar)
        self.model = HitsModel(look)
        self.model.setParent(self)
        self.table = RowTable(look, _("Lines found"), self)
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        model = HitsModel
        self.table.shape(
            Shape(
                model.STATE,
                least={model.STATE: 11, model.ITEM: 7.1, model.PATRON: 7.3},
                middle=frozenset({model.ITEM, model.PATRON}),
            )
        )
        self.sheet = TableSheet(look, self.table)
        column.addWidget(self.sheet, 1)
        self.told = label("", look.text, self, wrap=True)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.told)
        self.more = button(_("Ol&der ones"), look, self, self.more_wanted.emit)
        column.addWidget(self.more)
        column.addStretch(0)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.clear()

    def _field(self, look: ReferentLook, name: str, least: float) -> QLineEdit:
        field = QLineEdit(self)
        field.setFont(look.code)
        field.setMinimumWidth(look.px(least))
        field.setAccessibleName(name)
        field.setClearButtonEnabled(True)
        field.returnPressed.connect(self._search)
        return field

    def clear(self) -> None:
        """Show nothing found."""
        self.model.show_things(())
        for part in (self.sheet, self.told, self.more):
            part.hide()

    def show_hits(self, found: Hits, *, added: bool = False) -> None:
        """Show what was found; ``added`` when it comes after what is shown."""
        row = self.model.rowCount() if added else 0
        self.model.show_things((*self.model.things, *found.rows) if added else found.rows)
        self.sheet.show()
        self.table.set_empty_text(_("No upload had a line like that."))
        self.table.fit()
        self.more.setVisible(found.more)
        self.told.setText(_("No code begins like that; these hold it.") if found.anywhere else "")
        self.told.setVisible(found.anywhere)
        if self.model.rowCount():
            self.table.selectRow(min(row, self.model.rowCount() - 1))
            self.table.setFocus()

    def _search(self) -> None:
        text, day = self.text.text().strip(), parse_day(self.day.text())
        if self.day.text().strip() and day is None:
            self.told.setText(
                _("A day is written like {day}.").format(day=words.day(date(2018, 5, 31)))
            )
            self.told.show()
            return
        if text or day is not None:
            self.wanted.emit(text, day)
        else:
            self.clear()

    def _chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self.model.row(current.row()) if current.isValid() else None
        if row is not None and not isinstance(row, Heading):
            self.told.setText("\n".join((row.place, *(f"• {told}" for told in row.story))))
            self.told.show()


def parse_day(text: str) -> date | None:
    """A day as people write it; ``None`` when it cannot be read."""
    for form in _FORMS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day alone
        except ValueError:
            continue
    return None
