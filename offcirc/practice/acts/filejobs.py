"""Files uploaded by hand: kept in the database, applied line by line in their order.

How many lines are answered is committed with their answers, so that a job that was cut off goes on
at the right line; the keys are those that an uploader sends, so that no line is recorded twice,
whichever way it comes.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from offcirc.core.dat import datfile
from offcirc.core.dat.datfile import Entry
from offcirc.core.fingerprint import KeyMaker
from offcirc.i18n import N_
from offcirc.practice import clock, jobs
from offcirc.practice.accounts import SignedIn
from offcirc.practice.acts import letters
from offcirc.practice.acts.actor import Actor
from offcirc.practice.circulation import CirculationLine
from offcirc.practice.errors import ActError
from offcirc.practice.messages import Refusal, words
from offcirc.practice.recording import REJECTED, Recorder

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes: a hundred thousand lines, more than ten years of a desk."""
BATCH = 100
_LONGEST_NAME = 255
_SHOWN = 200


class SameFileError(Exception):
    """The file has been uploaded before; ``job`` says where."""

    def __init__(self, job: int) -> None:
        super().__init__(job)
        self.job = job


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a file's job is; ``fault`` says why it stands still, or is empty."""

    position: int
    total: int
    fault: str


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line that is no loan and no return, and why."""

    line: int
    text: str


def is_one(connection: sqlite3.Connection, job: int) -> bool:
    """Whether a job has a file of its own."""
    row = connection.execute("SELECT 1 FROM uploads WHERE job = ?", (job,)).fetchone()
    return row is not None


def bare_name(name: str) -> str:
    """A file's name without any folder, fit to be shown."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(character for character in last if character.isprintable())
    return shown[:_LONGEST_NAME] if shown.strip(". ") else "OffCirc.dat"


def accept(
    connection: sqlite3.Connection,
    actor: Actor,
    account: SignedIn,
    *,
    name: str,
    content: bytes,
    again: bool,
) -> int:
    """Keep a file and begin its job, whose Process ID is returned.

    Args:
        connection: inside a transaction.
        actor: who uploads, and at which desk.
        account: the same, as the job names it.
        name: of the file, as the browser sent it.
        content: the file.
        again: take it although it has been uploaded before.

    Raises:
        ActError: it is no OffCirc.dat, or nothing in it can be read.
        SameFileError: it has been uploaded before.
    """
    if not content.strip():
        raise ActError(N_("The file is empty: there is nothing to upload."))
    if datfile.sniff(content[: 1 << 16]) is not None:
        raise ActError(
            N_("This is no OffCirc.dat: none of its lines is a loan or a return. Nothing was kept.")
        )
    entries = prepared(content, name, actor.now)
    if not any(isinstance(entry, CirculationLine) for entry in entries):
        raise ActError(N_("Not one line of this file can be read. Nothing was kept."))
    digest = hashlib.sha256(content).hexdigest()
    before = connection.execute(
        "SELECT max(job) FROM uploads WHERE digest = ?", (digest,)
    ).fetchone()[0]
    if before is not None and not again:
        raise SameFileError(before)
    job = jobs.create(
        connection, account, actor.desk, name=None, files=[bare_name(name)], now=actor.now
    )
    connection.execute(
        "INSERT INTO uploads (job, digest, total) VALUES (?, ?, ?)", (job, digest, len(entries))
    )
    connection.execute("INSERT INTO contents (job, content) VALUES (?, ?)", (job, content))
    return job


def progress(connection: sqlite3.Connection) -> dict[int, FileProgress]:
    """Of the jobs that are not finished, how far they are."""
    rows = connection.execute(
        "SELECT f.job, f.position, f.total, f.fault FROM uploads f "
        "JOIN jobs j ON j.id = f.job WHERE j.status = ?",
        (jobs.RUNNING,),
    ).fetchall()
    return {row["job"]: FileProgress(row["position"], row["total"], row["fault"]) for row in rows}


def due(connection: sqlite3.Connection) -> list[int]:
    """The jobs that are to go on now: the oldest of each circulation desk."""
    rows = connection.execute(
        "SELECT min(f.job) AS job FROM uploads f JOIN jobs j ON j.id = f.job "
        "WHERE j.status = ? AND f.fault = '' GROUP BY j.desk ORDER BY 1",
        (jobs.RUNNING,),
    ).fetchall()
    return [row["job"] for row in rows]


def kept(connection: sqlite3.Connection, job: int) -> tuple[bytes, str]:
    """A job's file and its name."""
    row = connection.execute("SELECT content FROM contents WHERE job = ?", (job,)).fetchone()
    names = connection.execute("SELECT files FROM jobs WHERE id = ?", (job,)).fetchone()
    return row["content"], json.loads(names["files"])[0]


def prepared(content: bytes, name: str, now: datetime) -> list[CirculationLine | UnreadableLine]:
    """The lines of a file in its order, under the keys that an uploader gives them."""
    keys = KeyMaker()
    local = now.replace(tzinfo=None)
    return [
        _line(entry, keys, bare_name(name), now)
        for entry in datfile.read(io.BytesIO(content), local)
    ]


def _line(
    entry: Entry, keys: KeyMaker, name: str, now: datetime
) -> CirculationLine | UnreadableLine:
    record = entry.record
    if record is None:
        shown = entry.raw.decode("ascii", "backslashreplace").strip()[:_SHOWN]
        return UnreadableLine(entry.number, shown)
    assert now.tzinfo is not None, "the server's clock is aware"
    at, minute = clock.wall_clock(record.at, now.tzinfo)
    return CirculationLine(
        key=keys.key(record).hex(),
        line=entry.number,
        file=name,
        at=at,
        minute=minute,
        operation=record.operation,
        item=record.item,
        patron=record.patron,
    )


def step(
    connection: sqlite3.Connection,
    recorder: Recorder,
    actor: Actor,
    job: int,
    lines: Sequence[CirculationLine | UnreadableLine],
) -> bool:
    """Answer the next lines of a job; whether there are more.

    Args:
        connection: inside a transaction: the answers and the position are kept or undone together.
        recorder: what applies lines.
        actor: the server itself.
        job: the Process ID.
        lines: all lines of the file.
    """
    row = connection.execute(
        "SELECT f.position, j.desk, j.login, j.who FROM uploads f JOIN jobs j ON j.id = f.job "
        "WHERE f.job = ?",
        (job,),
    ).fetchone()
    batch = lines[row["position"] : row["position"] + BATCH]
    for line in batch:
        if isinstance(line, CirculationLine):
            recorder.record(connection, [line], job=job, desk=row["desk"], now=actor.now)
        else:
            _unreadable(connection, job, line, actor)
    position = row["position"] + len(batch)
    connection.execute("UPDATE uploads SET position = ? WHERE job = ?", (position, job))
    if position < len(lines):
        return True
    jobs.finish(connection, job, actor.now)
    mail_report(connection, actor, job, row["who"])
    return False


def _unreadable(
    connection: sqlite3.Connection, job: int, line: UnreadableLine, actor: Actor
) -> None:
    connection.execute(
        "INSERT INTO transactions (key, job, line, file, at, minute, operation, item, patron, "
        "status, code, message, notes, received_at) "
        "SELECT ?, ?, ?, json_extract(files, '$[0]'), '', '', '', '', '', ?, ?, ?, '', ? "
        "FROM jobs WHERE id = ?",
        (
            f"unreadable:{job}:{line.line}:{hashlib.sha256(line.text.encode()).hexdigest()[:16]}",
            job,
            line.line,
            REJECTED,
            Refusal.UNREADABLE,
            words(Refusal.UNREADABLE, line.text, ""),
            clock.stored(actor.now),
            job,
        ),
    )


def fail(connection: sqlite3.Connection, job: int, fault: str) -> None:
    """A job stands still: the lines answered so far stay, nothing of the others is done."""
    connection.execute("UPDATE uploads SET fault = ? WHERE job = ?", (fault, job))


def mail_report(connection: sqlite3.Connection, actor: Actor, job: int, who: str) -> None:
    """Put the report of a job into the out-box, to whoever uploaded its file."""
    found = jobs.find(connection, job, actor.policy.timezone)
    if found is None:
        raise ActError(N_("There is no job with this Process ID on this server."))
    messages = jobs.messages(connection, job, 1000)
    _ = actor.say
    started, finished = found.started_at, found.finished_at
    lines = [
        f"Process ID {job}   Name {found.name}",
        f"Started on {started:%d/%m/%Y %H:%M:%S}   "
        + (f"Finished on {finished:%d/%m/%Y %H:%M:%S}" if finished else "Running"),
        f"Records processed {found.records_processed}",
        f"Records with exceptions {found.records_with_exceptions}",
        *(f"Line {each.line}  {each.message}" for each in messages),
    ]
    if len(messages) < found.records_with_exceptions:
        more = found.records_with_exceptions - len(messages)
        lines.append(_("{count} more are in the report itself.").format(count=more))
    subject = _("Report of job {job}").format(job=job)
    letters.write(
        connection, actor, "report", recipient=who, subject=subject, body="\n".join(lines)
    )
