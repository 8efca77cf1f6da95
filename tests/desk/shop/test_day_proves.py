"""What the day proves is said at the desk and marked; nothing is kept from being recorded."""

from __future__ import annotations

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt

from offcirc.core.transaction import Operation
from offcirc.desk.message import MessageKind

NEXT = "9921000000165"
OTHER = "37000034180"
UNDO = (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def is_marked(desk: Desk, place: int) -> bool:
    return bool(desk.ui.model.row(place).odd)


@pytest.fixture
def morning(desk: Desk) -> Desk:
    """Two readers with a book each; the second is still there."""
    return desk.lend(BOOK).lend(OTHER, to=NEXT)


def test_a_card_that_was_reader_a_minute_ago_is_noticed_as_an_item(morning: Desk) -> None:
    scan(f"{READER}\r")
    assert morning.band == (MessageKind.NOTICE, f"Loan recorded {READER}")
    assert "was a reader" in morning.detail
    assert is_marked(morning, 0)
    assert not is_marked(morning, 1)
    assert morning.ui.model.row(0).odd == "was-reader"
    press(Qt.Key.Key_F8)
    assert morning.rows()[0] == ("L", READER, NEXT, "voided"), "one key takes it away"


def test_a_forgotten_clear_stays_in_sight_until_it_is_put_right(morning: Desk) -> None:
    scan(f"{READER}\r")
    pause()
    scan("37000034182\r")
    assert morning.band == (MessageKind.NOTICE, "Loan recorded 37000034182")
    assert f"Still lent to {NEXT}, although {READER}" in morning.detail
    assert is_marked(morning, 0)
    press(*UNDO)
    press(*UNDO)
    pause()
    scan("37000034183\r")
    assert morning.band == (MessageKind.RECORDED, "Loan recorded 37000034183")


def test_the_next_card_never_seen_is_noticed_by_its_form(morning: Desk) -> None:
    scan("9921000000777\r")
    assert morning.band == (MessageKind.NOTICE, "Loan recorded 9921000000777")
    assert "looks like a reader’s card" in morning.detail


def test_an_item_as_borrower_is_noticed(morning: Desk) -> None:
    morning.window.clear()
    scan(f"{BOOK}\r")
    assert morning.band == (MessageKind.NOTICE, f"Ready to lend {BOOK}")
    assert "was an item" in morning.detail
    morning.window.clear()
    scan("37000034999\r")
    assert morning.band[0] is MessageKind.NOTICE
    assert "looks like an item" in morning.detail


def test_the_borrowers_own_number_as_item_is_noticed(morning: Desk) -> None:
    scan(f"{NEXT}\r")
    assert morning.band == (MessageKind.NOTICE, f"Loan recorded {NEXT}")
    assert "own number" in morning.detail
    pause()
    scan("37000034182\r")
    assert morning.band == (MessageKind.RECORDED, "Loan recorded 37000034182"), (
        "Clear was not forgotten"
    )


def test_an_item_scanned_before_its_card_tells_that_the_next_one_is_no_card(desk: Desk) -> None:
    desk.ui.item.setFocus()
    scan(f"{BOOK}\r")
    pause()
    scan(f"{OTHER}\r")
    assert "looks like an item" in desk.detail
    assert desk.band[0] is MessageKind.NOTICE


def test_after_returns_the_next_item_does_not_become_the_reader(morning: Desk) -> None:
    morning.window.choose(Operation.RETURN)
    scan(f"{BOOK}\r")
    morning.window.choose(Operation.LOAN)
    assert morning.band == (MessageKind.NOTICE, f"Same reader? {NEXT}")
    pause()
    scan("37000034182\r")
    assert morning.band == (MessageKind.REFUSED, "Same reader?")
    assert morning.ui.patron.text() == NEXT
    assert morning.ui.item.text() == "37000034182"
    assert [each.text for each in morning.window.waitlist.entries] == ["37000034182"]
    pause()
    scan("\r")
    assert morning.ui.item.hasFocus()
    pause()
    scan("\r")
    assert morning.rows()[0] == ("L", "37000034182", NEXT, "pending")
    assert not morning.window.waitlist


@pytest.mark.parametrize("item", ["UBX00252850", "1234"])
def test_nor_does_an_item_of_a_form_never_seen(morning: Desk, item: str) -> None:
    morning.window.choose(Operation.RETURN)
    morning.window.choose(Operation.LOAN)
    scan(f"{item}\r")
    assert morning.band == (MessageKind.REFUSED, "Same reader?")


def test_after_returns_the_next_card_is_the_next_reader(morning: Desk) -> None:
    morning.window.choose(Operation.RETURN)
    morning.window.choose(Operation.LOAN)
    scan("9921000000777\r")
    pause()
    scan("37000034182\r")
    assert morning.rows()[0] == ("L", "37000034182", "9921000000777", "pending")


def test_the_beginning_of_a_scan_lost_elsewhere_is_noticed_by_its_form(desk: Desk) -> None:
    desk.lend(*(f"370000341{number:02}" for number in range(8)))
    scan("99999\r")
    assert desk.band == (MessageKind.NOTICE, "Loan recorded 99999")
    assert "Nothing like it" in desk.detail
    assert is_marked(desk, 0)


def test_begun_again_the_desk_still_knows_the_day(morning: Desk) -> None:
    morning.window.end_session()
    morning.open()
    morning.lend(to=NEXT)
    scan(f"{READER}\r")
    assert "was a reader" in morning.detail
