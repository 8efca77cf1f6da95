"""The ledger of uploads: kept before and after every send, nothing forgotten, nothing changed."""

from __future__ import annotations

import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offcirc.disk.errors import LockedError, NewerSchemaError
from offcirc.storage.ledger.alike import Found
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineState, Settled, UploadRow

SERVER = "server-1"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "data" / "ledger.db") as ledger:
        yield ledger


def key(number: int) -> bytes:
    return number.to_bytes(32)


def planned(number: int, file: int = 0, *, made_of: int | None = None) -> LineFacts:
    raw = b"201801151420LI%d" % number
    minute = "2018-01-15T14:20"
    item = f"I{number}"
    content = key(number if made_of is None else made_of)
    return LineFacts(file, number, raw, minute, "L", item, "P1", content, LineState.PLANNED)


def held(number: int) -> LineFacts:
    return LineFacts(0, number, b"\xff", "", "", "", "", b"", LineState.HELD, "too-short")


def begin(
    ledger: Ledger, *lines: LineFacts, files: int = 1, server: str = SERVER, content: str = "aa"
) -> UploadRow:
    number = ledger.begin(
        server=server,
        url="http://127.0.0.1:1",
        desk="D1",
        who="Référent",
        process_id="2744",
        name="Job",
        files=[FileFacts(f"{n}.dat", f"/d/{n}.dat", f"{content}{n}", 10) for n in range(files)],
        lines=lines,
    )
    upload = ledger.upload(number)
    assert upload is not None
    return upload


def test_a_plan_is_kept_whole_and_in_its_order(ledger: Ledger) -> None:
    upload = begin(ledger, planned(3), held(1), planned(2))
    rows = ledger.lines(upload, LineState.PLANNED, LineState.HELD)
    assert [row.number for row in rows] == [3, 1, 2]
    assert rows[0].raw == b"201801151420LI3"
    assert rows[0].key == key(3)
    assert rows[1].reason == "too-short"
    assert ledger.files(upload.id)[0].records == 3
    assert (upload.process_id, upload.desk, upload.who) == ("2744", "D1", "Référent")
    counts = ledger.counts(upload)
    assert (counts[LineState.PLANNED], counts[LineState.HELD]) == (2, 1)


def test_a_plan_that_fails_half_way_leaves_nothing(ledger: Ledger) -> None:
    def lines() -> Iterator[LineFacts]:
        yield planned(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.begin(
            server=SERVER,
            url="",
            desk="",
            who="",
            process_id="",
            name="",
            files=[],
            lines=lines(),
        )
    assert ledger.uploads() == []
    assert begin(ledger, planned(2)).first_line == 1


def test_lines_of_two_uploads_do_not_mix(ledger: Ledger) -> None:
    first = begin(ledger, planned(1), planned(2))
    second = begin(ledger, planned(3))
    assert [row.number for row in ledger.lines(first, LineState.PLANNED)] == [1, 2]
    assert [row.number for row in ledger.lines(second, LineState.PLANNED)] == [3]
    assert [upload.id for upload in ledger.uploads()] == [second.id, first.id]


def test_the_same_line_in_two_files_is_sent_once(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1), planned(2, 1, made_of=1), held(3), held(4), files=2)
    [skipped] = ledger.lines(upload, LineState.SKIPPED)
    assert (skipped.file, skipped.number, skipped.reason) == (1, 2, "same-line")
    assert ledger.counts(upload)[LineState.HELD] == 2


def test_every_state_a_line_was_in_is_kept(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1))
    [line] = ledger.lines(upload, LineState.PLANNED)
    ledger.mark([line.id], LineState.SENDING)
    ledger.settle([Settled(line.id, LineState.REJECTED, "item-unknown", "Item not found.")])
    history = [(state, message) for _at, state, message in ledger.history(line.id)]
    assert history == [(LineState.SENDING, ""), (LineState.REJECTED, "Item not found.")]


def test_what_came_back_is_kept(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1), planned(2))
    one, two = ledger.lines(upload, LineState.PLANNED)
    ledger.settle(
        [
            Settled(
                one.id, LineState.RECORDED, due_at="2018-02-05T20:00:00+01:00", notes=("a", "b")
            ),
            Settled(two.id, LineState.REJECTED, "other", "Non : « 1 »", replayed=True),
        ]
    )
    [noted] = ledger.noted(upload)
    assert noted.due_at == "2018-02-05T20:00:00+01:00"
    assert noted.notes == ("a", "b")
    [rejected] = ledger.lines(upload, LineState.REJECTED)
    assert (rejected.message, rejected.replayed) == ("Non : « 1 »", True)


def test_it_is_all_there_after_closing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        upload = begin(ledger, planned(1), planned(2))
        ledger.mark([upload.first_line], LineState.SENDING)
    with Ledger(path) as ledger:
        counts = ledger.counts(ledger.uploads()[0])
        assert (counts[LineState.SENDING], counts[LineState.PLANNED]) == (1, 1)


def test_batches_follow_each_other(ledger: Ledger) -> None:
    upload = begin(ledger, *(planned(number) for number in range(5)))
    after, sizes = 0, []
    while rows := ledger.lines(upload, LineState.PLANNED, after=after, limit=2):
        sizes.append(len(rows))
        after = rows[-1].id
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize(
    ("settled", "expected"),
    [
        ([Settled(1, LineState.RECORDED)], LineState.RECORDED),
        ([Settled(1, LineState.SKIPPED, "already-recorded")], LineState.RECORDED),
        ([Settled(1, LineState.SENDING)], LineState.UNKNOWN),
        ([Settled(1, LineState.UNKNOWN)], LineState.UNKNOWN),
        ([Settled(1, LineState.SKIPPED, "same-line")], None),
        ([Settled(1, LineState.REJECTED)], None),
        ([], None),
    ],
)
def test_what_earlier_uploads_know_of_a_key(
    ledger: Ledger, settled: list[Settled], expected: LineState | None
) -> None:
    begin(ledger, planned(1))
    ledger.settle(settled)
    later = begin(ledger, planned(1))
    known = ledger.known(SERVER, [key(1), key(2)], later.id)
    assert known.get(key(1)) == (None if expected is None else Found(expected))
    assert key(2) not in known


def test_known_is_known_of_that_server_only(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1))
    ledger.settle([Settled(1, LineState.RECORDED)])
    assert ledger.known("server-2", [key(1)], 0) == {}
    assert ledger.known(SERVER, [key(1)], upload.id) == {}
    assert ledger.known(SERVER, [key(n) for n in range(1, 3000)], 0) == {
        key(1): Found(LineState.RECORDED)
    }


def test_recorded_once_outweighs_unknown_another_time(ledger: Ledger) -> None:
    begin(ledger, planned(1))
    begin(ledger, planned(1))
    ledger.settle([Settled(1, LineState.RECORDED), Settled(2, LineState.UNKNOWN)])
    assert ledger.known(SERVER, [key(1)], 0) == {key(1): Found(LineState.RECORDED)}


def test_an_unfinished_upload_is_found_by_its_content(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1), content="c", files=2)
    files = list(reversed(ledger.files(upload.id)))
    renamed = [file._replace(name="other.dat") for file in files]
    assert ledger.unfinished(SERVER, "D1", renamed) == upload
    assert ledger.unfinished(SERVER, "D2", renamed) is None
    assert ledger.unfinished("server-2", "D1", renamed) is None
    assert ledger.unfinished(SERVER, "D1", renamed[:1]) is None
    ledger.end_run(upload.id, "stopped", "server gone")
    assert ledger.unfinished(SERVER, "D1", renamed) == upload
    ledger.start_run(upload.id)
    ledger.end_run(upload.id, "completed")
    assert ledger.unfinished(SERVER, "D1", renamed) is None
    assert [run.status for run in ledger.runs(upload.id)] == ["stopped", "completed"]


def test_a_run_ends_once(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1))
    ledger.end_run(upload.id, "completed")
    ledger.end_run(upload.id, "stopped", "too late")
    [run] = ledger.runs(upload.id)
    assert run.status == "completed"
    assert run.ended is not None
    assert run.ended >= run.started


def test_an_upload_is_found_by_the_server_s_process_id(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1))
    ledger.add_job(upload.id, "2745", "Job again")
    found = ledger.upload_of_job("2744")
    assert found is not None
    assert (found.id, found.process_id) == (upload.id, "2745")
    assert ledger.upload_of_job("9999") is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lines SET item = 'X'",
        "UPDATE lines SET key = x'00'",
        "DELETE FROM lines",
        "DELETE FROM states",
        "UPDATE uploads SET desk = 'X'",
        "DELETE FROM uploads",
        "UPDATE files SET name = 'X'",
        "UPDATE run_ends SET status = 'completed'",
    ],
)
@pytest.mark.promise("nothing-destroyed")
def test_facts_are_never_changed(ledger: Ledger, statement: str) -> None:
    upload = begin(ledger, planned(1))
    ledger.mark([upload.first_line], LineState.SENDING)
    ledger.end_run(upload.id, "stopped")
    with sqlite3.connect(ledger.path) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(statement)
    other.close()


def test_one_upload_at_a_time(ledger: Ledger) -> None:
    assert not ledger.busy
    with Ledger(ledger.path) as other, ledger.exclusive():
        assert other.busy
        with pytest.raises(LockedError), other.exclusive():
            pass
    with ledger.exclusive():
        pass


def test_a_newer_ledger_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerSchemaError):
        Ledger(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
def test_only_its_owner_can_read_it(ledger: Ledger) -> None:
    begin(ledger, planned(1))
    with ledger.exclusive():
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode) for path in ledger.path.parent.iterdir()
        }
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}, modes


def test_every_commit_is_flushed(ledger: Ledger) -> None:
    assert ledger._database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_outcomes_and_what_goes_next_are_kept_together_or_not_at_all(ledger: Ledger) -> None:
    upload = begin(ledger, planned(1), planned(2))
    one, two = ledger.lines(upload, LineState.PLANNED)
    ledger.advance([], [one.id])

    def breaking() -> Iterator[int]:
        yield two.id
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.advance([Settled(one.id, LineState.RECORDED)], breaking())
    assert ledger.lines(upload, LineState.SENDING) == [one._replace(state=LineState.SENDING)]
    ledger.advance([Settled(one.id, LineState.RECORDED)], [two.id])
    assert [line.id for line in ledger.lines(upload, LineState.RECORDED)] == [one.id]
    assert [line.id for line in ledger.lines(upload, LineState.SENDING)] == [two.id]
