"""Reading the manifest of a copy whole, as another program would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from offcirc.core.identity import DeskIdentity
from offcirc.storage.copies.manifest import Head, ManifestError, _read_head
from offcirc.storage.journal.jumps import ClockJump
from offcirc.storage.journal.sessions import RecordedSession
from offcirc.storage.stamps import moment


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """What a manifest says of one line.

    Attributes:
        id: the transaction's.
        at: when it was recorded, aware, UTC, to the millisecond.
        utc_offset: what local time was ahead of UTC, in minutes.
        elapsed_ms: true milliseconds since the start of the session, if known.
        session: which run of the program, if known.
        odd: codes of what was doubtful about it at the desk; empty if nothing was.
        restores: the id of a deleted transaction that it brings back; empty if it is none such.
        act: what it was, where OffCirc.dat has no letter for that; empty otherwise.
        stated: the local minute at which it is stated to have happened, in ISO form; empty where
            that is when it was recorded.
    """

    id: str
    at: datetime
    utc_offset: int
    elapsed_ms: int | None
    session: RecordedSession | None
    odd: str = ""
    restores: str = ""
    act: str = ""
    stated: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest.

    Attributes:
        head: what it says of the file.
        lines: what it says of each line, in order; ``None`` for one that the desk did not write.
        jumps: when the PC's clock was moved; ``last_seq`` counts in the journal, not the lines.
    """

    head: Head
    lines: tuple[ManifestLine | None, ...]
    jumps: tuple[ClockJump, ...]


def read(data: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        ManifestError: it is none, is damaged, or is of a later format.
    """
    try:
        told = json.loads(data)
        head = _read_head(told)
        sessions = [_read_session(each) for each in told["sessions"]]
        lines = tuple(_read_line(each, sessions) for each in told["lines"])
        jumps = tuple(_read_jump(each, sessions) for each in told["clock_jumps"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ManifestError(str(error)) from error
    if len(lines) != head.lines:
        raise ManifestError("lines")
    return Manifest(head, lines, jumps)


def _read_session(told: dict[str, Any]) -> RecordedSession:
    return RecordedSession(
        id=str(told["id"]),
        at=moment(told["at"]),
        identity=DeskIdentity(
            str(told["library"]), str(told["circulation_desk"]), str(told["desk"])
        ),
        computer=str(told["computer"]),
        version=str(told["version"]),
    )


def _read_jump(told: dict[str, Any], sessions: list[RecordedSession]) -> ClockJump:
    return ClockJump(
        jump=int(told["jump"]),
        session=sessions[told["session"]],
        last_seq=int(told["last_seq"]),
        before=moment(told["before"]),
        after=moment(told["after"]),
        seconds=float(told["seconds"]),
        elapsed_ms=int(told["elapsed"]),
    )


def _read_line(told: list[Any] | None, sessions: list[RecordedSession]) -> ManifestLine | None:
    if told is None:
        return None
    name, at, offset, elapsed, session, *more = told
    odd, restores, act, stated = [*more, "", "", "", ""][:4]
    return ManifestLine(
        id=str(name),
        at=moment(at),
        utc_offset=int(offset),
        elapsed_ms=None if elapsed is None else int(elapsed),
        session=None if session is None else sessions[session],
        odd=str(odd),
        restores=str(restores),
        act=str(act),
        stated=str(stated),
    )
