"""What people decided, as the plan needs it: the fate of each line, choices, clocks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from offcirc.core.clockfix import Trust
from offcirc.core.fingerprint import corrected_key
from offcirc.core.transaction import (
    NotRecordableError,
    Operation,
    Record,
    check_recordable,
)
from offcirc.storage.decisions import ABOUT_LINES, ERASED, Act, Change, Decision, DecisionBook
from offcirc.storage.ledger import Ledger
from offcirc.upload.words import DROPPED, KEPT_BACK, LEFT_FOR_LATER

_CORRECTIONS = 20
"""How often a line can be corrected, one correction on top of the other."""
_REASONS = {
    Act.HOLD: KEPT_BACK,
    Act.DROP: DROPPED,
    Act.LATER: LEFT_FOR_LATER,
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a line.

    Attributes:
        record: what is sent; ``None`` when the line cannot be replayed and nobody has said what
            it was.
        key: the key it is sent with.
        reason: why it is not sent; empty when it is, or is only damaged.
        decision: the number of the decision that holds for it; 0 when there is none.
        timed: somebody has said when it happened: no clock has anything to add to that.
    """

    record: Record | None
    key: bytes
    reason: str = ""
    decision: int = 0
    timed: bool = False

    @property
    def dropped(self) -> bool:
        """Whether it is never to be sent."""
        return self.reason == DROPPED


@dataclass(frozen=True, slots=True)
class Clock:
    """How wrong a desk's clock was, as somebody decided.

    Attributes:
        seconds: to be added to all times of the file.
        trust: which clock is believed where the desk noted that it was moved.
        decision: the number of the decision.
    """

    seconds: float = 0.0
    trust: Trust = Trust.AFTER
    decision: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions in force.

    Attributes:
        lines: by a line's key, the decision that holds for it.
        choices: by a line's key, the keys of the lines that come before it.
        clocks: by a file's mark, how wrong its desk's clock was.
    """

    lines: Mapping[bytes, Decision] = field(default_factory=dict)
    choices: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    clocks: Mapping[bytes, Clock] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.lines or self.choices or self.clocks)

    def fate(self, key: bytes, record: Record | None) -> Fate:
        """What becomes of a line.

        Args:
            key: the line's.
            record: what its file says; ``None`` when it cannot be replayed.
        """
        fate = Fate(record, key)
        timed = False
        # A line that was corrected, sent and refused is corrected again under its new key.
        for _ in range(_CORRECTIONS):
            decision = self.lines.get(fate.key)
            if decision is None:
                break
            reason = _REASONS.get(decision.act, "")
            if reason:
                return Fate(fate.record, fate.key, reason, decision.id, timed)
            said = changed(fate.record, decision)
            if said is None:
                # Readers were erased from the decision, or the line is not what it was about.
                return Fate(fate.record, fate.key, KEPT_BACK, decision.id, timed)
            timed = timed or bool(decision.change.minute)
            if said == fate.record:
                return Fate(said, fate.key, "", decision.id, timed)
            fate = Fate(said, corrected_key(fate.key, said), "", decision.id, timed)
        return fate

    def clock(self, mark: bytes) -> Clock:
        """What was decided about a file's clock."""
        return self.clocks.get(mark, Clock()) if mark else Clock()

    def digest(self, keys: Iterable[bytes], mark: bytes) -> str:
        """Stands for what was decided about a file: empty when nothing was."""
        said = hashlib.sha256()
        none = True
        for key in keys:
            decision = self.lines.get(key)
            before = self.choices.get(key)
            if decision is not None:
                said.update(b"%d " % decision.id)
                none = False
            for other in sorted(before or ()):
                said.update(key + other)
                none = False
        clock = self.clock(mark)
        if clock.decision:
            said.update(b"clock %d" % clock.decision)
            none = False
        return "" if none else said.hexdigest()


NOTHING = Decided()
"""Nothing was decided."""


def decided(ledger: Ledger | None) -> Decided:
    """The decisions in force in a ledger; none without one.

    Raises:
        StorageError: it cannot be read.
    """
    if ledger is None:
        return NOTHING
    lines: dict[bytes, Decision] = {}
    choices: dict[bytes, set[bytes]] = {}
    clocks: dict[bytes, Clock] = {}
    for one in DecisionBook(ledger).in_force():
        if one.act in ABOUT_LINES:
            lines.update((line.key, one) for line in one.lines)
        elif one.act is Act.BEFORE:
            first, second = (line.key for line in one.lines)
            choices.setdefault(second, set()).add(first)
            # Who changes his mind chooses again: the newer choice holds.
            choices.get(first, set()).discard(second)
        elif one.act is Act.CLOCK:
            clocks[one.lines[0].key] = Clock(one.seconds, one.trust, one.id)
    frozen = {key: frozenset(keys) for key, keys in choices.items() if keys}
    return Decided(lines, frozen, clocks)


def changed(record: Record | None, decision: Decision) -> Record | None:
    """What a line says by a decision to correct or swap it; ``None`` when that makes no sense."""
    change = decision.change
    if decision.act is Act.SWAP:
        if record is None or record.operation is not Operation.LOAN:
            return None
        change = Change(item=record.patron, patron=record.item)
    if change.patron == ERASED:
        return None
    return corrected(record, change)


def corrected(record: Record | None, change: Change) -> Record | None:
    """What a line says after a change; ``None`` when that cannot be recorded.

    Args:
        record: what its file says; ``None`` when it cannot be replayed: then the change must say
            all of it.
        change: what it says instead.
    """
    try:
        at = datetime.fromisoformat(change.minute) if change.minute else None
        operation = Operation(change.operation) if change.operation else None
    except ValueError:
        return None
    at = at or (record.at if record is not None else None)
    operation = operation or (record.operation if record is not None else None)
    if at is None or operation is None or at.tzinfo is not None:
        return None
    item = change.item or (record.item if record is not None else "")
    patron = change.patron or (record.patron if record is not None else "")
    if operation is Operation.RETURN:
        patron = ""
    try:
        check_recordable(operation, item, patron)
    except NotRecordableError:
        return None
    return Record(at.replace(second=0, microsecond=0), operation, item, patron)
