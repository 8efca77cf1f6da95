"""Closing a desk's own file and its copies: the desk is told by a receipt, or closed."""

from __future__ import annotations

import pytest
from upload.closing_kit import close_job, put_away, undone
from upload.kit import loan
from upload.past_kit import FINE, Told, past, uploaded

from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.storage.closing.receipts import Order, read_receipt, receipt_path
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.copies.mirror import Mirror
from offcirc.storage.ledger.closings import ClosingOutcome, Whose
from offcirc.upload.close import closingwords
from offcirc.upload.close.candidates import NotThisDeskError, obey
from offcirc.upload.close.putaway import receipt_of


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
