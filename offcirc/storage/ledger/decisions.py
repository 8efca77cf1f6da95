"""What people decided about lines and clocks: on top of the files, which stay as they are.

A decision names lines by their keys (:mod:`offcirc.core.fingerprint`), so it holds for every copy
of a file, under whatever name, and goes on holding when the file grows. It is never changed or
removed: another decision undoes it. Of several about one line, the newest that is not undone
holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from offcirc.core.order.clockfix import Trust
from offcirc.disk.database import transaction
from offcirc.disk.errors import wording
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.stamps import stamp, utc_now


class DecisionKind(StrEnum):
    """What was decided."""

    CORRECT = "correct"
    """The line says something else."""
    SWAP = "swap"
    """The line's item and borrower change places."""
    HOLD = "hold"
    """The line is not sent until this is undone."""
    DROP = "drop"
    """The line is never sent."""
    LATER = "later"
    """The lines are left for another upload: a batch is split."""
    BEFORE = "before"
    """The first line happened before the second."""
    CLOCK = "clock"
    """A desk's clock was wrong."""
    UNDO = "undo"
    """An earlier decision does not hold any more."""


ERASED = "…"
"""Stands for a reader's identifier that was erased: no identifier in OffCirc.dat can be this."""

ABOUT_LINES = frozenset(
    (
        DecisionKind.CORRECT,
        DecisionKind.SWAP,
        DecisionKind.HOLD,
        DecisionKind.DROP,
        DecisionKind.LATER,
    )
)
"""What decides the fate of single lines: of these, only the newest about a line holds."""


class DecidedLine(NamedTuple):
    """A line that a decision is about.

    Attributes:
        key: its key; for a clock, that of its file's first readable line.
        file: the file's name when it was decided, for people.
        number: the line's number there.
        raw: its bytes; empty once readers were erased.
    """

    key: bytes
    file: str = ""
    number: int = 0
    raw: bytes = b""


class LineChange(NamedTuple):
    """What a line says instead; what is empty stays as it is.

    Attributes:
        minute: naive local time in ISO form.
        operation: ``L`` or ``R``.
        item: the item barcode.
        patron: the patron identifier; :data:`ERASED` when it is not known any more.
    """

    minute: str = ""
    operation: str = ""
    item: str = ""
    patron: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision.

    Attributes:
        id: its number.
        at: when, aware, UTC.
        who: by whom.
        note: why, in that person's words; may be empty.
        lines: about which lines, in the order given.
        change: of a correction, the new values.
        seconds: of a clock, what to add to its times.
        trust: of a clock, which one is believed where the desk noted a jump.
        undoes: of an undoing, the number of the decision that holds no more.
        undone_by: the number of the decision that undoes this one; 0 while it holds.
    """

    id: int
    at: datetime
    who: str
    note: str
    act: DecisionKind
    lines: tuple[DecidedLine, ...] = ()
    change: LineChange = field(default=LineChange())
    seconds: float = 0.0
    trust: Trust = Trust.AFTER
    undoes: int = 0
    undone_by: int = 0


_DECISION = """
    SELECT d.decision, d.at_utc, d.who, d.note, d.kind, d.minute, d.operation, d.item, d.patron,
           d.seconds, d.trust, d.undoes,
           coalesce((SELECT min(u.decision) FROM decisions AS u WHERE u.undoes = d.decision), 0)
    FROM decisions AS d
"""


class NoSuchDecisionError(LookupError):
    """There is no decision of this number that could be undone."""


class DecisionBook:
    """The decisions in a ledger; use it from the thread that opened it.

    Every method raises :class:`~offcirc.disk.errors.StorageError` when the disk does not let it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._database = ledger.database
        self._path = ledger.path
        self._got: dict[int, Decision | None] = {}
        self._newest = 0

    # -- deciding ----------------------------------------------------------------------------

    def correct(
        self, line: DecidedLine, change: LineChange, *, who: str, note: str = ""
    ) -> Decision:
        """Let a line say something else. The caller has checked that it can be recorded."""
        return self._decide(DecisionKind.CORRECT, (line,), who, note, change=change)

    def swap(self, lines: Iterable[DecidedLine], *, who: str, note: str = "") -> Decision:
        """Let item and borrower of loans change places."""
        return self._decide(DecisionKind.SWAP, lines, who, note)

    def hold(self, lines: Iterable[DecidedLine], *, who: str, note: str = "") -> Decision:
        """Keep lines from being sent, until this is undone."""
        return self._decide(DecisionKind.HOLD, lines, who, note)

    def drop(self, lines: Iterable[DecidedLine], *, who: str, note: str = "") -> Decision:
        """Never send lines."""
        return self._decide(DecisionKind.DROP, lines, who, note)

    def later(self, lines: Iterable[DecidedLine], *, who: str, note: str = "") -> Decision:
        """Leave lines for another upload, until this is undone."""
        return self._decide(DecisionKind.LATER, lines, who, note)

    def before(
        self, first: DecidedLine, second: DecidedLine, *, who: str, note: str = ""
    ) -> Decision:
        """Say that one line happened before another one of another desk."""
        return self._decide(DecisionKind.BEFORE, (first, second), who, note)

    def clock(
        self,
        file: DecidedLine,
        seconds: float,
        *,
        trust: Trust = Trust.AFTER,
        who: str,
        note: str = "",
    ) -> Decision:
        """Say how wrong a desk's clock was.

        Args:
            file: the file's first readable line.
            seconds: what to add to the times of all its lines, on top of what the desk measured.
            trust: which clock is believed where the desk noted that it was moved.
            who: by whom.
            note: why.
        """
        return self._decide(DecisionKind.CLOCK, (file,), who, note, seconds=seconds, trust=trust)

    def undo(self, number: int, *, who: str, note: str = "") -> Decision:
        """Let a decision hold no more.

        Raises:
            NoSuchDecisionError: there is none of this number, or it is undone already, or it is
                itself an undoing: decide anew then.
        """
        found = self.get(number)
        if found is None or found.undone_by or found.act is DecisionKind.UNDO:
            raise NoSuchDecisionError(number)
        return self._decide(DecisionKind.UNDO, (), who, note, undoes=number)

    def _decide(
        self,
        act: DecisionKind,
        lines: Iterable[DecidedLine],
        who: str,
        note: str,
        *,
        change: LineChange = LineChange(),  # noqa: B008 - a tuple
        seconds: float = 0.0,
        trust: Trust = Trust.AFTER,
        undoes: int = 0,
    ) -> Decision:
        about = tuple(lines)
        at = utc_now()
        with wording(self._path), transaction(self._database):
            values = (stamp(at), who, note, act, *change, seconds, trust, undoes)
            number = self._database.execute(
                "INSERT INTO decisions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values
            ).lastrowid
            self._database.conn.executemany(
                "INSERT INTO decision_lines VALUES (NULL, ?, ?, ?, ?, ?)",
                ((number, *line) for line in about),
            )
        return Decision(number or 0, at, who, note, act, about, change, seconds, trust, undoes)

    # -- reading -----------------------------------------------------------------------------

    def all(self) -> list[Decision]:
        """Every decision, oldest first, undone ones and undoings too."""
        return self._read("", ())

    def get(self, number: int) -> Decision | None:
        """One decision, by its number.

        What was asked for is remembered until there is a new one: one decision may be about
        thousands of lines, each of which asks for it.
        """
        with wording(self._path):
            (newest,) = self._database.execute(
                "SELECT coalesce(max(decision), 0) FROM decisions"
            ).fetchone()
        if newest != self._newest:
            self._got.clear()
            self._newest = newest
        if number not in self._got:
            found = self._read("WHERE d.decision = ?", (number,))
            self._got[number] = found[0] if found else None
        return self._got[number]

    def in_force(self) -> list[Decision]:
        """The decisions that are not undone, oldest first."""
        return [one for one in self.all() if not one.undone_by and one.act is not DecisionKind.UNDO]

    def about(self, key: bytes) -> list[Decision]:
        """Every decision about a line, oldest first."""
        return self._read(
            "WHERE d.decision IN (SELECT decision FROM decision_lines WHERE line = ?)", (key,)
        )

    def _read(self, which: str, values: Sequence[Any]) -> list[Decision]:
        with wording(self._path):
            rows = self._database.execute(
                f"{_DECISION} {which} ORDER BY d.decision", values
            ).fetchall()
            return [self._decision(row) for row in rows]

    def _decision(self, row: Sequence[Any]) -> Decision:
        number, at, who, note, act, minute, operation, item, patron, *rest = row
        seconds, trust, undoes, undone_by = rest
        lines = self._database.execute(
            "SELECT line, file, number, raw FROM decision_lines WHERE decision = ? ORDER BY entry",
            (number,),
        )
        return Decision(
            id=number,
            at=datetime.fromisoformat(at).astimezone(UTC),
            who=who,
            note=note,
            act=DecisionKind(act),
            lines=tuple(DecidedLine(*line) for line in lines),
            change=LineChange(minute, operation, item, patron),
            seconds=seconds,
            trust=Trust(trust),
            undoes=undoes,
            undone_by=undone_by,
        )

    # -- retention ---------------------------------------------------------------------------

    def forget_patrons(self, before: datetime) -> int:
        """Erase readers' identifiers from decisions made before a moment, aware.

        What was decided stays known. A line that was corrected to name a reader is held from then
        on: what it said instead is not known any more, and it must not go up as it was.

        Returns:
            How many decisions have lost something.
        """
        with wording(self._path), transaction(self._database):
            old = [
                number
                for (number,) in self._database.execute(
                    "SELECT d.decision FROM decisions AS d WHERE d.at_utc < ?"
                    " AND (d.patron NOT IN ('', ?) OR EXISTS (SELECT 1 FROM decision_lines AS l"
                    "   WHERE l.decision = d.decision AND l.raw <> x''))",
                    (stamp(before), ERASED),
                )
            ]
            for number in old:
                self._database.execute(
                    "UPDATE decisions SET patron = ? WHERE decision = ? AND patron <> ''",
                    (ERASED, number),
                )
                self._database.execute(
                    "UPDATE decision_lines SET raw = x'' WHERE decision = ?", (number,)
                )
        self._got.clear()
        return len(old)
