"""The layout of ledger.db, and its rows as the program sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from offcirc.disk.database import Schema, append_only
from offcirc.storage.ledger.afterwards import AFTERWARDS, CARDS_AS_ITEMS
from offcirc.storage.ledger.decisiontables import DECISIONS
from offcirc.storage.ledger.handovertables import HANDOVERS
from offcirc.storage.ledger.lookuptables import LOOKUPS, OPINIONS

FACTS = "upload, file, number, raw, minute, operation, item, patron, key"
_FIRST = (
    """CREATE TABLE uploads (
        upload INTEGER PRIMARY KEY,
        server TEXT NOT NULL,
        url TEXT NOT NULL,
        desk TEXT NOT NULL,
        who TEXT NOT NULL,
        started TEXT NOT NULL,
        content TEXT NOT NULL,
        first_line INTEGER NOT NULL,
        last_line INTEGER NOT NULL)""",
    "CREATE INDEX uploads_by_content ON uploads (content)",
    """CREATE TABLE jobs (
        job INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        process_id TEXT NOT NULL,
        name TEXT NOT NULL)""",
    "CREATE INDEX jobs_by_upload ON jobs (upload)",
    "CREATE INDEX jobs_by_process_id ON jobs (process_id)",
    """CREATE TABLE files (
        entry INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        file INTEGER NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        records INTEGER NOT NULL,
        same_as TEXT NOT NULL)""",
    "CREATE INDEX files_by_upload ON files (upload, file)",
    """CREATE TABLE lines (
        line INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        file INTEGER NOT NULL,
        number INTEGER NOT NULL,
        raw BLOB NOT NULL,
        minute TEXT NOT NULL,
        operation TEXT NOT NULL,
        item TEXT NOT NULL,
        patron TEXT NOT NULL,
        key BLOB NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        message TEXT NOT NULL DEFAULT '',
        replayed INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL DEFAULT '',
        notes TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX lines_by_key ON lines (key) WHERE key <> x''",
    """CREATE TABLE states (
        entry INTEGER PRIMARY KEY,
        line INTEGER NOT NULL REFERENCES lines (line),
        at_utc TEXT NOT NULL,
        state TEXT NOT NULL,
        message TEXT NOT NULL)""",
    """CREATE TABLE runs (
        run INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        started TEXT NOT NULL)""",
    "CREATE INDEX runs_by_upload ON runs (upload)",
    """CREATE TABLE run_ends (
        run INTEGER PRIMARY KEY REFERENCES runs (run),
        ended TEXT NOT NULL,
        status TEXT NOT NULL,
        problem TEXT NOT NULL)""",
    # A trigger, so that no way of changing a state can forget its history.
    """CREATE TRIGGER lines_history AFTER UPDATE OF state ON lines
        WHEN NEW.state <> OLD.state BEGIN
        INSERT INTO states (line, at_utc, state, message)
        VALUES (NEW.line, strftime('%Y-%m-%dT%H:%M:%fZ'), NEW.state, NEW.message); END""",
    f"""CREATE TRIGGER lines_facts BEFORE UPDATE OF {FACTS} ON lines
        BEGIN SELECT RAISE(ABORT, 'what a line says is never changed'); END""",
    """CREATE TRIGGER lines_no_delete BEFORE DELETE ON lines
        BEGIN SELECT RAISE(ABORT, 'lines are never deleted'); END""",
    *(
        statement
        for table, key in (
            ("uploads", "upload"),
            ("jobs", "job"),
            ("files", "entry"),
            ("states", "entry"),
            ("runs", "run"),
            ("run_ends", "run"),
        )
        for statement in append_only(table, key)
    ),
)
LEDGER = Schema(
    application_id=0x4F66664C,  # "OffL"
    steps=(_FIRST, DECISIONS, AFTERWARDS, LOOKUPS, HANDOVERS, CARDS_AS_ITEMS, OPINIONS),
)


class LineState(StrEnum):
    """Where a line stands."""

    PLANNED = "planned"
    SENDING = "sending"
    RECORDED = "recorded"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    HELD = "held"
    SKIPPED = "skipped"
    HANDED_OVER = "handed-over"
    """In a file that people carry to the library system, whose report has not been read back."""


class FileFacts(NamedTuple):
    """A file of an upload.

    ``same_as`` names the file that was uploaded in its place, if any. Library, circulation desk's
    code and desk's name are empty when nobody has told them; ``told_by`` says who has:
    ``manifest``, ``journal``, ``name`` (guessed from the file's name) or nobody. ``decided`` is
    not kept: it stands for what people decided about this file, and tells plans apart.
    """

    name: str
    path: str
    sha256: str
    size: int
    records: int = 0
    same_as: str = ""
    library: str = ""
    circulation_desk: str = ""
    desk_name: str = ""
    told_by: str = ""
    decided: str = ""


class LineFacts(NamedTuple):
    """A line to be kept: what its file says, its key, and the state it begins in.

    ``minute`` is naive local time in ISO form, empty when the line cannot be read; ``exact`` the
    same to the millisecond, empty when it is not known; both are corrected where the desk's clock
    was wrong. ``key`` is that of
    :mod:`offcirc.core.fingerprint`; of a line that cannot be read it is known to people's decisions
    only. ``file`` is the index of its file, ``decision`` the number of the decision that holds for
    the line, 0 if there is none: ``raw`` is always what the file says. ``twin`` is not kept: the
    index of the file that holds this line too, or one that says the same; -1 if none does.
    """

    file: int
    number: int
    raw: bytes
    minute: str
    operation: str
    item: str
    patron: str
    key: bytes
    state: LineState
    reason: str = ""
    exact: str = ""
    decision: int = 0
    twin: int = -1


class LineRow(NamedTuple):
    """A line as the ledger has it."""

    id: int
    file: int
    number: int
    raw: bytes
    minute: str
    operation: str
    item: str
    patron: str
    key: bytes
    state: LineState
    reason: str
    message: str
    replayed: bool
    due_at: str
    notes: tuple[str, ...]
    exact: str = ""
    decision: int = 0


class Settled(NamedTuple):
    """What became of a line; ``due_at`` is ISO text as the server gave it."""

    line: int
    state: LineState
    reason: str = ""
    message: str = ""
    replayed: bool = False
    due_at: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload.

    Attributes:
        id: its number.
        server: the server's identity.
        url: its address.
        desk: the circulation desk's code.
        who: who uploaded.
        started: aware, UTC.
        first_line: the first of its lines' ids; they follow each other without a gap.
        last_line: the last one.
        process_id: the server's job, empty if there is none.
        name: the job's name.
    """

    id: int
    server: str
    url: str
    desk: str
    who: str
    started: datetime
    first_line: int
    last_line: int
    process_id: str
    name: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One stretch of work on an upload: the first, or a resumption.

    Attributes:
        started: aware, UTC.
        ended: aware, UTC; ``None`` while it works, or when it was cut off.
        status: how it ended; empty when ``ended`` is ``None``.
        problem: why it stopped, in words; empty when it did not.
        newest: no later work on any upload was begun: if one is under way, it is this.
    """

    started: datetime
    ended: datetime | None
    status: str
    problem: str
    newest: bool


def upload_row(row: Sequence[Any]) -> UploadRow:
    """An upload from its columns."""
    number, server, url, desk, who, started, first, last, process_id, name = row
    return UploadRow(number, server, url, desk, who, moment(started), first, last, process_id, name)


def line_row(row: Sequence[Any]) -> LineRow:
    """A line from its columns."""
    line = LineRow(*row)
    return line._replace(
        state=LineState(line.state),
        replayed=bool(line.replayed),
        notes=tuple(str(line.notes).split()),
    )


def moment(text: str) -> datetime:
    """A moment from the way the ledger writes it; aware, UTC."""
    return datetime.fromisoformat(text)
