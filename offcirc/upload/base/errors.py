"""What keeps an upload or a report from being made, in words for a librarian."""

from __future__ import annotations

from offcirc.i18n import _


class UploadError(Exception):
    """Something outside this program keeps an upload or a report from being made.

    Attributes:
        name: the file, folder or job it is about, as the person gave it.
        detail: the system's own words; may be empty.
    """

    def __init__(self, name: str = "", detail: str = "") -> None:
        super().__init__(f"{type(self).__name__}: {name} {detail}".rstrip())
        self.name = name
        self.detail = detail

    def words(self) -> str:
        """What to tell a librarian: what happened and what to do next, in the active language."""
        return _("{name}: {text}").format(name=self.name, text=self.detail)


class PlanError(UploadError):
    """A file cannot be uploaded as a whole; nothing was sent."""


class NoFilesError(PlanError):
    """No file was given."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("Choose at least one OffCirc.dat file.")


class UnreadableFileError(PlanError):
    """A file cannot be opened or read."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("{name} cannot be read: {detail}").format(name=self.name, detail=self.detail)


class NotOffCircError(PlanError):
    """A file is no OffCirc.dat at all."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("{name}: {text}").format(name=self.name, text=self.detail)


class FileChangedError(PlanError):
    """A file was written to while it was being read."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{name} changed while it was being read. Close the desk’s window, then try again."
        ).format(name=self.name)


class ChangedSinceError(PlanError):
    """A file is not what it was when somebody last looked at it."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{name} has changed since it was checked, and nothing was sent. It is read and checked "
            "again now; then upload."
        ).format(name=self.name)


class LedgerBusyError(UploadError):
    """Another upload from the same data folder is under way."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "Another upload from this data folder is under way. Wait until it has ended, then "
            "try again."
        )


class NoSuchJobError(UploadError):
    """The ledger knows no upload of this number."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("There is no upload number {name} here.").format(name=self.name)


class ReportFormatError(UploadError):
    """The ending of the file's name names no format that a report can be written in."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "A report cannot be written as {name}: choose a name that ends in .html, .csv, .xlsx, "
            ".pdf or .json."
        ).format(name=self.name)


class ReportNotWrittenError(UploadError):
    """The report's file cannot be written."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("The report {name} cannot be written: {detail}").format(
            name=self.name, detail=self.detail
        )


class MailError(UploadError):
    """A report could not be mailed; ``name`` is the mail server, ``detail`` the sentence."""

    def words(self) -> str:
        """What to tell a librarian."""
        return self.detail


class NoSecondOpinionError(UploadError):
    """The library system cannot be asked what it holds, or another one answers."""

    def words(self) -> str:
        """What to tell a librarian."""
        if self.detail == "other":
            return _(
                "The lines of this upload were sent to another library system than {name}: it "
                "cannot say whether they are there."
            ).format(name=self.name)
        if self.detail == "unfinished":
            return _("Upload {name} is not finished: resume it first.").format(name=self.name)
        return _(
            "The library system {name} cannot be asked about items and readers: look some of them "
            "up by hand."
        ).format(name=self.name)


class NotAlmaReportError(UploadError):
    """A file is no report of Alma's, or cannot be read."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("{name} cannot be read as a report of Alma’s: {detail}").format(
            name=self.name, detail=self.detail
        )
