"""What a desk does on the referent's word: close its file, or take that back."""

from __future__ import annotations

from pathlib import Path

from offcirc.i18n import _
from offcirc.storage.closing import deskclosing
from offcirc.storage.closing.deskclosing import NotThisFileError
from offcirc.storage.closing.receipts import Receipt
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal
from offcirc.upload.base.errors import UploadError


class NotThisDeskError(UploadError):
    """The receipt is for another file than this desk's."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The receipt is for another file: {name} does not begin with the lines that were "
            "uploaded. Nothing was changed."
        ).format(name=self.name)


def obey(folder: Path, file: Path | None, receipt: Receipt) -> None:
    """Do what a receipt says to the desk of a data folder that is not at work.

    Args:
        folder: the desk's data folder.
        file: its OffCirc.dat; in the data folder when not given.
        receipt: the referent's word.

    Raises:
        NotThisDeskError: it is for another file.
        StorageError: it could not be done, or the desk is at work.
    """
    with Journal.open(folder) as journal:
        writer = DatWriter(journal, file)
        try:
            deskclosing.obey(writer, receipt)
        except NotThisFileError as error:
            raise NotThisDeskError(writer.path.name) from error
