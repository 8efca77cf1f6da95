"""The files on the list as a table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtGui import QColor

from offcirc import words
from offcirc.i18n import _
from offcirc.referent.cells import Tone
from offcirc.referent.figures import number
from offcirc.referent.inspection import SourceRow
from offcirc.referent.listing import Listing
from offcirc.referent.look import ROSE

_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone


class SourcesModel(Listing[SourceRow]):
    """The files of the desks."""

    FILE, STANDING, DESK, LINES, FIRST, LAST, PRECISION, CLOCK = range(8)
    numbers = (LINES,)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("File"),
            _("Standing"),
            _("Desk"),
            _("Lines"),
            _("First"),
            _("Last"),
            _("Times"),
            _("Clock"),
        )

    @property
    def ready(self) -> list[SourceRow]:
        """The files that can be uploaded."""
        return [row for row in self.things if row.ready]

    @property
    def paths(self) -> list[Path]:
        """Where the files on the list are."""
        return [row.path for row in self.things]

    @property
    def all_uploaded(self) -> bool:
        """Whether there are files to be uploaded, and all of them have been, to the end."""
        taken = [row for row in self.things if row.taken]
        return bool(taken) and all(row.uploaded for row in taken)

    def add_unread(self, paths: Iterable[Path]) -> None:
        """Put files on the list that are still to be read."""
        from offcirc.upload.source import short_names

        known = set(self.paths)
        new = [path for path in paths if path not in known]
        names = short_names([*self.paths, *new])[len(self.things) :]
        fresh = [SourceRow(path, name) for path, name in zip(new, names, strict=True)]
        if fresh:
            self.show_things([*self.things, *fresh])

    def remove(self, rows: Iterable[SourceRow]) -> None:
        """Take files off the list; the files themselves are not touched."""
        gone = {row.path for row in rows}
        self.show_things(row for row in self.things if row.path not in gone)

    def cell(self, thing: SourceRow, column: int) -> str:
        """What is said of a file in a column."""
        if column in (self.FILE, self.STANDING):
            return thing.name if column == self.FILE else thing.text
        if not thing.ready:
            return ""
        texts = {
            self.DESK: _desk(thing),
            self.LINES: number(thing.lines),
            self.FIRST: words.when(thing.first) if thing.first else "",
            self.LAST: words.when(thing.last) if thing.last else "",
            self.PRECISION: thing.precision,
            self.CLOCK: thing.clock,
        }
        return texts[column]

    def cell_mark(self, thing: SourceRow, column: int) -> tuple[str, Tone] | None:
        """How the file stands, in a word or two."""
        if column != self.STANDING:
            return None
        return (thing.verdict, thing.tone) if thing.read else (_("reading…"), Tone.PLAIN)

    def cell_tip(self, thing: SourceRow, column: int) -> str:
        """Where the file is; else what the cell says."""
        return str(thing.path) if column == self.FILE else self.cell(thing, column)

    def key(self, thing: SourceRow, column: int) -> Any:
        """Numbers and times by what they are."""
        keys = {
            self.LINES: thing.lines,
            self.FIRST: thing.first or _NEVER,
            self.LAST: thing.last or _NEVER,
            self.CLOCK: thing.added + thing.measured,
        }
        if column == self.STANDING:
            return thing.verdict, thing.text
        return keys.get(column, self.cell(thing, column).casefold())

    def thing_ground(self, thing: SourceRow) -> QColor | None:
        """Reddish for a file that is left out."""
        return ROSE if thing.read and not thing.ready else None


def _desk(source: SourceRow) -> str:
    """Library, desk and circulation desk."""
    code = source.circulation_desk
    return f"{source.desk} · {code}" if code and code not in source.desk else source.desk
