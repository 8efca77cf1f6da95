"""Reading and checking the files on the list, and deciding about their lines.

Runs outside the window's thread: a file may lie on a slow share, and a day may be long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc import words
from offcirc.core import checks
from offcirc.core.clockfix import Trust
from offcirc.core.datline import decode
from offcirc.core.openinghours import parse_hours
from offcirc.core.transaction import Operation
from offcirc.i18n import _, ngettext
from offcirc.referent.cells import Tone
from offcirc.referent.daydata import Happening, count
from offcirc.referent.inspection import Ask, CheckRow, Inspection, LineView, SourceRow, Weight
from offcirc.storage.decisions import Act, Change, DecidedLine, Decision, DecisionBook
from offcirc.storage.ledger import LEDGER_NAME, Ledger
from offcirc.storage.ledgerrows import LineFacts
from offcirc.storage.linetimes import ToldBy
from offcirc.upload import checkwords
from offcirc.upload.checking import Against, check_plan
from offcirc.upload.collect import Scan, collect
from offcirc.upload.decided import Decided, corrected, decided
from offcirc.upload.errors import PlanError, UploadError
from offcirc.upload.plan import Plan, make_plan
from offcirc.upload.source import Source, SourceState, Standing

if TYPE_CHECKING:
    from offcirc.core.barcodes import RuleSet
    from offcirc.referent.deciding import Verdict

ROWS_LIMIT = 100_000
"""Findings that are listed; whoever has more has another problem than theirs."""

_WEIGHTS = {
    checks.Severity.ERROR: Weight.ERROR,
    checks.Severity.WARNING: Weight.WARNING,
    checks.Severity.NOTE: Weight.NOTE,
}
_ORDER = {weight: place for place, weight in enumerate(Weight)}


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
    wish: Wish, progress: Callable[[Scan], None], cancelled: Callable[[], bool]
) -> Inspection:
    """Read files, check their lines together, and say all there is to say.

    Raises:
        CancelledError: cancelled.
        StorageError: the ledger cannot be read.
    """
    with Ledger(wish.data_dir / LEDGER_NAME) as ledger:
        found = collect(
            wish.paths, ledger=ledger, now=wish.now, progress=progress, cancelled=cancelled
        )
        plan = make_plan([source for source in found if source.ready], decisions=decided(ledger))
        hours = parse_hours(wish.hours) if wish.hours else None
        against = Against(rules=wish.rules, hours=hours, ledger=ledger, now=wish.now)
        check = _Check(plan, against, cancelled)
        try:
            check.run()
        except PlanError:
            # A file went away meanwhile; its row will say so when the list is read again.
            check.rows.clear()
        rows = [*check.rows, *_decisions(DecisionBook(ledger), check)]
        rows.sort(key=lambda row: (_ORDER[row.weight], not row.question))
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
        self._quarters: dict[tuple[int, datetime, Operation, bool], int] = {}
        self.lines: dict[tuple[int, int], list[LineFacts]] = {}
        self.rows: list[CheckRow] = []
        self.more = 0

    def run(self) -> None:
        """Check every line."""
        found: list[checks.Finding] = []
        for finding in check_plan(self._plan, self._against, cancelled=self._cancelled):
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
        for line in self._plan.lines():
            place = (line.file, line.number)
            if place in wanted or line.decision or line.key in decided_keys:
                self.lines.setdefault(place, []).append(line)
            self._count(line, place in doubtful)
        self.rows = [self._row(finding) for finding in found]

    def _count(self, line: LineFacts, doubtful: bool) -> None:
        if not line.minute or not line.operation:
            return
        at = datetime.fromisoformat(line.minute)
        quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        key = (line.file, quarter, Operation(line.operation), doubtful)
        self._quarters[key] = self._quarters.get(key, 0) + 1

    def happenings(self) -> Iterable[Happening]:
        """What happened when at which desk."""
        for (file, quarter, operation, doubtful), times in self._quarters.items():
            yield Happening(self._desks[file], quarter, operation, doubtful, times)

    def view(self, file: int, number: int, key: bytes) -> LineView:
        """A line as the referent sees it."""
        name = self._names[file]
        # A line of the file may hold two loans; the key of one that was corrected is another.
        near = self.lines.get((file, number), [None])
        line = next((each for each in near if each is not None and each.key == key), near[0])
        return LineView(name, number, key) if line is None else line_view(name, line, key)

    def _row(self, finding: checks.Finding) -> CheckRow:
        other = None
        if finding.other_file >= 0 and finding.other_number:
            other = self.view(finding.other_file, finding.other_number, finding.other_key)
        ask = Ask(finding.act.value) if finding.act is not checks.Act.NONE else Ask.NOTHING
        return CheckRow(
            weight=_WEIGHTS[finding.severity],
            code=str(finding.code),
            name=checkwords.finding_name(finding.code),
            text=checkwords.finding(finding, self._names),
            line=self.view(finding.file, finding.number, finding.key),
            ask=ask,
            act=checkwords.suggestion(finding.act) if ask is not Ask.NOTHING else "",
            other=other,
        )

    @property
    def by_key(self) -> dict[bytes, LineView]:
        """The lines that something is known of, by their keys."""
        return {
            line.key: line_view(self._names[line.file], line, line.key)
            for near in self.lines.values()
            for line in near
        }

    @property
    def marks(self) -> dict[bytes, str]:
        """The names of the files by what names them in decisions."""
        return {source.mark: source.name for source in self._plan.sources if source.mark}


def _folded(found: list[checks.Finding]) -> list[checks.Finding]:
    """A clock that was wrong all day is one thing to settle, and not one for each line."""
    wrong = {each.file for each in found if each.code is checks.Code.CLOCK_WRONG}
    times = (checks.Code.FUTURE, checks.Code.VERY_OLD)
    return [each for each in found if each.file not in wrong or each.code not in times]


def line_view(name: str, line: LineFacts, key: bytes) -> LineView:
    """A line of a plan as the referent sees it."""
    return LineView(
        name,
        line.number,
        key,
        datetime.fromisoformat(line.minute) if line.minute else None,
        Operation(line.operation) if line.operation else None,
        line.item,
        line.patron,
        line.raw,
    )


def _decisions(book: DecisionBook, check: _Check) -> list[CheckRow]:
    """The decisions in force about these files, newest first."""
    files = set(check.marks.values())
    rows = []
    for decision in reversed(book.in_force()):
        first = decision.lines[0] if decision.lines else None
        about_clock = decision.act is Act.CLOCK and first is not None and first.key in check.marks
        if first is None or not (about_clock or first.file in files):
            continue
        rows.append(_decision_row(decision, first, check.by_key if not about_clock else {}))
    return rows


def _decision_row(decision: Decision, first: DecidedLine, known: dict[bytes, LineView]) -> CheckRow:
    when = words.when(decision.at.astimezone())
    line = known.get(first.key) or _as_it_was(first)
    text = checkwords.decision(decision)
    return CheckRow(
        weight=Weight.DECIDED,
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


def _source_row(source: Source, known: Decided) -> SourceRow:
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
        clock=checkwords.offset(measured + clock.seconds),
        verdict=verdict,
        tone=tone,
        text=_told(source),
        uploaded=source.standing is Standing.ALL and source.readable > 0,
        mark=source.mark,
        measured=source.offset,
        added=clock.seconds,
        trust=clock.trust.value,
        clock_decision=clock.decision,
    )


def _verdict(source: Source) -> tuple[str, Tone]:
    """How a file stands, in a word or two."""
    if source.state is not SourceState.READY or not source.lines:
        return _("empty"), Tone.PLAIN
    if source.same_as:
        return _("twice"), Tone.PLAIN
    if source.standing is Standing.ALL:
        return _("uploaded before"), Tone.PLAIN
    if source.damaged:
        return _("damaged lines"), Tone.BAD
    if source.standing is Standing.PARTLY:
        return _("partly uploaded"), Tone.LOOK
    return _("new"), Tone.GOOD


def _told(source: Source) -> str:
    """All there is to say of a file, in sentences."""
    parts = [checkwords.source_note(note, source) for note in source.notes]
    if source.standing is not Standing.NEW:
        parts.append(words.sentence_begun(checkwords.standing(source)) + ".")
    if source.damaged:
        text = ngettext(
            "{count} line cannot be sent.", "{count} lines cannot be sent.", source.damaged
        )
        parts.append(text.format(count=source.damaged))
    return " ".join(parts)


# -- deciding ---------------------------------------------------------------------------------


class NotRecordableError(UploadError):
    """A line would not be a loan or a return after a correction."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "That would be no loan or return: a loan needs item and borrower, a return the item,"
            " and both a time such as 2018-05-31 14:05."
        )


def decide(data_dir: Path, verdict: Verdict, who: str) -> tuple[int, ...]:
    """Keep a decision; it is on the disk when this returns.

    Returns:
        The numbers of what was decided; none when something was taken back.

    Raises:
        NotRecordableError: a line cannot say that.
        StorageError: it cannot be kept.
    """
    if verdict.act == "correct" and not recordable(verdict.lines[0], verdict.change):
        raise NotRecordableError(verdict.lines[0].file)
    with Ledger(data_dir / LEDGER_NAME) as ledger:
        book = DecisionBook(ledger)
        if verdict.undoes:
            for number in verdict.undoes:
                book.undo(number, who=who, note=verdict.note)
            return ()
        return (_keep(book, verdict, who).id,)


def _keep(book: DecisionBook, verdict: Verdict, who: str) -> Decision:
    lines = [DecidedLine(line.key, line.file, line.number, line.raw) for line in verdict.lines]
    match verdict.act:
        case "correct":
            return book.correct(lines[0], Change(*verdict.change), who=who, note=verdict.note)
        case "before":
            return book.before(lines[0], lines[1], who=who, note=verdict.note)
        case "clock":
            trust = Trust(verdict.trust) if verdict.trust else Trust.AFTER
            return book.clock(lines[0], verdict.seconds, trust=trust, who=who, note=verdict.note)
    about = {"swap": book.swap, "hold": book.hold, "drop": book.drop}[verdict.act]
    return about(lines, who=who, note=verdict.note)


def recordable(line: LineView, change: Sequence[str]) -> bool:
    """Whether a line could be recorded after a change; see :class:`Change`."""
    return corrected(decode(line.raw).record, Change(*change)) is not None
