"""The first step: the files of every desk, what each of them is, and the picture of the day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from offcirc import words
from offcirc.i18n import _, ngettext
from offcirc.referent.background.inspection import SourceRow
from offcirc.referent.check.clockrow import ClockRow
from offcirc.referent.check.collect_model import SourcesModel
from offcirc.referent.check.list_page import ListTab
from offcirc.referent.day.daycard import DayCard
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, set_property
from offcirc.referent.kit.skeleton import Skeleton, TableSheet
from offcirc.referent.kit.table import RowTable, Shape

if TYPE_CHECKING:
    from offcirc.upload.lines.collect import CollectProgress


class CollectPage(Skeleton):
    """The list of files.

    Signals:
        files_wanted: somebody wants to choose files.
        folder_wanted: somebody wants to choose a folder.
        collection_wanted: somebody wants the copies that the desks leave.
        list_wanted: somebody wants to take a list that was kept elsewhere.
        paste_wanted: the same, of what was copied.
        removed: files were taken off the list.
        decided: somebody says how wrong a clock was, a :class:`Verdict`.
        changed: other files are on the list, or more is known of them.
    """

    files_wanted = Signal()
    folder_wanted = Signal()
    collection_wanted = Signal()
    list_wanted = Signal()
    paste_wanted = Signal()
    removed = Signal()
    decided = Signal(object)
    changed = Signal()

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("Files of the desks"), parent)
        self._kept: Path | None = None
        self._reading = ""
        self.model = SourcesModel()
        self.model.setParent(self)
        self.clock = ClockRow(look, self)
        self.clock.decided.connect(self.decided)
        self.table = self._make_table()
        self.add_tab(_("Files of the desks"), TableSheet(look, self.table, [self.clock]))
        self.day = DayCard(look, self)
        self.add_tab(_("The day"), self.day)
        self.list = ListTab(look)
        self.list_tab = self.add_tab(_("A list"), self.list)
        self._make_tools()
        self.model.modelAboutToBeReset.connect(self._keep)
        self.model.modelReset.connect(self._files_changed)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self._files_changed()

    def _make_tools(self) -> None:
        look = self._look
        self.filter = self.add_filter(_("file or desk…"))
        self.filter.setMinimumWidth(look.px(6))  # three tabs stand on the same line
        self.filter.textChanged.connect(self.model.set_words)
        self.add_files = button(_("&Add files…"), look, self, self.files_wanted.emit)
        self.add_folder = button(_("Add a f&older…"), look, self, self.folder_wanted.emit)
        self.collection = button(
            _("From the collec&tion folder"), look, self, self.collection_wanted.emit
        )
        self.remove = button(_("Remo&ve from the list"), look, self, self.remove_chosen)
        self.add_tools(self.add_files, self.add_folder, self.collection, self.remove)
        self.want(self.collection, wanted=False)
        self.choose_list = button(_("Choose a &list…"), look, self, self.list_wanted.emit)
        self.paste = button(_("&Paste a list"), look, self, self.paste_wanted.emit)
        self.add_tools(self.choose_list, self.paste, tab=self.list_tab)

    def _make_table(self) -> RowTable:
        table = RowTable(self._look, _("Files of the desks"), self)
        table.list_groups(self.model, self.model.toggle)
        model = SourcesModel
        table.shape(
            Shape(
                model.FILE,
                least={model.FILE: 12, model.STANDING: 12, model.DESK: 8},
                middle=frozenset({model.FILE}),
                drop=(model.CLOCK, model.LAST),
            )
        )
        table.setAcceptDrops(False)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_chosen)
        return table

    def _empty_text(self) -> None:
        if self._reading:
            self.table.set_empty_text(self._reading)
            return
        if self.model.things:
            self.table.set_empty_text(_("No file or desk holds these words."))
            return
        self.table.set_empty_text(
            _(
                "Drop the OffCirc.dat files of every desk here, or whole folders.\n"
                "All files together are put into one order."
            ),
            drop=True,
        )

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        (self.table if self.model.rowCount() else self.add_files).setFocus()

    @property
    def ready_files(self) -> list[SourceRow]:
        """The files that can be uploaded."""
        return self.model.ready

    @property
    def reading(self) -> bool:
        """Whether something is being looked for or read."""
        return bool(self._reading)

    @property
    def summary(self) -> str:
        """What is on the list, on one line; empty when nothing is."""
        ready = self.ready_files
        if self._reading:
            return self._reading
        if not self.model.things:
            return ""
        lines = sum(file.lines for file in ready if file.taken)
        parts = [
            ngettext("{count} file", "{count} files", len(ready)).format(count=number(len(ready))),
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
            parts.append(text.format(count=number(left_out)))
        return " · ".join(parts)

    def show_scan(self, scan: CollectProgress | None) -> None:
        """Tell how far reading the files is; ``None`` when it is over."""
        text = ""
        if scan is not None and scan.done < scan.files:
            text = _("Reading {name}: file {number} of {count}…")
            text = text.format(name=scan.name, number=scan.done + 1, count=number(scan.files))
        self.show_reading(text)

    def show_reading(self, text: str) -> None:
        """Tell that something is being looked for or read, and what; empty when nothing is."""
        self._reading = text
        self._empty_text()

    def remove_chosen(self) -> None:
        """Take the chosen files off the list."""
        chosen = self._chosen()
        if chosen:
            self.model.remove(chosen)
            self.removed.emit()

    def choose(self, path: Path) -> None:
        """Select a file of the list."""
        self.turn_to(0)
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
        self.count(0, len(self.model.things) or None)
        self._empty_text()
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
