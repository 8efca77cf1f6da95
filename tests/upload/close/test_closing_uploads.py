"""Closing a whole upload: its copies, files that are gone or come back, what was interrupted."""

from __future__ import annotations

import pytest
from upload.closing_kit import close_job, undone
from upload.kit import dat, loan
from upload.past_kit import FINE, End, Told, past, uploaded

from offcirc.core.dat.datline import encode
from offcirc.disk import swap
from offcirc.disk.errors import Fault, StorageError
from offcirc.referent.background import afterwards
from offcirc.storage.ledger.closings import ClosingOutcome, closings
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.close import closing, closingwords
from offcirc.upload.close.closing import close, look_at_job


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
