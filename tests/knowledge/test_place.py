"""A desk's own place: taken whole or not at all, the last one kept, erased for good."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from helpers.rights import is_private
from knowledge.conftest import ITEMS, NOW

from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
from offcirc.knowledge.keys import BadKeyError, new_key
from offcirc.knowledge.place import KEY_NAME, KnowledgePlace, find_key, make_key


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def place(folder):
    folder.mkdir(mode=0o700)
    return KnowledgePlace(folder)


def held(place):
    return sorted(path.name for path in place.current.parent.glob("*.knowledge"))


def test_nothing_is_there(place, key):
    assert place.current is None
    assert place.open(key) is None
    assert place.erase() == 0


def test_a_new_one_is_taken_while_the_old_one_is_read(place, make, key):
    place.install(make(), key)
    (place.current.parent / ".1.tmp").write_bytes(b"of one that was killed")
    with place.open(key) as before:
        place.install(make(items=ITEMS[:1], name="new"), key)
        assert before.look_up_item("d293004280") is not None, "it reads on"
        before.check()
        with place.open(key) as after:
            assert after.look_up_item("d293004280") is None
            assert after.facts.items == 1
    assert len(held(place)) == 2, "the last one is kept"
    assert len(list(place.current.parent.iterdir())) == 3
    place.install(make(items=ITEMS[:2], name="newest"), key)
    assert len(held(place)) == 2
    assert all(map(is_private, place.current.parent.iterdir()))


def test_names_come_along_and_go_along(place, make, key):
    place.install(make(4), key)
    with place.open(key) as known:
        assert known.look_up_patron("ut1.lecteur000").name == "Camille Aubert"
    names = place.current.with_name(f"{place.current.name}.names")
    assert names.is_file()
    place.erase()
    assert not names.exists()


@pytest.mark.promise("damaged-knowledge-is-absent")
def test_what_is_damaged_or_foreign_is_not_taken(place, make, key):
    place.install(make(), key)
    held_before = place.current
    path = make(items=ITEMS[:1], name="new")
    broken = bytearray(path.read_bytes())
    broken[-100] ^= 1
    path.write_bytes(broken)
    for wrong_key, fault in ((key, KnowledgeFault.DAMAGED), (new_key(), KnowledgeFault.FOREIGN)):
        with pytest.raises(KnowledgeError) as caught:
            place.install(path, wrong_key)
        assert caught.value.fault is fault
    assert place.current == held_before
    assert len(list(held_before.parent.iterdir())) == 2, "no draft is left"
    held_before.write_bytes(b"")
    with pytest.raises(KnowledgeError):
        place.open(key)


def test_a_share_is_looked_at_once(place, make, key, tmp_path):
    share = make(name="share.knowledge")
    assert place.take(tmp_path / "gone", key) is None
    facts = place.take(share, key)
    assert facts is not None
    assert place.take(share, key) is None
    os.utime(share, ns=(1, 1))
    again = place.take(share, key)
    assert again is not None
    assert again.digest == facts.digest
    assert len(held(place)) == 1, "the same file is one file"


def test_what_is_wrong_on_a_share_is_told_once(place, make, key):
    share = make(name="share.knowledge")
    other = new_key()
    with pytest.raises(KnowledgeError):
        place.take(share, other)
    assert place.take(share, other) is None
    assert place.take(share, key) is not None, "with the right key it is another question"


@pytest.mark.promise("knowledge-is-erased")
def test_erased_are_the_bytes_themselves(place, make, key, tmp_path):
    share = make(name="share.knowledge")
    place.take(share, key)
    path = place.current
    beside = tmp_path / "the same bytes"
    os.link(path, beside)
    size = path.stat().st_size
    assert place.erase() == 1
    assert not path.exists()
    assert beside.read_bytes() == bytes(size)
    assert place.current is None
    assert place.take(share, key) is None, "not the same one again"
    assert place.take(share, key) is None
    assert place.current is None
    next_one = make(name="share.knowledge", made=NOW + timedelta(days=1))
    assert place.take(next_one, key) is not None


@pytest.mark.promise("knowledge-is-erased")
def test_erased_after_the_days_the_library_sets(place, make, key):
    place.install(make(), key)
    place.install(make(made=NOW + timedelta(days=5), name="new"), key)
    now = NOW + timedelta(days=15)
    assert place.erase_due(0, now, key) == 0
    assert place.erase_due(16, now, key) == 0
    assert place.erase_due(14, now, key) == 1
    with place.open(key) as known:
        assert known.facts.made == NOW + timedelta(days=5)
    assert place.erase_due(9, now, None) == 0, "without the key, the day it was installed counts"
    assert place.erase_due(9, now, key) == 1
    assert place.current is None


@pytest.mark.parametrize("told", ["", "{", "[]", '{"current": 3}', '{"current": "../x"}', "{}"])
def test_a_state_nobody_understands_is_no_state(place, make, key, told):
    place.install(make(), key)
    (place.current.parent / "state.json").write_text(told, encoding="utf-8")
    assert place.current is None or place.current.name == "3"
    place.install(make(), key)
    with place.open(key) as known:
        assert known.facts.made


def test_keys(folder, place, key):
    assert find_key("", folder) is None
    assert find_key(key.text, folder) == key
    made = make_key(folder)
    assert find_key("", folder) == made
    assert is_private(folder / KEY_NAME)
    (folder / KEY_NAME).write_bytes(b"\xff\xfe")
    with pytest.raises(BadKeyError):
        find_key("", folder)
