"""What the desks of a drill have recorded, and what has become of it at the practice server."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from offcirc.core.dat import datfile
from offcirc.core.transaction import OPERATIONS
from offcirc.disk.database import reading
from offcirc.disk.errors import StorageError
from offcirc.drill.truth import ActKind, DrillAct, DrillError, Truth
from offcirc.i18n import _
from offcirc.practice.acts import deeds
from offcirc.practice.acts.deeds import DeedKind
from offcirc.storage.dat.datwriter import DAT_NAME
from offcirc.storage.journal.journal import JOURNAL_NAME, RowState
from offcirc.storage.journal.rows import RowBook
from offcirc.storage.journal.saves import SaveBook
from offcirc.storage.journal.sessions import SessionBook
from offcirc.storage.stamps import utc_now

SERVER = "server"
DATABASE = "practice.db"


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """A line that a desk has recorded.

    Attributes:
        number: its place among the desk's lines, from 1.
        at: local time to the minute, by the desk's clock.
        operation: ``L`` or ``R``.
        item: its barcode.
        patron: the reader; empty on a return.
        saved: it is in OffCirc.dat.
    """

    number: int
    at: datetime
    operation: str
    item: str
    patron: str
    saved: bool = True


def of_desk(folder: Path) -> list[RecordedLine]:
    """What a desk has recorded and not deleted: by its journal, else by its OffCirc.dat.

    Raises:
        DrillError: it cannot be read.
    """
    journal, file = folder / JOURNAL_NAME, folder / DAT_NAME
    try:
        if journal.exists():
            return _of_journal(journal)
        return _of_file(file) if file.exists() else []
    except (OSError, StorageError):
        raise DrillError(
            _("What the desk in {folder} has recorded cannot be read.").format(folder=folder)
        ) from None


def _of_journal(path: Path) -> list[RecordedLine]:
    with reading(path, still=not path.with_name(f"{path.name}-wal").exists()) as database:
        saves = SaveBook(database, path, utc_now)
        rows = RowBook(database, path, saves, SessionBook(database, path)).between(1)
    kept = [row for row in rows if row.state is not RowState.VOIDED]
    lines = []
    for number, row in enumerate(kept, 1):
        record = row.transaction.record
        lines.append(
            RecordedLine(
                *(number, record.at, record.operation.value, record.item, record.patron),
                row.state is not RowState.PENDING,
            )
        )
    return lines


def _of_file(path: Path) -> list[RecordedLine]:
    entries = datfile.read(io.BytesIO(path.read_bytes()), utc_now().replace(tzinfo=None))
    records = [entry.record for entry in entries if entry.record is not None]
    return [
        RecordedLine(number, record.at, record.operation.value, record.item, record.patron)
        for number, record in enumerate(records, 1)
    ]


@dataclass(frozen=True, slots=True)
class ServedLine:
    """A line that the practice server has answered; ``code`` is empty if it was recorded."""

    minute: datetime
    operation: str
    item: str
    patron: str
    code: str


@dataclass(frozen=True, slots=True)
class ServedDrill:
    """What the practice server of a drill knows.

    Attributes:
        lines: what was uploaded.
        undone: what is still to be done by hand.
        known: by each identifier of a reader, the one in its first column.
    """

    lines: tuple[ServedLine, ...]
    undone: tuple[DrillAct, ...]
    known: dict[str, str]


def of_server(folder: Path, truth: Truth) -> ServedDrill:
    """What has reached the practice server of a drill, and what has been done there.

    Raises:
        DrillError: its database cannot be read.
    """
    database = folder / SERVER / DATABASE
    if not database.exists():
        return ServedDrill((), truth.acts, {})
    try:
        with reading(database) as opened:
            db = opened.conn
            db.row_factory = sqlite3.Row
            rows = db.execute(
                "SELECT * FROM transactions WHERE minute != '' ORDER BY id"
            ).fetchall()
            known = {
                name: row["primary_id"]
                for row in db.execute("SELECT primary_id, barcode FROM patrons")
                for name in row
            }
            since = datetime.fromisoformat(truth.since).astimezone()
            undone = tuple(act for act in truth.acts if not _done(db, act, since))
    except (sqlite3.Error, StorageError):
        raise DrillError(
            _("What the practice server keeps in {folder} cannot be read.").format(
                folder=database.parent
            )
        ) from None
    lines = tuple(
        ServedLine(
            datetime.fromisoformat(row["minute"]),
            OPERATIONS[row["operation"]].written.value,
            *(row["item"], row["patron"], row["code"]),
        )
        for row in rows
    )
    return ServedDrill(lines, undone, known)


def _done(connection: sqlite3.Connection, act: DrillAct, since: datetime) -> bool:
    """Whether an act has been done in the drill; notes count as long as they are there."""
    told = deeds.of_items(connection, act.items, UTC)
    about_items = [_kinds(each, since) for each in told]
    about_patron: set[str] = set()
    if act.patron:
        about_patron = _kinds(deeds.of_patrons(connection, [act.patron], UTC)[0], since)
    if act.kind is ActKind.ITEM_UNKNOWN:
        return DeedKind.NOTE in about_patron
    if act.kind is ActKind.PATRON_UNKNOWN:
        noted = all(DeedKind.NOTE in each for each in about_items)
        return DeedKind.VALIDATED in about_patron or noted
    wanted = DeedKind.DUE_CHANGED if act.kind is ActKind.DUE_DATE else DeedKind.SECOND_SCAN
    return all(wanted in each for each in about_items)


def _kinds(told: dict[str, Any], since: datetime) -> set[str]:
    """What was done since the drill began."""
    return {deed["kind"] for deed in told["deeds"] if datetime.fromisoformat(deed["at"]) >= since}


def shifted(line: RecordedLine, minutes: int) -> datetime:
    """When it truly happened, by a clock that is so many minutes ahead."""
    return line.at - timedelta(minutes=minutes)
