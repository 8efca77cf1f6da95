"""What people decided, as the plan needs it: the fate of each line, choices, clocks."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from offcirc.core.fingerprint import CONTENT, content_of, corrected_key, has_identity
from offcirc.core.order.clockfix import Trust
from offcirc.core.transaction import (
    NotRecordableError,
    Operation,
    Record,
    check_recordable,
)
from offcirc.storage.ledger.decisions import (
    ABOUT_LINES,
    ERASED,
    DecidedLine,
    Decision,
    DecisionBook,
    DecisionKind,
    LineChange,
)
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.registrations.registry import RegistrationState, known_cards
from offcirc.upload.base.reasons import (
    DROPPED,
    KEPT_BACK,
    LEFT_FOR_LATER,
    REGISTRATION_PENDING,
    REGISTRATION_REFUSED,
)

_CORRECTIONS = 20
"""How often a line can be corrected, one correction on top of the other."""
_REASONS = {
    DecisionKind.HOLD: KEPT_BACK,
    DecisionKind.DROP: DROPPED,
    DecisionKind.LATER: LEFT_FOR_LATER,
}
_REGISTRATIONS = {
    RegistrationState.PENDING: REGISTRATION_PENDING,
    RegistrationState.REFUSED: REGISTRATION_REFUSED,
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
class DecidedClock:
    """How wrong a desk's clock was, as somebody decided.

    Attributes:
        seconds: to be added to all times of the file.
        trust: which clock is believed where the desk noted that it was moved.
        decision: the number of the decision.
    """

    seconds: float = 0.0
    trust: Trust = Trust.AFTER
    decision: int = 0


@dataclass(frozen=True)
class Decided:
    """The decisions in force.

    Attributes:
        lines: by a line's key, the decision that holds for it.
        choices: by a line's key, the keys of the lines that come before it.
        clocks: by a file's mark, how wrong its desk's clock was.
        alike: by what a line says, the lines of known identity that decisions are about.
        cards: of each provisional card, what was decided about its reader, and the real card.
    """

    lines: Mapping[bytes, Decision] = field(default_factory=dict)
    choices: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    clocks: Mapping[bytes, DecidedClock] = field(default_factory=dict)
    alike: Mapping[bytes, tuple[DecidedLine, ...]] = field(default_factory=dict)
    cards: Mapping[str, tuple[RegistrationState, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.lines or self.choices or self.clocks or self.cards)

    @property
    def about_lines(self) -> bool:
        """Whether the fate of any line may be decided."""
        return bool(self.lines or self.cards)

    def name(
        self, key: bytes, plain: bytes, number: int = 0, among: Collection[bytes] = ()
    ) -> bytes:
        """The key by which decisions know a line: its own, or of a copy of which more is known.

        Args:
            key: the line's.
            plain: what its file alone tells of that.
            number: its number in its file.
            among: the keys that decisions know.
        """
        if key in among:
            return key
        if has_identity(key):
            return plain if plain in among else key
        known = [one for one in self.alike.get(content_of(key), ()) if one.key in among]
        before = int.from_bytes(key[CONTENT:])
        for one in [one for one in known if one.number == number] + known[before : before + 1]:
            return one.key
        return key

    def concerns(self, key: bytes, plain: bytes, record: Record | None) -> bool:
        """Whether anything may have been decided about a line; see :meth:`fate`."""
        lines = self.lines
        return (
            key in lines
            or plain in lines
            or (bool(self.alike) and content_of(key) in self.alike)
            or (record is not None and record.patron in self.cards)
        )

    def fate(self, key: bytes, record: Record | None, plain: bytes = b"", number: int = 0) -> Fate:
        """What becomes of a line.

        Args:
            key: the line's.
            record: what its file says; ``None`` when it cannot be replayed.
            plain: what its file alone tells of its key; the key itself when not given.
            number: its number in its file.
        """
        plain = plain or key
        fate = Fate(record, key)
        timed = False
        # A line that was corrected, sent and refused is corrected again under its new key.
        for _ in range(_CORRECTIONS):
            decision = self.lines.get(self.name(fate.key, plain, number, self.lines))
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
            plain = corrected_key(plain, said)
        return self._registered(fate)

    def _registered(self, fate: Fate) -> Fate:
        """The same under the reader's real card, if the loan is to a provisional one."""
        record = fate.record
        known = self.cards.get(record.patron) if record is not None else None
        if record is None or known is None:
            return fate
        state, card = known
        if state is RegistrationState.VALIDATED:
            said = record._replace(patron=card)
            return replace(fate, record=said, key=corrected_key(fate.key, said))
        return replace(fate, reason=_REGISTRATIONS[state])

    def clock(self, mark: bytes) -> DecidedClock:
        """What was decided about a file's clock."""
        if not mark:
            return DecidedClock()
        return self.clocks.get(self.name(mark, content_of(mark), 0, self.clocks), DecidedClock())

    def choice(self, key: bytes, plain: bytes, number: int) -> bytes:
        """The key by which choices of an order know a line."""
        chosen = self._chosen
        if key in chosen or not (plain in chosen or self.alike):
            return key
        return self.name(key, plain, number, chosen)

    @cached_property
    def _chosen(self) -> frozenset[bytes]:
        """Every line that a choice of an order is about."""
        return frozenset(self.choices).union(*self.choices.values())

    def digest(self, lines: Iterable[tuple[int, bytes, bytes]], mark: bytes) -> str:
        """Stands for what was decided about a file: empty when nothing was.

        Args:
            lines: number and both keys of each line, see :meth:`name`.
            mark: the file's.
        """
        said = hashlib.sha256()
        none = not self.cards
        for card, (state, real) in sorted(self.cards.items()):
            said.update(f"{card} {state.value} {real} ".encode())
        for number, key, plain in lines:
            decision = self.lines.get(self.name(key, plain, number, self.lines))
            before = self.choices.get(self.choice(key, plain, number))
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
    clocks: dict[bytes, DecidedClock] = {}
    alike: dict[bytes, dict[bytes, DecidedLine]] = {}
    for one in DecisionBook(ledger).in_force():
        for line in one.lines:
            if has_identity(line.key):
                alike.setdefault(content_of(line.key), {})[line.key] = line
        if one.act in ABOUT_LINES:
            lines.update((line.key, one) for line in one.lines)
        elif one.act is DecisionKind.BEFORE:
            first, second = (line.key for line in one.lines)
            choices.setdefault(second, set()).add(first)
            # Who changes his mind chooses again: the newer choice holds.
            choices.get(first, set()).discard(second)
        elif one.act is DecisionKind.CLOCK:
            clocks[one.lines[0].key] = DecidedClock(one.seconds, one.trust, one.id)
    frozen = {key: frozenset(keys) for key, keys in choices.items() if keys}
    return Decided(
        *(lines, frozen, clocks),
        {
            said: tuple(sorted(known.values(), key=lambda line: line.number))
            for said, known in alike.items()
        },
        known_cards(ledger.path.parent),
    )


def changed(record: Record | None, decision: Decision) -> Record | None:
    """What a line says by a decision to correct or swap it; ``None`` when that makes no sense."""
    change = decision.change
    if decision.act is DecisionKind.SWAP:
        if record is None or not record.operation.lends:
            return None
        change = LineChange(item=record.patron, patron=record.item)
    if change.patron == ERASED:
        return None
    return corrected(record, change)


def corrected(record: Record | None, change: LineChange) -> Record | None:
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
    if not operation.lends:
        patron = ""
    try:
        check_recordable(operation, item, patron)
    except NotRecordableError:
        return None
    return Record(at.replace(second=0, microsecond=0), operation, item, patron)
