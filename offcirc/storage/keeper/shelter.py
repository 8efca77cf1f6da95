"""Rows that a lost journal may have taken with it, copied to the fallback place."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from offcirc.disk.errors import StorageError
from offcirc.storage.journal.rows import Row
from offcirc.storage.keeper.bring_back import Reunion
from offcirc.storage.keeper.fallback_place import FallbackPlace
from offcirc.storage.keeper.main_place import Home


class Shelter:
    """Copies them at once, and knows them again when they come home.

    Attributes:
        copies: their numbers in the fallback place, by id.
    """

    def __init__(self, home: Home, away: FallbackPlace) -> None:
        self._home = home
        self._away = away
        self.copies: dict[str, int] = {}
        self._offered: set[str] = set()
        """Ids of those, and of rows of which it is not known whether they were copied."""

    def copy(self) -> None:
        """Copy what is at risk and not copied yet; never fails."""
        rows = [row for row in self._home.at_risk() if row.transaction.id not in self.copies]
        if not rows:
            return
        self._away.stands_for = self._home.journal_id
        self._offered |= {row.transaction.id for row in rows}
        try:
            self.copies |= self._away.shelter(rows)
        except StorageError:
            self._away.close()
            with suppress(StorageError):
                self._away.open()

    def count(self, *, kept: bool) -> int:
        """How many rows at risk are kept in the fallback place, or are not."""
        return sum((r.transaction.id in self.copies) is kept for r in self._home.at_risk())

    def told_apart(self, reunion: Reunion) -> tuple[list[Row], Reunion]:
        """The copies among what came home, as they are there, and all the rest.

        They had been at home all along: nothing is to be told of them.
        """
        back: list[tuple[Row, Row]] = []
        others: list[tuple[Row, Row]] = []
        for pair in reunion.moved:
            (back if pair[0].transaction.id in self._offered else others).append(pair)
        return [after for _, after in back], replace(reunion, moved=tuple(others))

    def forget(self) -> None:
        """All are home."""
        self.copies.clear()
        self._offered.clear()
