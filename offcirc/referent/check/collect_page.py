"""The first step: the files of every desk, what each of them is, and the picture of the day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from offcirc import words
from offcirc.i18n import _, ngettext, pgettext
from offcirc.referent.background.deciding import DecisionMade
from offcirc.referent.background.inspection import LineView, SourceRow
from offcirc.referent.check.collect_model import SourcesModel
from offcirc.referent.check.list_page import ListTab
from offcirc.referent.day.daycard import DayCard
from offcirc.referent.kit.cells import shortened
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.flow_layout import Flow, pair
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label, set_property, set_tip
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


_DAYS = 400
"""The greatest offset that can be set: a clock that has lost its battery is years off, but then
nobody knows by how much."""


class ClockRow(QWidget):
    """The clock of one file.

    Signals:
        decided: somebody says how wrong the clock was, or takes that back, a :class:`DecisionMade`.
    """

    decided = Signal(object)

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._source: SourceRow | None = None
        self._whole = ""
        row = Flow(look.px(0.5))
        row.setContentsMargins(look.px(0.8), look.px(0.3), look.px(0.8), look.px(0.3))
        self.setLayout(row)
        self.told = label("", look.text, self)
        self.told.setMinimumWidth(look.px(14))
        self.told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.time = QLineEdit(self)
        self.time.setFont(look.code)
        self.time.setMinimumWidth(look.px(6))
        self.time.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.time.setAccessibleName(_("How much: hours, minutes and seconds"))
        self.time.setPlaceholderText(_("h:min:s"))
        self.time.textChanged.connect(lambda _text: self._allow())
        self.time.returnPressed.connect(self._set)
        self.sign = QComboBox(self)
        self.sign.setFont(look.text)
        self.sign.addItem(pgettext("clock", "add"), 1)
        self.sign.addItem(pgettext("clock", "take away"), -1)
        self.sign.setAccessibleName(_("Add or take away"))
        self.trust = QComboBox(self)
        self.trust.setFont(look.text)
        self.trust.setAccessibleName(_("Which clock is believed"))
        for text, value in (
            (_("as it was after it was moved"), "after"),
            (_("as it was before it was moved"), "before"),
            (_("as it was all along"), "neither"),
        ):
            self.trust.addItem(text, value)
        self.set = button(_("&Set the clock"), look, self, self._set)
        self.undo = button(_("U&ndo"), look, self, self._undo)
        sign_label = label(_("Ti&mes:"), look.text, self, "faint")
        self._trust_pair = pair(
            label(_("Bel&ieve the clock"), look.text, self, "faint"), self.trust, look.px(0.4)
        )
        row.addWidget(self.told)
        row.addWidget(self._trust_pair)
        signs = pair(sign_label, self.sign, look.px(0.4))
        self._controls = (signs, self.time, self.set)
        for part in (*self._controls, self.undo):
            row.addWidget(part)
        # The files above keep their places, whatever is told of the one chosen.
        keep = self.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.setSizePolicy(keep)
        self.hide()

    def focus_first(self) -> None:
        """Put the keyboard where the time is typed."""
        self.time.setFocus()

    def show_source(self, source: SourceRow | None) -> None:
        """Show what there is to say of a file, and its clock, if it has one that matters."""
        self.setVisible(source is not None)
        if source is None or source == self._source:
            self._source = source
            return
        self._source = source
        has_clock = source.ready and bool(source.mark)
        for part in self._controls:
            part.setVisible(has_clock)
        self.setAccessibleName(_("Clock of {file}").format(file=source.name))
        self._tell(source)
        whole = round(abs(source.added))
        self.sign.setCurrentIndex(1 if source.added < 0 else 0)
        told = f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}" if whole else ""
        self.time.setText(told)
        self.trust.setCurrentIndex(max(self.trust.findData(source.trust), 0))
        self._trust_pair.setVisible(has_clock and bool(source.measured))
        self.undo.setVisible(bool(source.clock_decision))

    def _tell(self, source: SourceRow) -> None:
        """All there is to say of the file; else how its clock stands."""
        clock = source.clock or _("as recorded")
        if source.clock and source.measured and not source.clock_decision:
            clock = _("{offset}, as the desk measured").format(offset=source.clock)
        text = _("Clock of {file}: {clock}").format(file=source.name, clock=clock)
        whole = f"{text}. {source.text}" if source.text else text
        self._whole = source.text if source.text or not source.ready else text
        set_tip(self.told, whole)
        self._shorten()

    def _shorten(self) -> None:
        metrics = QFontMetricsF(self.told.font())
        room = max(self.told.width(), self.told.minimumWidth())
        self.told.setText(shortened(self._whole, metrics, room, middle=True))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell as much as there is room for."""
        super().resizeEvent(event)
        self._shorten()

    @property
    def offset(self) -> int | None:
        """What is to be added, in seconds; ``None`` while that cannot be read."""
        seconds = parse_span(self.time.text())
        return seconds * int(self.sign.currentData()) if seconds is not None else None

    def _allow(self) -> None:
        self.set.setEnabled(self.offset is not None)

    def _set(self) -> None:
        offset = self.offset
        if self._source is not None and offset is not None:
            file = LineView(self._source.name, 0, self._source.mark)
            trust = str(self.trust.currentData())
            self.decided.emit(DecisionMade("clock", (file,), seconds=offset, trust=trust))

    def _undo(self) -> None:
        if self._source is not None and self._source.clock_decision:
            self.decided.emit(DecisionMade("undo", undoes=(self._source.clock_decision,)))


def parse_span(text: str) -> int | None:
    """Seconds that somebody has written: 5 (minutes), 1:30 (hours, minutes) or 0:05:30.

    Returns:
        ``None`` when it is nothing of the kind, or more than :data:`_DAYS`.
    """
    parts = text.strip().split(":")
    if len(parts) > 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if any(number > 59 for number in numbers[1:]):
        return None
    if len(numbers) == 1:
        numbers = [0, *numbers]
    hours, minutes, seconds = (*numbers, 0)[:3]
    total = hours * 3600 + minutes * 60 + seconds
    return total if total <= _DAYS * 86400 else None
