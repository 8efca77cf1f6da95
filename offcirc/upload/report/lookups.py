"""Titles and readers' names for a report: asked of the server at the end of an upload.

Only for the lines that a report tells of, and names only where the library wants them. A server
that cannot be asked, or that goes away, leaves a report without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from offcirc.core.told import parse_told
from offcirc.servers.errors import ServerError
from offcirc.servers.protocol import Server
from offcirc.storage.ledger import lookups
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, UploadRow
from offcirc.storage.ledger.lookups import LookedUp, LookupKind
from offcirc.upload.base.celltext import cleaned
from offcirc.upload.base.reasons import DESK_TOLD, SAID, TOLD_OTHERWISE
from offcirc.upload.lines.plan import Plan, times_of
from offcirc.upload.report.report import JobReport, LineStatus, ReportLine

AT_ONCE = 200
"""How many items or readers are asked about in one request."""
MOST = 10_000
"""How many are asked about in all; a report longer than that is read by its reasons."""
LONGEST = 300
"""Characters of a title or a name that are kept."""

Known = Mapping[tuple[LookupKind, str], LookedUp]


def look_up(
    server: Server,
    ledger: Ledger,
    report: JobReport,
    *,
    names: bool,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Ask about the items and readers that a report tells of, and keep the answers in the ledger.

    Args:
        server: signed in.
        ledger: where the upload is kept.
        report: of an upload in the ledger.
        names: whether readers' names are wanted; if not, nothing is asked about readers.
        cancelled: asked between requests; once true, the rest goes without.

    Raises:
        StorageError: the ledger cannot be written.
    """
    have = lookups.known(ledger, report.id)
    for answers in _asked(server, report.lines, have, names=names, cancelled=cancelled):
        lookups.keep(ledger, report.id, answers)


def enriched(server: Server, report: JobReport, *, names: bool) -> JobReport:
    """A report that the ledger does not keep, with the titles and names its server knows."""
    found: dict[tuple[LookupKind, str], LookedUp] = {}
    for answers in _asked(server, report.lines, {}, names=names, cancelled=lambda: False):
        found.update(((answer.kind, answer.code), answer) for answer in answers)
    return replace(report, lines=tuple(named(line, found) for line in report.lines))


def named(line: ReportLine, known: Known) -> ReportLine:
    """A line with its title and its reader's name, as far as they are known."""
    if not known:
        return line
    item = known.get((LookupKind.ITEM, line.item))
    patron = known.get((LookupKind.PATRON, line.patron))
    if not (item and item.label) and not (patron and patron.label):
        return line
    return replace(
        line, title=item.label if item else "", patron_name=patron.label if patron else ""
    )


def _asked(
    server: Server,
    lines: Iterable[ReportLine],
    have: Known,
    *,
    names: bool,
    cancelled: Callable[[], bool],
) -> Iterator[list[LookedUp]]:
    if not server.abilities.look_up:
        return
    told = [line for line in lines if line.status is not LineStatus.SKIPPED]
    items = dict.fromkeys(line.item for line in told if line.item)
    patrons = dict.fromkeys(line.patron for line in told if line.patron and names)
    try:
        for part in _parts(code for code in items if (LookupKind.ITEM, code) not in have):
            if cancelled():
                return
            yield [
                LookedUp(LookupKind.ITEM, code, one.found, _label(one.title), _label(one.library))
                for code, one in zip(part, server.look_up_items(part), strict=True)
            ]
        for part in _parts(code for code in patrons if (LookupKind.PATRON, code) not in have):
            if cancelled():
                return
            yield [
                LookedUp(LookupKind.PATRON, code, one.found, _label(one.name), _label(one.group))
                for code, one in zip(part, server.look_up_patrons(part), strict=True)
            ]
    except ServerError:
        return  # the report is whole without it


def _label(text: str) -> str:
    return cleaned(text, LONGEST)


def _parts(codes: Iterable[str]) -> Iterator[list[str]]:
    wanted = list(codes)[:MOST]
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]


def note_what_was_told(ledger: Ledger, upload: UploadRow, plan: object) -> int:
    """Note beside recorded lines what the desk was told, and where a reader was told another date.

    Args:
        ledger: where the lines are kept.
        upload: it.
        plan: the files; of lists and reports, which tell nothing of that kind, nothing is noted.

    Returns:
        How many loans have another due date than the reader was told.
    """
    if not isinstance(plan, Plan):
        return 0
    told = {
        (index, number): text
        for index, source in enumerate(plan.sources)
        if (times := times_of(source)) is not None
        for number, text in times.told.items()
    }
    if not told:
        return 0
    found = [
        (row.id, note)
        for row in ledger.lines(upload, LineState.RECORDED)
        if not {DESK_TOLD, TOLD_OTHERWISE}.intersection(row.notes)
        for note in _notes(row, told.get((row.file, row.number), ""))
    ]
    ledger.remark(found)
    return sum(note == TOLD_OTHERWISE for _line, note in found)


def _notes(row: LineRow, text: str) -> Iterator[str]:
    told = parse_told(text)
    if told.what:
        yield DESK_TOLD
    due = datetime.fromisoformat(row.due_at).date() if row.due_at else None
    if told.due is not None and due not in (None, told.due):
        yield TOLD_OTHERWISE
        yield f"{SAID}{told.due.isoformat()}"
