"""Taking a closing back: the files of an upload are where they were, with all their lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from offcirc.disk import durable, swap
from offcirc.disk.errors import Fault, LockedError, StorageError, describe, wording
from offcirc.i18n import _
from offcirc.storage.closing import archive
from offcirc.storage.closing.receipts import Order, read_receipt, receipt_path, write_receipt
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.ledger import closings
from offcirc.storage.ledger.closings import Closing, ClosingOutcome, FileToClose, Whose
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import UploadRow
from offcirc.storage.stamps import utc_now
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.close.closing import resume
from offcirc.upload.close.putaway import Closed, desk_folder, manifest_name, receipt_of


def undo(ledger: Ledger, upload: UploadRow, *, folder: Path, who: str) -> list[Closed]:
    """Bring the files of a closed upload back; what is in the archive stays there too.

    A file that cannot be brought back says why; the others are.

    Raises:
        LedgerBusyError: an upload from the same ledger is under way.
    """
    try:
        with ledger.exclusive():
            resume(ledger, folder=folder, who=who)
            done = []
            for closing in closings.closings(ledger, upload.id):
                if not closing.in_force:
                    continue
                place = folder / archive.ARCHIVE_NAME / closing.facts.archive
                if archive.read_index(place).get("erased") and closing.facts.stored:
                    done.append(Closed(closing, place, _erased()))
                    continue
                try:
                    told = _bring_back(ledger, closing, place, who)
                except StorageError as error:
                    done.append(Closed(closing, place, describe(error)))
                    continue
                closings.end(ledger, closing, ClosingOutcome.UNDONE, who=who, at=utc_now())
                done.append(
                    Closed(replace(closing, outcome=ClosingOutcome.UNDONE), place, told=told)
                )
            return done
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def _bring_back(ledger: Ledger, closing: Closing, place: Path, who: str) -> bool:
    """Bring a file back, or tell its desk to; whether the desk was told."""
    facts = closing.facts
    if not facts.stored:
        return False  # it was not there when its upload was closed
    stored = place / facts.stored
    if archive.look(stored) != (facts.size, facts.sha256):
        raise StorageError(Fault.DAMAGED, stored)
    desk = desk_folder(facts.path, place.parent.parent) or facts.path.parent
    told = receipt_path(desk / facts.path.name if facts.whose is Whose.DESK else facts.path)
    if facts.whose is Whose.PLAIN:
        _bring_back_plain(facts, stored)
        return False
    if facts.whose is Whose.DESK and _reopen_desk(facts, place.parent.parent):
        with wording(told):
            told.unlink(missing_ok=True)
        return False
    waiting = read_receipt(told)
    if facts.whose is Whose.COPY and waiting is not None and waiting.order is Order.CLOSE:
        # The desk has not seen it yet: as if nothing had been.
        _restore_copy(facts, place, stored)
        with wording(told):
            told.unlink()
        return False
    write_receipt(told, receipt_of(ledger, closing).reopened(who, datetime.now(UTC)))
    return True


def _erased() -> str:
    return _(
        "Readers were erased from the archive in the meantime, so the file cannot be brought back."
    )


def _bring_back_plain(facts: FileToClose, stored: Path) -> None:
    with wording(facts.path):
        part = stored.read_bytes()

        def whole(now: bytes) -> bytes | None:
            if now.startswith(part):
                return None  # it is there already
            since = now[facts.lead_size :]
            return part + (b"" if part.endswith(b"\n") or not since else b"\r\n") + since

        if swap.replace(facts.path, whole) is None and not facts.path.exists():
            swap.add(facts.path, part)


def _reopen_desk(facts: FileToClose, folder: Path) -> bool:
    """Take a desk's closing back; whether that could be done here."""
    from offcirc.storage.closing.closingrows import find  # noqa: PLC0415
    from offcirc.storage.closing.deskclosing import reopen_file  # noqa: PLC0415
    from offcirc.storage.dat.datwriter import DatWriter  # noqa: PLC0415 - only for a desk's own file
    from offcirc.storage.journal.journal import Journal  # noqa: PLC0415

    place = desk_folder(facts.path, folder)
    if place is None:
        raise StorageError(Fault.VANISHED, facts.path)
    try:
        with Journal.open(place) as journal:
            closing = find(journal, facts.size, facts.sha256)
            if closing is not None:
                reopen_file(DatWriter(journal, facts.path), closing)
            return True
    except LockedError:
        return False


def _restore_copy(facts: FileToClose, place: Path, stored: Path) -> None:
    """Put a copy and its manifest back, unless the desk has made another one."""
    with wording(facts.path):
        if facts.path.exists():
            return
        durable.create(facts.path, stored.read_bytes())
        told = place / manifest_name(facts)
        if told.exists() and not manifest_path(facts.path).exists():
            durable.create(manifest_path(facts.path), told.read_bytes())
