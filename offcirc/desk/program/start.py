"""Starts the desk window: painted first, then the journal is opened.

What is typed while the journal is being opened waits in the system's queue and is dealt with
afterwards, in order.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc import __version__, i18n
from offcirc.desk.program.options import Options, read, something_set
from offcirc.i18n import _
from offcirc.settings.places import PRACTICE_NAME, data_dir, wanted_data_dir
from offcirc.windows import lastword

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from offcirc.desk.program.window import DeskWindow
    from offcirc.settings.load import Settings

ALREADY_OPEN = 3
"""Exit code of a second start on the same data folder."""

NO_DATA_DIR = 2
"""Exit code when the data folder cannot be made."""

NO_SCREEN = 4
"""Exit code when no window can be opened, as on a server without a display."""

FIRST_PAINT = "OFFCIRC_BENCH_FIRST_PAINT"
"""Environment variable: say ``first-paint`` at the window's first painting, and end."""

TRACE_SHOWN = "OFFCIRC_TRACE_SHOWN"
"""Environment variable: a file to which the id of each transaction is added once it is shown."""

_PAINT_PATIENCE = 3000
"""Milliseconds to wait for a window system that never shows the window."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the desk window until it is closed.

    Args:
        argv: the arguments without the program's name; those of the process if not given.

    Returns:
        0 when the window was closed, :data:`ALREADY_OPEN`, :data:`NO_DATA_DIR` or
        :data:`NO_SCREEN`.
    """
    return run(read(sys.argv[1:] if argv is None else argv))


def run(options: Options) -> int:
    """The same with a command line that has been read."""
    if not lastword.has_screen():
        lastword.say(_("There is no screen to open the window on."), "")
        return NO_SCREEN
    settings = None
    if something_set():
        settings = _settings(options)
        options = _completed(options, settings)
    try:
        folder = data_dir(options.data_dir)
    except OSError as error:
        wanted = wanted_data_dir(options.data_dir)
        if wanted is None:
            from offcirc.disk.reasons import why

            text = _("The data folder cannot be used. {reason}").format(reason=why(error))
            return _say_and_end(text, NO_DATA_DIR)
        folder = wanted  # recording begins in the fallback place, and the window says why
    if settings is None and (folder / PRACTICE_NAME).exists():
        settings = _settings(options)
    return _run(folder, options, settings)


def _settings(options: Options) -> Settings:
    from offcirc.settings.load import load

    return load(
        {
            "data_dir": str(options.data_dir) if options.data_dir else None,
            "file": str(options.file) if options.file else None,
            "language": options.language,
        }
    )


def _completed(options: Options, settings: Settings) -> Options:
    """The options, with what the settings say where the command line says nothing."""
    language = settings.text("language")
    if language and language != i18n.language():
        i18n.activate(language)
    return Options(settings.folder("data_dir"), settings.folder("file"), options.language)


def _run(folder: Path, options: Options, settings: Settings | None) -> int:
    # Nothing made while starting is garbage; looking for some costs as much as a font.
    gc.disable()
    from offcirc.windows.quick import load_qt

    load_qt()
    from offcirc.desk.program.single import raise_first

    app = _application()
    if raise_first(folder):
        return ALREADY_OPEN
    window = _paint_window(app, folder, options.file, settings)
    window.furnish()

    from offcirc.desk.program.faults import FaultLog
    from offcirc.desk.shop.store import InUseError

    faults = FaultLog(folder)
    broke_down = faults.install(window.say_our_fault)
    try:
        companions = window.attach(settings or _settings(options))
        window.moved.connect(faults.move)
        window.open_store()
        if window.store.is_open:
            broke_down |= faults.died_in(window.store.keeper.fallback)
        if broke_down:
            window.say_broke_down(faults.path)
        companions.begin_soon()
        gc.freeze()
        gc.enable()
        return _serve(app, window, folder)
    except InUseError as error:
        window.hide()
        if raise_first(folder, surely=True):
            return ALREADY_OPEN
        return _say_and_end(error.why, ALREADY_OPEN)
    finally:
        faults.uninstall()


def _paint_window(
    app: QApplication, folder: Path, file: Path | None, settings: Settings | None
) -> DeskWindow:
    """Put the window on the screen; it says that it needs a moment."""
    from offcirc.desk.face import look as style
    from offcirc.desk.face.colours import Colours
    from offcirc.desk.program.window import DeskWindow
    from offcirc.desk.shop.store import DeskStore

    room = app.primaryScreen().availableGeometry()
    scale = settings.number("window.text_size") / 100 if settings is not None else 1.0
    which = style.chosen_style(settings.text("window.style") if settings else "system")
    practice = settings is not None and settings.switch("desk.practice")
    colours = Colours(which, playing=practice)
    if colours.contrast:
        app.setPalette(style.palette(colours))
    look = style.make_look(app, room.size(), scale, colours)
    app.setFont(look.text)
    app.setStyleSheet(style.style_sheet(look))
    identity = None
    if settings is not None:
        from offcirc.settings.deskname import desk_identity

        identity = desk_identity(settings)
    more = {}
    if settings is not None and practice:
        more["now"] = _ahead(settings.number("desk.practice_clock"))
    window = DeskWindow(DeskStore(folder, file), look, identity, bare=True, **more)
    _show(window, room.width(), room.height())
    _until_painted(app, window)
    if os.environ.get(FIRST_PAINT):
        _say_first_paint()
    return window


def _ahead(minutes: int) -> Callable[[], datetime]:
    """The clock of a desk in a drill, wrong by some minutes."""
    return lambda: datetime.now().astimezone() + timedelta(minutes=minutes)


def _serve(app: QApplication, window: DeskWindow, folder: Path) -> int:
    """Work until the window is closed."""
    from offcirc.desk.program.single import FirstWindow

    wake = _Wake(window)
    _translate_qt(app)
    first = FirstWindow(folder, window.say_already_here, window)
    window.closed.connect(first.close)
    window.closed.connect(app.quit)
    app.commitDataRequest.connect(lambda _manager: window.save_quietly())
    if path := os.environ.get(TRACE_SHOWN):
        _trace_shown(window, Path(path))
    result = app.exec()
    wake.close()
    return result


def _application() -> QApplication:
    from PySide6.QtWidgets import QApplication

    from offcirc.desk.face import look as style
    from offcirc.windows import face

    running = QApplication.instance()
    if isinstance(running, QApplication):
        app = running
    else:
        if sys.platform == "win32":
            from offcirc.windows import taskbar

            taskbar.identify("Desk")  # before there is a window
        QApplication.setStyle("Fusion")
        app = QApplication(["offcirc-desk"])
    app.setApplicationName("OffCirc")
    app.setApplicationDisplayName("")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("offcirc-desk")
    face.load_fonts()
    app.setPalette(style.palette())
    app.setWindowIcon(face.program_icon())
    return app


def _show(window: DeskWindow, width: int, height: int) -> None:
    """Large, but no larger than is comfortable; the whole screen where there is not much."""
    window.setMinimumSize(window.minimumSizeHint())
    wide, tall = window.look.px(46), window.look.px(36)
    if width <= wide * 1.1 or height <= tall * 1.08:
        window.resize(min(wide, round(width * 0.96)), min(tall, round(height * 0.9)))
        window.showMaximized()
    else:
        window.resize(wide, tall)
        window.show()


def _until_painted(app: QApplication, window: DeskWindow) -> None:
    """Let the window appear without taking keys: they wait for the journal."""
    from PySide6.QtCore import QEventLoop, QTimer

    flags = QEventLoop.ProcessEventsFlag
    patience = QTimer(singleShot=True, interval=_PAINT_PATIENCE)
    patience.start()
    while not window.was_painted and patience.isActive():
        app.processEvents(flags.ExcludeUserInputEvents | flags.WaitForMoreEvents)


def _translate_qt(app: QApplication) -> None:
    """Qt's own texts (the fields' context menu) in the active language."""
    from PySide6.QtCore import QTranslator

    from offcirc.windows import face

    face.install(app, QTranslator(app))


class _Wake:
    """Saves and closes when the PC is shut down or the user logs out, told by a signal.

    Python sees signals only when it runs; the socket wakes it while Qt waits for events.
    """

    def __init__(self, window: DeskWindow) -> None:
        import signal
        import socket

        from PySide6.QtCore import QSocketNotifier, QTimer

        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        self._before = signal.set_wakeup_fd(self._theirs.fileno())
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._drain)
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            if number := getattr(signal, name, None):
                # Through the event loop: it may not be running yet.
                signal.signal(number, lambda *_: QTimer.singleShot(0, window.end_session))

    def _drain(self) -> None:
        self._ours.recv(64)

    def close(self) -> None:
        """Give the signals back."""
        import signal

        signal.set_wakeup_fd(self._before)
        for name in ("SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._notifier.setEnabled(False)
        self._ours.close()
        self._theirs.close()


def _trace_shown(window: DeskWindow, path: Path) -> None:
    trace = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    window.recorded.connect(lambda name: os.write(trace, f"{name}\n".encode()))


def _say_first_paint() -> None:
    sys.stdout.write("first-paint\n")
    sys.stdout.flush()
    raise SystemExit(0)


def _say_and_end(text: str, code: int) -> int:
    """Show one sentence in a small window, and in the terminal if there is one."""
    _application()
    lastword.say(text, _("Offline Circulation"))
    return code
