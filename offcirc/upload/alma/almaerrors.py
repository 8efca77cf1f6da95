"""What keeps a report of Alma's from being read, in words."""

from __future__ import annotations

from offcirc.i18n import _
from offcirc.upload.base.errors import UploadError


class NotAlmaReportError(UploadError):
    """A file is no report of Alma's, or cannot be read."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _("{name} cannot be read as a report of Alma’s: {detail}").format(
            name=self.name, detail=self.detail
        )
