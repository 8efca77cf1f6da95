"""What keeps files from being handed over to Alma, or its report from being read in, in words."""

from __future__ import annotations

from offcirc.i18n import _
from offcirc.upload.base.errors import UploadError


class NoDeskError(UploadError):
    """Nobody says at which circulation desk the lines of some files were recorded."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "At which circulation desk were these recorded: {name}? Give the desk’s code: Alma "
            "sends items of other desks in transit."
        ).format(name=self.name)


class NothingToHandOverError(UploadError):
    """Every line was handed over earlier."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "Nothing to hand over: every line of these files was handed over or recorded earlier."
        )


class NoFileForReportError(UploadError):
    """A report fits no file that was handed over."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{name} fits no file that was handed over from here. Give the OffCirc.dat that was "
            "uploaded to Alma together with it."
        ).format(name=self.name)


class SeveralFilesForReportError(UploadError):
    """A report fits several files equally well."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{name} fits several files equally well: {detail}. Give the one that was uploaded to "
            "Alma together with it."
        ).format(name=self.name, detail=self.detail)
