"""Erasing readers' identifiers from what was uploaded, closed, and kept long enough.

A reader becomes a mark, ``~`` and twelve characters: the same reader has the same mark within one
run of the erasure, so that counts stay right, and none outside it. The marks come from a secret
that is forgotten at the end of the run: nobody can find out which reader a mark was.

The bytes go too: SQLite overwrites what it replaces (``secure_delete``), then the database is
written afresh (``VACUUM``), because pages that were divided earlier may hold forgotten copies, and
the write-ahead log is emptied. Files of the archive are replaced as wholes. What the disk itself,
its snapshots or a backup still hold is beyond us. A line's
key stays, so that a file that turns up again is still recognised; it is a fingerprint of the whole
line, from which a reader can only be guessed by trying.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlite_utils

from offcirc.core.barcodes.rules import ANY, BarcodeKind, RuleSet, judge
from offcirc.core.barcodes.rules import BarcodeOutcome as Verdict
from offcirc.core.dat.datline import ITEM_START, PATRON_START, decode
from offcirc.disk import durable
from offcirc.disk.database import transaction
from offcirc.disk.errors import StorageError, wording
from offcirc.storage.closing.archive import ARCHIVE_NAME, look
from offcirc.storage.closing.closingrows import DeskClosingOutcome, closings
from offcirc.storage.closing.splitting import lines
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.schema import MARK
from offcirc.storage.stamps import stamp

if TYPE_CHECKING:
    from offcirc.storage.journal.journal import Journal

BLOT = b"~"
"""What stands for the rest of a line that cannot be read: a reader may be anywhere in it."""
FLOOR = 30
"""Days that readers are kept at least, when they are erased at all."""
TODO_NAME = "erasing.todo"
"""Lies in the data folder while bytes of erased readers may still be in its databases."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased.

    Attributes:
        lines: lines or rows that named a reader.
        patrons: how many different ones.
        files: files that named readers.
        finished: whether no byte of them is left where it can be reached; else the next erasure
            goes on.
    """

    lines: int = 0
    patrons: int = 0
    files: int = 0
    finished: bool = True


class ErasureMarks:
    """The marks of one run; its secret goes with it."""

    def __init__(self, rules: RuleSet = ANY) -> None:
        """Begin a run.

        Args:
            rules: the library's: what has the form of a reader's card, and of no item, is one.
        """
        self._secret = secrets.token_bytes(32)
        self._rules = rules
        self._cards: set[str] = set()

    def add_cards(self, cards: Iterable[str]) -> None:
        """Make known what was scanned as an item and is a reader's card, as somebody decided."""
        self._cards.update(cards)

    def is_card(self, item: str) -> bool:
        """Whether what was scanned as an item is a reader's card."""
        if item in self._cards:
            return True
        return judge(item, self._rules).verdict(BarcodeKind.ITEM).outcome is Verdict.OTHER_FIELD

    def mark(self, patron: str) -> str:
        """The mark of a reader; a mark stays itself."""
        if not patron or is_mark(patron):
            return patron
        return "~" + hmac.digest(self._secret, patron.encode(), "sha256").hex()[:12]

    def text(self, text: str, patron: str) -> str:
        """A text in which a reader's identifier may stand."""
        return text.replace(patron, self.mark(patron)) if patron else text

    def raw(self, raw: bytes, *, corrected: bool = False) -> bytes:
        """A line of OffCirc.dat, without its end, that names its reader no more.

        Args:
            raw: the line.
            corrected: somebody found that its fields say something else: the reader may be
                anywhere in it.
        """
        record = None if corrected else decode(raw).record
        if record is None or self.is_card(record.item):
            return raw[:ITEM_START] + BLOT if len(raw) > ITEM_START else raw
        if not record.operation.lends:
            return raw[:PATRON_START]
        at = raw.rstrip(b" ").rfind(record.patron.encode())
        return raw[:at] + self.mark(record.patron).encode()

    def file(self, data: bytes, corrected: Collection[int] = ()) -> bytes:
        """A whole OffCirc.dat that names its readers no more; its line ends stay.

        Args:
            data: its content.
            corrected: the numbers, from 1, of the lines that somebody corrected.
        """
        numbered = enumerate(lines(data), 1)
        return b"".join(self._line(line, number in corrected) for number, line in numbered)

    def _line(self, line: bytes, corrected: bool) -> bytes:
        raw = line.rstrip(b"\r\n")
        return self.raw(raw, corrected=corrected) + line[len(raw) :]


def is_mark(patron: str) -> bool:
    """Whether a reader is a mark already."""
    return len(patron) == len(MARK) and patron.startswith("~")


_CORRECTED = (
    "(lines.decision <> 0 OR EXISTS (SELECT 1 FROM decision_lines AS l"
    " JOIN decisions AS d ON d.decision = l.decision"
    " WHERE l.line = lines.key AND d.kind IN ('swap', 'correct')))"
)


def corrected_lines(ledger: Ledger, upload: int, file: int) -> frozenset[int]:
    """The numbers of the lines of a file of which somebody said that they say something else."""
    with wording(ledger.path):
        rows = ledger.database.execute(
            f"SELECT number FROM lines WHERE upload = ? AND file = ? AND {_CORRECTED}",  # noqa: S608
            (upload, file),
        )
        return frozenset(number for (number,) in rows)


def cards_as_items(ledger: Ledger, upload: int) -> set[str]:
    """What the lines of an upload call an item, and a decision about them calls a reader."""
    with wording(ledger.path):
        rows = ledger.database.execute(
            "SELECT lines.item FROM lines JOIN decision_lines AS l ON l.line = lines.key"
            " JOIN decisions AS d ON d.decision = l.decision"
            " WHERE lines.upload = ? AND lines.decision = 0 AND lines.item <> ''"
            " AND (d.kind = 'swap' OR d.kind = 'correct' AND d.patron = lines.item)",
            (upload,),
        )
        return {item for (item,) in rows if not is_mark(item)}


def erase_upload(ledger: Ledger, upload: int, marks: ErasureMarks, *, at: datetime) -> Erased:
    """Erase the readers of an upload in the ledger; on the disk when this returns.

    The database itself refuses it for an upload that is not closed.

    Raises:
        StorageError: nothing was erased.
    """
    database = ledger.database
    conn = database.conn
    conn.create_function("marked", 1, marks.mark, deterministic=True)
    conn.create_function("marked_text", 2, marks.text, deterministic=True)
    conn.create_function("is_card", 1, marks.is_card, deterministic=True)
    conn.create_function(
        "marked_raw",
        2,
        lambda raw, decision: marks.raw(bytes(raw), corrected=bool(decision)),
        deterministic=True,
    )
    row = ledger.upload(upload)
    assert row is not None, "an upload to be erased is there"
    span = (row.first_line, row.last_line)
    with wording(ledger.path), _thoroughly(database), transaction(database):
        count, patrons = database.execute(
            "SELECT count(*), count(DISTINCT patron) FROM lines"
            " WHERE line BETWEEN ? AND ? AND patron <> ''",
            span,
        ).fetchone()
        database.execute(
            "INSERT INTO erasures VALUES (NULL, ?, ?, ?, ?)", (upload, stamp(at), count, patrons)
        )
        database.execute(
            "UPDATE states SET message = marked_text(message,"
            " (SELECT patron FROM lines WHERE line = states.line))"
            " WHERE line BETWEEN ? AND ? AND message <> ''",
            span,
        )
        database.execute(
            "UPDATE states SET message = marked_text(message,"
            " (SELECT item FROM lines WHERE line = states.line))"
            " WHERE line BETWEEN ? AND ? AND message <> ''"
            " AND is_card((SELECT item FROM lines WHERE line = states.line))",
            span,
        )
        database.execute(
            "DELETE FROM looked_up WHERE upload = ? AND kind = 'item' AND is_card(code)", (upload,)
        )
        database.execute(
            "UPDATE lines SET message = marked_text(message, patron),"  # noqa: S608
            f" raw = marked_raw(raw, {_CORRECTED}), patron = marked(patron)"
            " WHERE line BETWEEN ? AND ?",
            span,
        )
        database.execute(
            "UPDATE lines SET message = marked_text(message, item), item = marked(item)"
            " WHERE line BETWEEN ? AND ? AND item <> '' AND is_card(item)",
            span,
        )
        database.execute(
            "UPDATE followups SET text = '' WHERE action = 'noted' AND text <> ''"
            " AND entry IN (SELECT f.entry FROM followup_lines AS f"
            "  JOIN lines AS l ON l.line = f.line WHERE l.line BETWEEN ? AND ?)"
            " AND NOT EXISTS (SELECT 1 FROM followup_lines AS f JOIN lines AS l ON l.line = f.line"
            "  WHERE f.entry = followups.entry"
            "  AND l.upload NOT IN (SELECT upload FROM erasures))",
            span,
        )
    return Erased(count, patrons)


def erased_uploads(ledger: Ledger) -> set[int]:
    """The uploads whose readers were erased."""
    with wording(ledger.path):
        return {number for (number,) in ledger.database.execute("SELECT upload FROM erasures")}


def erase_journal(
    journal: Journal, marks: ErasureMarks, *, before: datetime, at: datetime
) -> Erased:
    """Erase the readers of a desk's rows that were closed before a moment, deleted rows too.

    Raises:
        StorageError: nothing was erased.
    """
    due = max(
        (
            one.last_seq
            for one in closings(journal)
            if one.outcome is DeskClosingOutcome.DONE and one.at < before
        ),
        default=0,
    )
    database = journal.database
    database.conn.create_function("marked", 1, marks.mark, deterministic=True)
    with wording(journal.path):
        count, patrons = database.execute(
            "SELECT count(*), count(DISTINCT patron) FROM transactions"
            " WHERE seq <= ? AND patron <> '' AND patron NOT GLOB ?",
            (due, MARK),
        ).fetchone()
        if not count:
            return Erased()
        with _thoroughly(database), transaction(database):
            database.execute(
                "INSERT INTO erasures VALUES (NULL, ?, ?, ?, ?)", (stamp(at), due, count, patrons)
            )
            database.execute(
                "UPDATE transactions SET patron = marked(patron),"
                " raw = CASE WHEN instr(raw, patron) THEN item ELSE raw END"
                " WHERE seq <= ? AND patron <> '' AND patron NOT GLOB ?",
                (due, MARK),
            )
    return Erased(count, patrons)


def erase_desk(journal: Journal, marks: ErasureMarks, *, before: datetime, at: datetime) -> Erased:
    """Erase the readers of a desk's closed rows, and of the files it has put away.

    Raises:
        StorageError: something could not be erased; the next erasure goes on.
    """
    due = [
        one
        for one in closings(journal)
        if one.outcome is DeskClosingOutcome.DONE and one.at < before
    ]
    if not due:
        return Erased()
    erased = erase_journal(journal, marks, before=before, at=at)
    if erased.lines:
        begin_sweep(journal.folder)
    files = 0
    for one in due:
        path = journal.folder / ARCHIVE_NAME / one.archive
        if path.exists() and look(path)[1] == one.receipt.sha256:
            with wording(path):
                data = path.read_bytes()
            durable.replace(path, marks.file(data))
            files += 1
    finished = not is_sweep_due(journal.folder) or sweep(journal.database, journal.path)
    return Erased(erased.lines, erased.patrons, files, finished)


def begin_sweep(folder: Path) -> None:
    """Note that bytes of erased readers may be in the databases of a data folder until a sweep."""
    path = folder / TODO_NAME
    if not path.exists():
        durable.create(path, b"")


def is_sweep_due(folder: Path) -> bool:
    """Whether a sweep was begun and not ended."""
    return (folder / TODO_NAME).exists()


def end_sweep(folder: Path) -> None:
    """Note that no bytes of erased readers are in the databases any more."""
    with wording(folder / TODO_NAME):
        (folder / TODO_NAME).unlink(missing_ok=True)


def sweep(database: sqlite_utils.Database, path: Path) -> bool:
    """Write a database afresh, so that it holds nothing but what it says.

    Returns:
        Whether that is done; if not, somebody is reading it just now, or there is no room.
    """
    try:
        with wording(path):
            database.execute("VACUUM")
            busy, *_ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except StorageError:
        return False
    return not busy


@contextmanager
def _thoroughly(database: sqlite_utils.Database) -> Iterator[None]:
    database.execute("PRAGMA secure_delete = on")
    try:
        yield
    finally:
        database.execute("PRAGMA secure_delete = off")


def sum_of(parts: Sequence[Erased]) -> Erased:
    """Several erasures together."""
    return Erased(sum(part.lines for part in parts), sum(part.patrons for part in parts))
