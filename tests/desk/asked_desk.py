"""The desk program as it is, with a line to it: a test asks how it looks from inside.

Commands come on standard input, one a line; each is answered by one line of JSON. Keys come from
the X server, as they do from scanners.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSocketNotifier, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from offcirc.core.transaction import Operation, Source
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.program import start as program
from offcirc.desk.program.window import DeskWindow
from offcirc.desk.side.manual import Manual
from offcirc.scanning.decoder import Decoder, Framing, Scan, Terminator

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0


class Line:
    """Answers what a test asks."""

    def __init__(self, window: DeskWindow) -> None:
        self._window = window
        self._rest = b""
        self._decoder = Decoder(Framing(suffixes=frozenset({Terminator.CR})), Source.SERIAL)
        self._reds: list[str] = []
        say = window.say
        window.say = lambda message: (self._see(message), say(message))
        os.set_blocking(0, False)
        self._notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, window)
        self._notifier.activated.connect(self._read)

    def _read(self) -> None:
        try:
            came = os.read(0, 65_536)
        except BlockingIOError:
            return
        if not came:
            self._notifier.setEnabled(False)
            return
        *lines, self._rest = (self._rest + came).split(b"\n")
        for line in lines:
            name, *words = line.decode().split("\t")
            try:
                answer = getattr(self, f"do_{name}")(*words)
            except Exception as error:
                answer = f"cannot: {error!r}"
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()

    def _see(self, message: Message) -> None:
        if message.kind is MessageKind.REFUSED:
            self._reds.append(f"{message.code}: {message.detail}")

    def _widgets(self) -> list[QWidget]:
        windows = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
        found = []
        for window in windows:
            for widget in (window, *window.findChildren(QWidget)):
                able = widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
                if widget.window() is window and able and widget.focusPolicy():
                    found.append(widget)
        return found

    def do_widgets(self) -> list[str]:
        """Everything in sight that can have the focus."""
        return [_name(widget) for widget in self._widgets()]

    def do_focus(self, name: str) -> str:
        """Put the focus on one of them; empty when it can have it no more."""
        for widget in self._widgets():
            if _name(widget) == name:
                widget.window().activateWindow()
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                return name
        return ""

    def do_has_focus(self, name: str) -> bool:
        """Whether it has it, in the window in front."""
        return _name(QApplication.focusWidget()) == name

    def do_front(self) -> str:
        """Bring the desk itself to the front."""
        self._window.activateWindow()
        self._window.focus(self._window.target())
        return QApplication.applicationName()

    def do_rounds(self, count: str) -> bool:
        """What the timer does now and then, so often at once."""
        caretaker = self._window.caretaker
        assert caretaker is not None
        for _round in range(int(count)):
            caretaker.round()
        return True

    def do_fresh(self, patron: str) -> bool:
        """Nothing open beside the desk, a reader in their field, the cursor in the item's."""
        window, companions = self._window, self._window.companions
        if (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for each in QApplication.topLevelWidgets():
            if each is not window and each.isVisible():
                each.close()
        if companions is not None and companions.tools is not None:
            companions.tools.hide()
        window.choose(Operation.LOAN)
        window.clear()
        window.ui.patron.setText(patron)
        window.intake._patron(patron, "")
        window.activateWindow()
        self._decoder.reset()
        return window.ui.item.hasFocus()

    def do_centre(self, name: str) -> list[int]:
        """Where a control of the desk is on the screen."""
        ui = self._window.ui
        widget = ui.list.viewport() if name == "list" else getattr(ui, name)
        spot = QPoint(widget.width() // 2, min(widget.height() // 2, 12))
        spot = widget.mapToGlobal(spot)
        return [spot.x(), spot.y()]

    def do_bytes(self, text: str) -> bool:
        """What a serial scanner sends, taken as its thread hands it on."""
        companions = self._window.companions
        assert companions is not None
        for event in self._decoder.feed(text.replace("|", "\r"), time.monotonic()):
            if isinstance(event, Scan):
                companions._on_scan("scanner", event)
            else:
                companions._on_trouble("scanner", event)
        return True

    def do_reds(self) -> list[str]:
        """Every refusal that was shown since the last question."""
        reds, self._reds = self._reds, []
        return reds

    def do_items(self) -> list[list[str]]:
        """Every barcode and reader of the last rows, and the reader that is taken as one."""
        rows = [row.transaction for row in self._window.ui.model.all()[-3:]]
        return [[row.item, row.patron] for row in rows] + [["", self._window.intake._known_patron]]

    def do_state(self) -> dict[str, object]:
        """What the desk shows."""
        ui = self._window.ui
        message, standing = ui.band.message, ui.status.standing
        return {
            "kind": message.kind.value,
            "shown": ui.band.shown.kind.value,
            "title": message.title,
            "code": message.code,
            "detail": message.detail,
            "hint": standing.hint,
            "scanner": standing.scanner,
            "borrower": ui.patron.text(),
            "item": ui.item.text(),
            "loan": ui.loan.isChecked(),
            "rows": ui.model.total(),
            "last_item": ui.model.row(0).transaction.item if ui.model.total() else "",
            "pending": self._window.tally.pending,
            "banner": "" if (care := self._window.caretaker) is None else care.banner.text(),
            "states": [[row.transaction.item, row.state.value] for row in ui.model.all()],
            "last": [
                (row.transaction.operation.value, row.transaction.item, row.transaction.patron)
                for row in ui.model.all()[-3:]
            ],
            "active": _name(QApplication.activeWindow()),
            "windows": sorted(
                _name(each) for each in QApplication.topLevelWidgets() if each.isVisible()
            ),
        }

    def do_open(self, what: str) -> str:
        """Open a window beside the desk, as its button does."""
        companions = self._window.companions
        assert companions is not None
        {
            "settings": companions.show_settings,
            "test": companions.test_scanner,
            "manual": self._window.show_help,
            "tools": companions.show_tools,
        }[what]()
        return what

    def do_covered(self) -> list[str]:
        """What of the desk the manual covers: fields, band, list."""
        ui = self._window.ui
        manual = self._window.findChild(Manual)
        assert manual is not None
        return [
            name
            for name in ("patron", "item", "band", "list")
            if manual.frameGeometry().intersects(_on_screen(getattr(ui, name)))
        ]

    def do_answer(self, topic: str) -> str:
        """Press the button of a line of the strip at the top."""
        assert self._window.caretaker is not None
        self._window.caretaker.banner.pressed(topic)
        return topic

    def do_popup(self) -> str:
        """The menu or list that is open over the windows, if one is."""
        return _name(QApplication.activePopupWidget())

    def do_choose(self, key: str) -> str:
        """Press the button of a setting that opens a dialog."""
        companions = self._window.companions
        assert companions is not None
        assert companions._settings_window is not None
        companions._settings_window.rows[key].field.choose.click()
        return key

    def do_values(self) -> dict[str, str]:
        """What the fields of the settings window hold, if it was opened."""
        companions = self._window.companions
        settings = companions and companions._settings_window
        return {key: row.field.value() for key, row in settings.rows.items()} if settings else {}

    def do_tested(self) -> list[object]:
        """What the scanner test shows: the barcode as printed, and the faults."""
        test = self._window.companions and self._window.companions._scanner_test
        if not test or not test.found:
            return ["", []]
        return [test.found.meant, [fault.value for fault in test.found.faults]]

    def do_memory(self) -> int:
        """Bytes of memory in use."""
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE

    def do_picture(self, path: str) -> bool:
        """Take a picture of the whole screen."""
        screen = QGuiApplication.primaryScreen()
        return screen.grabWindow(0).save(path)


def _on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


def _name(widget: QWidget | None) -> str:
    if widget is None:
        return ""
    words = widget.accessibleName() or getattr(widget, "text", widget.windowTitle)()
    below = widget.parentWidget()
    place = 0 if below is None else below.findChildren(QWidget).index(widget)
    return f"{type(widget).__name__} {place} {words}".strip()


def main() -> int:
    """Run the program with a line to it."""
    serve = program._serve

    def with_a_line(app: QApplication, window: DeskWindow, folder: Path) -> int:
        line = Line(window)
        result = serve(app, window, folder)
        del line
        return result

    program._serve = with_a_line
    return program.main()


if __name__ == "__main__":
    raise SystemExit(main())
