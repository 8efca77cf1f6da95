"""The rows of ledger.db as the program sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


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
    """

    started: datetime
    ended: datetime | None
    status: str
    problem: str


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
