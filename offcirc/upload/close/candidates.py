"""Files that may be put away, of which desks they are, and what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from offcirc.i18n import _
from offcirc.storage.closing import deskclosing
from offcirc.storage.closing.deskclosing import NotThisFileError
from offcirc.storage.closing.receipts import Receipt
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal
from offcirc.storage.ledger.closings import Closing, Whose
from offcirc.storage.ledger.ledgerrows import UploadRow
from offcirc.upload.base.errors import UploadError


class Obstacle(StrEnum):
    """Why a file is not closed just so; those marked * are overcome by leaving lines behind."""

    MISSING = "missing"
    """It is not where it was."""
    NEVER_UPLOADED = "never-uploaded"
    """No upload had it, as a whole or as its beginning."""
    UNFINISHED = "unfinished"
    """* The upload has not been completed, or waits for the server's own report."""
    HELD_BACK = "held-back"
    """* Somebody kept lines of it from being sent for now."""
    NEW_LINES = "new-lines"
    """* Lines were added since."""


OVERCOME = (Obstacle.UNFINISHED, Obstacle.HELD_BACK, Obstacle.NEW_LINES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that might be closed.

    Attributes:
        path: where it is.
        name: its name for people.
        whose: whose file it is.
        upload: the upload that had it; ``None`` if none had.
        file: the index of the file there.
        size: length in bytes of the uploaded part.
        sha256: of that part, in hex.
        lines: how many lines the part has.
        kept: numbers, from 1, of its lines that would stay.
        left_behind: how many lines would stay, those added since included.
        lead_size: bytes that would stay of that part.
        obstacles: why it is not closed just so.
        gone: it is not where it was any more: nothing is left to be put away but its upload.
        closed: how this very content was put away from there; ``None`` if it was not.
    """

    path: Path
    name: str
    whose: Whose
    upload: UploadRow | None = None
    file: int = 0
    size: int = 0
    sha256: str = ""
    lines: int = 0
    kept: tuple[int, ...] = ()
    left_behind: int = 0
    lead_size: int = 0
    obstacles: tuple[Obstacle, ...] = ()
    gone: bool = False
    closed: Closing | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done: it was put away, and is not there again."""
        return self.closed is not None and self.gone

    def may_close(self, *, leave: bool) -> bool:
        """Whether it can be closed; ``leave``: lines still to be uploaded may stay behind."""
        return all(leave and obstacle in OVERCOME for obstacle in self.obstacles)


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
