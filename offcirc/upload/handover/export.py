"""The lines of desks' files as a file for another program; nothing of it is kept here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from offcirc.disk import durable
from offcirc.i18n import _, ngettext
from offcirc.servers.files.target import Known
from offcirc.servers.protocol import Event
from offcirc.servers.registry import formats
from offcirc.upload.base.errors import UploadError
from offcirc.upload.lines.events import event_of
from offcirc.upload.lines.plan import Plan
from offcirc.upload.lines.playing import refuse
from offcirc.upload.report.words import message_of


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written.

    Attributes:
        path: where.
        events: what it holds, in its order.
    """

    path: Path
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class NotExported:
    """A line that is in none of the files.

    Attributes:
        file: the name of its file.
        line: its number there.
        reason: why, a code.
        raw: what the line says.
        event: the same, understood; ``None`` for a line that cannot be read.
    """

    file: str
    line: int
    reason: str
    raw: bytes
    event: Event | None

    @property
    def message(self) -> str:
        """Why, in words."""
        return message_of(self.reason)


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export.

    Attributes:
        files: in the order in which they are to be taken up.
        left_out: lines that are in none of them, in the order of the day; not those that people
            have decided to leave out, nor those that stand in two files and are taken once.
        limits: what the program does not keep, in sentences.
    """

    files: tuple[ExportedFile, ...]
    left_out: tuple[NotExported, ...]
    limits: tuple[str, ...]

    @property
    def lines(self) -> int:
        """How many lines were written."""
        return sum(len(file.events) for file in self.files)


class NothingToExportError(UploadError):
    """Every line had to be left out."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "No line of these files can be written that way; no file was made. {detail}"
        ).format(detail=self.detail)


def export(plan: Plan, to: str, path: Path, known: Known | None = None) -> Exported:
    """Write the lines of a plan for another program.

    Args:
        plan: the lines of every desk, in one order, decisions applied.
        to: which program's file; see :func:`offcirc.servers.registry.formats`.
        path: where to; where several files are needed, each gets its first day into its name.
            Nothing is overwritten.
        known: what the program's system was seen to know; ``None`` when nobody has looked.

    Raises:
        NothingToExportError: no line can be written; there is no file.
        PlanError: a file cannot be read any more.
        StorageError: a file is there already, or cannot be written; none was made.
    """
    refuse(plan)
    wanted = formats()[to]
    names = [file.name for file in plan.files]
    events: list[Event] = []
    left: list[NotExported] = []
    for line in plan.lines():
        if line.twin >= 0 or (line.reason and line.decision):
            continue
        if line.reason or not line.minute:
            left.append(NotExported(names[line.file], line.number, line.reason, line.raw, None))
        else:
            events.append(event_of(line, plan.files))
    files, unfit = wanted.write(events, known)
    left += [
        NotExported(one.event.file, one.event.line, one.why.value, b"", one.event) for one in unfit
    ]
    if not files:
        raise NothingToExportError(detail=left[0].message if left else "")
    written: list[ExportedFile] = []
    try:
        for file in files:
            place = path
            if len(files) > 1:
                day = file.events[0].at.date().isoformat()
                place = path.with_name(f"{path.stem}_{day}{path.suffix}")
            durable.create(place, file.content)
            written.append(ExportedFile(place, file.events))
    except BaseException:
        for one in written:
            one.path.unlink(missing_ok=True)
        raise
    return Exported(tuple(written), tuple(left), wanted.limits())


def told(done: Exported) -> str:
    """What was written and what was left out, in a few sentences."""
    lines = ngettext("{count} line", "{count} lines", done.lines).format(count=done.lines)
    names = ", ".join(str(file.path) for file in done.files)
    sentences = [_("{lines} in {file}.").format(lines=lines, file=names)]
    if done.left_out:
        first = done.left_out[0]
        text = ngettext(
            "{count} line is not in it: {file}, line {line}: {message}",
            "{count} lines are not in it, first {file}, line {line}: {message}",
            len(done.left_out),
        )
        count = len(done.left_out)
        sentences.append(
            text.format(count=count, file=first.file, line=first.line, message=first.message)
        )
    return " ".join((*sentences, *done.limits))
