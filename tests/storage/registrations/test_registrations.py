"""Readers without a card: sealed at the desk, decided at the uploader, erased after that."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.registration import Registration, is_provisional, new_card
from offcirc.storage.registrations import deskbook
from offcirc.storage.registrations.registry import (
    REGISTRY_NAME,
    NoSuchRegistrationError,
    RegistrationState,
    Registry,
    known_cards,
)
from offcirc.storage.registrations.seal import (
    KEY_NAME,
    Seal,
    SealError,
    WrongKeyError,
    new_key,
    seal_of,
)

AT = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
PERSONAL = ("Diallo, Awa", "awa@example.org", "2004-Licence", "1987", "carte d’étudiant vue")


def registration(number: str = "1", at: datetime = AT) -> Registration:
    return Registration(number, new_card(), at, "BUC · Desk 2", *PERSONAL)


@given(st.data())
def test_one_wrong_letter_is_noticed(data: st.DataObject) -> None:
    card = new_card()
    assert is_provisional(card)
    place = data.draw(st.integers(4, len(card) - 1))
    letter = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    wrong = card[:place] + letter + card[place + 1 :]
    assert is_provisional(wrong) == (wrong == card)


def test_cards_of_libraries_are_none() -> None:
    assert not any(map(is_provisional, ("9921000000164", "PROV", "PROVENCE12345", "")))


def test_what_is_sealed_comes_back_and_nothing_of_it_is_readable(tmp_path: Path) -> None:
    seal = Seal(new_key())
    first, second = registration("1"), registration("2")
    deskbook.add(tmp_path, seal, first)
    deskbook.add(tmp_path, seal, second)
    path = tmp_path / deskbook.NAME
    if os.name != "nt":  # where it is the folder that is closed
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = deskbook.sealed_lines(path)
    assert [seal.open(line) for line in lines] == [first, second]
    for text in (*PERSONAL, first.card):
        for form in (text, text[::-1], text.encode().hex()):
            assert form.encode() not in path.read_bytes()
    with pytest.raises(SealError):
        Seal(new_key()).open(lines[0])
    # A torn end is no line.
    path.write_bytes(path.read_bytes()[:-3])
    assert len(deskbook.sealed_lines(path)) == 1


def test_the_desk_forgets(tmp_path: Path) -> None:
    seal = seal_of(tmp_path, "")
    deskbook.add(tmp_path, seal, registration("old", AT - timedelta(days=15)))
    deskbook.add(tmp_path, seal, registration("new"))
    assert deskbook.forget(tmp_path, seal, AT, 14) == 1
    (line,) = deskbook.sealed_lines(tmp_path / deskbook.NAME)
    assert seal.open(line).id == "new"
    assert deskbook.sealed_lines(tmp_path / "absent") == []


def test_a_folder_has_a_key_of_its_own_unless_the_library_has_one(tmp_path: Path) -> None:
    own = seal_of(tmp_path, "")
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / KEY_NAME).stat().st_mode) == 0o600
    line = own.close(registration())
    assert seal_of(tmp_path, "").open(line).id == "1"
    with pytest.raises(SealError):
        seal_of(tmp_path, new_key()).open(line)
    with pytest.raises(WrongKeyError):
        seal_of(tmp_path, "secret")


def test_decisions_hold_for_a_day_and_then_nothing_personal_is_left(tmp_path: Path) -> None:
    seal = Seal(new_key())
    one, other, open_one = registration("1"), registration("2"), registration("3")
    with Registry(tmp_path, seal) as registry:
        sealed = [seal.close(each) for each in (one, other, open_one)]
        assert registry.take([*sealed, Seal(new_key()).close(one)]) == (3, 1)
        assert registry.take(sealed) == (0, 0)
        registry.validate("1", "9921000000164", "Ana")
        registry.refuse("2", "Ana", "no proof of address")
        registry.reopen("2", "Bob")
        registry.refuse("2", "Bob")
        now = datetime.now(UTC)
        assert registry.erase(now) == 0
        assert registry.erase(now + timedelta(days=1, minutes=1)) == 2
        rows = {row.about.id: row for row in registry.rows()}
        assert rows["1"].erased
        assert (rows["1"].about.name, rows["1"].real_card) == ("", "9921000000164")
        assert rows["3"].about == open_one
        for number in ("1", "2", "absent"):
            with pytest.raises(NoSuchRegistrationError):
                registry.reopen(number, "Ana")
    assert known_cards(tmp_path)[one.card] == (RegistrationState.VALIDATED, "9921000000164")
    assert known_cards(tmp_path / "absent") == {}
    left = b"".join(path.read_bytes() for path in tmp_path.glob(f"{REGISTRY_NAME}*"))
    assert sealed[0] not in left
    assert sealed[1] not in left
    assert sealed[2] in left


def test_what_was_written_down_is_put_right(tmp_path: Path) -> None:
    seal = Seal(new_key())
    before = registration()
    with Registry(tmp_path, seal) as registry:
        registry.take([seal.close(before)])
        registry.edit(Registration("1", "other", AT, "elsewhere", "Diallo, Awa Marie"))
        (row,) = registry.rows()
    assert (row.about.name, row.about.card, row.about.desk) == (
        "Diallo, Awa Marie",
        before.card,
        before.desk,
    )
