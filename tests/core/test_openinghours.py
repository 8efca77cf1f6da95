"""Opening hours in one line."""

from __future__ import annotations

from datetime import datetime

import pytest

from offcirc.core.openinghours import HoursError, parse_hours

MONDAY = datetime(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "opened", "closed"),
    [
        ("Mon-Fri 08:30-19:00", ["0 08:30", "4 19:00", "0 08:00"], ["5 10:00", "0 07:59"]),
        ("Sat 09:00-12:30 14:00-17:00", ["5 09:00", "5 15:00"], ["5 13:15", "0 10:00"]),
        ("lun-ven 8h30-19h, sam 9h-12h30", ["0 12:00", "5 10:00"], ["6 10:00"]),
        ("samedi-lundi 10:00-11:00", ["5 10:00", "6 10:00", "0 10:00"], ["1 10:00"]),
        ("Mon 00:00-24:00", ["0 00:00", "0 23:59"], ["1 12:00"]),
    ],
)
def test_hours_are_read_in_both_languages(text: str, opened: list[str], closed: list[str]) -> None:
    hours = parse_hours(text)
    for when in (*opened, *closed):
        day, time = when.split()
        at = datetime.fromisoformat(f"{MONDAY.year}-03-{2 + int(day):02}T{time}")
        assert hours.is_open(at) is (when in opened), when


@pytest.mark.parametrize(
    "text",
    ["", "Mon", "Mon 8", "Mon 19:00-08:30", "Mon 08:61-09:00", "Mon 08:00-25:00", "Xyz 08:00-09:00",
     "Mon-Xyz 08:00-09:00", "08:00-09:00", "Mon 08:00-09:00 later"],
)  # fmt: skip
def test_what_tells_no_hours_is_refused(text: str) -> None:
    with pytest.raises(HoursError):
        parse_hours(text)
