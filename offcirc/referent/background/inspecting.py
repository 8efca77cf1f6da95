"""Reading and checking the files on the list, and deciding about their lines.

Runs outside the window's thread: a file may lie on a slow share, and a day may be long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc import words
from offcirc.core.checks import verdicts as checks
from offcirc.core.dat.datline import decode
from offcirc.core.dat.datparts import glimpse
from offcirc.core.fingerprint import content_of
from offcirc.core.openinghours import parse_hours
from offcirc.core.order.clockfix import Trust
from offcirc.core.transaction import OPERATIONS, Operation
from offcirc.i18n import _, ngettext
from offcirc.referent.background.inspection import (
    Ask,
    CheckRow,
    FindingWeight,
    Inspection,
    KnownBefore,
    LineView,
    SourceRow,
)
from offcirc.referent.day.daydata import DayEvent, count
from offcirc.referent.kit.cells import Tone
from offcirc.storage.copies.linetimes import ToldBy
from offcirc.storage.ledger.decisions import DecidedLine, Decision, DecisionBook, DecisionKind
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineFacts
from offcirc.upload.base.errors import PlanError
from offcirc.upload.base.reasons import DROPPED
from offcirc.upload.check import checkwords, findingwords
from offcirc.upload.check.checking import Against, check_plan
from offcirc.upload.lines.collect import CollectProgress, collect
from offcirc.upload.lines.decided import NOTHING, Decided, decided
from offcirc.upload.lines.kept import KeptFiles, quick
from offcirc.upload.lines.plan import Plan, make_plan
from offcirc.upload.lines.source import CollectedFile, SourceState, UploadedBefore

if TYPE_CHECKING:
    from offcirc.core.barcodes.rules import RuleSet

ROWS_LIMIT = 100_000
"""Findings that are listed; whoever has more has another problem than theirs."""

_WEIGHTS = {
    checks.Severity.ERROR: FindingWeight.ERROR,
    checks.Severity.WARNING: FindingWeight.WARNING,
    checks.Severity.NOTE: FindingWeight.NOTE,
}
_ORDER = {weight: place for place, weight in enumerate(FindingWeight)}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be inspected.

    Attributes:
        paths: files and folders.
        data_dir: whose ledger tells what was uploaded and decided.
        rules: the library's barcode rules.
        now: local time without zone.
        hours: when the library is open, as the settings write it; empty when nobody has said.
    """

    paths: tuple[Path, ...]
    data_dir: Path
    rules: RuleSet
    now: datetime
    hours: str = ""


def inspect(
    wish: Wish,
    progress: Callable[[CollectProgress], None],
    cancelled: Callable[[], bool],
    known: KnownBefore | None = None,
) -> Inspection:
    """Read files, check their lines together, and say all there is to say.

    Args:
        wish: what is to be inspected.
        progress: told how far reading has come.
        cancelled: asked now and then.
        known: where what was found out is kept for :func:`inspect_again`.

    Raises:
        CancelledError: cancelled.
        StorageError: the ledger cannot be read.
    """
    known = known or KnownBefore()
    known.wish = None
    kept = known.kept = KeptFiles()
    with Ledger.of(wish.data_dir) as ledger:
        found = collect(
            wish.paths, ledger=ledger, now=wish.now, progress=progress, cancelled=cancelled
        )
        ready = [source for source in found if source.ready]
        if not ready:
            # A stick pulled out, or nothing but other programs' files: each is named as left out.
            return Inspection(tuple(_source_row(source, NOTHING) for source in found))
        plan = make_plan(ready, decisions=decided(ledger))
        try:
            plan = kept.keep(plan)
        except PlanError:
            kept.forget()
        inspection = _inspected(wish, ledger, found, plan, kept, cancelled)
    known.wish, known.sources = wish, found
    return inspection


def inspect_again(
    wish: Wish,
    progress: Callable[[CollectProgress], None],
    cancelled: Callable[[], bool],
    known: KnownBefore,
) -> Inspection:
    """The same after a decision: files that are what they were are not read again.

    Raises:
        CancelledError: cancelled.
        StorageError: the ledger cannot be read.
    """
    before, kept = known.wish, known.kept
    if kept is None or before is None or before != replace(wish, now=before.now):
        return inspect(wish, progress, cancelled, known)
    with Ledger.of(wish.data_dir) as ledger:
        plan = kept.with_decisions(decided(ledger))
        if plan is not None:
            return _inspected(wish, ledger, known.sources, plan, kept, cancelled)
    return inspect(wish, progress, cancelled, known)


def _inspected(  # noqa: PLR0917
    wish: Wish,
    ledger: Ledger,
    found: Sequence[CollectedFile],
    plan: Plan,
    kept: KeptFiles,
    cancelled: Callable[[], bool],
) -> Inspection:
    hours = parse_hours(wish.hours) if wish.hours else None
    memory = kept.earlier if kept.plan is not None else None
    against = Against(wish.rules, hours, ledger=ledger, memory=memory, now=wish.now)
    check = _Check(plan, against, cancelled)
    try:
        with quick() if plan.kept else nullcontext():
            check.run()
    except PlanError:
        # A file went away meanwhile; its row will say so when the list is read again.
        check.rows.clear()
    rows = [*check.rows, *_decisions(DecisionBook(ledger), check)]
    rows.sort(key=lambda row: (_ORDER[row.weight], not row.question))
    if plan.kept:
        # Read before the decision, so they do not know what has been dropped since.
        dropped = Counter(
            plan.sources[line.file].path
            for near in check.lines.values()
            for line in near
            if line.reason == DROPPED and line.minute
        )
        found = [replace(source, dropped=dropped[source.path]) for source in found]
    sources = tuple(_source_row(source, plan.decided) for source in found)
    return Inspection(sources, tuple(rows), check.more, count(check.happenings()))


class _Check:
    """One check of a plan, with the lines that the findings are about."""

    def __init__(self, plan: Plan, against: Against, cancelled: Callable[[], bool]) -> None:
        self._plan = plan
        self._against = against
        self._cancelled = cancelled
        self._names = [file.name for file in plan.files]
        libraries = {source.identity.library for source in plan.sources}
        self._desks = [
            (str(source.identity) if len(libraries) > 1 else source.identity.desk) or source.name
            for source in plan.sources
        ]
        self._minutes: dict[tuple[int, str, str, bool], int] = {}
        self.lines: dict[tuple[int, int], list[LineFacts]] = {}
        self.rows: list[CheckRow] = []
        self.more = 0

    def run(self) -> None:
        """Check every line."""
        found: list[checks.Finding] = []
        # Kept lines are few enough to be kept as planned, too; others are planned once more.
        planned: list[LineFacts] | None = [] if self._plan.kept else None
        for finding in check_plan(
            self._plan,
            self._against,
            cancelled=self._cancelled,
            seen=None if planned is None else planned.append,
        ):
            if len(found) >= ROWS_LIMIT:
                self.more += 1
                continue
            found.append(finding)
        found = _folded(found)
        wanted = {(each.file, each.number) for each in found}
        wanted |= {(each.other_file, each.other_number) for each in found}
        doubtful = {
            (each.file, each.number) for each in found if each.severity is not checks.Severity.NOTE
        }
        decided_keys = self._plan.decided.lines
        for line in self._plan.lines() if planned is None else planned:
            place = (line.file, line.number)
            if place in wanted or line.decision or line.key in decided_keys:
                self.lines.setdefault(place, []).append(line)
            self._count(line, place in doubtful)
        self.rows = [self._row(finding) for finding in found]

    def _count(self, line: LineFacts, doubtful: bool) -> None:
        if not line.minute or not line.operation:
            return
        key = (line.file, line.minute, line.operation, doubtful)
        self._minutes[key] = self._minutes.get(key, 0) + 1

    def happenings(self) -> Iterable[DayEvent]:
        """What happened when at which desk."""
        quarters: dict[tuple[int, datetime, str, bool], int] = {}
        for (file, minute, operation, doubtful), times in self._minutes.items():
            at = datetime.fromisoformat(minute)
            quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
            key = (file, quarter, operation, doubtful)
            quarters[key] = quarters.get(key, 0) + times
        for (file, quarter, operation, doubtful), times in quarters.items():
            yield DayEvent(self._desks[file], quarter, Operation(operation), doubtful, times)

    def view(self, file: int, number: int, key: bytes) -> LineView:
        """A line as the referent sees it."""
        name = self._names[file]
        desk = self._desks[file]
        # A line of the file may hold two loans; the key of one that was corrected is another.
        near = self.lines.get((file, number), [None])
        line = next((each for each in near if each is not None and each.key == key), near[0])
        if line is None:
            return LineView(name, number, key, desk=desk)
        return line_view(name, line, key, desk)

    def _row(self, finding: checks.Finding) -> CheckRow:
        other = None
        if finding.other_file >= 0 and finding.other_number:
            other = self.view(finding.other_file, finding.other_number, finding.other_key)
        ask = Ask(finding.act.value) if finding.act is not checks.Act.NONE else Ask.NOTHING
        return CheckRow(
            weight=_WEIGHTS[finding.severity],
            code=str(finding.code),
            name=findingwords.finding_name(finding.code),
            text=findingwords.finding(finding, self._names),
            line=self.view(finding.file, finding.number, finding.key),
            ask=ask,
            act=findingwords.suggestion(finding.act) if ask is not Ask.NOTHING else "",
            other=other,
            brief=findingwords.brief(finding, self._desks),
        )

    @cached_property
    def by_key(self) -> dict[bytes, LineView]:
        """The lines that something is known of, by their keys."""
        return {
            line.key: line_view(self._names[line.file], line, line.key, self._desks[line.file])
            for near in self.lines.values()
            for line in near
        }

    @property
    def marks(self) -> dict[bytes, str]:
        """The names of the files by what names them in decisions."""
        return {
            content_of(source.mark): source.name for source in self._plan.sources if source.mark
        }


def _folded(found: list[checks.Finding]) -> list[checks.Finding]:
    """A clock that was wrong all day is one thing to settle, and not one for each line."""
    wrong = {each.file for each in found if each.code is checks.Code.CLOCK_WRONG}
    times = (checks.Code.FUTURE, checks.Code.VERY_OLD)
    return [each for each in found if each.file not in wrong or each.code not in times]


def line_view(name: str, line: LineFacts, key: bytes, desk: str = "") -> LineView:
    """A line of a plan as the referent sees it; what can be read of it, if it is damaged."""
    if not line.operation:
        return salvaged(name, line, key, desk)
    return LineView(
        name,
        line.number,
        key,
        datetime.fromisoformat(line.minute) if line.minute else None,
        OPERATIONS.get(line.operation),
        line.item,
        line.patron,
        line.raw,
        desk,
    )


def salvaged(name: str, line: LineFacts, key: bytes, desk: str) -> LineView:
    """A damaged line: what of it can be read is told."""
    seen = glimpse(line.raw)
    return LineView(
        name,
        line.number,
        key,
        seen.at,
        seen.operation,
        seen.item,
        seen.patron,
        line.raw,
        desk,
        damaged=True,
    )


def _decisions(book: DecisionBook, check: _Check) -> list[CheckRow]:
    """The decisions in force about these files, newest first."""
    marks = check.marks
    files = set(marks.values())
    rows = []
    for decision in reversed(book.in_force()):
        first = decision.lines[0] if decision.lines else None
        about_clock = (
            decision.act is DecisionKind.CLOCK
            and first is not None
            and content_of(first.key) in marks
        )
        if first is None or not (about_clock or first.file in files):
            continue
        rows.append(_decision_row(decision, first, check.by_key if not about_clock else {}))
    return rows


def _decision_row(decision: Decision, first: DecidedLine, known: dict[bytes, LineView]) -> CheckRow:
    when = words.when(decision.at.astimezone())
    line = known.get(first.key) or _as_it_was(first)
    text = checkwords.decision(decision)
    return CheckRow(
        weight=FindingWeight.DECIDED,
        code=f"decision-{decision.act.value}",
        name=checkwords.decision_name(decision.act),
        text=f"{text} – {decision.note}" if decision.note else text,
        line=line,
        decision=decision.id,
        who=_("{who}, {when}").format(who=decision.who, when=when),
    )


def _as_it_was(line: DecidedLine) -> LineView:
    """A line as its file has it, whatever was decided about it."""
    record = decode(line.raw).record if line.raw else None
    if record is None:
        return LineView(line.file, line.number, line.key, raw=line.raw)
    return LineView(
        line.file,
        line.number,
        line.key,
        record.at,
        record.operation,
        record.item,
        record.patron,
        line.raw,
    )


def _source_row(source: CollectedFile, known: Decided) -> SourceRow:
    if not source.ready:
        return SourceRow(
            source.path,
            source.name,
            read=True,
            verdict=_("left out"),
            tone=Tone.BAD,
            text=source.reason,
        )
    clock = known.clock(source.mark)
    measured = source.offset if clock.trust is Trust.AFTER else 0.0
    verdict, tone = _verdict(source)
    return SourceRow(
        path=source.path,
        name=source.name,
        read=True,
        ready=True,
        taken=not source.same_as and source.lines > 0,
        sha256=source.sha256,
        lines=source.lines,
        loans=source.loans,
        returns=source.returns,
        first=source.first,
        last=source.last,
        desk=checkwords.desk_of(source),
        circulation_desk=source.identity.circulation_desk,
        desk_told=source.told_by in (ToldBy.MANIFEST, ToldBy.JOURNAL),
        precision=checkwords.precision(source) if source.readable else "",
        clock=findingwords.offset(measured + clock.seconds),
        verdict=verdict,
        tone=tone,
        text=_told(source),
        uploaded=source.standing is UploadedBefore.ALL and source.readable > 0,
        mark=source.mark,
        measured=source.offset,
        added=clock.seconds,
        trust=clock.trust.value,
        clock_decision=clock.decision,
    )


def _verdict(source: CollectedFile) -> tuple[str, Tone]:
    """How a file stands, in a word or two."""
    if source.state is not SourceState.READY or not source.lines:
        return _("empty"), Tone.PLAIN
    if source.same_as:
        return _("twice"), Tone.PLAIN
    if source.standing is UploadedBefore.ALL:
        return _("uploaded before"), Tone.PLAIN
    if source.damaged:
        return _("damaged lines"), Tone.BAD
    if source.standing is UploadedBefore.PARTLY:
        return _("partly uploaded"), Tone.LOOK
    return _("new"), Tone.GOOD


def _told(source: CollectedFile) -> str:
    """All there is to say of a file, in sentences."""
    parts = [checkwords.source_note(note, source) for note in source.notes]
    if source.standing is not UploadedBefore.NEW:
        parts.append(words.sentence_begun(checkwords.standing(source)) + ".")
    if source.damaged:
        text = ngettext(
            "{count} line cannot be sent.", "{count} lines cannot be sent.", source.damaged
        )
        parts.append(text.format(count=source.damaged))
    return " ".join(parts)
