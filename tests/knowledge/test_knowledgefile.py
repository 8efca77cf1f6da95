"""What a file of knowledge answers, and what it holds of nobody."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from knowledge.conftest import ITEMS, NOW, READERS

from offcirc.core.rules import lending
from offcirc.core.rules.policy import FixedReturn, Limit
from offcirc.knowledge import estimate, keys, policycode
from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
from offcirc.knowledge.keys import BadKeyError, new_key, parse_key
from offcirc.knowledge.knowledgefile import KnowledgeFile
from offcirc.knowledge.known import Age, ItemFlag, PatronFlag, age
from offcirc.knowledge.records import PatronList, PatronRecord
from offcirc.practice.library import library, policy

TODAY = date(2018, 1, 15)


def test_readers(make, key):
    with KnowledgeFile(make(), key) as known:
        assert (known.facts.patrons, known.facts.items) == (5, 3)
        assert known.facts.library == "BUC du Mirail"
        assert known.look_up_patron("nobody") is None
        plain = known.look_up_patron(" 9921000000164 ")
        assert plain is not None
        assert (plain.flags, plain.group, plain.as_of, plain.name) == (frozenset(), "L", NOW, "")
        assert known.look_up_patron("ut1.lecteur000") == plain
        quitus = known.look_up_patron("9921000000172")
        assert quitus is not None
        assert quitus.on(TODAY).flags == {PatronFlag.QUITUS}


@pytest.mark.parametrize(
    ("card", "last", "before", "after"),
    [
        ("9921000000180", date(2018, 1, 20), {PatronFlag.SUSPENDED}, set()),
        ("9921000000198", date(2018, 1, 17), set(), {PatronFlag.EXPIRED}),
    ],
)
def test_what_has_a_date_begins_and_ends_in_the_night_after_it(
    make, key, card, last, before, after
):
    with KnowledgeFile(make(), key) as known:
        found = known.look_up_patron(card)
    assert found is not None
    assert found.on(last).flags == before
    assert found.on(last + timedelta(days=1)).flags == after


def test_items(make, key):
    with KnowledgeFile(make(), key) as known:
        assert known.look_up_item("nope") is None
        plain = known.look_up_item("d293004279")
        assert plain is not None
        assert (plain.flags, plain.library, plain.location) == (frozenset(), "BUC", "63S")
        assert plain.title == ""
        excluded = known.look_up_item("d293004280")
        assert excluded is not None
        assert (excluded.flags, excluded.exception) == ({ItemFlag.EXCLUDED}, "EXCLU")
        noted = known.look_up_item("d293004281")
        assert noted is not None
        assert noted.flags == {ItemFlag.REQUESTED, ItemFlag.NOTE}
        assert noted.note == "3 CD dedans"


def test_levels(make, key):
    with KnowledgeFile(make(1), key) as known:
        assert known.facts.patrons == 3
        assert not known.facts.all_patrons
        assert known.look_up_patron("9921000000164") is None
        assert known.look_up_patron("9921000000172") is not None
    with KnowledgeFile(make(3), key) as known:
        assert known.facts.all_patrons
        item = known.look_up_item("d293004279")
        assert item is not None
        assert item.title == "Germinal"
    path = make(4)
    with KnowledgeFile(path, key) as known:
        known.check()
        reader = known.look_up_patron("ut1.lecteur000")
        assert reader is not None
        assert reader.name == "Camille Aubert"
        assert b"Camille" not in path.read_bytes(), "names lie in a file of their own"
    path.with_name(f"{path.name}.names").unlink()
    with KnowledgeFile(path, key) as known:
        reader = known.look_up_patron("ut1.lecteur000")
        assert reader is not None
        assert reader.name == ""


@pytest.mark.promise("no-identifier-in-knowledge")
def test_no_identifier_is_in_the_file_in_any_form(make, key):
    content = make(2).read_bytes()
    names = [card for reader in READERS for card in reader.cards]
    names += [item.barcode for item in ITEMS]
    names += [word for reader in READERS for word in reader.name.split()]
    names += [item.title for item in ITEMS if item.title]
    for name in names:
        raw = name.encode()
        forms = [raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode()]
        forms.append(raw[::-1].hex().encode())
        forms += [name.encode("utf-16-le"), name.upper().encode(), name.lower().encode()]
        if name.isdigit():
            number = int(name)
            forms += [number.to_bytes(8), number.to_bytes(8, "little"), number.to_bytes(6)]
        for form in forms:
            assert form not in content, name
    for secret in (key.secret, key.text.encode(), key.secret[::-1]):
        assert secret not in content
    assert b"63S" in content, "what is no secret can be found this way"


def test_a_hash_tells_nothing_without_the_key(key):
    other = new_key()
    assert key.patron("9921000000164") != other.patron("9921000000164")
    assert key.item("d293004279") != other.item("d293004279")
    assert key.item("1") != key.patron("1")
    assert key.digest(b"content") != other.digest(b"content"), "nobody else can seal a file"
    assert key.id != other.id
    assert 0 <= key.item("d293004279") < 1 << keys.BITS
    assert key.text not in repr(key)


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63, "0" * 65])
def test_what_is_no_key(text):
    with pytest.raises(BadKeyError) as caught:
        parse_key(text)
    assert "abc" not in str(caught.value)


def test_a_key_can_be_typed(key):
    spaced = " ".join(key.text[at : at + 8] for at in range(0, 64, 8)).upper()
    assert parse_key(f"{spaced}\n") == key


def fault(path, key):
    try:
        with KnowledgeFile(path, key) as known:
            known.check()
            known.look_up_item("d293004279")
    except KnowledgeError as error:
        return error.fault
    return None


def test_what_is_as_if_absent(make, key, tmp_path):
    path = make()
    assert fault(path, key) is None
    assert fault(path, new_key()) is KnowledgeFault.FOREIGN
    assert fault(tmp_path / "nope", key) is KnowledgeFault.ABSENT
    (tmp_path / "text").write_bytes(b"hello " * 1000)
    assert fault(tmp_path / "text", key) is KnowledgeFault.FOREIGN
    (tmp_path / "empty").write_bytes(b"")
    assert fault(tmp_path / "empty", key) is KnowledgeFault.FOREIGN
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert fault(path, key) is KnowledgeFault.DAMAGED
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    assert fault(path, key) is KnowledgeFault.NEWER
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE TABLE meta (name, value)")
    assert fault(tmp_path / "other.db", key) is KnowledgeFault.FOREIGN


@pytest.mark.promise("damaged-knowledge-is-absent")
def test_a_corrupt_byte_on_any_page_is_found(make, key):
    path = make()
    content = path.read_bytes()
    chosen = random.Random(7)
    for page in range(0, len(content), 4096):
        at = page + chosen.randrange(4096)
        for change in (1, 128):
            broken = bytearray(content)
            broken[at] ^= change
            path.write_bytes(broken)
            assert fault(path, key) is not None, at
    path.write_bytes(content)
    assert fault(path, key) is None


def test_the_policy_comes_back_as_it_was(make, key):
    whole = policy.parse((library.sample() / "policy.toml").read_text(encoding="utf-8"))
    assert policycode.load(policycode.dump(whole)) == whole
    owner = replace(
        whole.libraries["SCI"],
        fixed_returns=(FixedReturn(date(2018, 6, 1), date(2018, 8, 31), date(2018, 9, 15)),),
    )
    more = replace(whole, libraries={"SCI": owner}, limits=(Limit(3, group="L"),))
    assert policycode.load(policycode.dump(more)) == more
    with KnowledgeFile(make(), key) as known:
        assert known.policy == whole


def test_ages():
    at = datetime(2018, 1, 15, tzinfo=NOW.tzinfo)
    assert age(at - timedelta(hours=36), at) is Age.FRESH
    assert age(at - timedelta(hours=37), at) is Age.AGED
    assert age(at - timedelta(days=7), at) is Age.AGED
    assert age(at - timedelta(days=7, minutes=1), at) is Age.SILENT


def test_an_estimate_is_by_the_rule_book_or_none(make, key):
    with KnowledgeFile(make(), key) as known:
        item, reader = known.look_up_item("d293004279"), known.look_up_patron("9921000000164")
        rules = known.policy
        stranger = known.look_up_item("nope")
    assert item is not None
    assert reader is not None
    found = estimate.due(rules, item, reader, datetime(2018, 1, 14, 10))
    assert found is not None
    assert found.at.isoformat() == "2018-02-05T20:00:00+01:00"
    assert estimate.due(rules, stranger, reader, NOW) is None
    assert estimate.due(rules, item, None, NOW) is None
    assert estimate.due(None, item, reader, NOW) is None
    assert estimate.due(rules, replace(item, library="X"), reader, NOW) is None
    assert estimate.due(rules, replace(item, exception="X"), reader, NOW) is None
    assert estimate.due(rules, item, replace(reader, group=""), NOW) is None


def test_the_estimate_is_the_servers_date_in_random_cases(make, key):
    folder = library.read(library.sample())
    rules = policycode.load(policycode.dump(folder.policy))
    chosen = random.Random(12)
    with KnowledgeFile(make(), key) as known:
        item, reader = known.look_up_item("d293004279"), known.look_up_patron("9921000000164")
    assert item is not None
    assert reader is not None
    for _turn in range(2000):
        row, patron = chosen.choice(folder.items), chosen.choice(folder.patrons)
        at = datetime(2018, 1, 1, 8) + timedelta(minutes=chosen.randrange(365 * 1440))
        expires = date(2018, 1, 1) + timedelta(days=chosen.randrange(500))
        terms = folder.policy.terms(row.location, patron.group, row.exception)
        assert terms is not None
        moment = at.replace(tzinfo=folder.policy.timezone)
        owner = folder.policy.libraries[row.library]
        wanted = lending.loan_due(moment, terms, owner, expires, moment)
        place = {"library": row.library, "location": row.location, "exception": row.exception}
        told = estimate.due(
            rules,
            replace(item, **place),
            replace(reader, group=patron.group, expires_on=expires),
            at,
        )
        assert told == wanted


def test_what_several_exports_say_of_a_reader_is_put_together():
    readers = PatronList()
    readers.add(PatronRecord({"card"}, group="L", suspended_until=date(2018, 2, 1)))
    readers.add(PatronRecord({"id"}, {PatronFlag.OVERDUE}))
    readers.add(PatronRecord({"card", "id"}, suspended_until=date(2018, 1, 1), name="N"))
    found = dict(readers)
    assert len(readers) == 1
    assert found["card"] is found["id"]
    whole = found["card"]
    assert (whole.flags, whole.group, whole.name) == ({PatronFlag.OVERDUE}, "L", "N")
    assert whole.suspended_until == date(2018, 2, 1), "the longest counts; they do not add up"
