"""Serial scanners: found when they are plugged in, read in threads, missed when they go.

One thread looks for scanners, one more reads each of them. Nothing here knows windows: scans and
states are handed to two functions, *in the thread of the scanner*; a window passes them on to its
own.

The bytes that wait in a port when it is opened are dropped (a scan made while nobody listened
must not be recorded now), and so is half a scan when a cable is pulled.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from offcirc.core.transaction import Source
from offcirc.scanning.decoder import Decoder, Event, Framing, Scan, Terminator
from offcirc.scanning.serialids import PortInfo, ScannerId, ports

if TYPE_CHECKING:
    from serial import Serial

_log = logging.getLogger(__name__)

READ_SECONDS = 0.2
"""Longest wait for bytes, in seconds: how soon a thread notices that it is to end."""


class ScannerState(StrEnum):
    """How it stands with a serial scanner."""

    CONNECTED = "connected"
    UNPLUGGED = "unplugged"
    BUSY = "busy"
    """Another program has the port."""

    FORBIDDEN = "forbidden"
    """The user has no right to the port."""

    FAILING = "failing"
    """The port is there and cannot be opened or read."""


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """Which serial scanners are read, and how. Times are in seconds.

    Attributes:
        scanners: those chosen; the same model may be named once for all its devices.
        any_scanner: read every device that looks like a barcode scanner, chosen or not.
        framing: how their scans are told from each other.
        baud: speed, for scanners on a true serial line; USB ones do not mind.
        poll: how often ports are looked for.
        pause_limit: longest pause between two tries at a port that cannot be opened; the pause
            begins at ``poll`` and doubles.
    """

    scanners: tuple[ScannerId, ...] = ()
    any_scanner: bool = False
    framing: Framing = field(default_factory=Framing)
    baud: int = 9600
    poll: float = 1.0
    pause_limit: float = 5.0

    def wants(self, port: PortInfo) -> bool:
        """Whether the device at a port is to be read."""
        return (self.any_scanner and port.likely) or any(s.fits(port) for s in self.scanners)

    def pause(self, failures: int) -> float:
        """How long to wait after so many failures in a row."""
        return min(self.poll * 2.0 ** min(failures - 1, 16), self.pause_limit)


class Port(Protocol):
    """What is needed of an open port; :class:`serial.Serial` has it."""

    @property
    def in_waiting(self) -> int:
        """How many bytes can be read at once."""

    def read(self, size: int = 1, /) -> bytes:
        """Up to so many bytes; none when the wait is over."""

    def close(self) -> None:
        """Let the port go."""


def open_port(device: str, baud: int, wait: float) -> Serial:
    """Open a port to read from, for this program alone; what waits in it is dropped.

    Args:
        device: what the system calls the port.
        baud: its speed.
        wait: longest wait of one reading, in seconds.

    Raises:
        OSError: it cannot be opened; ``serial.SerialException`` is one. Drivers raise others.
    """
    import serial  # noqa: PLC0415 - only where serial scanners are used

    # On Windows a port is never shared. Opening drops what waits, on every system.
    return serial.Serial(device, baud, timeout=wait, exclusive=True)


class SerialScanners:
    """All the serial scanners of a desk."""

    def __init__(
        self,
        settings: SerialSettings,
        on_scan: Callable[[str, Scan], None],
        on_state: Callable[[str, ScannerState], None],
        on_trouble: Callable[[str, Event], None] | None = None,
        *,
        list_ports: Callable[[], Iterable[PortInfo]] = ports,
        open_port: Callable[[str, int, float], Port] = open_port,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; :meth:`start` begins to look for scanners.

        Args:
            settings: which scanners, and how.
            on_scan: takes a scanner's name (:attr:`PortInfo.port_id`) and its scan.
            on_state: takes a scanner's name and its new state.
            on_trouble: takes a scanner's name and what was no scan: half of one, or a flood.
            list_ports: gives the ports that are there now.
            open_port: opens a port, see :func:`open_port`.
            clock: a steady clock in seconds.
        """
        self._settings = settings
        self._on_scan = on_scan
        self._on_state = on_state
        self._on_trouble = on_trouble
        self._list_ports = list_ports
        self._open_port = open_port
        self._clock = clock
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._states: dict[str, ScannerState] = {}
        self._readers: dict[str, _Reader] = {}
        self._waits: dict[str, _Wait] = {}
        self._thread: threading.Thread | None = None

    @property
    def states(self) -> dict[str, ScannerState]:
        """Every scanner seen since the start, with its state now."""
        with self._lock:
            return dict(self._states)

    def start(self) -> None:
        """Begin to look for scanners. Does nothing when it has begun or is closed."""
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._watch, name="scanners", daemon=True)
            self._thread.start()

    def close(self, patience: float = 2.0) -> bool:
        """Let all ports go and end the threads. No function is called once it has returned true.

        Args:
            patience: how long to wait at most, in seconds. Some drivers never come back from
                closing a port; the threads do not keep the program from ending.

        Returns:
            Whether all threads have ended.
        """
        self._closing.set()
        deadline = time.monotonic() + patience
        threads = [self._thread] if self._thread else []
        with self._lock:
            threads += self._readers.values()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _watch(self) -> None:
        failing = False
        while not self._closing.is_set():
            try:
                self._look()
                failing = False
            except Exception as error:
                # Whatever a driver's listing does, looking goes on; once in the log is enough.
                if not failing:
                    _log.warning("looking for serial scanners failed: %s", type(error).__name__)
                failing = True
            self._closing.wait(self._settings.poll)

    def _look(self) -> None:
        """Begin to read the scanners that have come, let go those that have left."""
        wanted = {port.port_id: port for port in self._list_ports() if self._settings.wants(port)}
        for name, reader in list(self._readers.items()):
            if not reader.is_alive():
                with self._lock:
                    del self._readers[name]
                self._ended(name, reader, wanted.get(name))
            elif name not in wanted or wanted[name].device != reader.device:
                # Not every driver tells the reader that its device has gone.
                reader.stop.set()
        for name in self._waits.keys() - wanted.keys():
            del self._waits[name]
        for name in self._gone(wanted):
            self.tell(name, ScannerState.UNPLUGGED)
        for name, port in wanted.items():
            wait = self._waits.get(name)
            if name in self._readers or (wait and self._clock() < wait.until):
                continue
            reader = _Reader(self, name, port.device)
            with self._lock:
                if self._closing.is_set():
                    return
                self._readers[name] = reader
                reader.start()

    def _ended(self, name: str, reader: _Reader, port: PortInfo | None) -> None:
        """A reader has ended; when its port is still there, the next try waits a little."""
        if port is None or port.device != reader.device:
            self._waits.pop(name, None)
            return
        wait = self._waits.setdefault(name, _Wait())
        if reader.opened_at is not None:
            lasted = self._clock() - reader.opened_at
            if lasted > self._settings.pause_limit:
                wait.failures = 0
        wait.failed(self._settings, self._clock())

    def _gone(self, wanted: dict[str, PortInfo]) -> list[str]:
        gone = self.states.keys() - wanted.keys() - self._readers.keys()
        return sorted(gone)

    def tell(self, name: str, state: ScannerState) -> None:
        """Keep and hand on a scanner's state, if it is new."""
        with self._lock:
            if self._closing.is_set() or self._states.get(name) is state:
                return
            self._states[name] = state
        self._call(self._on_state, name, state)

    def deliver(self, name: str, events: Iterable[Event]) -> None:
        """Hand on what a scanner sent."""
        for event in events:
            if self._closing.is_set():
                return
            if isinstance(event, Scan):
                self._call(self._on_scan, name, event)
            elif self._on_trouble is not None:
                self._call(self._on_trouble, name, event)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        try:
            function(*arguments)
        except Exception as error:
            # The message could repeat a reader's number: the kind and the place must do.
            place = error.__traceback__.tb_next if error.__traceback__ else None
            where = f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}" if place else "?"
            _log.error("a scanner's event was not taken: %s in %s", type(error).__name__, where)

    def open(self, device: str) -> Port:
        """Open a port as the settings say."""
        framing = self._settings.framing
        by_pause = Terminator.NONE in framing.suffixes
        wait = min(framing.gap, READ_SECONDS) if by_pause else READ_SECONDS
        return self._open_port(device, self._settings.baud, wait)

    def decoder(self) -> Decoder:
        """A decoder for a fresh connection."""
        return Decoder(self._settings.framing, Source.SERIAL)

    @property
    def closing(self) -> bool:
        """Whether all is coming to its end."""
        return self._closing.is_set()

    def now(self) -> float:
        """The time on the steady clock."""
        return self._clock()


class _Wait:
    """The pause before the next try at a port that cannot be opened."""

    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0

    def failed(self, settings: SerialSettings, now: float) -> None:
        self.failures += 1
        self.until = now + settings.pause(self.failures)


class _Reader(threading.Thread):
    """Reads one scanner from the moment it is plugged in until it is gone."""

    def __init__(self, owner: SerialScanners, name: str, device: str) -> None:
        # Named without the scanner: its serial number may name a person's device in a crash log.
        super().__init__(name="scanner", daemon=True)
        self._owner = owner
        self._port_id = name
        self.device = device
        self.stop = threading.Event()
        self.opened_at: float | None = None
        self.decoder = owner.decoder()

    def run(self) -> None:
        try:
            port = self._owner.open(self.device)
        except Exception as error:
            # A driver may raise anything; what cannot be opened is tried again later.
            _log.info("a serial scanner cannot be opened: %s", type(error).__name__)
            self._owner.tell(self._port_id, _state_of(error))
            return
        self.opened_at = self._owner.now()
        self._owner.tell(self._port_id, ScannerState.CONNECTED)
        try:
            self._read(port)
        except Exception as error:
            # Unplugged: SerialException, OSError or TypeError, as driver and system please.
            _log.info("a serial scanner went away: %s", type(error).__name__)
        finally:
            _close(port)
            self._owner.deliver(self._port_id, self.decoder.reset())
            self._owner.tell(self._port_id, ScannerState.UNPLUGGED)

    def _read(self, port: Port) -> None:
        while not (self.stop.is_set() or self._owner.closing):
            data = port.read(max(1, port.in_waiting))
            now = self._owner.now()
            events = self.decoder.feed(data, now) if data else self.decoder.tick(now)
            self._owner.deliver(self._port_id, events)


def _close(port: Port) -> None:
    try:
        port.close()
    except Exception as error:
        # An unplugged port may fail to close; it is gone all the same.
        _log.debug("a serial port did not close: %s", type(error).__name__)


def _state_of(error: Exception) -> ScannerState:
    number = getattr(error, "errno", None)
    if number in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK):
        return ScannerState.BUSY
    if number in (errno.EACCES, errno.EPERM):
        return ScannerState.FORBIDDEN
    if isinstance(error, OSError) and "PermissionError(13" in str(error):
        return ScannerState.BUSY  # so says pyserial on Windows when another program has the port
    return ScannerState.FAILING
