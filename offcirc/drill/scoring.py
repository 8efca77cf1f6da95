"""The score of a drill: what was recorded, uploaded and done, compared with the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from offcirc.drill import recorded
from offcirc.drill.recorded import RecordedLine, ServedDrill, ServedLine
from offcirc.drill.truth import ActKind, DrillDesk, DrillLine, Truth, read

DESKS = "desks"


class DrillSlip(StrEnum):
    """What can go wrong in a drill."""

    PATRON_BEFORE = "reader-before"
    WRONG_PATRON = "wrong-reader"
    WRONG_OPERATION = "wrong-operation"
    OTHER_DESK = "other-desk"
    MISSING = "missing"
    TWICE = "twice"
    CARD_AS_ITEM = "card-as-item"
    EXTRA = "extra"
    ORDER = "order"
    BOX_TIME = "box-time"
    NOT_SAVED = "not-saved"
    NOT_UPLOADED = "not-uploaded"
    WRONG_MINUTE = "wrong-minute"
    REFUSED = "refused"
    UNTRUE = "untrue"
    """The server holds a line that did not happen."""
    NO_NOTE_ON_PATRON = "no-note-on-reader"
    NO_NOTE_ON_ITEMS = "no-note-on-items"
    DUE_DATE_AS_IT_WAS = "due-date-as-it-was"
    NOT_SCANNED_AGAIN = "not-scanned-again"


_UNDONE = {
    ActKind.ITEM_UNKNOWN: DrillSlip.NO_NOTE_ON_PATRON,
    ActKind.PATRON_UNKNOWN: DrillSlip.NO_NOTE_ON_ITEMS,
    ActKind.DUE_DATE: DrillSlip.DUE_DATE_AS_IT_WAS,
    ActKind.SECOND_SCAN: DrillSlip.NOT_SCANNED_AGAIN,
}


@dataclass(frozen=True, slots=True)
class DrillFinding:
    """What went wrong, and with which lines: their items, with the number at the desk or 0."""

    slip: DrillSlip
    lines: tuple[tuple[int, str], ...]

    @property
    def count(self) -> int:
        """How many lines."""
        return len(self.lines)


@dataclass(frozen=True, slots=True)
class Mark:
    """How well a part of a drill went."""

    right: int
    of: int
    findings: tuple[DrillFinding, ...]


@dataclass(frozen=True, slots=True)
class DrillScore:
    """A whole drill; the desks by their letter."""

    drill: str
    desks: dict[str, Mark]
    upload: Mark
    acts: Mark

    @property
    def percent(self) -> int:
        """100 when nothing at all went wrong, and only then."""
        marks = [*self.desks.values(), self.upload, self.acts]
        of = sum(mark.of for mark in marks)
        whole = 100 * sum(mark.right for mark in marks) // of
        return min(whole, 99) if any(mark.findings for mark in marks) else whole


def score(folder: Path) -> DrillScore:
    """Judge the drill in a folder.

    Raises:
        DrillError: there is none, or something of it cannot be read.
    """
    truth = read(folder)
    lines = {desk.letter: recorded.of_desk(folder / DESKS / desk.letter) for desk in truth.desks}
    return judge(truth, lines, recorded.of_server(folder, truth))


def judge(truth: Truth, lines: dict[str, list[RecordedLine]], served: ServedDrill) -> DrillScore:
    """Compare what the desks recorded and what the server knows with the truth."""
    same = _Patrons(served.known)
    judged = {desk.letter: _DeskJudge(truth, desk, lines, same) for desk in truth.desks}
    desks = {letter: each.mark() for letter, each in judged.items()}
    minutes = {line: at for each in judged.values() for line, at in each.minutes.items()}
    undone: dict[DrillSlip, list[tuple[int, str]]] = {}
    for act in served.undone:
        name = (0, act.items[0])
        undone.setdefault(_UNDONE[act.kind], []).append(name)
    acts = _mark(len(truth.acts), undone)
    return DrillScore(truth.drill, desks, _uploaded(truth, served.lines, minutes, same), acts)


class _Patrons:
    """Whether two identifiers are of one reader."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = known

    def same(self, one: str, other: str) -> bool:
        return self._known.get(one, one) == self._known.get(other, other)


def _mark(of: int, wrong: dict[DrillSlip, list[tuple[int, str]]]) -> Mark:
    findings = tuple(DrillFinding(slip, tuple(wrong[slip])) for slip in DrillSlip if slip in wrong)
    lost = sum(finding.count for finding in findings)
    return Mark(max(0, of - lost), of, findings)


class _DeskJudge:
    """What one desk has recorded, line by line."""

    def __init__(
        self,
        truth: Truth,
        desk: DrillDesk,
        lines: dict[str, list[RecordedLine]],
        patrons: _Patrons,
    ) -> None:
        self._truth, self._desk, self._same = truth, desk, patrons.same
        self._script = [line for line in truth.lines if line.desk == desk.letter]
        self._left = list(lines[desk.letter])
        self._elsewhere = [
            line for letter, each in lines.items() if letter != desk.letter for line in each
        ]
        self._wrong: dict[DrillSlip, list[tuple[int, str]]] = {}
        self._since = datetime.fromisoformat(truth.since)
        self.minutes: dict[DrillLine, datetime] = {}

    def mark(self) -> Mark:
        """Judge every line."""
        met: dict[DrillLine, RecordedLine] = {}
        for fits in (self._is_right, self._is_loan_of, self._is_about):
            for line in self._script:
                if line not in met:
                    found = next((each for each in self._left if fits(line, each)), None)
                    if found is not None:
                        self._left.remove(found)
                        met[line] = found
        for line in self._script:
            self._judge(line, met.get(line))
        self._check_order(met)
        for each in self._left:
            self._note(self._spare(each), each)
        return _mark(len(self._script), self._wrong)

    def _judge(self, line: DrillLine, found: RecordedLine | None) -> None:
        if found is None:
            there = any(self._is_right(line, each) for each in self._elsewhere)
            slip = DrillSlip.OTHER_DESK if there else DrillSlip.MISSING
            self._wrong.setdefault(slip, []).append((0, line.item))
            return
        clock = 0 if line.box else self._desk.clock
        self.minutes[line] = recorded.shifted(found, clock)
        if found.operation != line.operation:
            self._note(DrillSlip.WRONG_OPERATION, found)
        elif not self._is_right(line, found):
            before = self._patron_before(line)
            is_before = bool(before) and self._same(found.patron, before)
            self._note(DrillSlip.PATRON_BEFORE if is_before else DrillSlip.WRONG_PATRON, found)
        elif line.box and found.at >= self._since:
            self._note(DrillSlip.BOX_TIME, found)
        elif not found.saved:
            self._note(DrillSlip.NOT_SAVED, found)

    def _is_right(self, line: DrillLine, found: RecordedLine) -> bool:
        fits = (line.operation, line.item) == (found.operation, found.item)
        return fits and (line.operation == "R" or self._same(line.patron, found.patron))

    def _is_loan_of(self, line: DrillLine, found: RecordedLine) -> bool:
        return (line.operation, line.item) == (found.operation, found.item)

    def _is_about(self, line: DrillLine, found: RecordedLine) -> bool:
        # Of the lines about one item, a missing one is not explained by the surplus of another.
        asked = sum(each.item == line.item for each in self._script)
        return line.item == found.item and asked == 1

    def _patron_before(self, line: DrillLine) -> str:
        """The reader whom the script has at the desk before that of a line."""
        before = self._script[: self._script.index(line)]
        others = [each.patron for each in before if each.patron not in ("", line.patron)]
        return others[-1] if others else ""

    def _check_order(self, met: dict[DrillLine, RecordedLine]) -> None:
        """What the script has one after the other about one item was recorded in that order."""
        last: dict[str, int] = {}
        for line in self._script:
            if line in met:
                found = met[line]
                if found.number < last.get(line.item, 0):
                    self._note(DrillSlip.ORDER, found)
                last[line.item] = found.number

    def _spare(self, found: RecordedLine) -> DrillSlip:
        """What a line is that the script does not ask for."""
        if found.item in {line.patron for line in self._truth.lines if line.patron}:
            return DrillSlip.CARD_AS_ITEM
        asked = (line.item for line in self._script if line.operation == found.operation)
        return DrillSlip.TWICE if found.item in asked else DrillSlip.EXTRA

    def _note(self, slip: DrillSlip, found: RecordedLine) -> None:
        shown = "" if slip is DrillSlip.CARD_AS_ITEM else found.item
        self._wrong.setdefault(slip, []).append((found.number, shown))


def _uploaded(
    truth: Truth,
    served: Sequence[ServedLine],
    minutes: dict[DrillLine, datetime],
    patrons: _Patrons,
) -> Mark:
    """What has reached the server: right reader, right minute, not refused for its order."""
    wrong: dict[DrillSlip, list[tuple[int, str]]] = {}
    true: set[int] = set()
    for line in truth.lines:
        places = [place for place, each in enumerate(served) if _says(line, each, patrons.same)]
        true.update(places)
        fine = [served[place] for place in places if served[place].code in ("", line.status)]
        slip = None
        if not places:
            slip = DrillSlip.NOT_UPLOADED
        elif not fine:
            slip = DrillSlip.REFUSED
        elif line in minutes and not _at_its_minute(fine, minutes[line]):
            slip = DrillSlip.WRONG_MINUTE
        if slip is not None:
            wrong.setdefault(slip, []).append((0, line.item))
    for place, each in enumerate(served):
        if place not in true and not each.code:
            wrong.setdefault(DrillSlip.UNTRUE, []).append((0, each.item))
    return _mark(len(truth.lines), wrong)


def _says(line: DrillLine, each: ServedLine, same: Callable[[str, str], bool]) -> bool:
    fits = (line.operation, line.item) == (each.operation, each.item)
    return fits and (line.operation == "R" or same(line.patron, each.patron))


def _at_its_minute(served: Iterable[ServedLine], minute: datetime) -> bool:
    return any(each.minute == minute for each in served)
