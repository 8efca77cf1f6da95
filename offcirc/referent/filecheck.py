"""What the referent is told of a file before anything is sent: lines, times, what is wrong.

Runs outside the window's thread: a file may lie on a slow share.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from offcirc.core.datfile import ByteStream, Entry, NotThisFile, Status, read, sniff
from offcirc.core.transaction import Operation

HEAD = 1 << 16
"""Bytes looked at to tell that a file is something else altogether."""

FINDINGS_LIMIT = 500
"""Findings kept to be shown; all lines are counted."""

FOLDER_LIMIT = 2000
"""Files taken from one folder; a tree with more is a wrong folder."""


class State(StrEnum):
    """How a file stands."""

    CHECKING = "checking"
    READY = "ready"
    NOT_OFFCIRC = "not-offcirc"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that is not plainly fine, or several in a row of which the same is to be said.

    Attributes:
        entry: the first of them.
        last: the number of the last of them.
    """

    entry: Entry
    last: int


@dataclass(frozen=True, slots=True)
class FileCheck:
    """A file on the list.

    Attributes:
        path: where it is.
        state: ready to be uploaded, or why not.
        sha256: of its content, hexadecimal; empty until it has been read.
        lines: those that are not blank.
        loans: lines that are loans.
        returns: lines that are returns.
        errors: lines that cannot be replayed.
        warnings: lines that can, but deserve a look.
        first: time of the earliest line that can be replayed, naive; ``None`` if there is none.
        last: time of the latest.
        findings: the lines with errors and warnings, the first of them.
        quarters: how many loans and how many returns began in each quarter of an hour, those that
            deserve a look apart: when, which of the two, whether they do, how many.
        kind: what it is instead, for ``NOT_OFFCIRC``.
        reason: the system's words, for ``UNREADABLE``.
    """

    path: Path
    state: State = State.CHECKING
    sha256: str = ""
    lines: int = 0
    loans: int = 0
    returns: int = 0
    errors: int = 0
    warnings: int = 0
    first: datetime | None = None
    last: datetime | None = None
    findings: tuple[Finding, ...] = ()
    quarters: tuple[tuple[datetime, Operation, bool, int], ...] = ()
    kind: NotThisFile | None = None
    reason: str = ""

    @property
    def ready(self) -> bool:
        """Whether it can be uploaded."""
        return self.state is State.READY

    @property
    def left_out(self) -> bool:
        """Whether it cannot be."""
        return self.state in (State.NOT_OFFCIRC, State.UNREADABLE)


def check_file(path: Path, now: datetime) -> FileCheck:
    """Read a file and judge its lines. Never raises for what a file is or does.

    Args:
        path: the file.
        now: local time without zone: what is future, what very old.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
            kind = sniff(head)
            if kind is not None:
                return FileCheck(path, State.NOT_OFFCIRC, kind=kind)
            stream.seek(0)
            counted = _count(path, read(_Hashing(stream, digest), now))
    except OSError as error:
        return FileCheck(path, State.UNREADABLE, reason=error.strerror or type(error).__name__)
    return replace(counted, sha256=digest.hexdigest())


def _count(path: Path, entries: Iterator[Entry]) -> FileCheck:
    lines = loans = returns = errors = warnings = 0
    first = last = None
    findings: list[Finding] = []
    quarters: Counter[tuple[datetime, Operation, bool]] = Counter()
    for entry in entries:
        lines += 1
        errors += entry.status is Status.ERROR
        warnings += entry.status is Status.WARNING
        if entry.status is not Status.OK:
            _note(findings, entry)
        record = entry.record
        if record is None:
            continue
        quarter = record.at.replace(minute=record.at.minute // 15 * 15)
        quarters[quarter, record.operation, entry.status is not Status.OK] += 1
        if record.operation is Operation.LOAN:
            loans += 1
        else:
            returns += 1
        first = record.at if first is None else min(first, record.at)
        last = record.at if last is None else max(last, record.at)
    return FileCheck(
        path,
        State.READY,
        lines=lines,
        loans=loans,
        returns=returns,
        errors=errors,
        warnings=warnings,
        first=first,
        last=last,
        findings=tuple(findings),
        quarters=tuple((*key, times) for key, times in sorted(quarters.items())),
    )


def _note(findings: list[Finding], entry: Entry) -> None:
    """Add a line; to the finding before it if the same is to be said of both."""
    before = findings[-1] if findings else None
    if before is not None and entry.problem is None and entry.doubts == before.entry.doubts:
        findings[-1] = Finding(before.entry, entry.number)
    elif len(findings) < FINDINGS_LIMIT:
        findings.append(Finding(entry, entry.number))


def expand(paths: Iterable[Path]) -> list[Path]:
    """The files that were meant: each file as it is, of each folder every ``*.dat`` below it.

    Hidden folders and links to folders are passed over: a link may lead round in a circle.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += _below(path)
        else:
            found.append(path)
    return found


def _below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(here, name) for name in sorted(files) if name.lower().endswith(".dat")]
        if len(found) >= FOLDER_LIMIT:
            break
    return found[:FOLDER_LIMIT]


class _Hashing:
    """A stream that takes the digest of what is read from it."""

    def __init__(self, stream: ByteStream, digest: hashlib._Hash) -> None:
        self._stream = stream
        self._digest = digest

    def read(self, size: int, /) -> bytes:
        chunk = self._stream.read(size)
        self._digest.update(chunk)
        return chunk
