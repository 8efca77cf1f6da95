"""Desks and folders of closing."""

from __future__ import annotations

import pytest
from storage.desk_kit import Desk


@pytest.fixture
def folder(ledger):
    return ledger.path.parent


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "desk")
    desk.scan(3)
    desk.save()
    yield desk
    desk.close()
