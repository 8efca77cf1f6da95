"""The second step: what was found in the lines, before any of them is sent."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from offcirc import words
from offcirc.core.datfile import Status
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.referent.cells import Tone
from offcirc.referent.checkmodel import RAW_SHOWN, CheckModel, CheckRow, Weight
from offcirc.referent.daycard import DayCard
from offcirc.referent.figures import number
from offcirc.referent.filecheck import FileCheck
from offcirc.referent.flow import Flow, pair
from offcirc.referent.look import Look
from offcirc.referent.parts import card, heading, label, set_property
from offcirc.referent.table import Table


class CheckPage(QWidget):
    """The findings.

    Signals:
        changed: other findings are listed.
    """

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._names: tuple[str, ...] = ()
        self.model = CheckModel(look)
        self.model.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(1.1), look.px(0.8), look.px(1.1), look.px(0.8))
        column.setSpacing(look.px(0.7))
        column.addWidget(self._findings_card(), 1)
        column.addWidget(self._panel())
        self.day = DayCard(look, self, merged=True)
        column.addWidget(self.day)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.model.modelReset.connect(self._listed)
        self._listed()

    def _findings_card(self) -> QWidget:
        look = self._look
        frame, column = card(look, self)
        bar = Flow(look.px(0.5))
        bar.addWidget(heading(_("What was found"), look, frame))
        self.show_label = label(_("Sho&w:"), look.text, frame, "faint")
        self.show_choice = QComboBox(frame)
        self.show_choice.setFont(look.text)
        self.show_choice.setAccessibleName(_("Which findings to show"))
        self.show_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        self.filter_label = label(_("F&ilter:"), look.text, frame, "faint")
        self.filter = QLineEdit(frame)
        self.filter.setFont(look.text)
        self.filter.setMinimumWidth(look.px(11))
        self.filter.setAccessibleName(_("Filter"))
        self.filter.setPlaceholderText(_("barcode, borrower, file…"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.model.set_words)
        bar.addWidget(pair(self.show_label, self.show_choice, look.px(0.4)))
        bar.addWidget(pair(self.filter_label, self.filter, look.px(0.4)))
        column.addLayout(bar)
        self.table = Table(look, _("What was found"), frame)
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.stretch(CheckModel.WHAT, most_lines=2, rows_in_sight=5, least=14)
        self.table.setMinimumHeight(look.px(8))
        column.addWidget(self.table, 1)
        return frame

    def _panel(self) -> QFrame:
        look = self._look
        self.panel, column = card(look, self)
        self.panel.setObjectName("detail")
        column.setSpacing(look.px(0.12))
        self.title = label("", look.strong, self.panel, wrap=True)
        self.why = label("", look.text, self.panel, wrap=True)
        self.raw = label("", look.code, self.panel, wrap=True)
        self.advice = label("", look.text, self.panel, wrap=True)
        for part in (self.title, self.why, self.raw, self.advice):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            part.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
            column.addWidget(part)
        return self.panel

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    @property
    def open_questions(self) -> int:
        """Lines that cannot be sent as they are."""
        return self.model.counts()[Weight.ERROR]

    def show_files(self, files: Sequence[FileCheck], names: Sequence[str]) -> None:
        """Show what was found in these files."""
        rows = [row for file, name in zip(files, names, strict=True) for row in rows_of(file, name)]
        rows.sort(key=lambda row: row.weight is not Weight.ERROR)
        if tuple(rows) == self.model.things:
            return
        self.model.show_things(rows)
        self._fill_choices()
        self.changed.emit()

    def _fill_choices(self) -> None:
        found = self.model.counts()
        texts = {
            None: _("Everything ({count})").format(count=number(sum(found.values()))),
            Weight.ERROR: _("Errors ({count})").format(count=number(found[Weight.ERROR])),
            Weight.WARNING: _("To look at ({count})").format(count=number(found[Weight.WARNING])),
            Weight.NOTE: _("Notes ({count})").format(count=number(found[Weight.NOTE])),
        }
        before = self.show_choice.currentData()
        self.show_choice.blockSignals(True)
        self.show_choice.clear()
        for weight, text in texts.items():
            if weight is None or found[weight]:
                self.show_choice.addItem(text, weight)
        self.show_choice.setCurrentIndex(max(self.show_choice.findData(before), 0))
        self.show_choice.blockSignals(False)
        self._show_changed(0)

    def _show_changed(self, _index: int) -> None:
        weight = self.show_choice.currentData()
        self.model.set_weight(Weight(weight) if weight is not None else None)

    def _listed(self) -> None:
        self.table.fit()
        self.table.set_empty_text(
            _("No finding holds these words.")
            if self.model.things
            else _("Nothing was found: every line can be sent.")
        )
        if self.model.rowCount():
            self.table.selectRow(0)
        else:
            self._explain(None)

    def _chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self.model.row(current.row()) if current.isValid() else None
        self._explain(row if isinstance(row, CheckRow) else None)

    def _explain(self, row: CheckRow | None) -> None:
        self.panel.setVisible(row is not None)
        if row is None:
            return
        place = _("Line {line} of {file}").format(line=row.place, file=row.file)
        self.title.setText(f"{place} · {row.name}")
        self.why.setText(row.text)
        self.raw.setText(row.raw)
        self.advice.setText(f"→ {row.act}")
        self.advice.setVisible(bool(row.act))
        tone = Tone.BAD if row.weight is Weight.ERROR else Tone.LOOK
        set_property(self.panel, "tone", tone.value)
        self.panel.setAccessibleName(" ".join((place, row.name, row.text, row.act)))


def rows_of(file: FileCheck, name: str) -> list[CheckRow]:
    """The findings of one file."""
    rows = []
    for finding in file.findings:
        entry = finding.entry
        record = entry.record
        error = entry.status is Status.ERROR
        lent = record is not None and record.operation is Operation.LOAN
        rows.append(
            CheckRow(
                weight=Weight.ERROR if error else Weight.WARNING,
                name=words.status(entry.status),
                text=words.verdict(entry),
                file=name,
                line=entry.number,
                last=finding.last,
                at=record.at if record is not None else None,
                operation=record.operation if record is not None else None,
                item=record.item if record is not None else "",
                patron=record.patron if record is not None and lent else "",
                raw=" ".join(entry.raw.decode("ascii", "backslashreplace").split())[:RAW_SHOWN],
            )
        )
    return rows
