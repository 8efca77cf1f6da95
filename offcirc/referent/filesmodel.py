"""The files on the list as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QColor

from offcirc import words
from offcirc.i18n import _, ngettext, pgettext
from offcirc.referent.cells import Tone
from offcirc.referent.figures import number
from offcirc.referent.filecheck import FileCheck, State
from offcirc.referent.look import ROSE
from offcirc.referent.rows import RowsModel


@dataclass(frozen=True, slots=True)
class Earlier:
    """An upload that held a file of the same content.

    Attributes:
        complete: whether it was finished.
        when: the day and time in words.
    """

    complete: bool
    when: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the list says of a file: a coloured mark and a sentence."""

    mark: str
    tone: Tone
    text: str = ""


class FilesModel(RowsModel[FileCheck]):
    """The files to be uploaded."""

    NAME, LINES, LOANS, RETURNS, FIRST, LAST, CHECK = range(7)
    numbers = (LINES, LOANS, RETURNS)

    def __init__(self) -> None:
        super().__init__()
        self._earlier: Mapping[str, Earlier] = {}
        self._same_names: Counter[str] = Counter()

    @property
    def files(self) -> list[FileCheck]:
        """What is on the list, in its order."""
        return list(self._rows)

    @property
    def all_uploaded(self) -> bool:
        """Whether there are files to be uploaded, and all of them have been, to the end."""
        found = [self._earlier.get(file.sha256) for file in self._rows if file.ready and file.lines]
        return bool(found) and all(one is not None and one.complete for one in found)

    def add(self, files: Iterable[FileCheck]) -> int:
        """Add files; one that is on the list already takes its new verdict. Returns how many."""
        fresh: list[FileCheck] = []
        at = {file.path: row for row, file in enumerate(self._rows)}
        for file in files:
            row = at.setdefault(file.path, len(self._rows) + len(fresh))
            if row < len(self._rows):
                self._rows[row] = file
            elif row - len(self._rows) == len(fresh):
                fresh.append(file)
        if fresh:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._rows += fresh
            self.endInsertRows()
        self._refresh()
        return len(fresh)

    def remove(self, rows: Iterable[int]) -> None:
        """Take files off the list; the files themselves are not touched."""
        for row in sorted(set(rows), reverse=True):
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._rows[row]
            self.endRemoveRows()
        self._refresh()

    def set_earlier(self, earlier: Mapping[str, Earlier]) -> None:
        """Tell what was uploaded before, by the digest of the content."""
        self._earlier = earlier
        self._refresh()

    def verdict(self, row: int) -> Verdict:
        """What is to be said of the file of a row."""
        file = self._rows[row]
        for other in self._rows[:row] if file.ready else ():
            if other.ready and other.sha256 == file.sha256:
                text = _("The same lines as {file}: they are sent once.")
                return Verdict(_("twice"), Tone.LOOK, text.format(file=self.shown_name(other)))
        return verdict(file, self._earlier.get(file.sha256))

    def shown_name(self, file: FileCheck) -> str:
        """A file's name, with its folder where several have the same."""
        if self._same_names[file.path.name] > 1:
            return str(Path(file.path.parent.name, file.path.name))
        return file.path.name

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("File"),
            _("Lines"),
            _("Loans"),
            _("Returns"),
            _("First"),
            _("Last"),
            _("Check"),
        )

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        file = self._rows[row]
        if column == self.NAME:
            return self.shown_name(file)
        if column == self.CHECK:
            return self.verdict(row).text
        if not file.ready:
            return ""
        if column in self.numbers:
            counts = {self.LINES: file.lines, self.LOANS: file.loans, self.RETURNS: file.returns}
            return number(counts[column])
        at = file.first if column == self.FIRST else file.last
        return words.when(at) if at is not None else ""

    def tip(self, row: int, column: int) -> str:
        """Where the file is; else what the cell says."""
        return str(self._rows[row].path) if column == self.NAME else self.text(row, column)

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """How the file stands, in a word or two."""
        if column != self.CHECK:
            return None
        found = self.verdict(row)
        return found.mark, found.tone

    def ground(self, row: int) -> QColor | None:
        """Reddish for a file that is left out."""
        return ROSE if self._rows[row].left_out else None

    def _refresh(self) -> None:
        self._same_names = Counter(file.path.name for file in self._rows)
        if self._rows:
            last = self.index(len(self._rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)


def verdict(file: FileCheck, earlier: Earlier | None) -> Verdict:
    """What is to be said of a file by itself."""
    if not file.ready:
        return _not_ready(file)
    if not file.lines:
        return Verdict(_("empty"), Tone.PLAIN, _("There is no loan and no return in it."))
    doubts = _doubts(file)
    if earlier is not None and earlier.complete:
        text = _("On {when}. Nothing is recorded twice.").format(when=earlier.when)
        return Verdict(_("uploaded before"), Tone.PLAIN, f"{text} {doubts}".rstrip())
    if earlier is not None:
        text = _("The upload of {when} can be resumed.").format(when=earlier.when)
        return Verdict(_("not finished"), Tone.LOOK, f"{text} {doubts}".rstrip())
    if file.errors:
        return Verdict(_("damaged lines"), Tone.BAD, doubts)
    return (
        Verdict(_("to look at"), Tone.LOOK, doubts)
        if doubts
        else Verdict(pgettext("file", "fine"), Tone.GOOD)
    )


def _not_ready(file: FileCheck) -> Verdict:
    if file.kind is not None:
        return Verdict(_("left out"), Tone.BAD, words.not_this_file(file.kind))
    if file.state is State.UNREADABLE:
        text = _("It cannot be read: {reason}.").format(reason=file.reason)
        return Verdict(_("left out"), Tone.BAD, text)
    return Verdict(_("reading…"), Tone.PLAIN)


def _doubts(file: FileCheck) -> str:
    parts = []
    if file.errors:
        text = ngettext(
            "{count} line cannot be sent.", "{count} lines cannot be sent.", file.errors
        )
        parts.append(text.format(count=number(file.errors)))
    if file.warnings:
        text = ngettext(
            "{count} line deserves a look.", "{count} lines deserve a look.", file.warnings
        )
        parts.append(text.format(count=number(file.warnings)))
    return " ".join(parts)
