"""Closing: uploaded files are put away once, whole, and nothing is lost on the way."""

from __future__ import annotations

import hashlib
import json

import pytest
from helpers.rights import is_private
from upload.archive_kit import damaged
from upload.closing_kit import put_away, undone
from upload.kit import back, dat, loan, loans
from upload.past_kit import FINE, NOBODY, End, Told, past, uploaded

from offcirc.core.dat.datline import encode
from offcirc.disk import durable
from offcirc.disk.errors import StorageError
from offcirc.storage.closing import archive
from offcirc.storage.ledger.closings import ClosingOutcome, closings
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.errors import LedgerBusyError, UnreadableFileError
from offcirc.upload.close import closing
from offcirc.upload.close.candidates import Obstacle
from offcirc.upload.close.closing import ClosingError, close, look_at
from offcirc.upload.lines.collect import collect
from offcirc.upload.lines.source import UploadedBefore

LEFT = End(LineState.PLANNED)


def obstacles(ledger, path):
    return look_at(ledger, path, folder=ledger.path.parent).obstacles


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


def test_the_digest_of_a_closed_file_is_what_the_ledger_has(ledger, tmp_path):
    path = tmp_path / "OffCirc.dat"
    past(ledger, path, Told(loan(0, "I1")))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    (done,) = put_away(ledger, path)
    assert done.closing.facts.sha256 == sha256 == ledger.files(1)[0].sha256
    assert durable.PRIVATE_FILE == 0o600
