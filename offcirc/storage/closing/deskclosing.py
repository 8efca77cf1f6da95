"""Closing a desk's OffCirc.dat once its lines are uploaded, so that they can never go up twice.

In this order, so that a crash at any moment loses nothing and doubles nothing:

1. the journal notes what is to be closed, and how the clean file will look;
2. the uploaded part is copied to the data folder's archive, flushed and read back;
3. OffCirc.dat is replaced by what is still to be uploaded, or removed when nothing is;
4. the journal notes that the old file is done with and that the clean one is its own.

An interrupted closing is brought to its end at the next start by :func:`settle`, before anything
else looks at the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.dat.datline import encode
from offcirc.disk import durable, swap
from offcirc.disk.database import transaction
from offcirc.disk.errors import Fault, StorageError, wording
from offcirc.storage.closing.archive import ARCHIVE_NAME, free_name, look, plain_name
from offcirc.storage.closing.closingrows import (
    DeskClosing,
    DeskClosingOutcome,
    closings,
    find,
    read_closings,
)
from offcirc.storage.closing.receipts import Order, Receipt, render
from offcirc.storage.closing.splitting import Split, split
from offcirc.storage.journal.rows import RowState
from offcirc.storage.journal.saves import FileEvent, FileState, place_name
from offcirc.storage.stamps import stamp

if TYPE_CHECKING:
    from offcirc.storage.dat.datwriter import DatWriter
    from offcirc.storage.journal.journal import Journal


class NotThisFileError(StorageError):
    """The desk's file does not begin with what was uploaded: it is another one, or was changed."""

    def __init__(self, path: Path) -> None:
        super().__init__(Fault.OTHER, path)


def close_file(writer: DatWriter, receipt: Receipt) -> DeskClosing:
    """Put the uploaded part of a desk's file away and start a clean one.

    A closing that a receipt asks for a second time is found done and left alone.

    Args:
        writer: the one that writes the file.
        receipt: what was uploaded.

    Raises:
        NotThisFileError: the file does not begin with what was uploaded.
        StorageError: it could not be done. What was begun is brought to its end, or given up, at
            the next start or attempt; no line is lost either way.
    """
    journal, path = writer.journal, writer.path
    writer.repair()  # settles what an interrupted save or closing left
    known = find(journal, receipt.size, receipt.sha256)
    if known is not None and known.outcome is DeskClosingOutcome.DONE:
        return known
    with wording(path):
        data = path.read_bytes() if path.exists() else b""
    state = journal.saves.state(place_name(journal.folder, path))
    if state is None or len(data) < receipt.size or _sha(data[: receipt.size]) != receipt.sha256:
        raise NotThisFileError(path)
    swap.check_let_go(path)
    parts = split(data, receipt.size, receipt.kept)
    closing = _begin(journal, path, state.file, (receipt, parts))
    _put_away(journal, closing, data[: receipt.size])
    _replace(journal, path, closing)
    writer.forget()
    return _with_outcome(journal, closing)


def reopen_file(writer: DatWriter, closing: DeskClosing) -> int:
    """Take a closing back: its lines are in OffCirc.dat again, before those recorded since.

    Returns:
        How many lines it brought back.

    Raises:
        StorageError: the copy in the archive is not there as it was, or the file cannot be written.
    """
    journal, path = writer.journal, writer.path
    writer.repair()
    if closing.outcome is DeskClosingOutcome.UNDONE:
        return 0
    kept = journal.folder / ARCHIVE_NAME / closing.archive
    if look(kept) != (closing.receipt.size, closing.receipt.sha256):
        raise StorageError(Fault.DAMAGED, kept)
    with wording(path):
        put_away = kept.read_bytes()

        def divided(now: bytes) -> tuple[bytes, bytes]:
            since = now[closing.lead_size :] if _starts_as(now, closing, put_away) else now
            return put_away + (b"" if put_away.endswith(b"\n") or not since else b"\r\n"), since

        now = swap.replace(path, lambda now: b"".join(divided(now)))
        before, since = divided(now or b"")
        if now is None:
            swap.add(path, before)
    whole = before + since
    name = place_name(journal.folder, path)
    with wording(journal.path), transaction(journal.database):
        state = journal.saves.state(name)
        noted = [(before, (closing.first_seq, closing.last_seq))]
        if state is not None:
            noted.append((since, _rows_after(journal, state.file, closing.lead_size)))
            journal.saves.note_gone(state.file)
        _note_saves(journal, _new_file(journal, name, whole), noted)
        _end(journal, closing.closing, DeskClosingOutcome.UNDONE)
    writer.forget()
    return closing.lines


def settle(journal: Journal, path: Path) -> DeskClosing | None:
    """Bring an interrupted closing to its end; called before the file is compared.

    Returns:
        The closing that was brought to its end; ``None`` if there was none.

    Raises:
        StorageError: it cannot be; to be called again.
    """
    closing = next((one for one in closings(journal) if one.outcome is None), None)
    if closing is None:
        if swap.aside_of(path).exists():  # bringing one back was interrupted
            with wording(path):
                swap.put_back(path)
        return None
    data = swap.content_of(path)
    begins = _begins(data, closing)
    if begins and not _is_put_away(journal, closing):
        with wording(path):
            if swap.aside_of(path).exists():
                swap.put_back(path)
        for torn in (journal.folder / ARCHIVE_NAME).glob(f"{closing.archive}.*.tmp"):
            torn.unlink()
        with wording(journal.path):
            _end(journal, closing.closing, DeskClosingOutcome.GIVEN_UP)
        return None
    if begins:
        # Lines may have been added since, by whatever program: what is there now counts.
        _replace(journal, path, closing)
    else:
        lead, rest = data[: closing.lead_size], data[closing.lead_size : closing.clean_size]
        untouched = _sha(lead + rest) == closing.clean_sha256
        left = closing.left_behind if untouched else 0
        _finish(journal, path, closing, Split(lead, rest, 0, left) if untouched else None)
    return _with_outcome(journal, closing)


def obey(writer: DatWriter, receipt: Receipt) -> None:
    """Do what the referent says of a desk's file.

    Raises:
        NotThisFileError: it is said of another file.
        StorageError: it could not be done; see :func:`close_file` and :func:`reopen_file`.
    """
    if receipt.order is Order.CLOSE:
        close_file(writer, receipt)
        return
    closing = find(writer.journal, receipt.size, receipt.sha256)
    if closing is None:
        raise NotThisFileError(writer.path)
    reopen_file(writer, closing)


def _begin(
    journal: Journal,
    path: Path,
    file: int,
    what: tuple[Receipt, Split],
) -> DeskClosing:
    receipt, parts = what
    at = journal.clock()
    wanted = f"{at.astimezone():%Y-%m-%d}_job-{receipt.job:04}_{plain_name(path.stem)}"
    name = free_name(journal.folder, wanted, ".dat")
    with wording(journal.path), transaction(journal.database):
        number = journal.database.execute(
            "INSERT INTO closings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                stamp(at),
                file,
                receipt.size,
                receipt.lines,
                *_rows_in(journal, file, receipt.size),
                len(parts.lead),
                len(parts.clean),
                _sha(parts.clean),
                parts.left_behind,
                name,
                render(receipt).decode(),
            ),
        ).lastrowid
    return next(one for one in closings(journal) if one.closing == number)


def _put_away(journal: Journal, closing: DeskClosing, data: bytes) -> None:
    folder = journal.folder / ARCHIVE_NAME
    durable.private_folder(folder)
    path = folder / closing.archive
    durable.replace(path, data)
    if look(path) != (closing.receipt.size, closing.receipt.sha256):
        raise StorageError(Fault.BROKEN_DISK, path)


def _is_put_away(journal: Journal, closing: DeskClosing) -> bool:
    try:
        found = look(journal.folder / ARCHIVE_NAME / closing.archive)
    except StorageError:
        return False
    return found == (closing.receipt.size, closing.receipt.sha256)


def _begins(data: bytes, closing: DeskClosing) -> bool:
    """Whether a file still begins with what is put away."""
    size = closing.size
    return len(data) >= size and _sha(data[:size]) == closing.receipt.sha256


def _replace(journal: Journal, path: Path, closing: DeskClosing) -> None:
    """Put the clean file in the old one's place, and note what became of it."""

    def parts(data: bytes) -> Split:
        return split(data, closing.size, closing.receipt.kept)

    data = swap.replace(path, lambda data: parts(data).clean if _begins(data, closing) else None)
    if data is None:
        raise StorageError(Fault.BUSY, path)  # changed in this moment; see settle()
    _finish(journal, path, closing, parts(data))


def _finish(journal: Journal, path: Path, closing: DeskClosing, parts: Split | None) -> None:
    """Note in the journal what became of the file."""
    name = place_name(journal.folder, path)
    with wording(journal.path), transaction(journal.database):
        if journal.saves.state_of(closing.file) is not None:
            journal.saves.note_gone(closing.file)
        if parts is not None and parts.clean:
            begun = _new_file(journal, name, parts.clean)
            rows = _rows_after(journal, closing.file, closing.size)
            _note_saves(journal, begun, [(parts.lead, (0, 0)), (parts.rest, rows)])
        _end(journal, closing.closing, DeskClosingOutcome.DONE)


def _new_file(journal: Journal, name: str, content: bytes) -> FileState:
    """A file that takes the old one's place; inside the caller's database transaction."""
    return journal.saves.start(name, FileEvent.NEW, len(content), _sha(content))


def _note_saves(
    journal: Journal, file: FileState, parts: list[tuple[bytes, tuple[int, int]]]
) -> None:
    """Note which rows each part of a new file states; inside the caller's database transaction.

    The newest save tells up to where rows are saved, so nothing is noted that would take that back.
    """
    saved = journal.saves.saved_up_to()
    if max(last for _data, (_first, last) in parts) < saved:
        return
    offset = 0
    for data, (first, last) in parts:
        rows = journal.rows_between(first, last) if first else []
        count = sum(row.state is not RowState.VOIDED for row in rows)
        if count:
            journal.saves.note_done(file, offset, data, (first, last, count))
        offset += len(data)


def _end(journal: Journal, closing: int, outcome: DeskClosingOutcome) -> None:
    journal.database.execute(
        "INSERT INTO closing_ends VALUES (NULL, ?, ?, ?)",
        (closing, stamp(journal.clock()), outcome.value),
    )


def _with_outcome(journal: Journal, closing: DeskClosing) -> DeskClosing:
    return next(one for one in closings(journal) if one.closing == closing.closing)


def _rows_in(journal: Journal, file: int, size: int) -> tuple[int, int]:
    """The first and last row in the first ``size`` bytes of a file; zeros if there is none."""
    first = last = 0
    for save, last_in_save in journal.saves.placed(file):
        if save.offset >= size:
            break
        first = first or save.first_seq
        if save.offset + save.length <= size:
            last = last_in_save
        else:
            last = max(last, *_up_to(journal, save.first_seq, last_in_save, size - save.offset))
    return (first, last) if last >= first > 0 else (0, 0)


def _rows_after(journal: Journal, file: int, size: int) -> tuple[int, int]:
    """The first and last row beyond the first ``size`` bytes of a file; zeros if there is none."""
    before = _rows_in(journal, file, size)[1]
    later = [
        (max(save.first_seq, before + 1), last)
        for save, last in journal.saves.placed(file)
        if save.offset + save.length > size and last > before
    ]
    return (later[0][0], later[-1][1]) if later else (0, 0)


def _up_to(journal: Journal, first: int, last: int, size: int) -> Iterator[int]:
    """The rows of a save whose lines are within its first bytes; and 0."""
    yield 0
    for row in journal.rows_between(first, last):
        if row.state is not RowState.VOIDED:
            size -= len(encode(row.transaction.record))
            if size < 0:
                return
        yield row.seq


def _starts_as(now: bytes, closing: DeskClosing, put_away: bytes) -> bool:
    """Whether the file still begins with the lines that stayed in it."""
    lead = now[: closing.lead_size]
    return bool(lead) and set(lead.splitlines()) <= set(put_away.splitlines())


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


__all__ = [
    "DeskClosing",
    "DeskClosingOutcome",
    "NotThisFileError",
    "close_file",
    "closings",
    "find",
    "obey",
    "read_closings",
    "reopen_file",
    "settle",
]
