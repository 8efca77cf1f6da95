"""Jobs: an upload as Alma's list of jobs shows it, and the messages of its report.

A job's counts are taken from its lines: whenever it is asked for while it runs, and once for all
when it ends, in the transaction that ends it: no line comes after. A line that an earlier job had
already had answered counts here too, and is counted as replayed.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from typing import Any

from offcirc.practice import clock
from offcirc.practice.accounts import SignedIn
from offcirc.practice.recording import REJECTED

NAME = "Prêts - Télécharger les transactions hors-ligne"
RUNNING = "running"
COMPLETED = "completed"
LARGEST_ID = 2**63 - 1

_LINES = f"""
    SELECT t.key, t.line, t.file, t.minute, t.operation, t.item, t.patron, t.status, t.code,
           t.message, 0 AS replayed, t.id
    FROM transactions t WHERE t.job = :job AND t.status = '{REJECTED}'
    UNION ALL
    SELECT t.key, r.line, r.file, t.minute, t.operation, t.item, t.patron, t.status, t.code,
           t.message, 1 AS replayed, t.id
    FROM replays r JOIN transactions t ON t.key = r.key
    WHERE r.job = :job AND t.status = '{REJECTED}'
    ORDER BY 3, 2, 12
    LIMIT :most
"""  # noqa: S608 - a constant of ours


@dataclass(frozen=True, slots=True)
class Job:
    """An upload.

    Attributes:
        id: the Process ID.
        name: Alma's name for this kind of job unless the client gave another.
        desk: code of the circulation desk.
        login: the account that began it.
        who: that account's name.
        files: names of the files, as the client gave them.
        status: ``running`` or ``completed``.
        started_at: aware, local.
        finished_at: aware, local; ``None`` while it runs.
        records_processed: transactions answered.
        records_with_exceptions: how many of them were rejected.
        records_replayed: how many of them an earlier job had already had answered.
    """

    id: int
    name: str
    desk: str
    login: str
    who: str
    files: tuple[str, ...]
    status: str
    started_at: datetime
    finished_at: datetime | None
    records_processed: int
    records_with_exceptions: int
    records_replayed: int

    def run_seconds(self, now: datetime) -> int:
        """Seconds it took, or has taken so far."""
        return max(0, round(((self.finished_at or now) - self.started_at).total_seconds()))

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The job as the service sends it."""
        finished = self.finished_at
        return {
            "id": str(self.id),
            "name": self.name,
            "desk": self.desk,
            "who": self.who,
            "files": list(self.files),
            "status": self.status,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "finished_at": finished.isoformat(timespec="seconds") if finished else None,
            "run_seconds": self.run_seconds(now),
            "records_processed": self.records_processed,
            "records_with_exceptions": self.records_with_exceptions,
            "records_replayed": self.records_replayed,
        }


@dataclass(frozen=True, slots=True)
class RefusalMessage:
    """A refused line of a job; ``at`` is local time to the minute, as the file states it."""

    key: str
    line: int | None
    file: str | None
    at: str
    operation: str
    item: str
    patron: str
    code: str
    message: str
    replayed: bool

    def as_json(self) -> dict[str, Any]:
        """The message as the service sends it."""
        return asdict(self)


def create(
    connection: sqlite3.Connection,
    account: SignedIn,
    desk: str,
    *,
    name: str | None,
    files: Sequence[str],
    now: datetime,
) -> int:
    """Begin a job and return its Process ID.

    The ID is made from the real clock, so that the jobs of two fresh libraries differ as well.
    """
    highest = connection.execute("SELECT max(id) FROM jobs").fetchone()[0] or 0
    number = max(time.time_ns() // 1000, highest + 1)
    connection.execute(
        "INSERT INTO jobs (id, name, desk, login, who, files, status, started_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            name or NAME,
            desk,
            account.login,
            account.name,
            json.dumps(list(files), ensure_ascii=False),
            RUNNING,
            clock.stored(now),
        ),
    )
    return number


def finish(connection: sqlite3.Connection, job: int, now: datetime) -> None:
    """End a job; one that has ended stays as it is."""
    connection.execute(
        "UPDATE jobs SET status = ?, finished_at = ?, counts = ? WHERE id = ? AND status = ?",
        (COMPLETED, clock.stored(now), json.dumps(_counts(connection, job)), job, RUNNING),
    )


def find(connection: sqlite3.Connection, job: int, zone: tzinfo) -> Job | None:
    """The job with this Process ID."""
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job,)).fetchone()
    return None if row is None else _job(connection, row, zone)


def newest(connection: sqlite3.Connection, zone: tzinfo, most: int) -> list[Job]:
    """The latest jobs, newest first."""
    rows = connection.execute("SELECT * FROM jobs ORDER BY id DESC LIMIT ?", (most,)).fetchall()
    return [_job(connection, row, zone) for row in rows]


def messages(connection: sqlite3.Connection, job: int, most: int) -> list[RefusalMessage]:
    """The refused lines of a job, by file and line."""
    rows = connection.execute(_LINES, {"job": job, "most": most}).fetchall()
    return [
        RefusalMessage(
            key=row["key"],
            line=row["line"],
            file=row["file"],
            at=row["minute"],
            operation=row["operation"],
            item=row["item"],
            patron=row["patron"],
            code=row["code"],
            message=row["message"],
            replayed=bool(row["replayed"]),
        )
        for row in rows
    ]


def _counts(connection: sqlite3.Connection, job: int) -> tuple[int, int, int]:
    """Lines answered, lines refused, lines answered before."""
    first, refused_first = connection.execute(
        "SELECT count(*), coalesce(sum(status = ?), 0) FROM transactions WHERE job = ?",
        (REJECTED, job),
    ).fetchone()
    again, refused_again = connection.execute(
        "SELECT count(*), coalesce(sum(t.status = ?), 0) FROM replays r "
        "JOIN transactions t ON t.key = r.key WHERE r.job = ?",
        (REJECTED, job),
    ).fetchone()
    return first + again, refused_first + refused_again, again


def _job(connection: sqlite3.Connection, row: sqlite3.Row, zone: tzinfo) -> Job:
    kept = row["counts"]
    answered, refused, again = json.loads(kept) if kept else _counts(connection, row["id"])
    finished = row["finished_at"]
    return Job(
        id=row["id"],
        name=row["name"],
        desk=row["desk"],
        login=row["login"],
        who=row["who"],
        files=tuple(json.loads(row["files"])),
        status=row["status"],
        started_at=clock.read(row["started_at"], zone),
        finished_at=clock.read(finished, zone) if finished else None,
        records_processed=answered,
        records_with_exceptions=refused,
        records_replayed=again,
    )
