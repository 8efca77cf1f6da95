"""What keeps files from being handed over, or a report from being read in, in words."""

from __future__ import annotations

from offcirc.i18n import _
from offcirc.upload.base.errors import UploadError


class NoDeskError(UploadError):
    """Nobody says at which circulation desk the lines of some files were recorded."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "At which circulation desk were these recorded: {name}? Give the desk’s code: the "
            "library system sends items of other desks in transit."
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


class NotProvenError(UploadError):
    """The system's file may only hold what a look-up has proved, and nothing was asked."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{name} would lend an unknown reader’s items to somebody else: items and readers have "
            "to be looked up there first. Name the server that looks them up in the settings "
            "({detail})."
        ).format(name=self.name, detail=self.detail)


class NothingThereError(UploadError):
    """None of the lines of a file is in the library system."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "None of the lines of {name} is in the library system: has the file been uploaded "
            "there? They go on waiting."
        ).format(name=self.name)


class NoLookingBackError(UploadError):
    """A job whose lines cannot be looked for in the library system."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("No line of job {name} waits for a look into the library system.").format(
            name=self.name
        )


class NoOneToAskError(UploadError):
    """The system cannot be asked, and the settings name no server that can."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{name} itself cannot be asked: name, in the settings, the server that looks items and "
            "readers up for it ({detail})."
        ).format(name=self.name, detail=self.detail)
