"""Desks for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from storage.desk_kit import Desk


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Desks, closed at the end of the test."""
    made: list[Desk] = []

    def make(folder: Path = tmp_path / "data", dat: Path | None = None) -> Desk:
        made.append(Desk(folder, dat))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A new desk."""
    return make_desk()
