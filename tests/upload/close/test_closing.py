"""Closing: uploaded files are put away once, whole, and nothing is lost on the way."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import TOP
from helpers.rights import is_private
from storage.desk_kit import CrashError, Desk
from storage.faulty import FaultyDisk, Kind, quick_folder
from upload.archive_kit import damaged
from upload.kit import back, dat, loan, loans
from upload.past_kit import FINE, NOBODY, End, Told, past, uploaded

from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.disk import durable, swap
from offcirc.disk.errors import Fault, StorageError
from offcirc.referent.background import afterwards
from offcirc.storage.closing import archive
from offcirc.storage.closing.receipts import Order, read_receipt, receipt_path
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.copies.mirror import Mirror
from offcirc.storage.ledger.closings import ClosingOutcome, Whose, closings
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.errors import LedgerBusyError, UnreadableFileError
from offcirc.upload.close import closing, closingwords
from offcirc.upload.close.candidates import NotThisDeskError, Obstacle, obey
from offcirc.upload.close.closing import ClosingError, close, look_at, look_at_job
from offcirc.upload.close.putaway import receipt_of
from offcirc.upload.close.reopening import undo
from offcirc.upload.lines.collect import collect
from offcirc.upload.lines.source import UploadedBefore

LEFT = End(LineState.PLANNED)


@pytest.fixture
def folder(ledger):
    return ledger.path.parent


def put_away(ledger, *paths, leave=False):
    folder = ledger.path.parent
    candidates = [look_at(ledger, path, folder=folder) for path in paths]
    return close(ledger, candidates, folder=folder, who="Lou", leave=leave)


def obstacles(ledger, path):
    return look_at(ledger, path, folder=ledger.path.parent).obstacles


def undone(ledger, number=1):
    return undo(ledger, ledger.upload(number), folder=ledger.path.parent, who="Lou")


# -- a file alone ---------------------------------------------------------------------------------


def test_everything_of_an_upload_goes_into_the_archive(ledger, folder, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")), Told(loan(1, "I2", "P9"), NOBODY), Told(b"broken"))
    before = path.read_bytes()
    (done,) = put_away(ledger, path)
    assert done.problem == ""
    assert done.closing.outcome is ClosingOutcome.DONE
    assert not path.exists()
    names = {each.name for each in done.folder.iterdir()}
    assert names == {
        "01_OffCirc.dat",
        "merged.dat",
        "report.html",
        "report.json",
        "archive.json",
    }
    assert (done.folder / "01_OffCirc.dat").read_bytes() == before
    assert (done.folder / "merged.dat").read_bytes() == before
    assert json.loads((done.folder / "report.json").read_text("utf-8"))["exceptions"] == 2
    assert damaged(done.folder) == []
    index = archive.read_index(done.folder)
    assert (index["job"], index["closed_by"], index["records"]) == (1, "Lou", 3)
    for each in (done.folder, *done.folder.iterdir()):
        assert is_private(each)
    (done.folder / "report.html").write_text("changed")
    assert damaged(done.folder) == ["report.html"]


def test_two_files_of_one_upload_share_a_folder(ledger, tmp_path):
    first = dat(tmp_path / "a" / "OffCirc.dat", loan(0, "I1"))
    second = dat(tmp_path / "b" / "OffCirc.dat", back(1, "I1"))
    uploaded(ledger, [first, second], [FINE, FINE])
    one, two = put_away(ledger, first, second)
    assert one.folder == two.folder
    assert (one.folder / "merged.dat").read_bytes() == encode(loan(0, "I1")) + encode(back(1, "I1"))
    assert len(list(one.folder.glob("0*_OffCirc.dat"))) == 2


def test_lines_added_since_stay_behind_only_when_that_is_wanted(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    before = path.read_bytes()
    new = encode(loan(5, "I2"))
    path.write_bytes(before + new)
    assert obstacles(ledger, path) == (Obstacle.NEW_LINES,)
    with pytest.raises(ClosingError) as caught:
        put_away(ledger, path)
    assert caught.value.words() == (
        "OffCirc.dat: 1 line has not been uploaded. Upload it first; or leave it behind in a "
        "clean file (--leave-behind)."
    )
    assert path.read_bytes() == before + new
    (done,) = put_away(ledger, path, leave=True)
    assert path.read_bytes() == new
    assert (done.folder / "01_OffCirc.dat").read_bytes() == before


def test_what_was_never_uploaded_is_refused_come_what_may(ledger, tmp_path):
    path = loans(tmp_path / "OffCirc.dat", 3)
    for leave in (False, True):
        with pytest.raises(ClosingError):
            put_away(ledger, path, leave=leave)
    past(ledger, tmp_path / "other.dat", Told(loan(99, "I9")))
    assert obstacles(ledger, path) == (Obstacle.NEVER_UPLOADED,)
    assert obstacles(ledger, tmp_path / "none.dat") == (Obstacle.MISSING,)
    with pytest.raises(UnreadableFileError):
        look_at(ledger, tmp_path, folder=tmp_path)


def test_one_file_that_cannot_be_closed_keeps_all_of_them(ledger, tmp_path):
    good = tmp_path / "good.dat"
    past(ledger, good, Told(loan(0, "I1")))
    bad = loans(tmp_path / "bad.dat", 3)
    with pytest.raises(ClosingError) as caught:
        put_away(ledger, good, bad)
    assert [one.name for one in caught.value.candidates] == ["bad.dat"]
    assert good.exists()
    assert not (ledger.path.parent / "archive").exists()


def test_an_unfinished_upload_leaves_what_was_not_sent(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    lines = [loan(0, "I1"), loan(1, "I2"), loan(2, "I3"), loan(3, "I4")]
    past(ledger, path, *map(Told, lines, [FINE, LEFT, NOBODY, LEFT]), status="stopped")
    upload = ledger.upload(1)
    ledger.mark([upload.last_line], LineState.SENDING)
    assert obstacles(ledger, path) == (Obstacle.UNFINISHED,)
    with pytest.raises(ClosingError):
        put_away(ledger, path)
    put_away(ledger, path, leave=True)
    assert path.read_bytes() == encode(lines[1]) + encode(lines[3])


def test_lines_held_back_by_a_person_are_still_to_be_uploaded(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    upload = past(
        ledger,
        path,
        Told(loan(0, "I1")),
        Told(loan(1, "I2"), End(LineState.HELD, "left-for-later")),
    )
    assert ledger.lines(upload, LineState.HELD)
    assert obstacles(ledger, path) == (Obstacle.HELD_BACK,)
    put_away(ledger, path, leave=True)
    assert path.read_bytes() == encode(loan(1, "I2"))


def test_the_longest_part_that_was_uploaded_counts(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    past(
        ledger,
        path,
        Told(loan(0, "I1"), End(LineState.SKIPPED, "already-recorded")),
        Told(loan(1, "I2")),
    )
    candidate = look_at(ledger, path, folder=tmp_path)
    assert (candidate.upload.id, candidate.lines, candidate.obstacles) == (2, 2, ())
    assert look_at(ledger, path, folder=tmp_path, job=1).obstacles == (Obstacle.NEW_LINES,)


@pytest.mark.promise("put-away-goes-up-no-more")
def test_a_closed_file_that_comes_back_under_any_name_is_recognised(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")), Told(back(1, "I1")))
    (done,) = put_away(ledger, path)
    back_again = tmp_path / "Toulouse 2018.txt"
    back_again.write_bytes((done.folder / "01_OffCirc.dat").read_bytes())
    (source,) = collect([back_again], ledger=ledger)
    assert source.standing is UploadedBefore.ALL


def test_nothing_is_closed_while_an_upload_is_under_way(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    with Ledger(ledger.path) as other, other.exclusive(), pytest.raises(LedgerBusyError):
        put_away(ledger, path)
    assert path.exists()


def test_a_file_that_changed_since_it_was_looked_at_is_left_alone(ledger, folder, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    candidate = look_at(ledger, path, folder=folder)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(StorageError):
        close(ledger, [candidate], folder=folder, who="Lou")
    assert path.exists()
    assert closing.resume(ledger, folder=folder, who="Lou") == []
    assert [one.outcome for one in closings(ledger)] == [ClosingOutcome.GIVEN_UP]


def test_an_upload_is_closed_though_its_file_is_gone(ledger, folder, tmp_path):
    path = tmp_path / "OffCirc.dat"
    upload = past(ledger, path, Told(loan(0, "I1")))
    path.unlink()
    (candidate,) = look_at_job(ledger, upload, folder=folder)
    assert candidate.gone
    (done,) = close(ledger, [candidate], folder=folder, who="Lou")
    assert (done.folder / "merged.dat").read_bytes() == encode(loan(0, "I1"))
    assert done.closing.in_force
    assert undone(ledger)[0].problem == ""
    assert not path.exists()


@pytest.fixture
def three(ledger, tmp_path):
    """A copy made at noon and two of the evening, uploaded together."""
    first, second = loan(0, "I1"), loan(1, "I2")
    paths = [
        dat(tmp_path / "noon" / "OffCirc.dat", first),
        dat(tmp_path / "desk" / "OffCirc.dat", first, second),
        dat(tmp_path / "stick" / "OffCirc.dat", first, second),
    ]
    uploaded(ledger, paths, [FINE, FINE])
    return paths


def close_job(ledger, leave=False):
    folder = ledger.path.parent
    candidates = look_at_job(ledger, ledger.upload(1), folder=folder)
    return close(ledger, candidates, folder=folder, who="Lou", leave=leave)


def test_copies_are_put_away_with_the_file_that_was_taken(ledger, three, folder):
    whole = [path.read_bytes() for path in three]
    done = close_job(ledger)
    assert not any(path.exists() for path in three)
    assert {closingwords.closed(one) for one in done} == {
        "OffCirc.dat: put away. The next line starts a clean file."
    }
    stored = [(one.folder / one.closing.facts.stored).read_bytes() for one in done]
    assert stored == whole
    assert [one.closing.facts.lines for one in done] == [1, 2, 2]
    assert afterwards.look_at_shelf(folder).candidates == ()
    assert [one.problem for one in undone(ledger)] == ["", "", ""]
    assert [path.read_bytes() for path in three] == whole
    assert len(afterwards.look_at_shelf(folder).candidates) == 3


def test_a_copy_leaves_the_same_lines_behind(ledger, tmp_path):
    noon = dat(tmp_path / "noon.dat", loan(0, "I1"))
    evening = dat(tmp_path / "evening.dat", loan(0, "I1"), loan(1, "I2"))
    held = End(LineState.HELD, "held-by-decision")
    uploaded(ledger, [noon, evening], [FINE, held])
    close_job(ledger, leave=True)
    assert not noon.exists()
    assert evening.read_bytes() == encode(loan(1, "I2"))


def test_closing_an_upload_again_says_it_again_and_does_nothing(ledger, three, folder):
    first = close_job(ledger)
    before = sorted(each.name for each in (folder / "archive").rglob("*"))
    for _turn in range(2):
        again = close_job(ledger)
        assert [closingwords.closed(one) for one in again] == list(map(closingwords.closed, first))
        assert {one.folder for one in again} == {first[0].folder}
    assert sorted(each.name for each in (folder / "archive").rglob("*")) == before
    assert len(closings(ledger)) == 3


def test_a_file_that_comes_back_is_put_away_without_a_second_archive(ledger, three, folder):
    (done, *_others) = close_job(ledger)
    dat(three[0], loan(0, "I1"))
    (candidate,) = afterwards.look_at_shelf(folder).candidates
    assert candidate.path == three[0]
    assert close_job(ledger)[0].folder == done.folder
    assert not three[0].exists()
    assert [each.name for each in (folder / "archive").iterdir()] == [done.folder.name]
    # What the archive does not hold any more is archived anew.
    dat(three[0], loan(0, "I1"))
    (done.folder / done.closing.facts.stored).write_bytes(b"spoilt")
    assert close_job(ledger)[-1].folder != done.folder
    assert not three[0].exists()


def test_a_desk_that_was_told_is_not_told_of_a_second_archive(ledger, desk, folder):
    uploaded(ledger, [desk.path], [FINE] * 3)
    for _turn in range(2):
        (done,) = close_job(ledger)
        assert done.closing.outcome is ClosingOutcome.HANDED_OVER
    assert len(list((folder / "archive").iterdir())) == 1
    desk.close()
    (done,) = close_job(ledger)
    assert (done.problem, done.closing.outcome) == ("", ClosingOutcome.DONE)
    desk.open()
    assert not desk.path.exists()


def test_what_was_interrupted_is_ended_and_said_once(ledger, three, folder, monkeypatch):
    def die(*_words, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(closing, "act", die)
        with pytest.raises(KeyboardInterrupt):
            close_job(ledger)
    done = close_job(ledger)
    assert [one.problem for one in done] == ["", "", ""]
    assert [one.closing.outcome for one in done] == [ClosingOutcome.DONE] * 3
    assert not any(path.exists() for path in three)
    assert len(list((folder / "archive").iterdir())) == 1


def test_what_cannot_be_ended_yet_is_not_begun_again(ledger, three, folder, monkeypatch):
    def busy(path, _rest):
        raise StorageError(Fault.BUSY, path)

    for _turn in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(swap, "replace", busy)
            assert all("in use by another program" in one.problem for one in close_job(ledger))
    assert len(closings(ledger)) == 3
    assert [one.problem for one in close_job(ledger)] == ["", "", ""]
    assert len(list((folder / "archive").iterdir())) == 1


def test_an_empty_file_is_not_said_to_be_gone(ledger, tmp_path):
    empty = dat(tmp_path / "empty.dat")
    uploaded(ledger, [dat(tmp_path / "a.dat", loan(0, "I1")), empty], [FINE])
    (done,) = close_job(ledger)
    assert done.closing.facts.path.name == "a.dat"
    assert empty.exists()


# -- undoing --------------------------------------------------------------------------------------


def test_undo_brings_a_file_back_before_what_came_since(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    before = path.read_bytes()
    put_away(ledger, path)
    dat(path, loan(9, "I2"))
    (done,) = undone(ledger)
    assert done.problem == ""
    assert path.read_bytes() == before + encode(loan(9, "I2"))
    assert undone(ledger) == []
    (again,) = put_away(ledger, path, leave=True)
    assert again.folder != done.folder
    assert path.read_bytes() == encode(loan(9, "I2"))


def test_undo_tells_what_it_cannot_do_and_does_the_rest(ledger, tmp_path):
    paths = [dat(tmp_path / name, loan(0, name[0])) for name in ("a.dat", "b.dat")]
    uploaded(ledger, paths, [FINE, FINE])
    one, _two = put_away(ledger, *paths)
    (one.folder / "01_a.dat").write_bytes(b"spoilt")
    problems = {done.closing.facts.path.name: done.problem for done in undone(ledger)}
    assert problems["b.dat"] == ""
    assert "damaged" in problems["a.dat"]
    assert [path.exists() for path in paths] == [False, True]


# -- a desk's own file ----------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "desk")
    desk.scan(3)
    desk.save()
    yield desk
    desk.close()


def test_a_desk_that_is_not_at_work_is_closed_with_its_journal(ledger, desk):
    uploaded(ledger, [desk.path], [FINE] * 3)
    desk.scan()
    desk.save()
    desk.close()
    (done,) = put_away(ledger, desk.path, leave=True)
    assert (done.closing.facts.whose, done.closing.outcome) == (Whose.DESK, ClosingOutcome.DONE)
    desk.open()
    assert desk.path.read_bytes() == desk.stated(4)
    assert desk.codes() == []
    desk.close()
    assert undone(ledger)[0].problem == ""
    desk.open()
    assert desk.path.read_bytes() == desk.stated()
    assert desk.codes() == []


def test_a_desk_at_work_is_told_by_a_receipt(ledger, desk):
    uploaded(ledger, [desk.path], [FINE] * 3)
    (done,) = put_away(ledger, desk.path)
    assert done.closing.outcome is ClosingOutcome.HANDED_OVER
    assert desk.path.read_bytes() == desk.stated()
    receipt = read_receipt(receipt_path(desk.path))
    assert (receipt.order, receipt.lines, receipt.who) == (Order.CLOSE, 3, "Camille")
    desk.close()
    obey(desk.folder, None, receipt)
    desk.open()
    assert not desk.path.exists()
    (back_again,) = undone(ledger)
    assert back_again.told
    assert "by itself" in closingwords.closed(back_again)
    told = read_receipt(receipt_path(desk.path))
    assert told.order is Order.REOPEN
    desk.close()
    obey(desk.folder, None, told)
    desk.open()
    assert desk.path.read_bytes() == desk.stated()


def test_a_receipt_for_another_desk_is_refused(ledger, desk, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    (done,) = put_away(ledger, path)
    receipt = receipt_of(ledger, done.closing)
    desk.close()
    for each in (receipt, receipt.reopened("Lou", receipt.closed)):
        with pytest.raises(NotThisDeskError):
            obey(desk.folder, None, each)
    assert desk.path.read_bytes() == desk.stated()


# -- a copy in the collection folder --------------------------------------------------------------


@pytest.fixture
def copy(desk, tmp_path):
    """The copy of the desk's file, with its manifest, made by the desk's own mirror."""
    folder = tmp_path / "collected"
    folder.mkdir()
    mirror = Mirror(desk.folder, desk.path, folder, DeskIdentity("BUC", "BUC_PRET", "Desk 2"))
    mirror.start()
    assert mirror.close()
    (path,) = folder.glob("*.dat")
    return path


def test_a_copy_is_put_away_and_the_desk_is_told(ledger, desk, copy):
    uploaded(ledger, [copy], [FINE] * 3)
    before, told = copy.read_bytes(), manifest_path(copy).read_bytes()
    (done,) = put_away(ledger, copy)
    assert (done.closing.facts.whose, done.closing.outcome) == (
        Whose.COPY,
        ClosingOutcome.HANDED_OVER,
    )
    assert [path.name for path in copy.parent.iterdir()] == [receipt_path(copy).name]
    assert (done.folder / f"01_{copy.name}").read_bytes() == before
    assert (done.folder / f"01_{copy.stem}.manifest.json").read_bytes() == told
    receipt = read_receipt(receipt_path(copy))
    assert (receipt.journal, receipt.number) == (desk.journal.id, 1)
    desk.close()
    obey(desk.folder, None, receipt)
    desk.open()
    assert not desk.path.exists()


def test_a_copy_that_grew_meanwhile_stays_to_be_collected(ledger, desk, copy):
    uploaded(ledger, [copy], [FINE] * 3)
    copy.write_bytes(copy.read_bytes() + encode(loan(9, "I9")))
    put_away(ledger, copy, leave=True)
    assert copy.exists()
    assert receipt_path(copy).exists()


def test_undo_before_the_desk_has_seen_it_is_as_if_nothing_had_been(ledger, copy):
    uploaded(ledger, [copy], [FINE] * 3)
    before = {path.name: path.read_bytes() for path in copy.parent.iterdir()}
    put_away(ledger, copy)
    undone(ledger)
    assert {path.name: path.read_bytes() for path in copy.parent.iterdir()} == before


def test_undo_after_the_desk_has_seen_it_asks_the_desk(ledger, copy):
    uploaded(ledger, [copy], [FINE] * 3)
    put_away(ledger, copy)
    receipt_path(copy).unlink()
    undone(ledger)
    assert read_receipt(receipt_path(copy)).order is Order.REOPEN


# -- interruptions --------------------------------------------------------------------------------


def evening(folder: Path, disk: FaultyDisk | None, whose: Whose) -> None:
    """A finished upload of a file of three lines and one more; closing, and everything may fail.

    Without a disk that may fail, everything is ready to be closed.
    """
    place = folder / "files"
    with Ledger(folder / "data" / "ledger.db") as ledger:
        if whose is Whose.DESK:
            desk = Desk(place)
            desk.scan(3)
            desk.save()
            path = desk.path
            uploaded(ledger, [path], [FINE] * 3)
            desk.scan()
            desk.save()
            desk.close()
        else:
            path = loans(place / "OffCirc.dat", 3)
            uploaded(ledger, [path], [FINE] * 3)
            path.write_bytes(path.read_bytes() + encode(loan(9, "I9")))
        (folder / "expected").write_bytes(path.read_bytes())
        if disk is None:
            return
        disk.count, disk.folder = 0, folder
        put_away(ledger, path, leave=True)


EVERY = 1 if os.environ.get("OFFCIRC_PROVE") == "1" else 3
KINDS = [Kind.REFUSED, Kind.CRASH, Kind.CRASH_AFTER]


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("whose", [Whose.PLAIN, Whose.DESK])
def test_closing_interrupted_anywhere_loses_nothing_and_doubles_nothing(whose, kind):
    with quick_folder() as folder, pytest.MonkeyPatch.context() as patch:
        disk = FaultyDisk(folder / "nowhere")
        disk.install(patch)
        evening(folder, disk, whose)
        steps = disk.count
    assert steps > 15
    # Each kind of failure begins at another step, so that together they meet every one.
    for step in range(1 + KINDS.index(kind) % EVERY, steps + 1, EVERY):
        with quick_folder() as folder:
            with pytest.MonkeyPatch.context() as patch:
                disk = FaultyDisk(folder / "nowhere")
                disk.install(patch)
                disk.fail_at, disk.kind = step, kind
                try:
                    evening(folder, disk, whose)
                except (CrashError, Exception):  # whatever it was, the morning comes
                    disk.heal()
            check_the_morning_after(folder)


def killed_closing(folder: Path, line: int) -> str:
    """Close in a process of its own that dies before a line of the code; what it printed."""
    words = (folder / "data", folder / "files" / "OffCirc.dat", str(line))
    done = subprocess.run(
        [sys.executable, Path(__file__).parents[1] / "killed_closer.py", *words],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == (137 if line else 0), done.stderr
    return done.stdout


@pytest.mark.prove
@pytest.mark.parametrize("whose", [Whose.PLAIN, Whose.DESK])
def test_a_process_killed_before_any_line_of_closing_loses_nothing(whose):
    with quick_folder() as folder:
        evening(folder, None, whose)
        lines = int(killed_closing(folder, 0))
        check_the_morning_after(folder)
    tried = range(1, lines + 1) if EVERY == 1 else (lines // 2, lines * 3 // 4)
    for line in tried:
        with quick_folder() as folder:
            evening(folder, None, whose)
            killed_closing(folder, line)
            check_the_morning_after(folder)


def check_the_morning_after(folder: Path) -> None:
    whole = (folder / "expected").read_bytes()
    cut = len(whole) - len(whole.splitlines(keepends=True)[-1])
    path = folder / "files" / "OffCirc.dat"
    with Ledger(folder / "data" / "ledger.db") as ledger:
        assert all(
            done.problem == "" for done in closing.resume(ledger, folder=folder / "data", who="Lou")
        )
        closed = any(one.in_force for one in closings(ledger))
        if (folder / "files" / "journal.db").exists():
            desk = Desk(folder / "files")
            assert desk.codes() == []
            assert desk.pending() == []
            desk.close()
        assert path.read_bytes() == (whole[cut:] if closed else whole)
        if not closed:
            put_away(ledger, path, leave=True)
            assert path.read_bytes() == whole[cut:]
        found = [one.facts for one in closings(ledger) if one.in_force]
        assert len(found) == 1
        stored = folder / "data" / "archive" / found[0].archive / found[0].stored
        assert stored.read_bytes() == whole[:cut]
        assert damaged(stored.parent) == []
        left = [each.name for each in stored.parent.parent.iterdir() if each.name.startswith(".")]
        assert left == []


def test_the_digest_of_a_closed_file_is_what_the_ledger_has(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    (done,) = put_away(ledger, path)
    assert done.closing.facts.sha256 == sha256 == ledger.files(1)[0].sha256
    assert durable.PRIVATE_FILE == 0o600
