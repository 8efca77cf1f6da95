"""What the day proves about readers and items, and where it proves nothing."""

from __future__ import annotations

from datetime import datetime

from helpers import TOP

from offcirc.core.sides import ENOUGH, SideDoubt, Sides, Strange
from offcirc.core.transaction import Operation, Transaction, record_now

NOW = datetime(2026, 11, 27, 9, 0).astimezone()
CARD, NEXT = "9921000000164", "9921000000165"


def loan(item: str, patron: str) -> Transaction:
    return record_now(NOW, Operation.LOAN, item, patron)


def day(*pairs: tuple[str, str]) -> Sides:
    sides = Sides()
    for item, patron in pairs:
        sides.count(loan(item, patron))
    return sides


def strange(doubt: SideDoubt | None) -> Strange | None:
    return None if doubt is None else doubt.strange


MORNING = (("37000034179", CARD), ("37000034180", NEXT))


def test_a_reader_of_a_minute_ago_is_no_item() -> None:
    sides = day(*MORNING)
    doubt = sides.item(CARD, NEXT)
    assert strange(doubt) is Strange.WAS_PATRON
    assert doubt is not None
    assert doubt.since == NOW.replace(tzinfo=None)
    assert strange(sides.item(CARD, "")) is Strange.WAS_PATRON, "nor a return"
    assert strange(sides.item(NEXT, NEXT)) is Strange.PATRON
    assert sides.item("37000034182", NEXT) is None


def test_the_next_card_is_known_by_its_form_and_clear_was_forgotten() -> None:
    sides = day(("37000034179", CARD))
    assert strange(sides.item("9921000000777", CARD)) is Strange.LIKE_PATRON
    assert sides.item("9921000000777", CARD, ruled=True) is None, "a rule knows better"
    assert Sides().item("9921000000777", CARD) is None, "the first item of the day"


def test_an_item_of_a_minute_ago_is_no_reader() -> None:
    sides = day(*MORNING)
    assert strange(sides.patron("37000034179")) is Strange.WAS_ITEM
    assert strange(sides.patron("37000099999")) is Strange.LIKE_ITEM
    assert strange(Sides().patron("37000099999", waiting="37000034179")) is Strange.LIKE_ITEM
    assert sides.patron("9921000000999") is None


def test_a_deleted_slip_proves_nothing() -> None:
    sides = day(*MORNING)
    slip = loan(CARD, NEXT)
    sides.count(slip, sides.item(CARD, NEXT))
    assert strange(sides.item(CARD, NEXT)) is Strange.WAS_PATRON, "a slip proves nothing"
    sides.uncount(slip)
    assert strange(sides.item(CARD, NEXT)) is Strange.WAS_PATRON
    wrong = loan("37000034181", "37000034182")
    sides.count(wrong)
    sides.uncount(wrong)
    assert strange(sides.patron("37000034182")) is Strange.LIKE_ITEM


def test_a_form_never_seen_is_strange_once_there_is_enough_to_compare() -> None:
    items = [f"370000341{number:02}" for number in range(ENOUGH)]
    few = day(*((item, CARD) for item in items[:-1]))
    assert few.item("99999", CARD) is None
    sides = day(*((item, CARD) for item in items))
    assert strange(sides.item("99999", CARD)) is Strange.NEW_FORM
    assert strange(sides.item("370000", CARD)) is Strange.NEW_FORM, "all have one length"
    assert sides.item("38000034199", CARD) is None, "the length alone is known"
    sides.count(loan("UBX99643", CARD))
    assert sides.item("370000", CARD) is None, "lengths differ here"
    assert strange(sides.item("999999", CARD)) is Strange.NEW_FORM


def test_where_all_are_numbered_alike_next_to_nothing_is_said() -> None:
    """A school that numbers items and readers alike: only the reader's own number is strange."""
    text = (TOP / "tests/core/samerange.dat").read_text(encoding="ascii")
    sides, said = Sides(), []
    for line in text.splitlines():
        item, patron = line[13:93].strip(), line[93:].strip()
        doubt = sides.patron(patron) or sides.item(item, patron)
        said.append((item, strange(doubt)))
        sides.count(loan(item, patron), doubt)
    assert len(said) == 40
    assert [each for each in said if each[1]] == [("001001", Strange.PATRON)]


def test_what_the_journal_has_is_recalled() -> None:
    sides = Sides()
    for item, patron in (*MORNING, (CARD, NEXT)):
        sides.recall(loan(item, patron))
    assert strange(sides.item(CARD, NEXT)) is Strange.WAS_PATRON
