"""Each transaction once: what was answered under a key is what will always be answered.

The key is the client's name for a transaction, whoever sends it, from whatever PC and file. An
answer is kept with the transaction, refusals as well, and given again word for word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from offcirc.core.transaction import OPERATIONS
from offcirc.practice import clock, names
from offcirc.practice.circulation import Circulation, CirculationLine, CirculationOutcome
from offcirc.practice.messages import Refusal, words

RECORDED = "recorded"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What the service says of a transaction.

    Attributes:
        status: ``recorded`` or ``rejected``.
        code: why it was rejected, as a code; empty if it was not.
        message: the same in words.
        replayed: whether it had been answered before, so that nothing was done this time.
        due_at: due date of a loan, as it is said, or ``None``.
        notes: see :class:`offcirc.core.answers.Note`.
        alike: it was answered under another key, of a transaction that says the same, and nothing
            tells the two apart.
    """

    key: str
    status: str
    code: str
    message: str
    replayed: bool
    due_at: str | None
    notes: list[str]
    alike: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer as the service sends it."""
        return {
            "key": self.key,
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "replayed": self.replayed,
            "due_at": self.due_at,
            "notes": self.notes,
            "alike": self.alike,
        }


class Recorder:
    """Applies lines in their order and keeps what was answered."""

    def __init__(self, circulation: Circulation) -> None:
        self._circulation = circulation

    def record(
        self,
        connection: sqlite3.Connection,
        lines: Sequence[CirculationLine],
        *,
        job: int,
        desk: str,
        now: datetime,
    ) -> list[RecordedAnswer]:
        """Apply what is new among these lines and answer all of them.

        Args:
            connection: inside a transaction, which is the caller's to keep or undo.
            lines: in the order they happened.
            job: the Process ID they belong to; 0 for a dry run.
            desk: code of the circulation desk of lines that name none; every desk exists.
            now: the server's clock, in the library's zone.
        """
        answers = []
        for line in lines:
            known = names.find(connection, line.key)
            if known is None:
                outcome = self._circulation.apply(connection, line, line.desk or desk, now)
                answers.append(_keep(connection, line, outcome, job, now))
                continue
            if not _same(known, line):
                answers.append(_reused(line))
                continue
            if known["job"] != job:
                connection.execute(
                    "INSERT OR IGNORE INTO replays (job, key, line, file) VALUES (?, ?, ?, ?)",
                    (job, known["key"], line.line, line.file),
                )
            answers.append(_again(known, line.key, now))
        return answers


def _same(known: sqlite3.Row, line: CirculationLine) -> bool:
    """Whether this is the transaction the key stood for.

    Whatever its time: one PC may know seconds that another one's OffCirc.dat does not, and one
    referent may have put a desk's clock right where another has not. Nor is it another one because
    only one of two copies of the file came with what tells a renewal from a loan.
    """
    return (OPERATIONS[known["operation"]].written, known["item"], known["patron"]) == (
        OPERATIONS[line.operation].written,
        line.item,
        line.patron,
    )


def _reused(line: CirculationLine) -> RecordedAnswer:
    """A client's mistake, and that line's alone: nothing of it is applied or kept."""
    return RecordedAnswer(
        key=line.key,
        status=REJECTED,
        code=Refusal.KEY_REUSED,
        message=words(Refusal.KEY_REUSED, line.item, line.patron),
        replayed=False,
        due_at=None,
        notes=[],
    )


def _again(known: sqlite3.Row, key: str, now: datetime) -> RecordedAnswer:
    return RecordedAnswer(
        key=key,
        status=known["status"],
        code=known["code"],
        message=known["message"],
        replayed=True,
        due_at=clock.said(known["due_at"], now.tzinfo) if now.tzinfo else None,
        notes=known["notes"].split(),
        alike=known["key"] != key,
    )


def _keep(
    connection: sqlite3.Connection,
    line: CirculationLine,
    outcome: CirculationOutcome,
    job: int,
    now: datetime,
) -> RecordedAnswer:
    status = RECORDED if outcome.refusal is None else REJECTED
    code = outcome.refusal or ""
    due_at = outcome.due_at
    connection.execute(
        "INSERT INTO transactions (key, job, line, file, at, minute, operation, item, patron, "
        "status, code, message, due_at, notes, received_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line.key,
            job,
            line.line,
            line.file,
            clock.stored(line.at) if line.at is not None else "",
            line.minute,
            line.operation,
            line.item,
            line.patron,
            status,
            code,
            outcome.message,
            clock.stored(due_at) if due_at is not None else None,
            " ".join(outcome.notes),
            clock.stored(now),
        ),
    )
    return RecordedAnswer(
        key=line.key,
        status=status,
        code=code,
        message=outcome.message,
        replayed=False,
        due_at=due_at.isoformat(timespec="seconds") if due_at is not None else None,
        notes=[str(note) for note in outcome.notes],
    )
