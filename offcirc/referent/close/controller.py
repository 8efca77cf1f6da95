"""Closing: what can be put away, and what was, read from the ledger and done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from offcirc.i18n import _, ngettext
from offcirc.referent.background import afterwards
from offcirc.referent.background.afterwards import Shelf
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.tasks import Latest, TaskResult, Tasks

if TYPE_CHECKING:
    from offcirc.referent.close.page import ClosePage, FilesToPutAway


SENTENCES = 3
"""What was done is told of this many files; the table tells it of all."""


class CloseController(QObject):
    """Serves the page of closing, which is made when it is first looked at.

    Attributes:
        shelf: what can be put away, and what was.

    Signals:
        changed: there is more or less to put away.
        said: what was done, in sentences.
        archive_wanted: somebody wants to see the archive, its folder.
        failed: something was not possible, the exception is given.
    """

    changed = Signal()
    said = Signal(str)
    archive_wanted = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        look: ReferentLook,
        tasks: Tasks,
        data_dir: Path,
        who: Callable[[], str],
        parent: QObject,
    ) -> None:
        """Serve a data folder.

        Args:
            look: type and sizes.
            tasks: runs the work.
            data_dir: whose ledger and archive.
            who: tells who works at this window.
            parent: the window.
        """
        super().__init__(parent)
        self._look = look
        self._tasks = tasks
        self._looks = Latest()
        self._data_dir = data_dir
        self._who = who
        self._days = 0
        self._rules: Mapping[str, object] = {}
        self._page: ClosePage | None = None
        self.shelf = Shelf()

    def keep_patrons(self, days: int, rules: Mapping[str, object]) -> None:
        """Tell how many days readers are kept, 0 for ever; and the rules that tell their cards."""
        self._days, self._rules = days, rules

    def page(self) -> ClosePage:
        """The page."""
        if self._page is None:
            from offcirc.referent.close.page import ClosePage

            self._page = ClosePage(self._look, self._retention())
            self._page.away_wanted.connect(self._put_away)
            self._page.back_wanted.connect(self._bring_back)
            self._page.archive_wanted.connect(self._show_archive)
            self._page.changed.connect(self.changed)
            self._page.show_shelf(self.shelf)
        return self._page

    def _retention(self) -> str:
        if not self._days:
            return _("Readers’ identifiers stay in the archive and in the ledger.")
        text = ngettext(
            "Readers’ identifiers are erased {count} day after the closing; the counts are kept.",
            "Readers’ identifiers are erased {count} days after the closing; the counts are kept.",
            self._days,
        )
        return text.format(count=self._days)

    def tidy_up(self) -> None:
        """Finish what was interrupted, and erase what has been kept long enough; then look."""
        job = partial(afterwards.tidy_up, self._data_dir, self._days, self._rules, self._who())
        self._tasks.run_task(job, self._tidied)

    def _tidied(self, result: TaskResult[None]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
        self.refresh()

    def refresh(self) -> None:
        """Look again at what can be put away."""
        look = partial(afterwards.look_at_shelf, self._data_dir)
        self._tasks.run_task(look, self._looks.answer(self._looked))

    def _looked(self, result: TaskResult[Shelf]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self.shelf = result.get()
        if self._page is not None:
            self._page.show_shelf(self.shelf)
        self.changed.emit()

    def _put_away(self, away: FilesToPutAway) -> None:
        job = partial(
            afterwards.put_away,
            self._data_dir,
            away.candidates,
            who=self._who(),
            leave=away.leave,
        )
        self._tasks.run_task(job, self._done)

    def _bring_back(self, uploads: tuple[int, ...]) -> None:
        job = partial(afterwards.bring_back, self._data_dir, uploads, self._who())
        self._tasks.run_task(job, self._done)

    def _done(self, result: TaskResult[list[str]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            self.refresh()
            return
        told = result.get()
        more = len(told) - SENTENCES
        if more > 1:
            text = ngettext("… and {count} more", "… and {count} more", more)
            told = [*told[:SENTENCES], text.format(count=more)]
        self.said.emit("\n".join(told))
        self.tidy_up()

    def _show_archive(self) -> None:
        self.archive_wanted.emit(self.shelf.archive)
