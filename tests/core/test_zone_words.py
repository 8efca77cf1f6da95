"""Time zones are written as library systems write them, whatever the system calls them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from offcirc import words

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)


def local(moment: datetime, hours: int, name: str) -> datetime:
    return moment.astimezone(timezone(timedelta(hours=hours), name))


@pytest.mark.parametrize("name", ["CET", "CEST", "UTC", "+03", "-0330"])
def test_a_short_name_stays(name):
    assert words.zone(local(WINTER, 1, name)) == name


def test_the_long_names_of_windows(monkeypatch):
    # Whether it is summer time there is asked of the system, which is set to no place here.
    summers = {WINTER.timestamp(): 0, SUMMER.timestamp(): 1}
    told = time.localtime(0)

    class Clock:
        @staticmethod
        def localtime(at):
            return time.struct_time((*told[:8], summers[at]))

    monkeypatch.setattr(words, "time", Clock)
    monkeypatch.setattr(words, "_windows_zone", lambda: "Romance Standard Time")
    assert words.zone(local(WINTER, 1, "Paris, Madrid")) == "CET"
    assert words.zone(local(SUMMER, 2, "Paris, Madrid (heure d’été)")) == "CEST"


def test_a_zone_that_nobody_abbreviates(monkeypatch):
    monkeypatch.setattr(words, "_windows_zone", lambda: "Nepal Standard Time")
    assert words.zone(local(WINTER, 5, "Katmandou")) == "UTC+0500"


def test_a_moment_without_zone_has_none():
    assert words.zone(WINTER.replace(tzinfo=None)) == ""
