"""The only place where the window opens a dialog or another program: replaceable as a whole."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QWidget

from offcirc.i18n import _


class Dialogs:
    """Asks for files and folders. Each answer is empty or ``None`` when the person gives up."""

    def files(self, parent: QWidget, start: Path | None) -> list[Path]:
        """Files to upload.

        Args:
            parent: the window.
            start: the folder to begin in; ``None`` for the person's own.
        """
        kinds = ";;".join((_("OffCirc files") + " (*.dat *.DAT)", _("All files") + " (*)"))
        names, _kind = QFileDialog.getOpenFileNames(
            parent, _("Add files of the desks"), str(start or Path.home()), kinds
        )
        return [Path(name) for name in names]

    def list_file(self, parent: QWidget, start: Path | None) -> Path | None:
        """A list that was kept elsewhere."""
        kinds = ";;".join(
            (_("Lists") + " (*.csv *.tsv *.txt *.xlsx *.koc *.xacts)", _("All files") + " (*)")
        )
        name, _kind = QFileDialog.getOpenFileName(
            parent, _("Take a list"), str(start or Path.home()), kinds
        )
        return Path(name) if name else None

    def folder(self, parent: QWidget, start: Path | None) -> Path | None:
        """A folder that holds files to upload, at any depth."""
        name = QFileDialog.getExistingDirectory(
            parent, _("Add all files of a folder"), str(start or Path.home())
        )
        return Path(name) if name else None

    def report(self, parent: QWidget, suggested: Path) -> Path | None:
        """Where to write a report; the ending picks the format."""
        endings = {
            _("Web page, to read and print") + " (*.html)": ".html",
            _("Spreadsheet") + " (*.xlsx)": ".xlsx",
            _("Document, to print") + " (*.pdf)": ".pdf",
            _("Table as plain text") + " (*.csv)": ".csv",
            _("For other programs") + " (*.json)": ".json",
        }
        return self._save(parent, _("Export the report"), suggested, endings)

    def alma_report(self, parent: QWidget) -> Path | None:
        """A report of Alma's that was saved or came by mail."""
        kinds = ";;".join(
            (_("Reports") + " (*.xlsx *.csv *.txt *.eml *.html)", _("All files") + " (*)")
        )
        name, _kind = QFileDialog.getOpenFileName(
            parent, _("Read Alma’s report"), str(Path.home()), kinds
        )
        return Path(name) if name else None

    def lines(self, parent: QWidget, suggested: Path) -> tuple[Path, str] | None:
        """Where to write the lines for another program, and for which: its ``--to``."""
        from offcirc.servers.registry import formats

        kinds = {f"{one.title()} (*{one.suffix})": name for name, one in formats().items()}
        name, kind = QFileDialog.getSaveFileName(
            parent, _("Write the lines for another system"), str(suggested), ";;".join(kinds)
        )
        wanted = kinds.get(kind, "koc")
        return (Path(name), wanted) if name else None

    def work_list(self, parent: QWidget, suggested: Path) -> Path | None:
        """Where to write the work list; the ending picks the format."""
        endings = {
            _("Web page, to read and print") + " (*.html)": ".html",
            _("Plain text") + " (*.txt)": ".txt",
            _("Table as plain text") + " (*.csv)": ".csv",
            _("For other programs") + " (*.json)": ".json",
        }
        return self._save(parent, _("Export the work list"), suggested, endings)

    def password(self, parent: QWidget, title: str, question: str) -> str:
        """A password; empty when the person gives up."""
        text, fine = QInputDialog.getText(parent, title, question, QLineEdit.EchoMode.Password)
        return text if fine else ""

    def _save(
        self, parent: QWidget, title: str, suggested: Path, endings: dict[str, str]
    ) -> Path | None:
        name, kind = QFileDialog.getSaveFileName(parent, title, str(suggested), ";;".join(endings))
        if not name:
            return None
        path = Path(name)
        known = path.suffix.lower() in endings.values()
        return path if known else path.with_name(path.name + endings.get(kind, ".html"))

    def show_in_folder(self, path: Path) -> None:
        """Show where a file is, in the system's file manager."""
        from offcirc.windows.reveal import show_in_folder

        show_in_folder(path)

    def open_in_browser(self, path: Path) -> None:
        """Show a file in the person's browser, or in what the system has for it."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
