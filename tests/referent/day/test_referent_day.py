"""The picture of the day: what it counts, what it says, how it is read without a pointer."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from offcirc import i18n
from offcirc.core.transaction import Operation
from offcirc.referent.day import daywords
from offcirc.referent.day.daydata import DayData, DayEvent, count
from offcirc.referent.day.daypicture import LOANS, MOST_LANES, RETURNS, DayPicture
from offcirc.referent.kit.look import RED

LOAN, RETURN = Operation.LOAN, Operation.RETURN


def at(hour: int, minute: int = 0, day: int = 30) -> datetime:
    return datetime(2018, 5, day, hour, minute)


BUSY = [
    *(DayEvent("BUC 2", at(14, minute), LOAN, refused=minute == 7) for minute in range(12)),
    DayEvent("BUC 2", at(14, 14), RETURN, count=3),
    DayEvent("SCI", at(9), RETURN),
    DayEvent("SCI", at(10, 15), LOAN),
]


def test_counts_by_desk_and_quarter_of_an_hour():
    data = count(BUSY)
    assert data.desks == ("BUC 2", "SCI")
    assert (data.minutes, data.slices) == (15, 21)
    place = data.busiest()
    assert data.begin(place) == at(14)
    cell = data.at("BUC 2", place)
    assert (cell.loans, cell.returns, cell.refused) == (12, 3, 1)
    assert data.at("SCI", 5).loans == 1
    assert data.at("SCI", 4).total == 0
    assert data.highest == 12


def test_nights_are_left_out_and_slices_grow_with_the_days():
    data = count([DayEvent("A", at(18, 59, day), LOAN) for day in (28, 30, 31)])
    assert [day.day.day for day in data.days] == [28, 30, 31]
    assert data.minutes == 30
    assert data.slices == 3
    assert [data.begin(place).hour for place in range(3)] == [18, 18, 18]


times = st.datetimes(min_value=datetime(2018, 5, 1), max_value=datetime(2018, 9, 1))
happenings = st.lists(
    st.builds(
        DayEvent,
        desk=st.sampled_from("ABC"),
        at=times,
        operation=st.sampled_from(Operation),
        refused=st.booleans(),
    ),
    max_size=60,
)


@given(happenings)
def test_nothing_is_lost_or_counted_twice(some):
    data = count(some)
    total = data.total()
    assert total.loans == sum(one.operation.lends for one in some)
    assert total.returns == sum(not one.operation.lends for one in some)
    assert total.refused == sum(one.refused for one in some)
    for one in some:
        place = next(
            place
            for place in range(data.slices)
            if data.begin(place) <= one.at and one.at.date() == data.day_of(place).day
            if (one.at - data.begin(place)).total_seconds() < data.minutes * 60
        )
        assert data.at(one.desk, place).total


def test_the_whole_picture_in_words():
    assert daywords.summary(count(BUSY)) == (
        "2018-05-30: 13 loans, 4 returns, 1 refused. BUC 2: 12 loans, 3 returns, 1 refused."
        " SCI: 1 loan, 1 return. Most at once: 2018-05-30 14:00–14:15."
    )
    i18n.activate("fr")
    assert "12 prêts, 3 retours, 1 en échec" in daywords.summary(count(BUSY))
    assert daywords.hour(at(14)).replace("\u00a0", " ") == "14 h"


@pytest.fixture
def picture(qtbot, sheet) -> DayPicture:
    made = DayPicture(sheet)
    qtbot.addWidget(made)
    made.resize(900, 160)
    made.show_data(count(BUSY))
    made.show()
    return made


def colours(picture: DayPicture) -> set[str]:
    image = picture.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_loans_returns_and_refusals_are_drawn(picture):
    assert {LOANS.name(), RETURNS.name(), RED.name()} <= colours(picture)
    picture.show_data(count([DayEvent("A", at(9), LOAN)]))
    assert RED.name() not in colours(picture)
    assert RETURNS.name() not in colours(picture)


def test_colours_can_be_told_from_the_ground():
    def light(colour: QColor) -> float:
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in (colour.redF(), colour.greenF(), colour.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for colour in (LOANS, RETURNS, RED):
        assert (light(QColor("#e9f0fb")) + 0.05) / (light(colour) + 0.05) >= 3


def test_it_is_read_with_the_arrow_keys(qtbot, picture):
    told: list[str] = []
    picture.told.connect(told.append)
    picture.setFocus()
    qtbot.waitUntil(picture.hasFocus)
    assert picture.pointed == "BUC 2, 2018-05-30 14:00–14:15: 12 loans, 3 returns, 1 refused"
    qtbot.keyClick(picture, Qt.Key.Key_Down)
    qtbot.keyClick(picture, Qt.Key.Key_Home)
    assert told[-1] == "SCI, 2018-05-30 09:00–09:15: 0 loans, 1 return"
    assert picture.accessibleDescription() == told[-1]
    qtbot.keyClick(picture, Qt.Key.Key_Left)
    qtbot.keyClick(picture, Qt.Key.Key_Down)
    assert picture.pointed == told[-1]
    qtbot.keyClick(picture, Qt.Key.Key_End)
    assert "14:00" in told[-1]
    picture.clearFocus()
    assert told[-1] == ""
    assert picture.accessibleDescription() == daywords.summary(count(BUSY))


def test_it_is_read_with_the_pointer(qtbot, picture):
    plan = picture._plan()
    box = picture._slice_box(plan, 1, 0)
    qtbot.mouseMove(picture, box.center().toPoint())
    qtbot.waitUntil(lambda: picture.pointed.startswith("SCI, 2018-05-30 09:00"))
    assert picture.toolTip() == picture.pointed
    qtbot.mouseMove(picture, QPoint(2, 2))
    qtbot.waitUntil(lambda: picture.pointed == "")


def test_many_desks_share_the_last_lane(qtbot, sheet):
    made = DayPicture(sheet)
    qtbot.addWidget(made)
    made.show_data(count(DayEvent(f"Desk {n:02}", at(9), LOAN) for n in range(40)))
    assert len(made._lanes) == MOST_LANES
    made.resize(made.minimumSizeHint())
    made._point((MOST_LANES - 1, 0))
    assert made.pointed.startswith("29 other desks, ")
    assert "29 loans" in made.pointed
    made.grab()


def test_without_anything_it_says_so(qtbot, sheet):
    made = DayPicture(sheet)
    qtbot.addWidget(made)
    made.show_data(DayData())
    made.grab()
    qtbot.keyClick(made, Qt.Key.Key_Right)
    assert "no loans" in made.accessibleDescription()
