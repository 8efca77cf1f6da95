"""What every rendering of a report shows, in words: Alma's job row, and lines in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offcirc import words as core_words
from offcirc.core.servermessages import Reason
from offcirc.i18n import _, ngettext
from offcirc.upload import words
from offcirc.upload.report import JobReport, LineStatus, ReportLine

_FIRST = (
    Reason.PATRON_UNKNOWN,
    Reason.ITEM_UNKNOWN,
    Reason.OTHER,
    words.REFUSED,
    words.SERVER_FAILED,
    words.NO_ANSWER,
    words.NO_SUCH_LINE,
    words.DAMAGED,
    Reason.NOT_ON_LOAN,
    Reason.LATER_ACTION,
)
"""Reasons in the order of what they ask for: work first, harmless ones last."""
_HARMLESS = (Reason.NOT_ON_LOAN, Reason.LATER_ACTION)


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one reason.

    Attributes:
        code: the reason's code.
        name: its name.
        advice: what to do.
        lines: the lines, in their order.
        harmless: whether there is nothing to do.
    """

    code: str
    name: str
    advice: str
    lines: tuple[ReportLine, ...]
    harmless: bool = False


def stamp(moment: datetime | None) -> str:
    """A moment to the second, in this PC's time zone, as Alma's job row writes it."""
    if moment is None:
        return ""
    local = moment.astimezone()
    return f"{core_words.day(local)} {local:%H:%M:%S} {local.tzname() or ''}".rstrip()


def run_time(seconds: float) -> str:
    """How long a job has run."""
    whole = round(seconds)
    if whole < 1:
        return _("less than a second")
    if whole < 60:
        return ngettext("{count} second", "{count} seconds", whole).format(count=whole)
    minutes, rest = divmod(whole, 60)
    text = ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    if not rest:
        return text
    return text + " " + ngettext("{count} second", "{count} seconds", rest).format(count=rest)


def job_row(report: JobReport) -> list[tuple[str, str]]:
    """Alma's job row: labels and values."""
    rows = [
        (_("Process ID"), report.process_id),
        (_("Name"), report.name),
        (_("Started on"), stamp(report.started)),
        (_("Finished on"), stamp(report.finished)),
        (_("Total run time"), run_time(report.run_seconds)),
        (_("Status"), words.job_status(report.status)),
        (_("Records processed"), str(report.records - report.left)),
        (_("Records with exceptions"), str(report.exceptions)),
        (_("Circulation desk"), report.desk),
        (_("Uploaded by"), report.who),
        (_("Server"), report.server),
        (_("Files"), ", ".join(file.name for file in report.files)),
    ]
    return [(label, value) for label, value in rows if value]


def count_rows(report: JobReport) -> list[tuple[str, str, int]]:
    """How many lines came to what: code, label, count; only what there is, and always recorded."""
    rows = [
        ("recorded", _("Recorded"), report.recorded),
        ("rejected", _("Rejected"), report.rejected),
        ("unknown", _("Without an answer"), report.unknown),
        ("held", _("Damaged, not sent"), report.held),
        ("skipped", _("Already recorded"), report.skipped),
        ("left", _("Still to be sent"), report.left),
        ("handed-over", _("Handed over, not answered yet"), report.handed_over),
    ]
    return [row for row in rows if row[2] or row[0] == "recorded"]


def groups(report: JobReport) -> list[Group]:
    """The exceptions by reason, those that ask for work first."""
    by_reason: dict[str, list[ReportLine]] = {}
    for line in report.exception_lines:
        # Whatever the damage is: what to do about it is the same.
        code = words.DAMAGED if line.status is LineStatus.HELD else line.reason
        by_reason.setdefault(code, []).append(line)
    order = {str(code): place for place, code in enumerate(_FIRST)}
    codes = sorted(by_reason, key=lambda code: order.get(code, len(order)))
    return [
        Group(
            code,
            words.reason_name(code),
            words.advice(code),
            tuple(by_reason[code]),
            harmless=code in _HARMLESS,
        )
        for code in codes
    ]


def remarks(report: JobReport) -> list[Group]:
    """The recorded lines that leave something to do, by what it is."""
    by_note: dict[str, list[ReportLine]] = {}
    for line in report.lines:
        if line.status is LineStatus.RECORDED:
            for note in line.notes:
                if words.needs_a_look((note,)):
                    by_note.setdefault(note, []).append(line)
    return [
        Group(note, words.note_names((note,)), words.note_advice(note), tuple(lines))
        for note, lines in by_note.items()
    ]


def same_files(report: JobReport) -> list[str]:
    """A sentence for each file that was given twice."""
    return [
        _("{name} has the same content as {other}: it was uploaded once.").format(
            name=file.name, other=file.same_as
        )
        for file in report.files
        if file.same_as
    ]


def several_files(report: JobReport) -> bool:
    """Whether a line's number needs its file's name beside it."""
    return sum(not file.same_as for file in report.files) > 1


def operation(line: ReportLine) -> str:
    """Loan, Return, or nothing when the line cannot be read."""
    return core_words.operation(line.operation) if line.operation is not None else ""


def when(line: ReportLine) -> str:
    """When it happened, or nothing when the line cannot be read."""
    return core_words.when(line.at) if line.at is not None else ""


def told(report: JobReport, *statuses: LineStatus) -> Sequence[ReportLine]:
    """The report's lines of these statuses."""
    return [line for line in report.lines if line.status in statuses]


def one_line(text: str) -> str:
    """A server's words on one line, whatever they hold."""
    return " ".join(text.split())
