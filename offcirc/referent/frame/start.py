"""``offcirc-uploader``: the referent's window, from the command line to the last event."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication, QToolTip

from offcirc import __version__, commandline, i18n
from offcirc.i18n import LANGUAGES, _
from offcirc.referent.kit import look
from offcirc.windows import face, lastword

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from offcirc.referent.frame.window import Window
    from offcirc.settings.load import Settings


NO_WINDOW = 2
"""Exit code when the window cannot be opened."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the referent's window and return when it is closed.

    Args:
        argv: the arguments without the program's name; those of the process when not given.

    Returns:
        0, or 2 when the window could not be opened.
    """
    return run(read(list(sys.argv[1:] if argv is None else argv)))


def run(options: argparse.Namespace) -> int:
    """The same with a command line that has been read."""
    from offcirc.settings.load import load
    from offcirc.settings.places import data_dir

    folder = str(options.data_dir) if options.data_dir else None
    settings = load({"data_dir": folder, "language": options.lang})
    i18n.activate(settings.text("language") or None)
    try:
        place = data_dir(settings.folder("data_dir"))
    except OSError as error:
        from offcirc.referent.kit import errors

        text = _("The data folder cannot be used. {reason}")
        lastword.say(text.format(reason=errors.sentence(error)), _("OffCirc — Upload"))
        return NO_WINDOW
    if not lastword.has_screen():
        lastword.say(_("There is no screen to open the window on."), "")
        return NO_WINDOW
    return _open(options.files, settings, place)


def _open(files: Sequence[Path], settings: Settings, data_dir: Path) -> int:
    from PySide6.QtWidgets import QApplication

    from offcirc.referent.frame.window import Window
    from offcirc.windows import taskbar
    from offcirc.windows.face import program_icon

    taskbar.identify("Uploader")  # before there is a window
    app = QApplication.instance() or QApplication(["offcirc-uploader"])
    assert isinstance(app, QApplication)
    with Dress(app) as look:
        window = Window(look, settings, data_dir)
        window.setWindowIcon(program_icon())
        sys.excepthook = _hook(window)
        # Ctrl+C in the terminal ends the program, as it does everywhere: what is done is kept.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _show(app, window)
        window.start(commandline.expanded(files))
        try:
            return app.exec()
        finally:
            sys.excepthook = sys.__excepthook__


def _show(app: QApplication, window: Window) -> None:
    """Show the window, as large as it wants to be if the screen has the room."""
    room = app.primaryScreen().availableGeometry()
    if window.width() > room.width() or window.height() > room.height():
        window.showMaximized()
        return
    window.show()


def _hook(
    window: Window,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """What is called for an exception that nobody caught: log it, say so, go on."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            window.tell(error)
        else:
            sys.__excepthook__(kind, error, trace)

    return report


def read(words: Sequence[str]) -> argparse.Namespace:
    """The command line, understood; the active language is then the one it asks for."""
    i18n.activate(_early(words, "--lang"))
    return make_parser().parse_args(words)


def make_parser() -> argparse.ArgumentParser:
    """The command line's grammar, in the active language."""
    commandline.translate()
    parser = argparse.ArgumentParser(
        prog="offcirc-uploader",
        description=_("Uploads the OffCirc.dat files of every desk, and shows the report."),
    )
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar=_("FILE"),
        help=_("OffCirc.dat files, or folders of them, to begin with"),
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar=_("FOLDER"),
        help=_("folder of journal, OffCirc.dat, ledger and archive (also OFFCIRC_DATA_DIR)"),
    )
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        help=_("language, whatever the system speaks (also OFFCIRC_LANG)"),
    )
    parser.add_argument(
        "--smoke",
        action="store_true",
        help=_("try whether this installation works, in a folder of its own, and end"),
    )
    version = f"offcirc-uploader {__version__}"
    parser.add_argument(
        "--version",
        action="version",
        version=version,
        help=_("show program's version number and exit"),
    )
    return parser


def _early(words: Sequence[str], name: str) -> str | None:
    """An option's value, wherever it stands: the words of the parser itself depend on it."""
    value = None
    for position, word in enumerate(words):
        if word == "--":
            break
        if word == name and position + 1 < len(words):
            value = words[position + 1]
        elif word.startswith(name + "="):
            value = word.removeprefix(name + "=")
    return value


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
        face.install(app, self._translator)
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
