"""The rows of both places as one list, and what may be done with the file besides saving."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import Row, RowState, Where, joined
from offcirc.storage.journal.saves import Save
from offcirc.storage.keeper.fallback_place import FallbackPlace
from offcirc.storage.keeper.main_place import Home

if TYPE_CHECKING:
    from offcirc.storage.closing.receipts import Receipt


class RowLook:
    """Questions to the main place and the fallback place together."""

    _home: Home
    _away: FallbackPlace

    def pending(self) -> list[Row]:
        """The rows that are not in OffCirc.dat yet, wherever they are kept, in order."""
        rows = self._home.ask(Journal.pending, self._home.recent.pending)
        return joined(rows, self._away.ask(Journal.pending))

    def rows_since(self, moment: datetime) -> list[Row]:
        """The rows recorded at or after a moment, in order, wherever they are kept.

        Args:
            moment: aware.
        """
        recent = self._home.recent
        rows = self._home.ask(lambda home: home.rows_since(moment), lambda: recent.since(moment))
        recent.seen(rows)
        away = self._away.ask(lambda journal: journal.rows_since(moment))
        return joined(rows, [row for row in away if row.state is not RowState.MOVED])

    def rows_to_show(self, moment: datetime) -> list[Row]:
        """The rows recorded at or after a moment and all pending ones, in order."""
        rows = {row.transaction.id: row for row in (*self.pending(), *self.rows_since(moment))}
        shown = self._home.shown(list(rows.values()))
        return sorted(shown, key=lambda row: (row.where is Where.FALLBACK, row.seq))

    def last_save(self) -> Save | None:
        """The newest save that is done; ``None`` if there is none or it cannot be told."""
        return self._home.ask(lambda home: home.saves.last(), lambda: None)

    def last_at(self) -> datetime | None:
        """The time of the newest transaction, aware; to compare the PC's clock with."""
        away = self._away.ask(lambda journal: [journal.rows.last()])
        home = self._home.ask(lambda journal: journal.rows.last(), self._home.recent.newest)
        newest = next((row for row in (*away, home) if row is not None), None)
        return None if newest is None else newest.transaction.at


class FileWork:
    """Done where the journal is in its usual place only."""

    _home: Home

    def obey(self, receipt: Receipt) -> None:
        """Do what the referent says of OffCirc.dat: close it once it is uploaded, or take it back.

        Raises:
            NotThisFileError: it is said of another file.
            StorageError: it could not be done; no line is lost, and it may be tried again.
        """
        self._home.obey(receipt)

    def erase(self, *, before: datetime) -> None:
        """Erase the readers of rows that were closed before a moment, aware.

        Raises:
            StorageError: something could not be erased; the next time goes on.
        """
        self._home.erase(before=before)

    def settle_missing(self) -> None:
        """The staff say that what is missing was uploaded, or taken out on purpose.

        Raises:
            StorageError: it could not be noted.
        """
        self._home.settle_missing()

    def make_again(self) -> tuple[int, Path | None]:
        """Write rows that are in no OffCirc.dat any more again: how many, and where.

        Raises:
            StorageError: they could not be written.
        """
        return self._home.make_again()
