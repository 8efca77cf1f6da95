"""The copy and the referent's word: met in the background, followed by the desk, taken away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers import wait_until
from helpers.waiting import holds
from storage.closing.test_deskclosing import receipt_for
from storage.copies.test_mirror import MIRAIL, copied

from offcirc.storage.closing.closingrows import find
from offcirc.storage.closing.deskclosing import close_file, reopen_file
from offcirc.storage.closing.receipts import receipt_path, write_receipt
from offcirc.storage.copies.mirror import Mirror


@pytest.fixture
def mirror(desk, tmp_path):
    desk.scan(2)
    desk.save()
    share = tmp_path / "share"
    share.mkdir()
    mirror = Mirror(desk.folder, desk.path, share, MIRAIL, pause=0.01, clock=lambda: desk.now)
    mirror.start()
    yield mirror
    assert mirror.close(20)


@pytest.fixture
def told(desk, mirror):
    """The referent's word about the two lines there are."""
    receipt = receipt_for(copied(mirror).read_bytes())
    return replace(receipt, journal=desk.journal.id, number=1)


def test_a_word_is_met_and_taken_away_once_it_was_followed(desk, mirror, told):
    path = copied(mirror)
    write_receipt(receipt_path(path), told)
    path.unlink()
    mirror.wake()
    wait_until(lambda: mirror.state.receipt == told)
    assert not path.exists(), "all of it is uploaded"
    desk.scan(1)
    desk.save()
    mirror.wake()
    wait_until(path.exists)
    assert mirror.state.receipt == told, "new lines are copied whatever the desk does about it"
    close_file(desk.writer, told)
    mirror.wake()
    wait_until(lambda: not receipt_path(path).exists())
    wait_until(lambda: holds(path, desk.stated(3)))
    wait_until(lambda: mirror.state.receipt is None)
    write_receipt(receipt_path(path), told.reopened("Lou", told.closed))
    mirror.wake()
    wait_until(lambda: mirror.state.receipt is not None)
    reopen_file(desk.writer, find(desk.journal, told.size, told.sha256))
    mirror.wake()
    wait_until(lambda: not receipt_path(path).exists())
    wait_until(lambda: holds(path, desk.stated()))


def test_a_word_for_another_desk_or_another_file_is_left_alone(desk, mirror, told):
    path = copied(mirror)
    for other in (
        replace(told, journal="another desk"),
        replace(told, sha256="0" * 64),
        replace(told, size=told.size + 999),
    ):
        write_receipt(receipt_path(path), other)
        desk.scan(1)
        desk.save()
        mirror.wake()
        wait_until(lambda: path.read_bytes() == desk.path.read_bytes())
        copied(mirror)
        assert mirror.state.receipt is None
        assert receipt_path(path).exists()


def test_what_is_no_receipt_disturbs_nothing(desk, mirror, told):
    path = copied(mirror)
    receipt_path(path).write_bytes(b"nonsense")
    desk.scan(1)
    desk.save()
    mirror.wake()
    wait_until(lambda: path.read_bytes() == desk.path.read_bytes())
    assert copied(mirror) == path
