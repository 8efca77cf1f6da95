"""What stands beside the desk window: its tools, settings, sounds and serial scanners.

None of it is there when the window is painted first; none of it can keep a scan from being
recorded.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QWidget

from offcirc.desk.face.sounder import NullSounder, Sound, Sounder, make_sounder
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.program.registering import Registering
from offcirc.desk.program.slips import Slips
from offcirc.desk.shop.copies import Copies
from offcirc.desk.shop.receipt_watch import Closer
from offcirc.desk.shop.row_actions import make_again
from offcirc.desk.shop.setup import framing_of, knowing_of, serial_of, setup_of
from offcirc.desk.words import scanwords

if TYPE_CHECKING:
    from offcirc.desk.desk import WholeDesk
    from offcirc.desk.knowing.knower import Knower
    from offcirc.desk.program.tools import ToolsPanel
    from offcirc.desk.side.scannertest import ScannerTest
    from offcirc.desk.side.settingswindow import SettingsWindow
    from offcirc.desk.side.thispc import ThisPc
    from offcirc.scanning.decoder import Event, Scan
    from offcirc.scanning.serial import ScannerState, SerialScanners, SerialSettings
    from offcirc.settings.load import Settings

SOUND_DELAY = 15
"""Milliseconds a sound waits for the band to be painted: no ear notices, and the scan is quicker.
"""

BEGIN_DELAY = 700
"""Milliseconds after the start before the rest begins: serial scanners, copies, a look around."""

_SOUNDS = {
    MessageKind.RECORDED: Sound.RECORDED,
    MessageKind.RESCUED: Sound.NOTICE,
    MessageKind.NOTICE: Sound.NOTICE,
    MessageKind.KNOWN: Sound.KNOWN,
    MessageKind.STOP: Sound.STOP,
    MessageKind.REFUSED: Sound.REFUSED,
}


class Companions(QObject):
    """The settings in force, and what lives by them.

    Attributes:
        settings: the settings in force.
        sounder: plays the sounds.
        serial: the serial scanners, ``None`` when none are read.
        copies: the copies in the collection folder.
        closer: closes OffCirc.dat once its lines are uploaded.
        knower: says what is known offline; ``None`` until the desk has had time to get ready.
        registering: registers readers without a card.
        slips: prints due slips.
        tools: the panel of tools, once it was opened.
    """

    _beep = Signal()
    _scan = Signal(object)
    _state = Signal(str, str)
    _trouble = Signal(object)

    def __init__(self, desk: WholeDesk, settings: Settings) -> None:
        """Put settings to work on a desk window."""
        super().__init__(desk.pane)
        self._desk = desk
        self.settings = settings
        self.sounder: Sounder = NullSounder()
        self.serial: SerialScanners | None = None
        self._serial_settings: SerialSettings | None = None
        self._sounds = False
        self._due: Sound | None = None
        self._delay = QTimer(self, singleShot=True, interval=SOUND_DELAY)
        self._delay.timeout.connect(self._play)
        self.tools: ToolsPanel | None = None
        self._settings_window: SettingsWindow | None = None
        self._scanner_test: ScannerTest | None = None
        self._this_pc: ThisPc | None = None
        self.registering = Registering(desk, self)
        self.slips = Slips(desk, self)
        self._beep.connect(QApplication.beep)
        self._scan.connect(desk.intake.scanned, Qt.ConnectionType.QueuedConnection)
        self._state.connect(self._show_states, Qt.ConnectionType.QueuedConnection)
        self._trouble.connect(self._hear_trouble, Qt.ConnectionType.QueuedConnection)
        desk.closed.connect(self.close)
        desk.said.connect(self._hear)
        desk.ui.more.clicked.connect(self.show_tools)
        self.copies = Copies(desk)
        self.closer = Closer(desk, self.copies)
        self.knower: Knower | None = None
        self.apply(settings)

    def apply(self, settings: Settings) -> None:
        """Work by these settings from now on."""
        self.settings = settings
        setup = setup_of(settings)
        self._desk.use(setup)
        wrong = scanwords.settings_left_out(each.sentence() for each in settings.complaints)
        self._desk.tally.hint(wrong, "settings")
        if setup.sounds != self._sounds:
            self._sounds = setup.sounds
            self.sounder.close()
            self.sounder = make_sounder(setup.sounds, self._beep.emit)
        self.copies.use(setup.collection, setup.identity)
        self.closer.use(settings.number("retention.days"))
        if self.knower is not None:
            self.knower.use(knowing_of(settings, self._desk.folder))
        if self.serial is not None:
            self.read_serial()

    @property
    def named(self) -> bool:
        """Whether this desk has a name."""
        return bool(setup_of(self.settings).identity.desk)

    def close(self) -> None:
        """The desk is closed for good."""
        self._sounds = False
        self._delay.stop()
        self.sounder.close()
        if self.serial is not None:
            self.serial.close(0.5)
            self.serial = None
        for window in (self._settings_window, self._scanner_test, self.registering.window):
            if window is not None:
                window.hide()
        if self._this_pc is not None:
            self._this_pc.close_for_good()
        self.closer.stop()
        if self.knower is not None:
            self.knower.stop()
        self.copies.close()

    # Sounds

    def _hear(self, message: Message) -> None:
        sound = _SOUNDS.get(message.kind)
        if sound is not None and self._sounds:
            self._due = sound
            self._delay.start()

    def _play(self) -> None:
        if self._due is not None:
            self.sounder.play(self._due)
            self._due = None

    # Serial scanners

    def begin_soon(self) -> None:
        """Begin what can wait until the desk has had time to get ready."""
        QTimer.singleShot(BEGIN_DELAY, self, self._begin)

    def _begin(self) -> None:
        if not self._desk.pane.isVisible():
            return  # closed in the meantime
        self.read_serial()
        self.copies.begin()
        self.closer.begin()
        self.begin_to_know()
        self.registering.forget()
        self._look_around()

    def begin_to_know(self) -> None:
        """Say from now on what is known offline of readers and items."""
        from offcirc.desk.knowing.knower import Knower

        self.knower = Knower(self._desk)
        self.knower.title.connect(self.slips.know_title)
        self.closer.over = self.knower.erase
        self.knower.use(knowing_of(self.settings, self._desk.folder))

    def _look_around(self) -> None:
        """See what kind of places the folders are in."""
        from offcirc.desk.shop.disk_clock_watch import Lookout
        from offcirc.disk.place import PlaceRole

        store, setup = self._desk.store, setup_of(self.settings)
        places = [(store.folder, PlaceRole.DATA)]
        if store.fallback is not None:
            places.append((store.fallback, PlaceRole.FALLBACK))
        if store.file.parent != store.folder:
            places.append((store.file.parent, PlaceRole.COLLECTION))
        if setup.collection is not None:
            places.append((setup.collection, PlaceRole.COLLECTION))
        Lookout(self._desk).look(places)

    def read_serial(self) -> None:
        """Read the serial scanners of the settings from now on, and no others."""
        wanted = serial_of(self.settings)
        if wanted == self._serial_settings and (self.serial is None) == (wanted is None):
            return
        if self.serial is not None:
            # Some drivers take seconds to let a port go: the desk does not wait for them.
            threading.Thread(target=self.serial.close, name="scanners-end", daemon=True).start()
            self.serial = None
            self._desk.tally.scanner("")
        self._serial_settings = wanted
        if wanted is None:
            return
        from offcirc.scanning.serial import SerialScanners

        self.serial = SerialScanners(wanted, self._on_scan, self._on_state, self._on_trouble)
        self.serial.start()

    # The next three run in the scanners' threads.

    def _on_scan(self, _name: str, scan: Scan) -> None:
        self._scan.emit(scan)

    def _on_state(self, name: str, state: ScannerState) -> None:
        self._state.emit(name, state.value)

    def _on_trouble(self, _name: str, event: Event) -> None:
        self._trouble.emit(event)

    def _hear_trouble(self, event: Event) -> None:
        self._desk.intake.trouble(event)

    def _show_states(self, _name: str, _state: str) -> None:
        if self.serial is not None:
            self._desk.tally.scanner(scanwords.scanners(self.serial.states.values()))

    def hears_serial(self) -> bool:
        """Whether a serial scanner is connected: its scans arrive whatever window is in front."""
        from offcirc.scanning.serial import ScannerState

        return self.serial is not None and ScannerState.CONNECTED in self.serial.states.values()

    def is_scanner_test(self, window: QWindow) -> bool:
        """Whether a window is that of the scanner test."""
        test = self._scanner_test
        return test is not None and test.windowHandle() is window

    # Windows

    def show_tools(self) -> None:
        """Open the panel of tools, or close it again."""
        if self.tools is None:
            from offcirc.desk.program.tools import ToolsPanel

            self.tools = ToolsPanel(self._desk, self)
        self.tools.toggle()

    def show_settings(self) -> None:
        """Open the settings; the window already open comes to the front."""
        from offcirc.desk.side.settingswindow import SettingsWindow

        window = self._settings_window
        if window is None:
            desk = self._desk
            window = SettingsWindow(
                self.settings, desk.look, desk.pane, framing=framing_of(self.settings)
            )
            window.stored.connect(self.apply)
            window.scanned.connect(self.scan_elsewhere)
            window.test_wanted.connect(self.test_scanner)
            self._settings_window = window
        elif not window.isVisible():
            from offcirc.settings.load import reload

            window.show_settings(reload(self.settings))
        _bring(window)

    def test_scanner(self, scan: Scan | None = None) -> None:
        """Open the scanner test, and show what was just scanned, if something was."""
        from offcirc.desk.side.scannertest import ScannerTest

        test = self._scanner_test
        if test is None:
            setup = setup_of(self.settings)
            desk = self._desk
            test = ScannerTest(desk.look, desk.pane, framing=setup.framing, rules=setup.rules)
            self._scanner_test = test
        _bring(test)
        if scan is not None:
            test.take(scan)

    def show_this_pc(self) -> None:
        """Open the window that says what is wrong with this PC, and look."""
        from offcirc.desk.side.thispc import ThisPc

        if self._this_pc is None:
            desk = self._desk
            framing = framing_of(self.settings)
            self._this_pc = ThisPc(desk.look, str(desk.folder), desk.pane, framing)
            self._this_pc.scanned.connect(self.scan_elsewhere)
        _bring(self._this_pc)
        self._this_pc.look_now()

    def scan_elsewhere(self, event: Event) -> None:
        """A scan came to a window beside the desk: the desk comes forward and takes it."""
        from offcirc.scanning.decoder import Scan

        if isinstance(event, Scan):
            self._desk.pane.activateWindow()
            self._desk.intake.scanned(event)
        else:
            self._desk.intake.trouble(event)

    def make_file_again(self) -> None:
        """Write again what had been saved and is in no file any more."""
        make_again(self._desk)

    def print_cards(self) -> None:
        """Make the sheet of control cards and let the system's PDF reader show it."""
        from offcirc.desk.paper.printing import show_cards

        self._desk.say(show_cards(self._desk.store.place))

    def print_outage_card(self) -> None:
        """Make the page that tells what to do when the system is down, with this desk's facts."""
        from offcirc.desk.paper.outagecard import facts_of
        from offcirc.desk.paper.printing import show_outage_card

        store = self._desk.store
        self._desk.say(show_outage_card(store.place, facts_of(self.settings, store.file)))


def _bring(window: QWidget) -> None:
    window.show()
    window.raise_()
    window.activateWindow()
