"""In-house use and renewal at the desk; the book drop; the count of the pile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from desk.side.test_readings import settings
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from offcirc.core.barcodes.controlcards import CHOICES, Card
from offcirc.core.openinghours import parse_hours
from offcirc.core.transaction import Operation
from offcirc.desk.face.colours import Style
from offcirc.desk.face.table import ListColumn
from offcirc.desk.message import MessageKind
from offcirc.desk.shop.book_drop import QUIET
from offcirc.storage.journal.journal import Journal

CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
KEYS = {
    Operation.LOAN: Qt.Key.Key_L,
    Operation.RETURN: Qt.Key.Key_R,
    Operation.IN_HOUSE: Qt.Key.Key_I,
    Operation.RENEWAL: Qt.Key.Key_N,
}
HOURS = '[check]\nhours = "Mon-Fri 08:30-19:00, Sat 09:00-12:30"\n'
CLOSED = datetime(2026, 11, 27, 19, 0)


class Clock:
    """Saturday morning, the drop is full; it moves when told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 28, 8, 14, 21).astimezone()

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def morning(closed_desk: Desk, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose settings say when the library is open."""
    closed_desk.now = clock
    desk = closed_desk.open()
    desk.window.attach(settings(tmp_path, HOURS))
    yield desk
    desk.window.end_session()


def order(card: Card) -> None:
    pause()
    scan(card.value + "\r")
    pause()


def times(desk: Desk) -> list[str]:
    return [
        desk.ui.model.text(desk.ui.model.row(place), ListColumn.TIME)
        for place in range(desk.ui.model.rowCount())
    ]


def lines(desk: Desk) -> list[str]:
    return [line[:13].decode() for line in desk.file().splitlines()]


@pytest.mark.parametrize("which", Operation)
@pytest.mark.promise("operations-by-key-and-card")
def test_each_operation_has_a_key_and_a_card(desk: Desk, which: Operation) -> None:
    before = Operation.RETURN if which is Operation.LOAN else Operation.LOAN
    (card,) = (card for card, operation in CHOICES.items() if operation is which)
    for choose in (lambda: press(KEYS[which], CTRL_ALT), lambda: order(card)):
        desk.window.choose(before)
        choose()
        assert desk.window.session.operation is which
        assert desk.ui.radios[which].isChecked()
        assert desk.ui.patron.isEnabled() == which.lends


@pytest.mark.parametrize(
    ("which", "said"),
    [
        (Operation.IN_HOUSE, "In-house use recorded"),
        (Operation.RENEWAL, "Renewal recorded"),
    ],
)
def test_it_is_recorded_as_what_it_is_and_written_as_what_is_understood(
    desk: Desk, which: Operation, said: str
) -> None:
    desk.window.choose(which)
    scan(f"{READER}\r{BOOK}\r" if which.lends else f"{BOOK}\r")
    patron = READER if which.lends else ""
    assert desk.band == (MessageKind.RECORDED, f"{said} {BOOK}")
    assert desk.rows() == [(which.value, BOOK, patron, "pending")]
    desk.window.save()
    assert desk.file()[12:].rstrip() == f"{which.letter}{BOOK:<80}{patron}".rstrip().encode()
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        (row,) = journal.rows_between(1, 9)
    assert row.transaction.operation is which
    desk.open()
    assert desk.rows() == [(which.value, BOOK, patron, "saved")]


def test_a_renewal_keeps_the_reader_of_the_loans(desk: Desk) -> None:
    desk.lend(BOOK)
    order(Card.RENEWAL)
    assert desk.ui.patron.text() == READER
    scan("B2\r")
    assert desk.rows()[0] == ("N", "B2", READER, "pending")
    assert desk.ui.counter.text() == "1 renewal for this reader"
    order(Card.IN_HOUSE)
    assert desk.ui.patron.text() == ""
    order(Card.LOAN)
    assert desk.band == (MessageKind.NOTICE, f"Same reader? {READER}")


def test_what_was_deleted_and_brought_back_is_still_what_it_was(desk: Desk) -> None:
    desk.window.choose(Operation.IN_HOUSE)
    scan(f"{BOOK}\r")
    desk.window.delete()
    desk.window.delete()
    assert desk.band == (MessageKind.NOTICE, f"In-house use deleted {BOOK}")
    desk.window.undo()
    assert desk.band == (MessageKind.RECORDED, f"In-house use brought back {BOOK}")
    assert [row[0] for row in desk.rows()] == ["H", "H"]


class TestBookDrop:
    """What is returned now came back when the library closed."""

    @pytest.mark.promise("drop-closing-time")
    def test_returns_are_stated_at_the_last_closing_time(self, morning: Desk) -> None:
        press(Qt.Key.Key_B, CTRL_ALT)
        assert morning.window.session.operation is Operation.RETURN
        assert morning.band == (MessageKind.NOTICE, "Book drop: returns of Fri 27 Nov 19:00")
        scan(f"{BOOK}\r")
        message = morning.ui.band.message
        assert (message.title, message.detail) == (
            "Return recorded",
            "scanned at 08:14:21 · safe on this PC",
        )
        assert message.beside == ("Returned on", "Fri 27 Nov", "19:00")
        assert morning.ui.drop.isChecked()
        assert morning.ui.drop.text() == "Returned Fri 27 Nov 19:00"
        assert morning.ui.status.standing.drop == "Book drop: Fri 27 Nov 19:00"
        assert times(morning) == ["27/11 19:00"]
        morning.window.save()
        assert lines(morning) == ["202611271900R"]

    @pytest.mark.promise("drop-off-by-itself")
    @pytest.mark.parametrize("which", [Operation.LOAN, Operation.RENEWAL, Operation.IN_HOUSE])
    def test_anything_but_returns_ends_it(self, morning: Desk, which: Operation) -> None:
        order(Card.DROP)
        scan(f"{BOOK}\r")
        morning.window.choose(which)
        assert morning.window.drop.moment is None
        assert morning.detail == "The book drop is off."
        assert not morning.ui.drop.isChecked()
        assert morning.ui.status.standing.drop == ""
        order(Card.RETURN)
        scan("B2\r")
        assert times(morning) == ["08:14", "27/11 19:00"]

    @pytest.mark.promise("drop-off-by-itself")
    def test_a_quarter_of_an_hour_after_the_last_return_it_is_over(
        self, morning: Desk, clock: Clock
    ) -> None:
        order(Card.DROP)
        clock.at += QUIET - timedelta(seconds=1)
        scan("B1\r")
        clock.at += QUIET - timedelta(seconds=1)
        scan("B2\r")
        clock.at += QUIET
        scan("B3\r")
        assert times(morning) == ["08:59", "27/11 19:00", "27/11 19:00"]
        assert morning.band == (MessageKind.NOTICE, "Return recorded B3")
        assert morning.detail == "The book drop is off."
        assert morning.ui.status.standing.drop == ""

    def test_left_alone_it_says_that_it_is_over(self, morning: Desk) -> None:
        order(Card.DROP)
        morning.window.drop._timer.timeout.emit()
        assert morning.band == (MessageKind.NOTICE, "The book drop is off.")
        assert morning.ui.band.message.lasting
        assert morning.window.drop.moment is None

    def test_the_card_ends_it_too(self, morning: Desk) -> None:
        order(Card.DROP)
        order(Card.DROP)
        assert morning.window.drop.moment is None
        scan("B1\r")
        assert times(morning) == ["08:14"]

    def test_without_opening_hours_the_moment_is_chosen(
        self, closed_desk: Desk, clock: Clock
    ) -> None:
        closed_desk.now = clock
        desk = closed_desk.open()
        press(Qt.Key.Key_B, CTRL_ALT)
        assert desk.band == (MessageKind.NOTICE, "When did the library close?")
        panel = desk.window.drop._panel
        assert panel is not None
        assert panel.isVisible()
        assert panel.take.text() == "Returned Fri 27 Nov 18:00"
        assert desk.window.rect().contains(panel.geometry())
        assert panel.x() > desk.ui.return_.x(), "below the switch"
        QTest.mouseClick(panel.take, Qt.MouseButton.LeftButton)
        assert not panel.isVisible()
        assert desk.window.drop.moment == datetime(2026, 11, 27, 18, 0)
        desk.window.end_session()

    def test_another_moment_is_chosen_and_a_scan_is_never_lost_to_it(self, morning: Desk) -> None:
        order(Card.DROP)
        QTest.mouseClick(morning.ui.drop_when, Qt.MouseButton.LeftButton)
        panel = morning.window.drop._panel
        assert panel is not None
        assert [each.text() for each in panel.moments][:3] == [
            "Fri 27 Nov 19:00",
            "Thu 26 Nov 19:00",
            "Wed 25 Nov 19:00",
        ]
        pause()
        scan(f"{BOOK}\r")
        assert not panel.isVisible()
        assert [row[1] for row in morning.rows()] == [BOOK]
        morning.window.drop.choose()
        QTest.mouseClick(panel.moments[1], Qt.MouseButton.LeftButton)
        pause()
        scan("B2\r")
        assert times(morning) == ["26/11 19:00", "27/11 19:00"]

    def test_a_moment_to_come_is_not_taken(self, morning: Desk, clock: Clock) -> None:
        morning.window.drop.begin(clock.at.replace(tzinfo=None) + timedelta(hours=1))
        assert morning.window.drop.moment is None
        assert morning.band[1].startswith("That is still to come")

    def test_what_no_disk_took_is_still_stated_when_it_is_recorded_later(
        self, morning: Desk
    ) -> None:
        order(Card.DROP)
        morning.window.say(
            morning.ui.band.message.__class__(MessageKind.REFUSED, "Not recorded", "B7")
        )
        (left,) = morning.window.waitlist.entries
        assert left.stated == CLOSED

    @pytest.mark.parametrize("which", [Style.BLUE, Style.DARK])
    @pytest.mark.parametrize("size", [(800, 576), (1024, 700), (1366, 768)])
    def test_nothing_moves_while_it_is_on(
        self, language: str, closed_desk: Desk, size: tuple[int, int], which: Style
    ) -> None:
        closed_desk.now = Clock()
        desk = closed_desk.open(size=size, screen_height=size[1] + 28, which=which)
        ui = desk.ui
        desk.window.drop.hours = parse_hours("Wed 10:00-12:00")
        fixed = (ui.patron, ui.item, ui.group, ui.band, ui.card, ui.save)
        before = [widget.geometry() for widget in fixed]
        for act in (desk.window.drop.toggle, lambda: desk.window.choose(Operation.LOAN)):
            act()
            desk.window.layout().activate()
            assert [widget.geometry() for widget in fixed] == before
            assert desk.window.width() == size[0]
            for switch in (ui.drop, ui.drop_when):
                if switch.isVisible():
                    assert switch.width() >= switch.sizeHint().width()


class TestPileCheck:
    """As many recorded as are in the hand?"""

    @pytest.mark.promise("pile-check")
    @pytest.mark.parametrize(
        ("hold", "kind", "said"),
        [
            ("2", MessageKind.RECORDED, "2 items: all recorded"),
            ("3", MessageKind.NOTICE, "You hold 3, I have 2"),
            ("1", MessageKind.NOTICE, "You hold 1, I have 2"),
        ],
    )
    def test_the_number_is_compared(
        self, desk: Desk, hold: str, kind: MessageKind, said: str
    ) -> None:
        desk.lend("B1", "B2")
        press(Qt.Key.Key_F9)
        assert desk.band == (MessageKind.NOTICE, "I have 2 items. How many are in the hand?")
        scan(f"{hold}\r")
        assert desk.band == (kind, said)
        assert len(desk.rows()) == 2
        assert desk.ui.item.text() == ""

    def test_typed_first_it_is_one_key(self, desk: Desk) -> None:
        desk.lend("B1", "B2")
        scan("7")
        pause()
        press(Qt.Key.Key_F9)
        assert desk.band == (MessageKind.NOTICE, "You hold 7, I have 2")
        assert len(desk.rows()) == 2

    @pytest.mark.promise("pile-loses-no-scan")
    def test_a_scan_is_recorded_although_something_was_asked(self, desk: Desk) -> None:
        desk.lend("B1")
        press(Qt.Key.Key_F9)
        scan(f"{BOOK}\r")
        assert desk.rows()[0][1] == BOOK
        pause()
        scan("7\r")
        assert desk.rows()[0][1] == "7", "the question is over"

    def test_the_card_asks_too_and_asking_twice_leaves(self, desk: Desk) -> None:
        desk.lend("B1")
        order(Card.PILE)
        assert desk.window.pile.asks
        order(Card.PILE)
        assert not desk.window.pile.asks
        assert desk.band == (MessageKind.READY, "Go on")

    def test_it_can_be_asked_before_each_reader_is_cleared(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        desk.window.attach(settings(tmp_path, '[desk]\npile_check = "ask"\n'))
        desk.lend("B1", "B2")
        desk.window.clear()
        assert desk.ui.patron.text() == READER
        scan("3\r")
        assert desk.band == (MessageKind.NOTICE, "You hold 3, I have 2")
        assert desk.ui.patron.text() == READER, "one more to scan"
        pause()
        scan("B3\r")
        desk.window.clear()
        scan("3\r")
        assert desk.band == (MessageKind.RECORDED, "3 items: all recorded")
        assert desk.ui.patron.text() == ""
        desk.lend("B4")
        desk.window.clear()
        desk.window.clear()
        assert desk.ui.patron.text() == "", "Clear again goes on"
