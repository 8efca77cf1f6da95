"""The application dressed for the referent's window: style, colours, type, Qt's own words."""

from __future__ import annotations

from types import TracebackType

from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication, QToolTip

from offcirc import __version__
from offcirc.referent.kit import look
from offcirc.windows import face, speech


class Dress:
    """Dresses an application for as long as the ``with`` block lasts; gives the :class:`Look`."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._font = app.font()
        self._translator = QTranslator()

    def __enter__(self) -> look.ReferentLook:
        """Dress it."""
        app = self._app
        app.setApplicationName("OffCirc")
        app.setApplicationVersion(__version__)
        app.setDesktopFileName("offcirc-uploader")
        speech.install(app, self._translator)
        app.setStyle("Fusion")
        app.setPalette(look.palette())
        face.load_fonts()
        made = look.make_look()
        app.setFont(made.text)
        QToolTip.setFont(made.text)
        app.setStyleSheet(look.style_sheet(made))
        return made

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Undress it."""
        self._app.setStyleSheet("")
        self._app.removeTranslator(self._translator)
        self._app.setFont(self._font)
