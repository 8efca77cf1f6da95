"""The last step: uploaded files are put away, so that none of their lines can go up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from offcirc.i18n import _, ngettext
from offcirc.referent.background.afterwards import Shelf
from offcirc.referent.close.model import ShelfModel, ShelfRow
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label
from offcirc.referent.kit.skeleton import Skeleton, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.upload.close.candidates import Candidate


@dataclass(frozen=True, slots=True)
class FilesToPutAway:
    """Files that somebody wants put away.

    Attributes:
        leave: whether lines that are still to be uploaded may stay behind.
    """

    candidates: tuple[Candidate, ...]
    leave: bool


class ClosePage(Skeleton):
    """What can be put away, and what was.

    Signals:
        away_wanted: files are to be put away, an :class:`FilesToPutAway`.
        back_wanted: files are to be brought back; the numbers of their uploads.
        archive_wanted: somebody wants to see the archive.
        changed: another choice can be put away than before.
    """

    away_wanted = Signal(object)
    back_wanted = Signal(object)
    archive_wanted = Signal()
    changed = Signal()

    def __init__(self, look: ReferentLook, retention: str, parent: QWidget | None = None) -> None:
        """Make it empty.

        Args:
            look: type and sizes.
            retention: how long readers are kept, in a sentence.
            parent: the window.
        """
        super().__init__(look, _("Put the files away"), parent)
        self._shelf = Shelf()
        self.model = ShelfModel()
        self.model.setParent(self)
        self.table = self._make_table()
        self.leave = QCheckBox(
            _("Leave lines &that are still to be uploaded in a clean file"), self
        )
        self.leave.setFont(look.text)
        self.leave.toggled.connect(lambda _on: self._allow())
        self.add_tab(_("Put the files away"), TableSheet(look, self.table, [self._foot(retention)]))
        self.back = button(_("Br&ing back"), look, self, self._bring_back)
        self.archive = button(_("&Open the archive"), look, self, self.archive_wanted.emit)
        self.add_tools(self.back, self.archive)
        self.model.modelReset.connect(self._listed)
        self.table.selectionModel().selectionChanged.connect(lambda *_gone: self._allow())
        self._listed()

    def _make_table(self) -> RowTable:
        table = RowTable(self._look, _("Files of uploads"), self)
        table.list_groups(self.model, self.model.toggle)
        model = ShelfModel
        table.shape(
            Shape(
                model.STATE,
                least={model.FILE: 10, model.STATE: 12, model.WHOSE: 5, model.UPLOAD: 6},
                middle=frozenset({model.FILE}),
                drop=(model.WHO, model.WHOSE),
            )
        )
        table.set_empty_text(_("There is no file to be put away."))
        return table

    def _foot(self, retention: str) -> QWidget:
        """What putting away does, and how long readers are kept."""
        look, foot = self._look, QWidget(self)
        column = QVBoxLayout(foot)
        column.setContentsMargins(look.px(0.8), look.px(0.4), look.px(0.8), look.px(0.4))
        column.setSpacing(look.px(0.2))
        advice = _(
            "Each file goes into the archive, with the merged file and the report; the desk begins"
            " a clean one, and says when and by whom its lines were uploaded."
        )
        column.addWidget(self.leave)
        column.addWidget(label(advice, look.text, foot, "faint", wrap=True))
        column.addWidget(label(retention, look.small, foot, "faint", wrap=True))
        return foot

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    def show_shelf(self, shelf: Shelf) -> None:
        """Show what there is."""
        self._shelf = shelf
        self.model.show_shelf(shelf)

    @property
    def ready(self) -> tuple[Candidate, ...]:
        """What would be put away now: what is chosen, or all of it when nothing is."""
        chosen = [row for row in self._chosen() if row.candidate is not None]
        rows: Sequence[ShelfRow] = chosen or self.model.things
        leave = self.leave.isChecked()
        return tuple(
            row.candidate
            for row in rows
            if row.candidate is not None and (row.leaves if leave else row.ready)
        )

    @property
    def summary(self) -> str:
        """What can be done, in a sentence."""
        open_ones = [row for row in self.model.things if row.candidate is not None]
        if not open_ones:
            return _("There is no file to be put away.")
        count = len(self.ready)
        if not count:
            return _("Nothing can be put away as it is: the table says why.")
        text = ngettext(
            "{count} file can be put away now.", "{count} files can be put away now.", count
        )
        return text.format(count=number(count))

    def put_away(self) -> None:
        """Ask for what is ready to be put away."""
        if self.ready:
            self.away_wanted.emit(FilesToPutAway(self.ready, self.leave.isChecked()))

    def _bring_back(self) -> None:
        uploads = [row.closing.facts.upload for row in self._closed() if row.closing is not None]
        if uploads:
            self.back_wanted.emit(tuple(dict.fromkeys(uploads)))

    def _chosen(self) -> list[ShelfRow]:
        rows = [index.row() for index in self.table.selectionModel().selectedRows()]
        found = [self.model.row(row) for row in sorted(rows)]
        return [row for row in found if isinstance(row, ShelfRow)]

    def _closed(self) -> list[ShelfRow]:
        return [row for row in self._chosen() if row.closing is not None and row.closing.in_force]

    def _listed(self) -> None:
        self.table.fit()
        self._allow()

    def _allow(self) -> None:
        self.back.setEnabled(bool(self._closed()))
        there = self._shelf.archive.is_dir() and bool(self._shelf.closings)
        self.want(self.archive, wanted=there)
        things = self.model.things
        self.leave.setVisible(any(row.leaves and not row.ready for row in things))
        self.changed.emit()
