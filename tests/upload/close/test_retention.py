"""Retention: readers go when their time has come, to the last byte we can reach; counts stay."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from storage.desk_kit import Desk
from upload.archive_kit import damaged
from upload.kit import Clock, back, dat, loan
from upload.past_kit import FINE, NOBODY, NOTHING, End, Told, past, uploaded

from offcirc.core.dat.datfile import read
from offcirc.core.transaction import Operation, record_now
from offcirc.disk.errors import StorageError
from offcirc.referent.background.afterwards import tidy_up
from offcirc.scanning.presets import build
from offcirc.storage import erasing
from offcirc.storage.closing import archive
from offcirc.storage.closing.deskclosing import reopen_file
from offcirc.storage.erasing import ErasureMarks, is_mark
from offcirc.storage.ledger import handovers, lookups, opinions
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook, LineChange
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.storage.ledger.schema import MARK
from offcirc.upload.close import closing, retention
from offcirc.upload.close.closing import close, look_at, look_at_job
from offcirc.upload.close.reopening import undo
from offcirc.upload.close.retention import FLOOR, erase_due
from offcirc.upload.followup.correcting import correct
from offcirc.upload.followup.followup import Action, act, tasks, waiting
from offcirc.upload.lines.collect import collect
from offcirc.upload.lines.datread import keyed
from offcirc.upload.lines.source import UploadedBefore
from offcirc.upload.run import run_upload

READER, OTHER = "9921000000164", "9987125433541"
LATER = timedelta(days=400)


def soon() -> datetime:
    return datetime.now(UTC) + LATER


READ = "import sys; sys.stdout.buffer.writelines(open(file, 'rb').read() for file in sys.argv[1:])"


def bytes_below(folder: Path) -> bytes:
    """All that lies there, read by another process: this one has databases open."""
    files = [str(path) for path in folder.rglob("*") if path.is_file()]
    return subprocess.run(
        [sys.executable, "-c", READ, *files], check=True, capture_output=True
    ).stdout


@pytest.fixture
def folder(ledger):
    return ledger.path.parent


@pytest.fixture
def closed(ledger, folder, tmp_path):
    """A closed upload with readers everywhere that they can be."""
    path = tmp_path / "OffCirc.dat"
    upload = past(
        ledger,
        path,
        Told(loan(0, "I1", READER)),
        Told(loan(1, "I2", OTHER), NOBODY),
        Told(b"201801150903R" + b"I3".ljust(80) + READER.encode()),
        Told(b"201801150904LI4     " + READER.encode()),
        Told(b"2018011509xx" + READER.encode()),
        Told(loan(6, "I6", READER), NOTHING),
        Told(back(7, "I1")),
    )
    act(ledger, [tasks(ledger)[0]], Action.NOTED, who="Lou", text=f"It was {READER}")
    names = ((lookups.LookupKind.PATRON, OTHER), (lookups.LookupKind.ITEM, "I2"))
    lookups.keep(
        ledger, upload.id, [lookups.LookedUp(kind, code, True, "A. Name") for kind, code in names]
    )
    looked = opinions.OpinionRow(datetime(2018, 1, 16, tzinfo=UTC), "Lou", 2, 1, 2, 0, 0)
    first = ledger.lines(upload, *LineState)[0].id
    opinions.keep(ledger, upload.id, looked, [opinions.DifferenceRow(first, "other-reader", OTHER)])
    ledger.database.execute(
        "INSERT INTO server_reports (upload, read_at, who, file, digest, process_id, name, started,"
        " finished, status, ending, base, base_told, sure) VALUES"
        " (?, '2018-01-16T09:00Z', '', '', '', '', '', '', '', '', '', 1, 1, 1)",
        (upload.id,),
    )
    ledger.database.execute(
        "INSERT INTO server_report_rows (report, message) VALUES (1, ?)",
        (f"User not found. Barcode: {OTHER}",),
    )
    carried = tmp_path / "carried.dat"
    carried.write_bytes(path.read_bytes())
    handovers.add_file(
        ledger,
        handovers.HandedRow(
            *(upload.id, 1, 1, 1, True, str(carried), "", carried.stat().st_size),
            ledger.files(upload.id)[0].sha256,
        ),
        [],
    )
    close(ledger, [look_at(ledger, path, folder=folder)], folder=folder, who="Lou")
    return upload


@pytest.mark.promise("readers-are-erased")
def test_no_byte_of_a_reader_is_left_and_counts_are(ledger, folder, closed, tmp_path):
    before = ledger.counts(closed)
    assert READER.encode() in bytes_below(folder)
    result = erase_due(ledger, folder, days=365, now=soon())
    assert (result.jobs, result.lines, result.patrons, result.archives) == (1, 4, 2, 2)
    assert result.finished
    left = bytes_below(folder) + (tmp_path / "carried.dat").read_bytes()
    assert READER.encode() not in left
    assert OTHER.encode() not in left
    assert ledger.counts(closed) == before
    assert [kind for kind, _code in lookups.known(ledger, closed.id)] == [lookups.LookupKind.ITEM]
    rows = ledger.lines(closed, *LineState)
    assert [row.item for row in rows if row.minute] == ["I1", "I2", "I3", "I4", "I6", "I1"]
    marks = {row.patron for row in rows if row.patron}
    assert all(is_mark(mark) for mark in marks)
    assert len(marks) == 2, "the same reader has the same mark"
    assert [row.key for row in rows] == [row.key for row in rows if len(row.key) == 32]
    assert "User not found. Barcode: ~" in [row.message[:26] for row in rows]
    assert retention.sentence(result, 365).startswith("Readers’ identifiers older than 365 days")


def test_what_was_erased_is_erased_once(ledger, folder, closed):
    erase_due(ledger, folder, days=365, now=soon())
    again = erase_due(ledger, folder, days=365, now=soon())
    assert not again
    assert "nothing was erased" in retention.sentence(again, 365)


def test_the_archive_stays_whole_and_readable(ledger, folder, closed):
    erase_due(ledger, folder, days=365, now=soon())
    (place,) = (folder / "archive").iterdir()
    assert damaged(place) == []
    assert archive.read_index(place)["erased"]
    with (place / "01_OffCirc.dat").open("rb") as stream:
        entries = list(read(stream, soon().replace(tzinfo=None)))
    assert [entry.record.item for entry in entries if entry.record] == [
        *("I1", "I2", "I3", "I4", "I6", "I1")
    ]
    assert len((place / "merged.dat").read_bytes().splitlines()) == 7


def test_a_file_that_comes_back_is_still_recognised(ledger, folder, closed, tmp_path):
    (place,) = (folder / "archive").iterdir()
    saved = (place / "01_OffCirc.dat").read_bytes()
    erase_due(ledger, folder, days=365, now=soon())
    stray = tmp_path / "stray.dat"
    stray.write_bytes(saved)
    (source,) = collect([stray], ledger=ledger)
    assert source.standing is not UploadedBefore.NEW
    assert source.recorded > 0


@pytest.mark.parametrize(("days", "after", "erased"), [(0, 4000, False), (365, 364, False)])
@pytest.mark.parametrize("closing", [True])
def test_too_early_or_never_is_nothing(ledger, folder, closed, days, after, erased, closing):
    now = datetime.now(UTC) + timedelta(days=after)
    assert bool(erase_due(ledger, folder, days=days, now=now)) is erased
    assert READER.encode() in bytes_below(folder)


def test_a_month_is_the_least(ledger, folder, closed):
    day = timedelta(days=1)
    assert not erase_due(ledger, folder, days=1, now=datetime.now(UTC) + (FLOOR - 1) * day)
    assert erase_due(ledger, folder, days=1, now=datetime.now(UTC) + (FLOOR + 1) * day)


@pytest.mark.promise("what-is-open-is-not-erased")
def test_what_is_not_closed_is_never_erased(ledger, folder, tmp_path):
    path = tmp_path / "OffCirc.dat"
    upload = past(ledger, path, Told(loan(0, "I1", READER)))
    assert not erase_due(ledger, folder, days=30, now=soon())
    with pytest.raises(sqlite3.IntegrityError, match="only a closed upload"):
        erasing.erase_upload(ledger, upload.id, ErasureMarks(), at=soon())
    close(ledger, [look_at(ledger, path, folder=folder)], folder=folder, who="Lou")
    undo(ledger, upload, folder=folder, who="Lou")
    assert not erase_due(ledger, folder, days=30, now=soon())
    with pytest.raises(sqlite3.IntegrityError, match="only a closed upload"):
        erasing.erase_upload(ledger, upload.id, ErasureMarks(), at=soon())
    assert path.read_bytes().count(READER.encode()) == 1


def test_an_upload_of_which_a_file_is_open_is_not_erased(ledger, folder, tmp_path):
    paths = [dat(tmp_path / name, loan(0, name[0], READER)) for name in ("a.dat", "b.dat")]
    uploaded(ledger, paths, [FINE, FINE])
    close(ledger, [look_at(ledger, paths[0], folder=folder)], folder=folder, who="Lou")
    assert not erase_due(ledger, folder, days=30, now=soon())
    close(ledger, [look_at(ledger, paths[1], folder=folder)], folder=folder, who="Lou")
    assert erase_due(ledger, folder, days=30, now=soon())


@pytest.mark.parametrize(
    "change",
    [
        f"patron = '{MARK.replace('?', 'a')}', item = 'other'",
        "patron = 'somebody else'",
        "key = x'00'",
        "raw = x'00'",
    ],
)
def test_the_ledger_lets_nothing_else_be_changed(ledger, folder, closed, change):
    erase_due(ledger, folder, days=30, now=soon())
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        ledger.database.execute(f"UPDATE lines SET {change} WHERE line = 1")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        ledger.database.execute("UPDATE states SET state = 'planned' WHERE line = 2")


def test_lines_sent_again_are_erased_with_their_decision(ledger, folder, server, tmp_path):
    path = dat(tmp_path / "OffCirc.dat", loan(0, "UNKNOWN", OTHER))
    patience = Clock().patience()
    run_upload([path], server, ledger, desk="D1", who="C", patience=patience)
    correct(ledger, [1], LineChange(item="I1", patron=READER), who="Lou")
    (batch,) = waiting(ledger)
    run_upload((), server, ledger, plan=batch, desk="D1", who="C", patience=patience)
    close(ledger, [look_at(ledger, path, folder=folder)], folder=folder, who="Lou")
    result = erase_due(ledger, folder, days=30, now=soon())
    assert (result.jobs, result.finished) == (2, True)
    left = bytes_below(folder)
    assert READER.encode() not in left
    assert OTHER.encode() not in left


def test_what_somebody_is_reading_is_finished_the_next_time(ledger, folder, closed):
    reader = sqlite3.connect(ledger.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM lines").fetchone()
    result = erase_due(ledger, folder, days=30, now=soon())
    assert result.lines
    assert not result.finished
    assert "the next time" in retention.sentence(result, 30)
    reader.close()
    assert erase_due(ledger, folder, days=30, now=soon()).finished
    assert READER.encode() not in bytes_below(folder)


def test_nothing_is_erased_while_an_upload_is_under_way(ledger, folder, closed):
    with ledger.exclusive():
        assert not erase_due(ledger, folder, days=30, now=soon())


def test_marks_say_nothing_about_their_readers():
    one, two = ErasureMarks(), ErasureMarks()
    assert one.mark(READER) == one.mark(READER) != one.mark(OTHER)
    assert one.mark(READER) != two.mark(READER)
    assert one.mark(one.mark(READER)) == one.mark(READER)
    assert one.mark("") == ""


def test_a_desk_forgets_the_readers_of_its_closed_files(ledger, tmp_path):
    desk = Desk(tmp_path / "desk")
    for patron in (READER, OTHER):
        desk.journal.append(record_now(desk.now, Operation.LOAN, "I1", patron, raw=f"I1 {patron}"))
    deleted = desk.journal.append(record_now(desk.now, Operation.LOAN, "I9", "2990000000"))
    desk.journal.void(deleted)
    desk.save()
    uploaded(ledger, [desk.path], [FINE, FINE])
    kept = "9950020079685"
    desk.journal.append(record_now(desk.now, Operation.LOAN, "I2", kept))
    desk.save()
    desk.close()
    candidate = look_at(ledger, desk.path, folder=ledger.path.parent)
    close(ledger, [candidate], folder=ledger.path.parent, who="Lou", leave=True)
    assert not erase_due(None, desk.folder, days=30, now=datetime.now(UTC))
    result = erase_due(None, desk.folder, days=30, now=soon())
    assert (result.lines, result.patrons, result.archives, result.finished) == (2, 2, 1, True)
    left = bytes_below(desk.folder)
    for gone in (READER, OTHER):
        assert gone.encode() not in left
    assert kept.encode() in left
    assert not erase_due(None, desk.folder, days=30, now=soon())
    desk.open()
    rows = desk.journal.rows_between(1, 9)
    assert [row.transaction.item for row in rows] == ["I1", "I1", "I9", "I2"]
    assert re.fullmatch(r"~[0-9a-f]{12}", rows[0].transaction.patron)
    assert desk.codes() == []
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        desk.journal.database.execute("UPDATE transactions SET item = 'x' WHERE seq = 1")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        desk.journal.database.execute(
            f"UPDATE transactions SET patron = '{MARK.replace('?', 'a')}' WHERE seq = 4"
        )
    with pytest.raises(sqlite3.IntegrityError, match="only rows of a closed file"):
        desk.journal.database.execute("INSERT INTO erasures VALUES (NULL, 'now', 4, 1, 1)")
    closing = erasing.closings(desk.journal)[0]
    with pytest.raises(StorageError):
        reopen_file(desk.writer, closing)
    desk.close()


def test_undo_after_the_erasure_is_refused_and_nothing_is_overwritten(ledger, folder, closed):
    erase_due(ledger, folder, days=30, now=soon())
    (done,) = undo(ledger, closed, folder=folder, who="Lou")
    assert "erased" in done.problem
    assert done.closing.in_force


def test_remarks_keep_their_words(ledger, folder, tmp_path):
    path = tmp_path / "a.dat"
    upload = past(
        ledger, path, Told(loan(0, "I1", READER), End(LineState.RECORDED, notes=("item-excluded",)))
    )
    close(ledger, [look_at(ledger, path, folder=folder)], folder=folder, who="Lou")
    erase_due(ledger, folder, days=30, now=soon())
    (task,) = tasks(ledger, upload.id)
    assert task.item == "I1"
    assert is_mark(task.patron)


def test_what_is_due_at_the_start_is_done(ledger, folder, closed, tmp_path):
    path = tmp_path / "b.dat"
    past(ledger, path, Told(loan(50, "I50")))
    candidate = look_at(ledger, path, folder=folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closing, "act", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            close(ledger, [candidate], folder=folder, who="Lou")
        patch.undo()
    with ledger.exclusive():
        tidy_up(folder, 365, {}, "Lou")
    assert path.exists()
    tidy_up(folder, 365, {}, "Lou")
    assert not path.exists()
    tidy_up(tmp_path / "nothing here", 365, {}, "Lou")
    assert not (tmp_path / "nothing here").exists()


def test_a_start_long_after_erases(ledger, folder, closed, monkeypatch):
    monkeypatch.setattr(retention, "utc_now", soon)
    tidy_up(folder, 365, {}, "Lou")
    assert READER.encode() not in bytes_below(folder)


# -- cards that were scanned as items -------------------------------------------------------------

CARD = "29990000000017"
RULES = build({"item": [{"pattern": "I[0-9]+"}], "patron": [{"pattern": "2999[0-9]{10}"}]})


def swap_of(ledger, path, number):
    """Decide that a line's item and reader change places."""
    raw = path.read_bytes().splitlines()[number - 1]
    with path.open("rb") as stream:
        key = [one.key for one in keyed(stream, soon().replace(tzinfo=None))][number - 1]
    DecisionBook(ledger).swap([DecidedLine(key, path.name, number, raw)], who="Lou")


@pytest.mark.parametrize("when", ["before the upload", "after the upload"])
def test_a_card_that_a_decision_calls_a_reader_is_erased_where_it_stood_as_an_item(
    ledger, folder, tmp_path, when
):
    paths = [
        dat(tmp_path / "noon" / "OffCirc.dat", loan(0, "I1"), loan(1, CARD, "I2")),
        dat(tmp_path / "all" / "OffCirc.dat", loan(0, "I1"), loan(1, CARD, "I2"), back(2, "I1")),
    ]
    if when == "before the upload":
        swap_of(ledger, paths[1], 2)
        upload = uploaded(ledger, paths, [FINE] * 3)
    else:
        upload = uploaded(ledger, paths, [FINE, NOTHING, FINE])
        lookups.keep(
            ledger, upload.id, [lookups.LookedUp(lookups.LookupKind.ITEM, CARD, False, "", "")]
        )
        swap_of(ledger, paths[1], 2)
    close(ledger, look_at_job(ledger, upload, folder=folder), folder=folder, who="Lou")
    assert CARD.encode() in bytes_below(folder)
    assert erase_due(ledger, folder, days=365, now=soon()).finished
    assert CARD.encode() not in bytes_below(folder)
    assert b"I1" in bytes_below(folder)
    assert all(damaged(place) == [] for place in (folder / "archive").iterdir())


def test_a_card_is_known_by_the_rules_of_the_library(ledger, folder, tmp_path):
    path = tmp_path / "OffCirc.dat"
    upload = past(ledger, path, Told(back(0, CARD), NOTHING), Told(loan(1, "I7", CARD)))
    close(ledger, [look_at(ledger, path, folder=folder)], folder=folder, who="Lou")
    assert erase_due(ledger, folder, days=365, rules=RULES, now=soon()).finished
    assert CARD.encode() not in bytes_below(folder)
    first, second = ledger.lines(upload, *LineState)
    assert first.item == second.patron
    assert is_mark(first.item)
    assert second.item == "I7"
    assert first.message == f"Item not found. Barcode: {first.item}"


def test_what_the_rules_call_an_item_stays(ledger, folder, tmp_path):
    path = tmp_path / "OffCirc.dat"
    upload = past(ledger, path, Told(back(0, "I1")), Told(back(1, "unknown")))
    close(ledger, [look_at(ledger, path, folder=folder)], folder=folder, who="Lou")
    erase_due(ledger, folder, days=365, rules=RULES, now=soon())
    assert [line.item for line in ledger.lines(upload, *LineState)] == ["I1", "unknown"]
