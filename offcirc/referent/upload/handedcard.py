"""The files that people carry to a library system, in the order in which they are uploaded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from offcirc import words
from offcirc.i18n import _
from offcirc.referent.background.almawork import AwaitedFile
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.flow_layout import Flow
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label, make_card
from offcirc.referent.kit.rows import RowsModel
from offcirc.referent.kit.skeleton import TableSheet
from offcirc.referent.kit.table import RowTable, Shape


class HandedModel(RowsModel[AwaitedFile]):
    """The files that wait."""

    PLACE, FILE, DESK, LINES, FIRST, LAST = range(6)
    numbers = (LINES,)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("Order"),
            _("File"),
            _("Where to"),
            _("Lines"),
            _("First"),
            _("Last"),
        )

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        one = self._rows[row]
        desk = " · ".join(part for part in (one.system, one.desk, one.library) if part)
        texts = {
            self.PLACE: _("{place} of {places}").format(place=one.place, places=one.places),
            self.FILE: one.path.name,
            self.DESK: desk,
            self.LINES: number(one.lines),
            self.FIRST: words.when(one.first) if one.first else "",
            self.LAST: words.when(one.last) if one.last else "",
        }
        return texts[column]

    def tip(self, row: int, column: int) -> str:
        """Where the file is; else what the cell says."""
        return str(self._rows[row].path) if column == self.FILE else self.text(row, column)


class HandedCard(QFrame):
    """The files that are not answered for yet.

    Signals:
        folder_wanted: somebody wants to see the folder of a file, a :class:`AwaitedFile`.
        checklist_wanted: somebody wants the checklist that goes with it.
        report_wanted: somebody has Alma's report.
        look_wanted: somebody wants the lines of a file looked up, a :class:`AwaitedFile`.
        filled: how many files wait.
    """

    folder_wanted = Signal(object)
    checklist_wanted = Signal(object)
    report_wanted = Signal()
    look_wanted = Signal(object)
    filled = Signal(int)

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        column = make_card(self, look)
        bar = Flow(look.px(0.5))
        self.checklist = button(_("Open the che&cklist"), look, self, self._checklist)
        self.folder = button(_("Open the&ir folder"), look, self, self._folder)
        self.report = button(_("Read Alma’s re&port…"), look, self, self.report_wanted.emit)
        self.look_back = button(_("Look the lines &up there"), look, self, self._look_back)
        for part in (self.checklist, self.folder, self.report, self.look_back):
            bar.addWidget(part)
        text = _(
            "Upload them in the library system by hand, in this order. Alma shows or mails a report"
            " then: drop it on this window. Elsewhere, have the lines looked up."
        )
        column.addWidget(label(text, look.text, self, "faint", wrap=True))
        column.addLayout(bar)
        self.model = HandedModel()
        self.model.setParent(self)
        self.table = RowTable(look, _("Files that wait for an answer"), self)
        self.table.setModel(self.model)
        self.table.selectionModel().currentRowChanged.connect(self._offer)
        model = HandedModel
        self.table.shape(
            Shape(
                model.FILE,
                least={model.FILE: 8, model.DESK: 6},
                middle=frozenset({model.FILE}),
                drop=(model.LAST, model.FIRST),
            )
        )
        column.addWidget(TableSheet(look, self.table), 1)

    def show_waiting(self, rows: Sequence[AwaitedFile]) -> None:
        """Show the files that wait."""
        self.model.show_rows(list(rows))
        self.table.fit()
        if rows:
            self.table.selectRow(0)
        self._offer()
        self.filled.emit(len(rows))

    def _offer(self) -> None:
        """Offer the way in which the file chosen is answered for."""
        chosen = self._chosen()
        reports = chosen is None or chosen.reports
        self.report.setVisible(reports)
        self.look_back.setVisible(not reports)

    def _look_back(self) -> None:
        if self._chosen() is not None:
            self.look_wanted.emit(self._chosen())

    def _chosen(self) -> AwaitedFile | None:
        row = self.table.currentIndex().row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _folder(self) -> None:
        if self._chosen() is not None:
            self.folder_wanted.emit(self._chosen())

    def _checklist(self) -> None:
        if self._chosen() is not None:
            self.checklist_wanted.emit(self._chosen())
