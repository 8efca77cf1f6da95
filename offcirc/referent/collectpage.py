"""The first step: the files of every desk, what each of them is, and the picture of the day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from offcirc import words
from offcirc.i18n import _, ngettext
from offcirc.referent.clockrow import ClockRow
from offcirc.referent.daycard import DayCard
from offcirc.referent.figures import number
from offcirc.referent.flow import Flow
from offcirc.referent.inspection import SourceRow
from offcirc.referent.look import Look
from offcirc.referent.parts import button, card, heading, set_property
from offcirc.referent.sourcesmodel import SourcesModel
from offcirc.referent.table import Table

if TYPE_CHECKING:
    from offcirc.upload.collect import Scan


class CollectPage(QWidget):
    """The list of files.

    Signals:
        files_wanted: somebody wants to choose files.
        folder_wanted: somebody wants to choose a folder.
        collection_wanted: somebody wants the copies that the desks leave.
        removed: files were taken off the list.
        decided: somebody says how wrong a clock was, a :class:`Verdict`.
        changed: other files are on the list, or more is known of them.
    """

    files_wanted = Signal()
    folder_wanted = Signal()
    collection_wanted = Signal()
    removed = Signal()
    decided = Signal(object)
    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._kept: Path | None = None
        self._scan = ""
        self.model = SourcesModel()
        self.model.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(1.1), look.px(0.8), look.px(1.1), look.px(0.8))
        column.setSpacing(look.px(0.7))
        column.addWidget(self._files_card(), 1)
        self.day = DayCard(look, self)
        column.addWidget(self.day)
        self.model.modelAboutToBeReset.connect(self._keep)
        self.model.modelReset.connect(self._files_changed)
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
        self.collection = button(
            _("From the collec&tion folder"), look, frame, self.collection_wanted.emit
        )
        self.collection.hide()
        for part in (self.add_files, self.add_folder, self.collection, self.remove):
            top.addWidget(part)
        column.addLayout(top)
        self.table = Table(look, _("Files of the desks"), frame)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.stretch(SourcesModel.STANDING, most_lines=2, least=10)
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
        self.clock = ClockRow(look, frame)
        self.clock.decided.connect(self.decided)
        column.addWidget(self.clock)
        return frame

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        (self.table if self.model.rowCount() else self.add_files).setFocus()

    @property
    def ready_files(self) -> list[SourceRow]:
        """The files that can be uploaded."""
        return self.model.ready

    @property
    def summary(self) -> str:
        """What is on the list, on one line; empty when nothing is."""
        ready = self.ready_files
        if self._scan:
            return self._scan
        if not self.model.things:
            return ""
        lines = sum(file.lines for file in ready if file.taken)
        parts = [
            ngettext("{count} file", "{count} files", len(ready)).format(count=len(ready)),
            ngettext("{count} line", "{count} lines", lines).format(count=number(lines)),
        ]
        firsts = [file.first for file in ready if file.first]
        lasts = [file.last for file in ready if file.last]
        if firsts and lasts:
            first, last = words.when(min(firsts)), words.when(max(lasts))
            parts.append(_("from {first} to {last}").format(first=first, last=last))
        left_out = sum(row.read and not row.ready for row in self.model.things)
        if left_out:
            text = ngettext("{count} file left out", "{count} files left out", left_out)
            parts.append(text.format(count=left_out))
        return " · ".join(parts)

    def show_scan(self, scan: Scan | None) -> None:
        """Tell how far reading the files is; ``None`` when it begins or is over."""
        self._scan = ""
        if scan is not None and scan.done < scan.files:
            text = _("Reading {name}: file {number} of {count}…")
            self._scan = text.format(name=scan.name, number=scan.done + 1, count=scan.files)

    def remove_chosen(self) -> None:
        """Take the chosen files off the list."""
        chosen = self._chosen()
        if chosen:
            self.model.remove(chosen)
            self.removed.emit()

    def choose(self, path: Path) -> None:
        """Select a file of the list."""
        for row in range(self.model.rowCount()):
            thing = self.model.row(row)
            if isinstance(thing, SourceRow) and thing.path == path:
                self.table.selectRow(row)

    def _chosen(self) -> list[SourceRow]:
        rows = [index.row() for index in self.table.selectionModel().selectedRows()]
        return [thing for thing in map(self.model.row, rows) if isinstance(thing, SourceRow)]

    def _keep(self) -> None:
        chosen = self._chosen()
        self._kept = chosen[0].path if len(chosen) == 1 else None

    def _files_changed(self) -> None:
        clocks = any(row.clock for row in self.model.things)
        self.table.setColumnHidden(SourcesModel.CLOCK, not clocks)
        self.table.fit()
        if self._kept is not None:
            self.choose(self._kept)
        self._chosen_changed()
        self.changed.emit()

    def _chosen_changed(self, *_selection: QItemSelection) -> None:
        chosen = self._chosen()
        self.remove.setEnabled(bool(chosen))
        self.clock.show_source(chosen[0] if len(chosen) == 1 else None)

    def mark_drop(self, *, over: bool) -> None:
        """Show that what is being dragged would be welcome, or that it is gone."""
        set_property(self.table, "drop", over)
