"""Checking a plan before it is sent: each line by itself, and all of them together.

The files are read twice more: once for what stands in each, once in the one order. Findings come as
they are made; whoever shows them decides how many to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from offcirc import words
from offcirc.core.barcodes.rules import ANY, RuleSet
from offcirc.core.checks import lookup as checks_lookup
from offcirc.core.checks.across import COPIED_LINES, Across
from offcirc.core.checks.lookup import ItemKnown, PatronKnown
from offcirc.core.checks.swapped import Barcodes, Found, Roles
from offcirc.core.checks.verdicts import Act, Code, Finding, Severity
from offcirc.core.dat import datfile
from offcirc.core.dat.datline import Doubt
from offcirc.core.fingerprint import has_identity
from offcirc.core.openinghours import OpeningHours
from offcirc.core.transaction import OPERATIONS, Record
from offcirc.storage.ledger.alike import OPEN, RECORDED, REFUSED, earlier
from offcirc.storage.ledger.alike import Found as Told
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineFacts, LineState
from offcirc.upload.base.patience import CancelledError
from offcirc.upload.lines.plan import Plan, glanced_lines, keyed_lines, times_of
from offcirc.upload.lines.source import FileNote

_AT_ONCE = 2000
_FEW = COPIED_LINES * 95
"""Bytes of a file that two desks may have written alike by coincidence."""
_TIMES = (Doubt.FUTURE, Doubt.VERY_OLD)

_EARLIER = {
    RECORDED: (Code.RECORDED_EARLIER, Severity.NOTE),
    OPEN: (Code.OPEN_EARLIER, Severity.WARNING),
    REFUSED: (Code.REFUSED_EARLIER, Severity.NOTE),
}


@dataclass(frozen=True, slots=True)
class Against:
    """What lines are checked against, besides each other.

    Attributes:
        rules: the library's barcode rules.
        hours: when it is open; ``None`` when that is not to be checked.
        items: what was looked up of items, by barcode.
        patrons: the same of readers, by identifier.
        ledger: tells what was uploaded earlier; ``None`` when that is not to be checked. Opened by
            the calling thread.
        server: identity of the server whose uploads count; of any when empty.
        memory: what the ledger has told of keys already, to which is added what it tells; ``None``
            when nothing is to be remembered.
        now: local time without zone.
    """

    rules: RuleSet = ANY
    hours: OpeningHours | None = None
    items: Mapping[str, ItemKnown] = field(default_factory=dict)
    patrons: Mapping[str, PatronKnown] = field(default_factory=dict)
    ledger: Ledger | None = None
    server: str = ""
    memory: dict[bytes, Told | None] | None = None
    now: datetime = field(default_factory=datetime.now)


def check_plan(
    plan: Plan,
    against: Against | None = None,
    *,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    seen: Callable[[LineFacts], None] | None = None,
) -> Iterator[Finding]:
    """What there is to say about the lines of a plan, as it would be sent.

    Args:
        plan: the plan; what people decided is in it.
        against: what to check against besides.
        progress: told now and then how many lines of the one order have been checked.
        cancelled: asked as often.
        seen: told every line of the one order, those that are held too.

    Raises:
        CancelledError: cancelled.
        PlanError: a file cannot be read any more, or has changed.
        StorageError: the ledger cannot be read.
    """
    against = against or Against()
    stop = _Stop(progress, cancelled)
    yield from _about_copies(plan)
    roles = Roles()
    counts = [0] * len(plan.files)
    for index, file in enumerate(plan.files):
        if not file.same_as:
            yield from _unless_recorded(_form(plan, index, roles, counts, stop), against)
    roles.finish()
    yield from _together(plan, against, Barcodes(against.rules, roles), counts, stop, seen)


class _Stop:
    """Tells how far the check has come, and stops it."""

    def __init__(
        self, progress: Callable[[int], None] | None, cancelled: Callable[[], bool] | None
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled

    def ask(self) -> None:
        """Whether to go on."""
        if self._cancelled is not None and self._cancelled():
            raise CancelledError

    def done(self, lines: int) -> None:
        """So many lines have been checked."""
        self.ask()
        if self._progress is not None:
            self._progress(lines)


def _about_copies(plan: Plan) -> Iterator[Finding]:
    """What collecting has found out about files as a whole."""
    numbers = {file.name: index for index, file in enumerate(plan.files)}
    for index, source in enumerate(plan.sources):
        if source.same_as:
            earlier_copy = FileNote.EARLIER_COPY in source.notes
            taken = numbers.get(source.same_as, -1)
            # Two desks may well have recorded the same few lines.
            told = has_identity(source.mark) and source.mark == plan.sources[taken].mark
            sure = told or source.size >= _FEW
            yield Finding(
                Code.EARLIER_COPY if earlier_copy else Code.SAME_FILE,
                *(Severity.NOTE if sure else Severity.WARNING, index, 0, source.mark),
                other_file=taken,
                act=Act.NONE if sure else Act.LOOK,
            )
        elif source.corrections and not plan.decided.clock(source.mark).decision:
            yield Finding(
                *(Code.CLOCK_MOVED, Severity.NOTE, index, 0, source.mark),
                detail=f"{source.offset:+g}",
                act=Act.LOOK,
            )


def _unless_recorded(found: Iterator[Finding], against: Against) -> Iterator[Finding]:
    """Findings, without those about lines that are recorded: nothing can be decided about them."""
    if against.ledger is None:
        yield from found
        return
    while part := list(islice(found, _AT_ONCE)):
        known = _asked(against, against.ledger, [each.key for each in part])
        for each in part:
            if each.key not in known or known[each.key].value != RECORDED:
                yield each


def _asked(against: Against, ledger: Ledger, keys: Sequence[bytes]) -> dict[bytes, Told]:
    """What earlier uploads have done with lines; each is asked about once."""
    memory = against.memory
    if memory is None:
        return earlier(ledger, keys, against.server)
    new = [key for key in keys if key not in memory]
    if new:
        memory.update(dict.fromkeys(new))
        memory.update(earlier(ledger, new, against.server))
    return {key: told for key in keys if (told := memory[key]) is not None}


def _form(
    plan: Plan, index: int, roles: Roles, counts: list[int], stop: _Stop
) -> Iterator[Finding]:
    """What a file's lines say by themselves, but for their times: those may be corrected."""
    source = plan.sources[index]
    decided = plan.decided
    kept = plan.kept.get(index)
    # Where the desk noted that its clock was moved, nobody need be told that it went back.
    passed_over = (*_TIMES, Doubt.BACKWARDS) if source.corrections else _TIMES
    counted = False
    if kept is None and not decided.about_lines:
        counted = True
        if not _counted(plan, index, roles, counts, passed_over, stop):
            return
    lines = kept.keyed if kept is not None else keyed_lines(plan, index, times_of(source))
    for entry, key, plain in lines:
        if not counted:
            counts[index] += 1
        if not entry.number % _AT_ONCE:
            stop.ask()
        fate = None
        if decided.about_lines and decided.concerns(key, plain, entry.record):
            fate = decided.fate(key, entry.record, plain, entry.number)
        record = entry.record if fate is None else fate.record
        if record is None:
            if fate is not None and fate.reason:
                continue  # somebody has seen it and decided
            problem = entry.problem
            assert problem is not None
            yield Finding(
                *(problem, Severity.ERROR, index, entry.number, key),
                detail=words.refusal(entry),
                act=Act.CORRECT,
            )
            continue
        if not counted:
            roles.count(record.item, record.patron if record.operation.lends else "")
        for doubt in entry.doubts:
            if doubt not in passed_over:
                yield Finding(
                    *(doubt, Severity.WARNING, index, entry.number, key),
                    act=Act.LOOK,
                    record=record,
                )


def _counted(  # noqa: PLR0917
    plan: Plan,
    index: int,
    roles: Roles,
    counts: list[int],
    passed_over: tuple[Doubt, ...],
    stop: _Stop,
) -> bool:
    """Count what a file's lines name; whether there is anything to say about one of them.

    Nearly all files are fine, so the keys of their lines are not asked for.
    """
    remarkable = False
    for plain, others in glanced_lines(plan, index):
        stop.ask()
        counts[index] += len(plain) + len(others)
        roles.count_all(map(datfile.named, plain))
        for entry in others:
            record = entry.record
            if record is None:
                remarkable = True
                continue
            roles.count(record.item, record.patron if record.operation.lends else "")
            remarkable = remarkable or not set(passed_over).issuperset(entry.doubts)
    return remarkable


def _together(  # noqa: PLR0917
    plan: Plan,
    against: Against,
    barcodes: Barcodes,
    counts: list[int],
    stop: _Stop,
    seen: Callable[[LineFacts], None] | None,
) -> Iterator[Finding]:
    """What the lines say in their one order."""
    items = against.items

    def is_free(item: str) -> bool:
        known = items.get(item)
        return known is not None and known.found and getattr(known, "due_at", None) is None

    across = Across(counts, [source.mark for source in plan.sources], is_free)
    lines = _sent(plan, seen)
    alone = _Alone(against, barcodes)
    pairs = done = 0
    recorded: set[int] = set()
    while part := list(islice(lines, _AT_ONCE)):
        for finding in _earlier(part, against):
            if finding.code in (Code.RECORDED_EARLIER, Code.ALIKE):
                recorded.add(hash(finding.key))
            yield finding
        for line in part:
            found = across.see(line)
            if recorded and hash(line.key) in recorded:
                continue  # it is there, and nothing can be decided about it
            for finding in found:
                yield finding._replace(record=_record(line))
            if line.twin >= 0 or alone.is_fine(line.minute):
                continue  # all else is said of the one that is sent
            for code, severity, act, detail in alone.look(line):
                if code in (Code.FUTURE, Code.VERY_OLD):
                    across.odd_time(line.file, code)
                yield Finding(
                    *(code, severity, line.file, line.number, line.key),
                    detail=detail,
                    act=act,
                    record=_record(line),
                )
        for pair in plan.pairs[pairs:]:
            one, other = pair.second, pair.first
            if {hash(one.extra.sent_key), hash(other.extra.sent_key)} <= recorded:
                continue
            yield Finding(
                *(Code.UNCLEAR_ORDER, Severity.WARNING, one.desk, one.extra.number, one.key),
                *(other.desk, other.extra.number, other.key),
                act=Act.CHOOSE,
                record=one.record._replace(at=one.at),
            )
        pairs = len(plan.pairs)
        done += len(part)
        stop.done(done)
    yield from across.about_files()


def _sent(plan: Plan, seen: Callable[[LineFacts], None] | None) -> Iterator[LineFacts]:
    """The lines that are not held, whoever wants to see all of them."""
    for line in plan.lines():
        if seen is not None:
            seen(line)
        if line.state is not LineState.HELD:
            yield line


def _earlier(part: list[LineFacts], against: Against) -> Iterator[Finding]:
    """What earlier uploads have done with lines."""
    if against.ledger is None:
        return
    keys = [line.key for line in part if line.twin < 0]
    known = _asked(against, against.ledger, keys)
    for line in part:
        if line.key in known:
            outcome, sure = known[line.key]
            code, severity = _EARLIER[outcome]
            if outcome == RECORDED and not sure:
                code, severity = Code.ALIKE, Severity.WARNING
            yield Finding(*(code, severity, line.file, line.number, line.key), record=_record(line))


class _Alone:
    """Judges a line by rules, clock, opening hours and what was looked up."""

    def __init__(self, against: Against, barcodes: Barcodes) -> None:
        self._against = against
        self._barcodes = barcodes if barcodes else None
        self._latest = _minute(against.now + datfile.CLOCK_TOLERANCE)
        self._oldest = _minute(against.now - datfile.VERY_OLD)
        self._looked_up = bool(against.items or against.patrons)
        self._by_time_alone = (
            self._barcodes is None and against.hours is None and not self._looked_up
        )
        self._open: dict[str, bool] = {}

    def is_fine(self, minute: str) -> bool:
        """Whether nothing but its time could be said of a line, and that is fine."""
        return self._by_time_alone and self._oldest <= minute <= self._latest

    def look(self, line: LineFacts) -> Iterator[Found]:
        """What there is to say of it."""
        if line.minute > self._latest:
            yield Code.FUTURE, Severity.WARNING, Act.CLOCK, ""
        elif line.minute < self._oldest:
            yield Code.VERY_OLD, Severity.WARNING, Act.CLOCK, ""
        if self._barcodes is not None:
            yield from self._barcodes.look(line.item, line.patron)
        against = self._against
        if against.hours is not None and not self._is_open(against.hours, line.minute):
            yield Code.CLOSED, Severity.NOTE, Act.CLOCK, ""
        if self._looked_up:
            yield from checks_lookup.look(
                *(line.item, line.patron, line.minute), against.items, against.patrons
            )

    def _is_open(self, hours: OpeningHours, minute: str) -> bool:
        if minute not in self._open:
            self._open = {minute: hours.is_open(datetime.fromisoformat(minute))}
        return self._open[minute]


def _record(line: LineFacts) -> Record:
    at = datetime.fromisoformat(line.minute)
    return Record(at, OPERATIONS[line.operation], line.item, line.patron)


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
