"""What every rendering of a report shows, in words: Alma's job row, and lines in groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from offcirc import words as core_words
from offcirc.core.answers import Reason
from offcirc.i18n import _, ngettext
from offcirc.upload.base import reasons
from offcirc.upload.report import uploadwords, words
from offcirc.upload.report.report import Grouping, JobReport, JobStatus, LineStatus, ReportLine

PATRON_UNKNOWN = Reason.PATRON_UNKNOWN
"""The group whose lines each have a note for staff to put on the item."""
_FIRST = (
    Reason.PATRON_UNKNOWN,
    Reason.ITEM_UNKNOWN,
    Reason.ON_LOAN_TO_ANOTHER,
    Reason.PATRON_BLOCKED,
    Reason.NOT_FOR_LOAN,
    Reason.NOT_PERMITTED,
    Reason.DESK_UNKNOWN,
    Reason.DATE_REFUSED,
    Reason.OTHER,
    reasons.REFUSED,
    reasons.SERVER_FAILED,
    reasons.NO_ANSWER,
    reasons.NO_SUCH_LINE,
    reasons.SPOILT,
    reasons.DAMAGED,
    reasons.REGISTRATION_PENDING,
    reasons.REGISTRATION_REFUSED,
    reasons.KEPT_BACK,
    reasons.LEFT_FOR_LATER,
    Reason.NOT_ON_LOAN,
    Reason.LATER_ACTION,
    reasons.DROPPED,
)
"""Reasons in the order of what they ask for: work first, harmless ones last."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together: of one reason, one reader or one item.

    Attributes:
        code: the reason's code, the reader's identifier or the item's barcode.
        name: what the group is called.
        advice: what to do about all of them; empty when each line has its own.
        lines: the lines, in their order.
        harmless: whether there is nothing to do.
        detail: the reader's name or the item's title, if known.
        heading: of the column of messages, if they are not the server's.
    """

    code: str
    name: str
    advice: str
    lines: tuple[ReportLine, ...]
    harmless: bool = False
    detail: str = ""
    heading: str = ""


def stamp(moment: datetime | None) -> str:
    """A moment to the second, in this PC's time zone, as Alma's job row writes it."""
    if moment is None:
        return ""
    local = moment.astimezone()
    return f"{core_words.day(local)} {local:%H:%M:%S} {core_words.zone(local)}".rstrip()


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
    waits = report.status is JobStatus.WAITING
    rows = [
        (_("Process ID"), report.process_id),
        (_("Server’s time"), _there(report)),
        (_("Name"), report.name),
        (_("Started on"), stamp(report.started)),
        (_("Finished on"), stamp(report.finished)),
        (_("Total run time"), "" if waits else run_time(report.run_seconds)),
        (_("Status"), uploadwords.job_status(report.status)),
        (_("Records processed"), str(report.processed)),
        (_("Records with exceptions"), str(report.exceptions)),
        (_("Circulation desk"), report.desk),
        (_("Uploaded by"), report.who),
        (_("Server"), report.server),
        (_("Files"), ", ".join(file.name for file in report.files)),
    ]
    return [(label, value) for label, value in rows if value]


def _there(report: JobReport) -> str:
    """When the server's job ran, by the server's clock, which need not be this PC's."""
    if report.there is None:
        return ""
    started, finished = map(stamp, report.there)
    return _("{started} to {finished}").format(started=started, finished=finished)


def count_rows(report: JobReport) -> list[tuple[str, str, int]]:
    """How many lines came to what: code, label, count; only what there is, and always recorded."""
    rows = [
        ("recorded", _("Recorded"), report.recorded),
        ("in-house", _("In-house use, as expected"), report.in_house),
        ("rejected", _("Rejected"), report.rejected),
        ("unknown", _("Without an answer"), report.unknown),
        ("held", _("Not sent"), report.held),
        ("skipped", _("Already recorded"), report.skipped),
        ("left", _("Still to be sent"), report.left),
        ("handed-over", _("Handed over, not answered yet"), report.handed_over),
    ]
    return [row for row in rows if row[2] or row[0] == "recorded"]


def groups(report: JobReport, by: Grouping = Grouping.REASON) -> list[Group]:
    """The exceptions in groups, those that ask for work first."""
    if by is Grouping.REASON:
        return _by_reason(report.exception_lines)
    if by is Grouping.PATRON:
        return _by_code(
            report.exception_lines,
            lambda line: (line.patron, line.patron_name),
            _("Borrower {code}"),
            _("Without a borrower"),
        )
    return _by_code(
        report.exception_lines,
        lambda line: (line.item, line.title),
        _("Item {code}"),
        _("Without an item"),
    )


def reason_code(line: ReportLine) -> str:
    """The reason a line is listed under: whatever the damage is, what to do about it is the same.

    A line held back or left out by a referent keeps the reason of the decision.
    """
    decided = (reasons.KEPT_BACK, reasons.LEFT_FOR_LATER, reasons.DROPPED)
    if line.status is LineStatus.HELD and line.reason not in decided:
        return reasons.DAMAGED
    return line.reason


def _by_reason(lines: Sequence[ReportLine]) -> list[Group]:
    found: dict[str, list[ReportLine]] = {}
    for line in lines:
        found.setdefault(reason_code(line), []).append(line)
    order = {str(code): place for place, code in enumerate(_FIRST)}
    return [
        Group(
            code,
            words.reason_name(code),
            words.advice(code),
            tuple(found[code]),
            harmless=words.harmless(code),
        )
        for code in sorted(found, key=lambda code: order.get(code, len(order)))
    ]


def _by_code(
    lines: Sequence[ReportLine],
    named: Callable[[ReportLine], tuple[str, str]],
    title: str,
    without: str,
) -> list[Group]:
    """Groups by a code and its name; those without one come last, those with work first."""
    found: dict[str, list[ReportLine]] = {}
    for line in lines:
        found.setdefault(named(line)[0], []).append(line)
    made = [
        Group(
            code,
            title.format(code=code) if code else without,
            "",
            tuple(own),
            harmless=not any(map(words.needs_work, own)),
            detail=next((name for _code, name in map(named, own) if name), "") if code else "",
        )
        for code, own in found.items()
    ]
    return sorted(made, key=lambda group: (group.harmless, not group.code))


def remarks(report: JobReport) -> list[Group]:
    """The recorded lines that leave something to do, by what it is."""
    by_note: dict[tuple[str, ...], list[ReportLine]] = {}
    for line in report.lines:
        if line.status is LineStatus.RECORDED:
            for note in line.notes:
                if words.needs_a_look((note,)):
                    by_note.setdefault((note, *_said(note, line)), []).append(line)
    return [
        Group(notes[0], words.note_names(notes), words.note_advice(notes[0]), tuple(lines))
        for notes, lines in by_note.items()
    ]


def _said(note: str, line: ReportLine) -> list[str]:
    """What the desk knew of it and said, as notes that go with one of the system's."""
    other = note == reasons.TOLD_OTHERWISE
    return [
        each
        for each in line.notes
        if (other and each.startswith(reasons.SAID)) or each == reasons.DESK_TOLD
    ]


def same_files(report: JobReport) -> list[str]:
    """A sentence for each file of which another one was taken."""
    contents = {file.name: file.sha256 for file in report.files}
    return [
        (
            _("{name} has the same content as {other}: it is taken once.")
            if contents.get(file.same_as) == file.sha256
            else _("{name} is an earlier copy of {other}, which has all of its lines: left out.")
        ).format(name=file.name, other=file.same_as)
        for file in report.files
        if file.same_as
    ]


def sentences(report: JobReport) -> list[str]:
    """What there is to say of the report as a whole besides its row."""
    empty = [file for file in report.files if not file.records and not file.same_as]
    told = [
        _("{name}: nothing was recorded in this file, so no line of it was sent.").format(
            name=file.name
        )
        for file in empty
    ]
    return told + same_files(report) + ([report.selection] if report.selection else [])


def several_files(report: JobReport) -> bool:
    """Whether a line's number needs its file's name beside it."""
    return sum(not file.same_as for file in report.files) > 1


def operation(line: ReportLine) -> str:
    """Loan, Return, or nothing when the line cannot be read."""
    return core_words.operation(line.operation) if line.operation is not None else ""


def when(line: ReportLine) -> str:
    """When it happened, or nothing when the line cannot be read."""
    return words.moment(line)


def told(report: JobReport, *statuses: LineStatus) -> Sequence[ReportLine]:
    """The report's lines of these statuses."""
    return [line for line in report.lines if line.status in statuses]
