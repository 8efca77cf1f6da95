"""Comparing OffCirc.dat with the journal, and mending what a crash left of it.

The journal knows the length and SHA-256 the file had after each save, and what an unfinished save
was about to add. So a file is either as we left it, or torn by a crash (mended), or gone (a new one
is started), or changed by somebody (left alone, added to, and reported).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.dat.datline import encode
from offcirc.disk import durable
from offcirc.disk.errors import StorageError, wording
from offcirc.storage.dat.datstate import Seen, Signature, is_torn, look, open_dat, read_at
from offcirc.storage.dat.findings import Find, RepairFinding
from offcirc.storage.journal.journal import Journal, Row, RowState
from offcirc.storage.journal.saves import FileState, Save, place_name, same_place

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

READ_WRITE = os.O_RDWR | os.O_APPEND


@dataclass(frozen=True, slots=True)
class KnownDat:
    """OffCirc.dat as it was when last looked at or written.

    Attributes:
        state: what the journal says of it; ``None`` when the next save starts a new file.
        whole: running SHA-256 of its content.
        last: its last byte; empty if it has none.
        signature: to tell cheaply whether it is still the same; ``None`` if there is no file.
    """

    state: FileState | None
    whole: Hash
    last: bytes
    signature: Signature | None


def lines_of(rows: Sequence[Row]) -> bytes:
    """The lines of OffCirc.dat that state these rows; voided ones have none."""
    return b"".join(
        encode(row.transaction.record) for row in rows if row.state is not RowState.VOIDED
    )


def line_break(last: bytes) -> bytes:
    """What must come before a new line in a file that ends in the byte ``last``."""
    if last in {b"", b"\n"}:
        return b""
    return b"\n" if last == b"\r" else b"\r\n"


class DatRepair:
    """Compares and mends the OffCirc.dat of one journal.

    Attributes:
        path: the file.
        name: its place as the journal knows it: relative when it is in the data folder, so that
            the folder can be moved.
        findings: what was found so far.
    """

    def __init__(self, journal: Journal, path: Path) -> None:
        self.path = path
        self.name = place_name(journal.folder, path)
        self.findings: list[RepairFinding] = []
        self._journal = journal
        self._saves = journal.saves

    def compare(self) -> KnownDat:
        """Compare the file with what the journal says of it.

        Raises:
            StorageError: the file or its folder cannot be read, or a torn end not be mended.
        """
        state = self._saves.state(self.name)
        with wording(self.path):
            fd = open_dat(self.path, os.O_RDONLY)
            if fd is None:
                return self._none(state, None, Find.GONE)
            try:
                seen = look(fd, state.size if state else 0)
            finally:
                os.close(fd)
        if seen.size == 0:
            return self._none(state, seen.signature, Find.EMPTIED)
        if state is None:
            self._found(Find.FOUND)
            state = self._saves.found(self.name, seen.size, seen.whole.hexdigest())
        elif not (seen.size == state.size and seen.starts_with(state.sha256)):
            return self._changed(state, seen)
        return KnownDat(state, seen.whole, seen.last, seen.signature)

    def settle(self, save: Save) -> None:
        """Find out what became of an unfinished save, and end it.

        Raises:
            StorageError: the file cannot be read or mended; the save stays unfinished.
        """
        own = same_place(save.path, self.name)
        path = self.path if own else self._journal.folder / save.path
        with wording(path):
            try:
                fd = open_dat(path, READ_WRITE)
            except (OSError, StorageError):
                if own:
                    raise
                fd = None  # the desk writes elsewhere now, and that place cannot be reached
            if fd is None:
                self._uncertain(save, path)
                return
            try:
                self._settle_in(fd, save, path, rewrite=own)
            finally:
                os.close(fd)

    def _settle_in(self, fd: int, save: Save, path: Path, *, rewrite: bool) -> None:
        state = self._saves.state_of(save.file)
        assert state is not None  # a file is only given up when no save to it is unfinished
        seen = look(fd, save.offset)
        if not seen.starts_with(state.sha256) and self._mend_saved(fd, seen, state, path):
            seen = look(fd, save.offset)
        if not seen.starts_with(state.sha256):
            self._settle_in_changed(fd, save, seen, path)
            return
        added = read_at(fd, save.offset, save.length)
        if hashlib.sha256(added).hexdigest() == save.sha256:
            self._finish(fd, save, save.length, save.last_seq)
            return
        if not added:
            self._saves.abandon(save)
            return
        rows = self._rows(save.first_seq, save.last_seq)
        lead = _lead(fd, save.offset)
        meant = lead + lines_of(rows)
        if is_torn(fd, save.offset, meant):
            kept, whole = self._mend(fd, save.offset, meant if rewrite else None, meant, path)
            code = Find.TORN if rewrite else Find.CUT
            count = len(rows) - meant[len(lead) : whole].count(b"\n")
            self._found(code, path=path, kept=kept, rows=count)
            added = read_at(fd, save.offset, save.length)
        whole = _whole_lines(added, meant)
        count = meant[len(lead) : whole].count(b"\n")
        if count == 0:
            self._saves.abandon(save)
        else:
            self._finish(fd, save, whole, rows[count - 1].seq)

    def _settle_in_changed(self, fd: int, save: Save, seen: Seen, path: Path) -> None:
        """Somebody changed what was in the file before the unfinished save."""
        end = read_at(fd, max(0, seen.size - save.length), save.length)
        if hashlib.sha256(end).hexdigest() == save.sha256:
            self._saves.finish(save, seen.size, seen.whole.hexdigest())
            self._found(Find.CHANGED, path=path)
        else:
            self._uncertain(save, path)

    def _finish(self, fd: int, save: Save, length: int, last_seq: int) -> None:
        size = save.offset + length
        head = look(fd, size).head
        assert head is not None
        self._saves.finish(save, size, head.hexdigest(), last_seq)

    def _uncertain(self, save: Save, path: Path) -> None:
        self._saves.abandon(save)
        self._found(Find.UNCERTAIN, path=path, rows=save.rows)

    def _none(self, state: FileState | None, signature: Signature | None, code: Find) -> KnownDat:
        if state is not None and state.size:
            self._saves.gone(state.file)
            self._found(code)
            state = None
        return KnownDat(state, hashlib.sha256(), b"", signature)

    def _changed(self, state: FileState, seen: Seen) -> KnownDat:
        with wording(self.path):
            fd = open_dat(self.path, READ_WRITE)
            if fd is None:
                return self._none(state, None, Find.GONE)
            try:
                mended = self._mend_saved(fd, seen, state, self.path)
                seen = look(fd, state.size)
            finally:
                os.close(fd)
        if not mended:
            if seen.starts_with(state.sha256):
                self._found(Find.EXTENDED)
            else:
                self._found(Find.SHORTENED if seen.head is None else Find.CHANGED)
            state = self._saves.changed(state.file, seen.size, seen.whole.hexdigest())
        return KnownDat(state, seen.whole, seen.last, seen.signature)

    def _mend_saved(self, fd: int, seen: Seen, state: FileState, path: Path) -> bool:
        """Write again the end of a file that lost it in the middle of a line, or to zeros.

        Whole lines missing at the end are somebody's doing and stay missing.
        """
        save = self._saves.done_before(state.file, min(seen.size, state.size - 1))
        if save is None or seen.size > state.size:
            return False
        head = look(fd, save.offset).head
        if head is None:
            return False
        lead = _lead(fd, save.offset)
        meant = lead + b"".join(
            lines_of(self._rows(first, last))
            for first, last in self._saves.done_ranges(state.file, save.save)
        )
        head.update(meant)
        if head.hexdigest() != state.sha256 or not is_torn(fd, save.offset, meant):
            return False
        left = read_at(fd, save.offset, len(meant))
        if meant.startswith(left) and not _cut_inside_a_line(meant, len(left)):
            return False
        kept, whole = self._mend(fd, save.offset, meant, meant, path)
        self._found(Find.TORN, path=path, kept=kept, rows=meant[whole:].count(b"\n"))
        return True

    def _mend(
        self, fd: int, offset: int, wanted: bytes | None, meant: bytes, path: Path
    ) -> tuple[str, int]:
        """Set aside what follows the last whole line of ``meant``, cut it off, write the rest.

        Args:
            fd: the file.
            offset: where ``meant`` begins in it.
            wanted: ``meant`` again to have its rest written, ``None`` to leave it at the cut.
            meant: the bytes that were to be there.
            path: the file's name.

        Returns:
            The name of the file set aside, empty if nothing was, and how much of ``meant`` was
            there in whole lines.
        """
        size = os.fstat(fd).st_size
        left = read_at(fd, offset, size - offset)
        whole = _whole_lines(left, meant)
        kept = self._set_aside(left[whole:], path) if left[whole:] else ""
        durable.cut(fd, offset + whole)
        if wanted is not None:
            durable.append(fd, wanted[whole:], offset + whole, path)
        return kept, whole

    def _set_aside(self, data: bytes, path: Path) -> str:
        moment = self._journal.clock().astimezone().strftime("%Y%m%d-%H%M%S")
        name = f"{path.name}.{moment}"
        number = 1
        while (kept := path.with_name(f"{name}.torn")).exists():
            number += 1
            name = f"{path.name}.{moment}-{number}"
        durable.create(kept, data)
        return str(kept)

    def _rows(self, first: int, last: int) -> list[Row]:
        rows = self._journal.rows_between(first, last)
        return [row for row in rows if row.state is not RowState.VOIDED]

    def _found(self, code: Find, *, path: Path | None = None, **args: str | int) -> None:
        self.findings.append(RepairFinding(code, {"path": str(path or self.path), **args}))


def _lead(fd: int, offset: int) -> bytes:
    return line_break(read_at(fd, offset - 1, 1)) if offset else b""


def _whole_lines(left: bytes, meant: bytes) -> int:
    """How many bytes of ``meant`` are at the start of ``left``, up to a line's end."""
    end = 0
    for line in meant.splitlines(keepends=True):
        if left[end : end + len(line)] != line:
            break
        end += len(line)
    return end


def _cut_inside_a_line(meant: bytes, length: int) -> bool:
    missing = meant[length:]
    if missing in {b"\r\n", b"\n"}:
        return True
    inside = length > 0 and meant[length - 1 : length] != b"\n"
    return inside and not missing.startswith((b"\r\n", b"\n"))
