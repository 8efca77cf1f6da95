"""A day at a desk whose main place can be broken."""

from __future__ import annotations

import pytest
from storage.fire_kit import broken_day


@pytest.fixture
def day():
    with broken_day("home") as (day, disk):
        day.disk = disk
        day.open()
        yield day
        day.close()
