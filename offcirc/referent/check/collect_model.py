"""The files on the list as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtGui import QColor

from offcirc.i18n import _
from offcirc.referent.background.inspection import SourceRow
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import number, several_years, when
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ROSE

_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone


class SourcesModel(Listing[SourceRow]):
    """The files of the desks."""

    FILE, STANDING, DESK, LINES, FIRST, LAST, CLOCK = range(7)
    numbers = (LINES,)

    def __init__(self) -> None:
        super().__init__()
        self._years = False
        self._shared: dict[str, int] = {}
        self.group(_group)

    def show_things(self, things: Iterable[SourceRow]) -> None:
        """List these files instead."""
        found = tuple(things)
        moments = [at for row in found for at in (row.first, row.last)]
        self._years = several_years(moments)
        self._shared = _shared([row.name for row in found])
        super().show_things(found)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("File"),
            _("Standing"),
            _("Desk"),
            _("Lines"),
            _("First"),
            _("Last"),
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
        from offcirc.upload.lines.source import short_names

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
            self.FIRST: when(thing.first, year=self._years),
            self.LAST: when(thing.last, year=self._years),
            self.CLOCK: thing.clock or thing.precision,
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

    def faint(self, row: int, column: int) -> tuple[int, int] | None:
        """The beginning that other files' names have too, and the ending."""
        thing = self.row(row)
        if column != self.FILE or isinstance(thing, Heading):
            return None
        return self._shared.get(thing.name, 0), len(Path(thing.name).suffix)

    def make_heading(self, code: str, things: Sequence[SourceRow]) -> Heading:
        """How these files stand, and what becomes of them."""
        names = {
            _READING: (_("Being read"), "", Tone.PLAIN),
            _LEFT_OUT: (_("Left out"), _("These files are not uploaded."), Tone.BAD),
            _LOOK: (
                _("To look at"),
                _("These files are uploaded, but for the lines that cannot be read."),
                Tone.LOOK,
            ),
            _FINE: (_("Ready to be sent"), "", Tone.GOOD),
            _NOTHING: (_("Nothing to send"), _("Uploaded before, twice, or empty."), Tone.PLAIN),
        }
        name, advice, tone = names[code]
        return Heading(code, name, advice, advice, len(things), tone)

    def group_key(self, heading: Heading) -> Any:
        """What asks for a look comes first."""
        return _GROUPS.index(heading.code)

    def thing_ground(self, thing: SourceRow) -> QColor | None:
        """Reddish for a file that is left out."""
        return ROSE if thing.read and not thing.ready else None


_READING, _LEFT_OUT, _LOOK, _FINE, _NOTHING = _GROUPS = (
    "reading",
    "left-out",
    "look",
    "fine",
    "nothing",
)


def _group(source: SourceRow) -> str:
    """Under which heading a file stands."""
    if not source.read:
        return _READING
    if not source.ready:
        return _LEFT_OUT
    return {Tone.BAD: _LOOK, Tone.LOOK: _LOOK, Tone.GOOD: _FINE}.get(source.tone, _NOTHING)


def _shared(names: Sequence[str]) -> dict[str, int]:
    """How much of each name another one begins with too, up to an underscore."""
    starts = {
        name: [at + 1 for at, sign in enumerate(name) if sign == "_"]
        for name in dict.fromkeys(names)
    }
    seen = Counter(name[:end] for name, ends in starts.items() for end in ends)
    return {
        name: max((end for end in ends if seen[name[:end]] > 1), default=0)
        for name, ends in starts.items()
    }


def _desk(source: SourceRow) -> str:
    """Library, desk and circulation desk."""
    code = source.circulation_desk
    return f"{source.desk} · {code}" if code and code not in source.desk else source.desk
