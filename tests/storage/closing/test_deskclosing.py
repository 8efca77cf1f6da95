"""A desk's file that was uploaded is put away once and for all, whatever happens in between."""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from storage.desk_kit import CrashError, Desk
from storage.faulty import FaultyDisk, Kind, quick_folder

from offcirc.core.transaction import Operation, record_now
from offcirc.disk import swap
from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.closing import closingrows, deskclosing
from offcirc.storage.closing.closingrows import DeskClosingOutcome
from offcirc.storage.closing.deskclosing import NotThisFileError, close_file, reopen_file
from offcirc.storage.closing.receipts import (
    Order,
    Receipt,
    ReceiptError,
    parse,
    read_receipt,
    receipt_path,
    render,
    write_receipt,
)
from offcirc.storage.journal.rows import RowState
from offcirc.storage.journal.saves import place_name

UPLOADED = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def receipt_for(data: bytes, kept: tuple[int, ...] = ()) -> Receipt:
    return Receipt(
        order=Order.CLOSE,
        name="OffCirc.dat",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        lines=data.count(b"\n"),
        kept=kept,
        job=12,
        process_id="2744228060004116",
        server="http://library.example",
        desk="BUC_PRET",
        who="Camille",
        uploaded=UPLOADED,
        closed_by="Camille",
        closed=UPLOADED,
    )


def archived(desk: Desk) -> list[bytes]:
    return [path.read_bytes() for path in sorted((desk.folder / "archive").glob("*.dat"))]


def saved(desk: Desk) -> list[int]:
    """The numbers of the rows that the journal says are in the present file, by its own saves."""
    saves = desk.journal.saves
    newest = saves.newest_file(place_name(desk.folder, desk.path))
    ranges = [] if newest is None else saves.done_ranges(newest)
    rows = [row for first, last in ranges for row in desk.journal.rows_between(first, last)]
    return [row.seq for row in rows if row.state is RowState.SAVED]


def test_a_receipt_reads_back():
    receipt = receipt_for(b"abc\r\n", (1, 7))
    assert parse(render(receipt)) == receipt
    assert parse(render(receipt.reopened("Lou", UPLOADED))).order is Order.REOPEN


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b"nonsense", b'{"format": 2}', b'{"format": 1, "order": "burn"}']
)
def test_what_is_no_receipt_is_refused(data, tmp_path):
    with pytest.raises(ReceiptError):
        parse(data)
    (tmp_path / "x.closed.json").write_bytes(data)
    with pytest.raises(ReceiptError):
        read_receipt(tmp_path / "x.closed.json")


def test_a_receipt_lies_beside_its_file(tmp_path):
    path = receipt_path(tmp_path / "OffCirc_BUC_2.dat")
    assert path.name == "OffCirc_BUC_2.closed.json"
    assert read_receipt(path) is None
    write_receipt(path, receipt_for(b"x"))
    assert read_receipt(path) == receipt_for(b"x")


def test_a_file_uploaded_whole_is_put_away_and_the_next_save_starts_a_clean_one(desk):
    desk.scan(3)
    desk.save()
    data = desk.path.read_bytes()
    closing = close_file(desk.writer, receipt_for(data))
    assert closing.outcome is DeskClosingOutcome.DONE
    assert (closing.lines, closing.first_seq, closing.last_seq, closing.left_behind) == (3, 1, 3, 0)
    assert archived(desk) == [data]
    assert not desk.path.exists()
    desk.scan(2)
    desk.save()
    assert desk.path.read_bytes() == desk.stated(4, 5)
    assert desk.codes() == []


def test_what_was_saved_since_the_upload_stays(desk):
    desk.scan(3)
    desk.save()
    data = desk.path.read_bytes()
    desk.scan(2)
    desk.save()
    pending = desk.scan()
    closing = close_file(desk.writer, receipt_for(data))
    assert closing.left_behind == 2
    assert desk.path.read_bytes() == desk.stated(4, 5)
    assert archived(desk) == [data]
    assert desk.pending() == pending
    assert saved(desk) == [4, 5]
    assert desk.codes() == []
    desk.save()
    assert desk.path.read_bytes() == desk.stated(4, 5, 6)
    desk.reopen()
    assert desk.codes() == []
    assert saved(desk) == [4, 5, 6]


def test_a_receipt_that_comes_again_changes_nothing(desk):
    desk.scan(3)
    desk.save()
    receipt = receipt_for(desk.path.read_bytes())
    first = close_file(desk.writer, receipt)
    desk.scan()
    desk.save()
    assert close_file(desk.writer, receipt) == first
    assert desk.path.read_bytes() == desk.stated(4)


def test_another_file_is_left_alone(desk):
    desk.scan(3)
    desk.save()
    before = desk.path.read_bytes()
    with pytest.raises(NotThisFileError):
        close_file(desk.writer, receipt_for(b"x" * len(before)))
    with pytest.raises(NotThisFileError):
        close_file(desk.writer, receipt_for(before + b"more\r\n"))
    assert desk.path.read_bytes() == before
    assert not (desk.folder / "archive").exists()


def test_lines_that_were_not_dealt_with_stay(desk):
    desk.scan(4)
    desk.save()
    data = desk.path.read_bytes()
    desk.scan()
    desk.save()
    closing = close_file(desk.writer, receipt_for(data, kept=(2, 3)))
    assert closing.left_behind == 3
    assert desk.path.read_bytes() == desk.stated(2, 3, 5)
    assert desk.codes() == []
    desk.scan()
    desk.save()
    assert desk.path.read_bytes() == desk.stated(2, 3, 5, 6)


def test_a_line_that_stays_keeps_its_twins_before_it(desk):
    """Else it would be taken for one of them, which are recorded, and never go up."""
    twin = record_now(desk.now, Operation.LOAN, "I1", "P1")
    for record in (twin, record_now(desk.now, Operation.RETURN, "I1")):
        desk.journal.append(record)
    desk.save()
    data = desk.path.read_bytes()
    desk.journal.append(record_now(desk.now, Operation.LOAN, "I1", "P1"))
    desk.save()
    whole = desk.path.read_bytes()
    close_file(desk.writer, receipt_for(data))
    line = whole.splitlines(keepends=True)[0]
    assert desk.path.read_bytes() == line + line
    assert desk.codes() == []


def test_a_closing_can_be_taken_back(desk):
    desk.scan(3)
    desk.save()
    data = desk.path.read_bytes()
    desk.scan()
    desk.save()
    closing = close_file(desk.writer, receipt_for(data))
    desk.scan()
    desk.save()
    assert reopen_file(desk.writer, closing) == 3
    assert desk.path.read_bytes() == desk.stated()
    assert saved(desk) == [1, 2, 3, 4, 5]
    assert desk.codes() == []
    desk.scan()
    desk.save()
    assert desk.path.read_bytes() == desk.stated()
    again = closingrows.find(desk.journal, closing.receipt.size, closing.receipt.sha256)
    assert reopen_file(desk.writer, again) == 0
    assert close_file(desk.writer, receipt_for(data)).outcome is DeskClosingOutcome.DONE
    assert desk.path.read_bytes() == desk.stated(4, 5, 6)


def test_a_closing_taken_back_with_an_empty_file(desk):
    desk.scan(3)
    desk.save()
    closing = close_file(desk.writer, receipt_for(desk.path.read_bytes()))
    reopen_file(desk.writer, closing)
    assert desk.path.read_bytes() == desk.stated()
    desk.reopen()
    assert desk.codes() == []
    assert desk.pending() == []


def test_taking_back_the_older_of_two_closings_saves_nothing_twice(desk):
    desk.scan(2)
    desk.save()
    older = close_file(desk.writer, receipt_for(desk.path.read_bytes()))
    desk.scan(2)
    desk.save()
    close_file(desk.writer, receipt_for(desk.path.read_bytes()))
    reopen_file(desk.writer, older)
    assert desk.path.read_bytes() == desk.stated(1, 2)
    assert desk.pending() == []
    desk.scan()
    desk.save()
    assert desk.path.read_bytes() == desk.stated(1, 2, 5)


def test_a_file_with_foreign_lines_is_closed_too(desk):
    foreign = b"201801150914L37000034179" + b" " * 69 + b"9921000000164\r\n"
    desk.path.write_bytes(foreign)
    desk.scan()
    desk.save()
    data = desk.path.read_bytes()
    desk.scan()
    desk.save()
    close_file(desk.writer, receipt_for(data))
    assert desk.path.read_bytes() == desk.stated(2)
    assert archived(desk) == [data]
    assert desk.codes() == []


def morning(folder: Path, disk: FaultyDisk, *, since: int) -> None:
    """Two lines uploaded, some saved since; then the file is closed, and everything may fail."""
    desk = Desk(folder)
    try:
        desk.scan(2)
        desk.save()
        data = desk.path.read_bytes()
        if since:
            desk.scan(since)
            desk.save()
        disk.count = 0
        disk.folder = folder
        close_file(desk.writer, receipt_for(data))
    finally:
        desk.close()


@pytest.mark.parametrize("since", [0, 1])
@pytest.mark.parametrize("kind", list(Kind))
def test_a_closing_interrupted_anywhere_loses_nothing_and_doubles_nothing(kind, since):
    with quick_folder() as folder, pytest.MonkeyPatch.context() as patch:
        disk = FaultyDisk(folder / "nowhere")
        disk.install(patch)
        morning(folder / "day", disk, since=since)
        steps = disk.count
    assert steps > 6
    for step in range(1, steps + 1):
        with quick_folder() as folder:
            with pytest.MonkeyPatch.context() as patch:
                disk = FaultyDisk(folder / "nowhere")
                disk.install(patch)
                disk.fail_at, disk.kind = step, kind
                try:
                    morning(folder / "day", disk, since=since)
                except (CrashError, Exception):  # whatever it was, the morning comes
                    disk.heal()
            check_the_morning_after(folder / "day", since)


def check_the_morning_after(folder: Path, since: int) -> None:
    desk = Desk(folder)
    try:
        assert desk.codes() == []
        found = desk.path.read_bytes() if desk.path.exists() else b""
        rows = desk.journal.rows_between(1, 9)
        desk.lines = {row.seq: deskclosing.encode(row.transaction.record) for row in rows}
        assert len(rows) == 2 + since
        uploaded, new = desk.stated(1, 2), b"".join(desk.lines[seq] for seq in range(3, 3 + since))
        closed = closingrows.find(desk.journal, len(uploaded), receipt_for(uploaded).sha256)
        if closed is not None and closed.outcome is DeskClosingOutcome.DONE:
            assert found == new
            assert archived(desk).count(uploaded) == 1
        else:
            assert found == uploaded + new
        close_file(desk.writer, receipt_for(uploaded))
        assert (desk.path.read_bytes() if desk.path.exists() else b"") == new
        assert desk.pending() == []
        assert desk.codes() == []
        assert uploaded in archived(desk)
    finally:
        desk.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux can it be told")
def test_a_file_that_another_program_has_open_is_not_closed_and_saves_go_on(desk, monkeypatch):
    monkeypatch.setattr(swap, "PATIENCE", 0.0)
    desk.scan(3)
    desk.save()
    data = desk.path.read_bytes()
    with desk.path.open("ab"), pytest.raises(StorageError) as caught:
        close_file(desk.writer, receipt_for(data))
    assert caught.value.fault is Fault.BUSY
    assert closingrows.closings(desk.journal) == []
    desk.scan(1)
    desk.save()
    assert desk.path.read_bytes() == desk.stated()
    assert close_file(desk.writer, receipt_for(data)).outcome is DeskClosingOutcome.DONE
    assert desk.path.read_bytes() == desk.stated(4)


def test_lines_that_another_program_adds_in_that_moment_stay(desk, monkeypatch):
    desk.scan(3)
    desk.save()
    data = desk.path.read_bytes()
    real = swap._is_let_go
    before = iter([b"", b"201803061001R777\r\n"])

    def write_meanwhile(stream):
        with desk.path.open("ab") as file:
            file.write(next(before))
        return real(stream)

    monkeypatch.setattr(swap, "_is_let_go", write_meanwhile)
    close_file(desk.writer, receipt_for(data))
    assert desk.path.read_bytes() == b"201803061001R777\r\n"
    assert archived(desk) == [data]
