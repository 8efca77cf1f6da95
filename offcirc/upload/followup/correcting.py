"""Correcting a refused line and sending it again, by itself.

A correction is a decision on top of the file, as before an upload: who, when, what instead. The
line goes up with the key that the decision gives it, so it is recorded once whether it is sent
again alone, or with its whole file, here or on another PC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from offcirc.core.dat.datline import decode
from offcirc.core.dat.datparts import glimpse
from offcirc.core.fingerprint import content_of, corrected_key
from offcirc.core.transaction import (
    OPERATIONS,
    NotRecordableError,
    Operation,
    Problem,
    Record,
    check_recordable,
)
from offcirc.storage.ledger import followups
from offcirc.storage.ledger.decisions import (
    DecidedLine,
    Decision,
    DecisionBook,
    DecisionKind,
    LineChange,
)
from offcirc.storage.ledger.followups import LeftToDo
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineRow, LineState
from offcirc.upload.base.errors import UploadError
from offcirc.upload.lines.decided import Decided, changed, decided

_ACTS = (DecisionKind.CORRECT, DecisionKind.SWAP)


class NotCorrectableError(UploadError):
    """A line cannot be sent again like that.

    Attributes:
        problem: why; ``None`` when nothing would change, or it is recorded already.
    """

    def __init__(self, name: str, problem: Problem | None) -> None:
        super().__init__(name)
        self.problem = problem

    def words(self) -> str:
        """What to tell a librarian."""
        from offcirc import words  # noqa: PLC0415 - the words of an error, only when it is told
        from offcirc.i18n import _  # noqa: PLC0415

        if self.problem is not None:
            return words.problem(self.problem)
        return _(
            "{name} cannot be corrected like that: it is recorded already, or nothing would change."
        ).format(name=self.name)


@dataclass(frozen=True, slots=True)
class Correction:
    """How a line is to be sent again.

    Attributes:
        at: when that was decided, aware, UTC.
        who: by whom.
        record: what is sent, its time as the desk's file states it.
        minute: the time it is sent with, clock corrected: naive local time in ISO form.
        exact: the same to the millisecond; empty when it is not known.
        key: the key under which it is sent, 32 bytes.
        decision: the number of the decision.
    """

    at: datetime
    who: str
    record: Record
    minute: str
    exact: str
    key: bytes
    decision: int

    @property
    def item(self) -> str:
        """The item barcode to send."""
        return self.record.item

    @property
    def patron(self) -> str:
        """The reader to send; empty on a return."""
        return self.record.patron


class Corrections:
    """The decisions in force, asked about lines of past uploads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._decided: Decided = decided(ledger)
        self._book = DecisionBook(ledger)

    def of(self, row: LineRow) -> Correction | None:
        """How a line is to be sent again otherwise than it was; ``None`` if it is not."""
        known = self._decided.lines
        plain = content_of(row.key)
        decision = known.get(self._decided.name(row.key, plain, row.number, known))
        if decision is None or decision.act not in _ACTS:
            return None
        # One step only: what was corrected again after it was refused is a line of its own.
        sent = self._sent(row)
        said = changed(sent, decision)
        if said is None or said == sent:
            return None
        # The time that was sent has the clock's correction in it; one that was said has not.
        moved = sent is None or bool(decision.change.minute) or not row.minute
        return Correction(
            at=decision.at,
            who=decision.who,
            record=said,
            minute=said.at.isoformat(timespec="minutes") if moved else row.minute,
            exact="" if moved else row.exact,
            key=corrected_key(row.key, said),
            decision=decision.id,
        )

    def _sent(self, row: LineRow) -> Record | None:
        """What a line said when it was sent, its time as the desk's clock had it."""
        said = decode(row.raw).record
        decision = self._book.get(row.decision) if row.decision else None
        if decision is None or decision.act not in _ACTS:
            return said
        keys = [line.key for line in decision.lines]
        # It may have been sent and refused before it was corrected.
        for family in followups.twins(self._ledger, keys).values():
            for earlier in followups.lines_of(self._ledger, [family[0].line]):
                if earlier.line.id < row.id and earlier.line.raw == row.raw:
                    return changed(self._sent(earlier.line), decision)
        return changed(said, decision)


def correct(
    ledger: Ledger, lines: Sequence[int], change: LineChange, *, who: str, note: str = ""
) -> list[Decision]:
    """Decide that lines are to be sent again, saying something else.

    Args:
        ledger: where the uploads are kept.
        lines: their numbers in the ledger.
        change: what they say instead; what is empty stays as the file has it.
        who: by whom.
        note: why.

    Raises:
        NotCorrectableError: a line would not be recordable, is recorded already, or would not
            change; nothing was decided.
    """
    found = followups.lines_of(ledger, lines)
    # One that was sent as corrected says all that it is to say.
    changes = [change if each.line.operation else filled(each.line.raw, change) for each in found]
    for each, meant in zip(found, changes, strict=True):
        _check(each.line, meant)
    book = DecisionBook(ledger)
    names = _Names(ledger)
    return [
        book.correct(_decided_line(each, names), meant, who=who, note=note)
        for each, meant in zip(found, changes, strict=True)
    ]


def filled(raw: bytes, change: LineChange) -> LineChange:
    """A change that says, of a damaged line, also what can still be read of it."""
    if decode(raw).record is not None:
        return change
    seen = glimpse(raw)
    return LineChange(
        change.minute or (seen.at.isoformat(timespec="minutes") if seen.at else ""),
        change.operation or (seen.operation.value if seen.operation else ""),
        change.item or seen.item,
        change.patron or seen.patron,
    )


def take_back(ledger: Ledger, lines: Sequence[int], *, who: str) -> None:
    """Let lines not be sent again after all."""
    corrections = Corrections(ledger)
    book = DecisionBook(ledger)
    for each in followups.lines_of(ledger, lines):
        correction = corrections.of(each.line)
        if correction is not None:
            book.undo(correction.decision, who=who)


def _check(row: LineRow, change: LineChange) -> None:
    name = str(row.number)
    if row.state in {LineState.RECORDED, LineState.SKIPPED, LineState.PLANNED}:
        raise NotCorrectableError(name, None)
    said = decode(row.raw).record
    operation = change.operation or row.operation
    item = change.item or row.item or (said.item if said else "")
    patron = change.patron or row.patron or (said.patron if said else "")
    if not operation:
        raise NotCorrectableError(name, Problem.UNKNOWN_OPERATION)
    if not (change.minute or row.minute):
        raise NotCorrectableError(name, Problem.IMPOSSIBLE_DATE)
    if not OPERATIONS[operation].lends:
        patron = ""
    try:
        check_recordable(Operation(operation), item, patron)
    except NotRecordableError as error:
        raise NotCorrectableError(name, error.problem) from error
    now = (change.minute or row.minute, operation, item, patron)
    if now == (row.minute, row.operation, row.item, row.patron):
        raise NotCorrectableError(name, None)


class _Names:
    """The names of the files of uploads, each looked up once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._files: dict[int, list[FileFacts]] = {}

    def file(self, upload: int, index: int) -> FileFacts:
        if upload not in self._files:
            self._files[upload] = self._ledger.files(upload)
        return self._files[upload][index]


def _decided_line(each: LeftToDo, names: _Names) -> DecidedLine:
    row = each.line
    return DecidedLine(row.key, names.file(each.upload, row.file).name, row.number, row.raw)


# -- sending again --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resend:
    """Corrected lines that go up by themselves; a plan like any other.

    Attributes:
        server: the identity of the server they belong to.
        desk: the circulation desk's code.
        files: the files they come from.
        facts: the lines, in the order in which they are sent.
    """

    server: str
    desk: str
    files: tuple[FileFacts, ...]
    facts: tuple[LineFacts, ...]

    def lines(self) -> Iterator[LineFacts]:
        """The lines, in the order in which they are to be sent."""
        return iter(self.facts)


def resends(ledger: Ledger, lines: Iterable[tuple[int, Correction]]) -> list[Resend]:
    """What is to go up again: for each server and circulation desk, one small upload.

    Args:
        ledger: where the uploads are kept.
        lines: the lines' numbers in the ledger, each with its correction.
    """
    wanted = dict(lines)
    uploads = {upload.id: upload for upload in ledger.uploads()}
    names = _Names(ledger)
    batches: dict[tuple[str, str], list[LeftToDo]] = {}
    for each in followups.lines_of(ledger, sorted(wanted)):
        upload = uploads[each.upload]
        batches.setdefault((upload.server, upload.desk), []).append(each)
    return [
        _resend(place, [(each, wanted[each.line.id]) for each in members], names)
        for place, members in batches.items()
    ]


def _resend(
    place: tuple[str, str], lines: list[tuple[LeftToDo, Correction]], names: _Names
) -> Resend:
    lines.sort(key=lambda pair: (pair[1].exact or pair[1].minute, pair[0].line.id))
    # What makes this upload itself, so that an interrupted one is resumed and no other.
    content = hashlib.sha256(b"".join(correction.key for _each, correction in lines)).hexdigest()
    files: dict[tuple[int, int], int] = {}
    kept: list[FileFacts] = []
    facts = []
    for each, correction in lines:
        source = (each.upload, each.line.file)
        if source not in files:
            files[source] = len(kept)
            known = names.file(*source)
            # No path: these lines are no file, and there is nothing to be put away.
            kept.append(known._replace(path="", sha256=content, size=0, same_as=""))
        record = correction.record
        facts.append(
            LineFacts(
                files[source],
                each.line.number,
                each.line.raw,
                correction.minute,
                record.operation.value,
                record.item,
                record.patron,
                correction.key,
                LineState.PLANNED,
                exact=correction.exact,
                decision=correction.decision,
            )
        )
    return Resend(*place, tuple(kept), tuple(facts))
