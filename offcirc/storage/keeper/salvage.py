"""A damaged journal is put aside, and a new one is begun with every row that can still be read.

In this order, so that a crash at any moment loses nothing: the damaged one gets the name of one
that is being read; its rows are brought to a new journal under a name of its own; that one takes
the journal's place; the damaged one gets the name under which it is kept for good. An attempt that
was interrupted is taken up again at the next start.

Which rows had been saved is told by what is left of the journal's own notes, and by the lines of
OffCirc.dat and of the files that were put away. Use it with the data folder locked.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlite_utils

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Source, Transaction
from offcirc.disk import durable
from offcirc.disk.database import open_database, transaction
from offcirc.disk.errors import wording
from offcirc.disk.lock import DataLock
from offcirc.storage.closing.archive import ARCHIVE_NAME
from offcirc.storage.dat.findings import Find, RepairFinding
from offcirc.storage.journal.layout import JOURNAL
from offcirc.storage.journal.rows import Row, RowState
from offcirc.storage.journal.saves import EMPTY_SHA256, FileEvent, FileState, SaveBook, place_name
from offcirc.storage.journal.sessions import SessionBook
from offcirc.storage.keeper.pages import Value, records
from offcirc.storage.stamps import moment, stamp, utc_now

_MAGIC = b"SQLite format 3\x00"
_TEXT, _NUMBER, _STAMP = "text", "number", "stamp"

# The tables whose rows are taken over as they are, known by their columns after the row's number.
_SHAPES: dict[str, tuple[str, ...]] = {
    "sessions": (_TEXT, _STAMP, *[_TEXT] * 5),
    "voids": (_STAMP,),
    "clock_jumps": (_NUMBER, _NUMBER, _STAMP, _STAMP, _NUMBER, _NUMBER),
    "imports": (_STAMP, _TEXT, _TEXT, _NUMBER, _NUMBER),
    "homes": (_STAMP, _TEXT, _NUMBER, _NUMBER, _NUMBER),
    "outside_voids": (_STAMP, _TEXT, _NUMBER, _TEXT),
    "remarks": (_NUMBER, _STAMP, _TEXT, _TEXT),
    "told": (_NUMBER, _STAMP, _TEXT),
    "closings": (_STAMP, *[_NUMBER] * 7, _TEXT, _NUMBER, _TEXT, _TEXT),
    "closing_ends": (_NUMBER, _STAMP, _TEXT),
    "erasures": (_STAMP, _NUMBER, _NUMBER, _NUMBER),
    "save_ends": (_STAMP, _TEXT, _NUMBER),
}
_KEPT_AS_THEY_ARE = tuple(name for name in _SHAPES if name not in {"save_ends", "voids"})
_CLOSED_FILE = 1
"""Number of the file that stands for all those of which the rows were put away."""

_Told = tuple[Transaction, int | None, int | None, str]
"""A transaction, its session, the time since then, its repair."""


@dataclass
class _Found:
    """What could be read of a damaged journal."""

    rows: dict[int, _Told] = field(default_factory=dict)
    tables: dict[str, dict[int, tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def saved_up_to(self) -> int:
        """The last row that had been saved, as far as the notes of it can be read."""
        ends = self.tables.get("save_ends", {}).values()
        return max((last for _at, what, last in ends if what == "done"), default=0)

    @property
    def closed_up_to(self) -> int:
        """The last row in a file that was put away, as far as that can be read."""
        ends = sorted(self.tables.get("closing_ends", {}).items())
        ended = {closing: outcome for _entry, (closing, _at, outcome) in ends}
        closings = self.tables.get("closings", {}).items()
        return max((told[5] for one, told in closings if ended.get(one) == "done"), default=0)


def salvage(
    path: Path,
    file: Path | None = None,
    known: Sequence[Row] = (),
    clock: Callable[[], datetime] = utc_now,
) -> RepairFinding | None:
    """Put a damaged journal aside and begin a new one with its rows.

    Args:
        path: the journal.
        file: the OffCirc.dat that was written from it.
        known: rows of it that are remembered.
        clock: tells the time, aware.

    Returns:
        What there is to say; ``None`` when it is no journal of ours, and was left alone.

    Raises:
        LockedError: another OffCirc is at work there.
        StorageError: it could not be done; the next attempt goes on.
    """
    lock = DataLock(path.parent)
    try:
        with wording(path):
            return _salvage(path, file, known, clock)
    finally:
        lock.release()


def _salvage(
    path: Path, file: Path | None, known: Sequence[Row], clock: Callable[[], datetime]
) -> RepairFinding | None:
    broken = path.with_name(f"{path.name}.damaged")
    if not broken.exists():
        if not _is_ours(path):
            return None
        _rename(path, broken)
    elif path.exists():  # all was done but for the last name
        found = _read(broken)
        return _say(path, found, _keep(broken, clock()))
    _rename(_log(path), _log(broken))
    found = _read(broken)
    anew = _Anew(path, found, clock)
    anew.make(file, known)
    return _say(path, found, _keep(broken, clock()))


def _say(path: Path, found: _Found, kept: Path) -> RepairFinding:
    rows = len(found.rows)
    unread = max(*found.rows, found.saved_up_to, 0, 0) - rows
    told: dict[str, str | int] = {
        "path": str(path),
        "kept": str(kept),
        "rows": rows,
        "unread": max(unread, 0),
    }
    return RepairFinding(Find.SALVAGED, told)


def _is_ours(path: Path) -> bool:
    """Whether a file that SQLite cannot use may be a journal: no database of another kind."""
    head = path.read_bytes()[:100]
    ours = JOURNAL.application_id.to_bytes(4, "big")
    return not head.startswith(_MAGIC) or head[68:72] == ours or bool(_read(path).rows)


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _rename(old: Path, new: Path) -> None:
    if old.exists():
        old.rename(new)
        durable.flush_folder(new.parent)


def _keep(broken: Path, at: datetime) -> Path:
    """Give the damaged journal the name under which it stays."""
    stem = f"{broken.name.removesuffix('.db.damaged')}.damaged-{at.astimezone():%Y%m%d-%H%M%S}"
    kept, number = broken.with_name(f"{stem}.db"), 1
    while kept.exists():
        number += 1
        kept = broken.with_name(f"{stem}-{number}.db")
    _rename(_log(broken), _log(kept))
    _rename(broken, kept)
    return kept


def _read(path: Path) -> _Found:
    log = _log(path)
    data, logged = path.read_bytes(), log.read_bytes() if log.exists() else b""
    found = _Found()
    for number, values in records(data, logged):
        first, *rest = values or (0,)
        if first is not None:
            continue
        row = _row(rest)
        if row is not None:
            found.rows[number] = row
            continue
        for table, shape in _SHAPES.items():
            if _fits(rest, shape):
                found.tables.setdefault(table, {})[number] = tuple(rest)
    return found


def _row(values: list[Value]) -> _Told | None:
    """A transaction with its session, time since then and repair; ``None`` if it is none."""
    if len(values) == 8:
        values = [*values, None, None, ""]  # older than sessions
    if len(values) == 11:
        values = [*values, "", ""]  # older than acts
    if len(values) != 13:
        return None
    name, at, offset, operation, item, patron, raw, source, session, elapsed, *rest = values
    repaired, act, stated = rest
    texts = (name, at, operation, item, patron, raw, source, repaired, act, stated)
    numbers = (session, elapsed)
    if not all(isinstance(text, str) for text in texts) or not isinstance(offset, int):
        return None
    if not all(number is None or isinstance(number, int) for number in numbers):
        return None
    try:
        record = Transaction(
            str(name), moment(str(at)), offset, Operation(str(act or operation)), str(item),
            str(patron), str(raw), Source(str(source)),
            datetime.fromisoformat(str(stated)) if stated else None,
        )  # fmt: skip
        encode(record.record)
    except (ValueError, OverflowError):
        return None
    return record, session, elapsed, str(repaired)  # type: ignore[return-value]


def _fits(values: list[Value], shape: tuple[str, ...]) -> bool:
    return len(values) == len(shape) and all(map(_is, values, shape))


def _is(value: Value, kind: str) -> bool:
    if kind == _NUMBER:
        return isinstance(value, int | float)
    if not isinstance(value, str):
        return False
    if kind == _STAMP:
        with suppress(ValueError):
            return len(value) == 24 and stamp(moment(value)) == value
        return False
    return True


class _Anew:
    """The new journal: made beside its place, then put there."""

    def __init__(self, path: Path, found: _Found, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._found = found
        self._clock = clock

    def make(self, file: Path | None, known: Sequence[Row]) -> None:
        """Make it, with the rows that were found and those that are known besides."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        for left in fresh.parent.glob(f"{fresh.name}*"):
            left.unlink()
        database = open_database(fresh, JOURNAL)
        try:
            with transaction(database):
                self._insert_tables(database)
                self._remember(known, SessionBook(database, fresh))
                self._insert_rows(database)
                if file is not None:
                    saves = SaveBook(database, fresh, self._clock)
                    self._note_saved(saves, file, known)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.conn.close()
        _rename(fresh, self._path)

    def _insert_tables(self, database: sqlite_utils.Database) -> None:
        for table in _KEPT_AS_THEY_ARE:
            for number, values in sorted(self._found.tables.get(table, {}).items()):
                told: list[Any] = [number, *values]
                if table == "closings":
                    told[2] = _CLOSED_FILE
                with suppress(sqlite3.IntegrityError):
                    database.execute(_insert(table, told), told)

    def _remember(self, known: Sequence[Row], sessions: SessionBook) -> None:
        voids = self._found.tables.setdefault("voids", {})
        for row in known:
            if row.seq not in self._found.rows:
                session = None if row.session is None else sessions.add(row.session)
                told = (row.transaction, session, row.elapsed_ms, row.repaired)
                self._found.rows[row.seq] = told
            if row.state is RowState.VOIDED:
                voids.setdefault(row.seq, (stamp(self._clock()),))

    def _insert_rows(self, database: sqlite_utils.Database) -> None:
        sessions = {number for (number,) in database.execute("SELECT session FROM sessions")}
        today = ""
        for seq, (record, session, elapsed, repaired) in sorted(self._found.rows.items()):
            values = (
                *(seq, record.id, stamp(record.at), record.utc_offset, record.operation.letter),
                *(record.item, record.patron, record.raw, record.source.value),
                *(session if session in sessions else None, elapsed, repaired),
                *(record.act, record.stated_minute),
            )
            database.execute(_insert("transactions", values), values)
            if stamp(record.at)[:10] != today:
                today = stamp(record.at)[:10]
                database.execute("INSERT INTO days VALUES (?, ?)", (seq, today))
        for seq, (at,) in self._found.tables["voids"].items():
            if seq in self._found.rows:
                database.execute("INSERT INTO voids VALUES (?, ?)", (seq, at))

    def _note_saved(self, saves: SaveBook, file: Path, known: Sequence[Row]) -> None:
        """Note which rows had been saved, and to which file."""
        found, voided = self._found, self._found.tables.get("voids", {})
        rows = [(seq, encode(told[0].record)) for seq, told in sorted(found.rows.items())]
        rows = [(seq, line) for seq, line in rows if seq not in voided]
        content = _content(file)
        put_away = map(_content, (self._path.parent / ARCHIVE_NAME).glob("*.dat"))
        saved = max(
            found.saved_up_to,
            _stated(rows, [content, *put_away]),
            *(row.seq for row in known if row.state is RowState.SAVED),
            0,
        )
        name = place_name(self._path.parent, file)
        closed = saves.start(name, FileEvent.NEW, 0, EMPTY_SHA256)
        _note(saves, closed, [each for each in rows if each[0] <= found.closed_up_to])
        saves.note_gone(closed.file)
        present = [each for each in rows if found.closed_up_to < each[0] <= saved]
        if present or content:
            sha256 = hashlib.sha256(content).hexdigest()
            _note(saves, saves.start(name, FileEvent.FOUND, len(content), sha256), present)


def _insert(table: str, values: Sequence[Any]) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})"  # noqa: S608


def _note(saves: SaveBook, file: FileState, rows: list[tuple[int, bytes]]) -> None:
    if rows:
        data = b"".join(line for _seq, line in rows)
        saves.note_done(file, 0, data, (rows[0][0], rows[-1][0], len(rows)))


def _stated(rows: list[tuple[int, bytes]], contents: Iterable[bytes]) -> int:
    """The last row whose line is in one of these files."""
    lines = Counter(line for content in contents for line in content.splitlines())
    last = 0
    for seq, line in rows:
        if lines[line.rstrip(b"\r\n")] > 0:
            lines[line.rstrip(b"\r\n")] -= 1
            last = seq
    return last


def _content(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes()
    return b""
