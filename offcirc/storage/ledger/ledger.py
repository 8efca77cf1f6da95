"""The ledger of uploads: what was sent where, and what came back, line by line.

It is written before and after every send: ``sending`` is on the disk before the server can see a
line, what the server answered is on the disk before the next one goes. A line found as ``sending``
was cut off; only the server knows what became of it.

Facts (files, lines) are never changed or removed; a line's present state is beside them, and every
state it ever had is in ``states``. Times are UTC, ``YYYY-MM-DDTHH:MM:SS.mmmZ``; a line's minute is
naive local time, as its file states it. Use a ledger from the thread that opened it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import sqlite_utils
from filelock import FileLock, Timeout

from offcirc.core.opened import Opened
from offcirc.core.transaction import Operation
from offcirc.disk import durable
from offcirc.disk.database import open_database, transaction
from offcirc.disk.errors import LockedError, Owner, wording
from offcirc.storage.ledger import alike
from offcirc.storage.ledger.alike import Found, KnownLine
from offcirc.storage.ledger.ledgerrows import (
    FileFacts,
    LineFacts,
    LineRow,
    LineState,
    RunRow,
    Settled,
    UploadRow,
    line_row,
    moment,
    upload_row,
)
from offcirc.storage.ledger.schema import FACTS, LEDGER

LEDGER_NAME = "ledger.db"
LOCK_SECONDS = 0.5

_LINE = (
    "SELECT line, file, number, raw, minute, operation, item, patron, key,"
    " state, reason, message, replayed, due_at, notes, exact, decision FROM lines"
)
# The marks are ours: every value goes through a parameter.
_INSERT = (
    f"INSERT INTO lines ({FACTS}, state, reason, exact, decision)"  # noqa: S608
    f" VALUES ({', '.join('?' * 13)})"
)
_SETTLE = (
    "UPDATE lines SET state = ?, reason = ?, message = ?, replayed = ?, due_at = ?, notes = ?"
    " WHERE line = ?"
)
_UPLOADS = """
    SELECT u.upload, u.server, u.url, u.desk, u.who, u.started, u.first_line, u.last_line,
           coalesce(j.process_id, ''), coalesce(j.name, '')
    FROM uploads AS u LEFT JOIN jobs AS j
      ON j.job = (SELECT max(job) FROM jobs WHERE upload = u.upload)
"""
_KNOWN = """
    SELECT l.key, max(l.state IN ('recorded', 'skipped')), max(l.state <> 'skipped')
    FROM {like} CROSS JOIN uploads AS u ON u.upload = l.upload
    WHERE l.key <> x'' AND u.server = ?
      AND (u.upload <> ? AND l.state IN ('recorded', 'sending', 'unknown')
           OR l.state = 'skipped' AND l.reason IN ('already-recorded', 'alike'))
    GROUP BY l.key
"""


class Ledger(Opened):
    """The ledger in a file."""

    def __init__(self, path: Path) -> None:
        """Open it; make it if it is not there.

        Raises:
            NewerSchemaError: a later version wrote it.
            StorageError: it cannot be opened or written.
        """
        self.path = path
        durable.data_folder(path.parent)
        self._database = open_database(path, LEDGER)

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """That of a data folder; raises as opening it does."""
        return cls(data_dir / LEDGER_NAME)

    @classmethod
    @contextmanager
    def if_any(cls, data_dir: Path) -> Iterator[Self | None]:
        """That of a data folder; ``None``, and none is made, when nothing was ever uploaded."""
        if not (data_dir / LEDGER_NAME).exists():
            yield None
            return
        with cls.of(data_dir) as ledger:
            yield ledger

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._database.close()

    @property
    def database(self) -> sqlite_utils.Database:
        """The database, for the books of this room that keep tables of their own in it."""
        return self._database

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other uploads from this ledger away; a killed one lets go at once.

        Raises:
            LockedError: another upload is under way.
        """
        lock = self._lock()
        with wording(self.path):
            try:
                # Not at once: somebody may just be looking whether an upload is under way.
                lock.acquire(timeout=LOCK_SECONDS, poll_interval=0.02)
            except Timeout:
                raise LockedError(self.path.parent, Owner()) from None
        try:
            yield
        finally:
            lock.release()

    @property
    def busy(self) -> bool:
        """Whether an upload from this ledger is under way, in whatever process."""
        lock = self._lock()
        with wording(self.path):
            try:
                lock.acquire()
            except Timeout:
                return True
        lock.release()
        return False

    # -- writing -----------------------------------------------------------------------------

    def begin(
        self,
        *,
        server: str,
        url: str,
        desk: str,
        who: str,
        process_id: str,
        name: str,
        files: Sequence[FileFacts],
        lines: Iterable[LineFacts],
    ) -> int:
        """Keep a whole plan in one transaction, its first run begun, and return its number.

        The lines are consumed as they come. A line whose key comes a second time in this upload
        (it stands in two files) is kept as skipped. The files' records are counted here.
        """
        with wording(self.path), transaction(self._database):
            first = self._number("SELECT coalesce(max(line), 0) + 1 FROM lines")
            upload = self._number("SELECT coalesce(max(upload), 0) + 1 FROM uploads")
            self._many(_INSERT, ((upload, *line[:-1]) for line in lines))
            last = self._number("SELECT coalesce(max(line), 0) FROM lines")
            self._database.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (upload, server, url, desk, who, _now(), content_of(files), first, last),
            )
            records = dict(
                self._rows(
                    "SELECT file, count(*) FROM lines WHERE line BETWEEN ? AND ? GROUP BY file",
                    (first, last),
                )
            )
            self._many(
                "INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (upload, index, *file._replace(records=records.get(index, 0))[:-1])
                    for index, file in enumerate(files)
                ),
            )
            if len(files) > 1:
                self._skip_twins(first, last)
            self._add_job(upload, process_id, name)
            self._start_run(upload)
        return upload

    def add_job(self, upload: int, process_id: str, name: str) -> None:
        """Keep another job of the server's that the upload goes on with."""
        with wording(self.path):
            self._add_job(upload, process_id, name)

    def start_run(self, upload: int) -> None:
        """Note that work on an upload begins again."""
        with wording(self.path):
            self._start_run(upload)

    def end_run(self, upload: int, status: str, problem: str = "") -> None:
        """Note how the work on an upload has ended."""
        with wording(self.path):
            self._database.execute(
                "INSERT INTO run_ends SELECT run, ?, ?, ?"
                " FROM (SELECT max(run) AS run FROM runs WHERE upload = ?)"
                " WHERE run NOT IN (SELECT run FROM run_ends)",
                (_now(), status, problem, upload),
            )

    def mark(self, lines: Iterable[int], state: LineState) -> None:
        """Put lines into a state, in one transaction, on the disk when this returns."""
        with wording(self.path), transaction(self._database):
            self._mark(lines, state)

    def remark(self, notes: Iterable[tuple[int, str]]) -> None:
        """Add notes of ours to lines, in one transaction, on the disk when this returns."""
        add = "UPDATE lines SET notes = trim(notes || ' ' || ?) WHERE line = ?"
        with wording(self.path), transaction(self._database):
            self._many(add, ((note, line) for line, note in notes))

    def settle(self, outcomes: Iterable[Settled]) -> None:
        """Keep what became of lines, in one transaction, on the disk when this returns."""
        self.advance(outcomes, ())

    def advance(self, outcomes: Iterable[Settled], sending: Iterable[int]) -> None:
        """Keep what became of some lines and that others are about to be sent.

        In one transaction, on the disk when this returns, for the price of one flush.
        """
        with wording(self.path), transaction(self._database):
            self._many(
                _SETTLE,
                (
                    (
                        one.state,
                        one.reason,
                        one.message,
                        one.replayed,
                        one.due_at,
                        " ".join(one.notes),
                        one.line,
                    )
                    for one in outcomes
                ),
            )
            self._mark(sending, LineState.SENDING)

    # -- reading -----------------------------------------------------------------------------

    def uploads(self) -> list[UploadRow]:
        """Every upload, newest first."""
        return [upload_row(row) for row in self._rows(f"{_UPLOADS} ORDER BY u.upload DESC")]

    def upload(self, number: int) -> UploadRow | None:
        """One upload, by its number."""
        rows = self._rows(f"{_UPLOADS} WHERE u.upload = ?", (number,))
        return upload_row(rows[0]) if rows else None

    def upload_of_job(self, process_id: str) -> UploadRow | None:
        """The newest upload that the server calls by this Process ID."""
        rows = self._rows("SELECT max(upload) FROM jobs WHERE process_id = ?", (process_id,))
        return self.upload(rows[0][0]) if rows[0][0] is not None else None

    def unfinished(self, server: str, desk: str, files: Sequence[FileFacts]) -> UploadRow | None:
        """The newest upload of exactly this content there, if it has not been completed."""
        rows = self._rows(
            f"{_UPLOADS} WHERE u.content = ? AND u.server = ? AND u.desk = ?"
            " ORDER BY u.upload DESC LIMIT 1",
            (content_of(files), server, desk),
        )
        if not rows:
            return None
        upload = upload_row(rows[0])
        runs = self.runs(upload.id)
        return None if runs and runs[-1].status == "completed" else upload

    def runs(self, upload: int) -> list[RunRow]:
        """The stretches of work on an upload, oldest first."""
        rows = self._rows(
            "SELECT r.started, e.ended, coalesce(e.status, ''), coalesce(e.problem, '')"
            " FROM runs AS r LEFT JOIN run_ends AS e ON e.run = r.run"
            " WHERE r.upload = ? ORDER BY r.run",
            (upload,),
        )
        return [
            RunRow(moment(started), moment(ended) if ended else None, status, problem)
            for started, ended, status, problem in rows
        ]

    def files(self, upload: int) -> list[FileFacts]:
        """The files of an upload; a line's ``file`` is an index into them."""
        rows = self._rows(
            "SELECT name, path, sha256, size, records, same_as, library, circulation_desk,"
            " desk_name, told_by FROM files WHERE upload = ? ORDER BY file",
            (upload,),
        )
        return [FileFacts(*row) for row in rows]

    def counts(self, upload: UploadRow) -> dict[LineState, int]:
        """How many lines stand where."""
        rows = self._rows(
            "SELECT state, count(*) FROM lines WHERE line BETWEEN ? AND ? GROUP BY state",
            (upload.first_line, upload.last_line),
        )
        found = dict(rows)
        return {state: found.get(state, 0) for state in LineState}

    def recorded(self, upload: UploadRow, operation: Operation) -> int:
        """How many lines of an operation are recorded."""
        found = self._rows(
            "SELECT count(*) FROM lines WHERE line BETWEEN ? AND ? AND state = ? AND operation = ?",
            (upload.first_line, upload.last_line, LineState.RECORDED, operation.value),
        )
        return int(next(iter(found))[0])

    def lines(
        self, upload: UploadRow, *states: LineState, after: int = 0, limit: int = -1
    ) -> list[LineRow]:
        """Lines of an upload in certain states, in the order in which they are uploaded.

        Args:
            upload: whose.
            states: which states.
            after: only lines beyond this id.
            limit: at most so many; all when negative.
        """
        marks = ", ".join("?" * len(states))
        rows = self._rows(
            f"{_LINE} WHERE line BETWEEN ? AND ? AND state IN ({marks}) ORDER BY line LIMIT ?",
            (max(upload.first_line, after + 1), upload.last_line, *states, limit),
        )
        return [line_row(row) for row in rows]

    def noted(self, upload: UploadRow) -> list[LineRow]:
        """Recorded lines about which the server told something."""
        rows = self._rows(
            f"{_LINE} WHERE line BETWEEN ? AND ? AND state = ? AND notes <> '' ORDER BY line",
            (upload.first_line, upload.last_line, LineState.RECORDED),
        )
        return [line_row(row) for row in rows]

    def known(self, server: str, keys: Sequence[bytes], upload: int) -> dict[bytes, Found]:
        """What earlier uploads to a server know of these keys, as far as it bears on sending them.

        ``RECORDED``: it has been recorded there; ``UNKNOWN``: it was sent, and it is not known
        what became of it. Other keys are not in the answer.
        """

        def ask(like: str, values: Sequence[bytes]) -> Iterator[KnownLine]:
            rows = self._rows(_KNOWN.format(like=like), (*values, server, upload))
            for key, recorded, judged in rows:
                yield KnownLine(
                    key, LineState.RECORDED if recorded else LineState.UNKNOWN, bool(judged)
                )

        return alike.find(keys, ask)

    def history(self, line: int) -> list[tuple[datetime, LineState, str]]:
        """Every state a line has come into, oldest first, with the server's message."""
        rows = self._rows(
            "SELECT at_utc, state, message FROM states WHERE line = ? ORDER BY entry", (line,)
        )
        return [(moment(at), LineState(state), message) for at, state, message in rows]

    # -- details -----------------------------------------------------------------------------

    def _lock(self) -> FileLock:
        path = self.path.with_suffix(".lock")
        return FileLock(path, timeout=0, mode=durable.file_mode(path.parent), thread_local=False)

    def _start_run(self, upload: int) -> None:
        self._database.execute("INSERT INTO runs (upload, started) VALUES (?, ?)", (upload, _now()))

    def _add_job(self, upload: int, process_id: str, name: str) -> None:
        self._database.execute(
            "INSERT INTO jobs (upload, process_id, name) VALUES (?, ?, ?)",
            (upload, process_id, name),
        )

    def _skip_twins(self, first: int, last: int) -> None:
        self._database.execute(
            "UPDATE lines SET state = 'skipped', reason = 'same-line'"
            " WHERE line BETWEEN ? AND ? AND state = 'planned' AND EXISTS ("
            "   SELECT 1 FROM lines AS earlier WHERE earlier.key = lines.key"
            "   AND earlier.key <> x'' AND earlier.line >= ? AND earlier.line < lines.line)",
            (first, last, first),
        )

    def _mark(self, lines: Iterable[int], state: LineState) -> None:
        self._many("UPDATE lines SET state = ? WHERE line = ?", ((state, line) for line in lines))

    def _many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._database.conn.executemany(statement, rows)

    def _rows(self, question: str, values: Sequence[Any] = ()) -> list[Any]:
        with wording(self.path):
            return self._database.execute(question, values).fetchall()

    def _number(self, question: str) -> int:
        return int(self._database.execute(question).fetchone()[0])


def content_of(files: Sequence[FileFacts]) -> str:
    """What makes an upload this one: the contents of its files, whatever they are called.

    What people decided about their lines is part of it: a plan made by other decisions is another.
    """
    return " ".join(sorted({file.sha256 + file.decided for file in files}))


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
