"""What may be done with OffCirc.dat besides saving to it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.storage.keeper.main_place import Home

if TYPE_CHECKING:
    from offcirc.storage.closing.receipts import Receipt


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
