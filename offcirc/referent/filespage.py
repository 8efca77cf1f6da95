"""The first step: which files, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QVBoxLayout, QWidget

from offcirc import words
from offcirc.i18n import _, ngettext
from offcirc.referent.figures import number
from offcirc.referent.filecheck import FileCheck
from offcirc.referent.filesmodel import FilesModel, FindingsModel
from offcirc.referent.look import Look
from offcirc.referent.parts import button, card, label, set_property
from offcirc.referent.table import Table


class FilesPage(QWidget):
    """The list of files.

    Signals:
        files_wanted: somebody wants to choose files.
        folder_wanted: somebody wants to choose a folder.
        go_on: the next step is wanted.
        changed: other files are on the list.
    """

    files_wanted = Signal()
    folder_wanted = Signal()
    go_on = Signal()
    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.model = FilesModel()
        self.model.setParent(self)
        self.findings = FindingsModel(look.code)
        self.findings.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(1.1), look.px(0.9), look.px(1.1), look.px(0.9))
        column.setSpacing(look.px(0.7))
        column.addWidget(self._files_card(), 3)
        column.addWidget(self._findings_card(), 2)
        column.addLayout(self._foot())
        self.model.rowsInserted.connect(self._files_changed)
        self.model.rowsRemoved.connect(self._files_changed)
        self.model.dataChanged.connect(self._files_changed)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self._files_changed()

    def _files_card(self) -> QWidget:
        look = self._look
        frame, column = card(look, self)
        top = QHBoxLayout()
        top.setSpacing(look.px(0.5))
        title = label(_("Files of the desks"), look.heading, frame)
        top.addWidget(title)
        top.addStretch(1)
        self.add_files = button(_("&Add files…"), look, frame, self.files_wanted.emit)
        self.add_folder = button(_("Add a f&older…"), look, frame, self.folder_wanted.emit)
        self.remove = button(_("Remo&ve from the list"), look, frame, self.remove_chosen)
        for part in (self.add_files, self.add_folder, self.remove):
            top.addWidget(part)
        column.addLayout(top)
        self.table = Table(look, _("Files of the desks"), frame)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setModel(self.model)
        self.table.stretch(FilesModel.CHECK, most_lines=2)
        self.table.setAcceptDrops(False)
        self.table.set_empty_text(
            _(
                "Drop the OffCirc.dat files of every desk here, or whole folders.\n"
                "All files together are put into one order."
            ),
            drop=True,
        )
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_chosen)
        column.addWidget(self.table, 1)
        return frame

    def _findings_card(self) -> QWidget:
        look = self._look
        self._findings, column = card(look, self)
        self._findings_title = label("", look.strong, self._findings)
        column.addWidget(self._findings_title)
        self.findings_table = Table(look, _("Lines that are not plainly fine"), self._findings)
        self.findings_table.setModel(self.findings)
        self.findings_table.stretch(FindingsModel.WHAT, most_lines=3)
        column.addWidget(self.findings_table, 1)
        return self._findings

    def _foot(self) -> QHBoxLayout:
        look = self._look
        row = QHBoxLayout()
        self.summary = label("", look.text, self, "faint", wrap=True)
        row.addWidget(self.summary, 1)
        self.next = button(_("&Continue"), look, self, self.go_on.emit, "primary")
        row.addWidget(self.next)
        return row

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        (self.table if self.model.rowCount() else self.add_files).setFocus()

    @property
    def ready_files(self) -> list[FileCheck]:
        """The files that can be uploaded."""
        return [file for file in self.model.files if file.ready]

    def remove_chosen(self) -> None:
        """Take the chosen files off the list."""
        rows = [index.row() for index in self.table.selectionModel().selectedRows()]
        self.model.remove(rows)

    def choose(self, path: Path) -> None:
        """Select a file of the list."""
        for row, file in enumerate(self.model.files):
            if file.path == path:
                self.table.selectRow(row)

    def _files_changed(self) -> None:
        ready = self.ready_files
        lines = sum(file.lines for file in ready)
        self.next.setEnabled(lines > 0)
        self.summary.setText(self._summary(ready, lines))
        self.table.fit()
        self._chosen_changed()
        self.changed.emit()

    def _summary(self, ready: list[FileCheck], lines: int) -> str:
        if not self.model.files:
            return ""
        parts = [
            ngettext("{count} file", "{count} files", len(ready)).format(count=len(ready)),
            ngettext("{count} line", "{count} lines", lines).format(count=number(lines)),
        ]
        firsts = [file.first for file in ready if file.first]
        lasts = [file.last for file in ready if file.last]
        if firsts and lasts:
            first, last = words.when(min(firsts)), words.when(max(lasts))
            parts.append(_("from {first} to {last}").format(first=first, last=last))
        left_out = len(self.model.files) - len(ready)
        if left_out:
            text = ngettext("{count} file left out", "{count} files left out", left_out)
            parts.append(text.format(count=left_out))
        return " · ".join(parts)

    def _chosen_changed(self, *_selection: QItemSelection) -> None:
        rows = self.table.selectionModel().selectedRows()
        self.remove.setEnabled(bool(rows))
        row = rows[0].row() if len(rows) == 1 else self._only_doubtful()
        file = self.model.row(row) if row is not None else None
        shown = file is not None and bool(file.findings)
        self._findings.setVisible(shown)
        if file is None or not shown:
            return
        self.findings.show_rows(file.findings)
        text = _("{file}: lines that are not plainly fine").format(file=self.model.shown_name(file))
        self._findings_title.setText(text)
        self.findings_table.fit()

    def _only_doubtful(self) -> int | None:
        """The row whose lines to show while no file is chosen: the first with a fault."""
        doubtful = [row for row, file in enumerate(self.model.files) if file.findings]
        # Lines that cannot be sent matter more than those that only deserve a look.
        return max(doubtful, key=lambda row: bool(self.model.row(row).errors), default=None)

    def mark_drop(self, *, over: bool) -> None:
        """Show that what is being dragged would be welcome, or that it is gone."""
        set_property(self.table, "drop", over)
