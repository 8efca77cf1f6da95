"""The first step: the files of every desk, what each of them is, and the picture of the day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from offcirc import words
from offcirc.i18n import _, ngettext
from offcirc.referent import daydata
from offcirc.referent.daycard import DayCard
from offcirc.referent.figures import number
from offcirc.referent.filecheck import FileCheck
from offcirc.referent.filesmodel import FilesModel
from offcirc.referent.flow import Flow
from offcirc.referent.look import Look
from offcirc.referent.parts import button, card, heading, set_property
from offcirc.referent.table import Table


class CollectPage(QWidget):
    """The list of files.

    Signals:
        files_wanted: somebody wants to choose files.
        folder_wanted: somebody wants to choose a folder.
        changed: other files are on the list.
    """

    files_wanted = Signal()
    folder_wanted = Signal()
    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.model = FilesModel()
        self.model.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(1.1), look.px(0.8), look.px(1.1), look.px(0.8))
        column.setSpacing(look.px(0.7))
        column.addWidget(self._files_card(), 1)
        self.day = DayCard(look, self)
        column.addWidget(self.day)
        self.model.rowsInserted.connect(self._files_changed)
        self.model.rowsRemoved.connect(self._files_changed)
        self.model.dataChanged.connect(self._files_changed)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self._files_changed()

    def _files_card(self) -> QWidget:
        look = self._look
        frame, column = card(look, self)
        top = Flow(look.px(0.5))
        top.addWidget(heading(_("Files of the desks"), look, frame))
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
        self.table.setMinimumHeight(look.px(8))
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

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        (self.table if self.model.rowCount() else self.add_files).setFocus()

    @property
    def ready_files(self) -> list[FileCheck]:
        """The files that can be uploaded."""
        return [file for file in self.model.files if file.ready]

    @property
    def summary(self) -> str:
        """What is on the list, on one line; empty when nothing is."""
        ready = self.ready_files
        if not self.model.files:
            return ""
        lines = sum(file.lines for file in ready)
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
        self.table.fit()
        self.day.show_data(daydata.count(self._happenings()))
        self._chosen_changed()
        self.changed.emit()

    def _happenings(self) -> Iterator[daydata.Happening]:
        for file in self.ready_files:
            desk = self.model.shown_name(file)
            for at, operation, doubtful, count in file.quarters:
                yield daydata.Happening(desk, at, operation, doubtful, count)

    def _chosen_changed(self, *_selection: QItemSelection) -> None:
        self.remove.setEnabled(bool(self.table.selectionModel().selectedRows()))

    def mark_drop(self, *, over: bool) -> None:
        """Show that what is being dragged would be welcome, or that it is gone."""
        set_property(self.table, "drop", over)
