"""Serial scanners by what they are rather than by the port they happen to be plugged into."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Makers of barcode scanners by their USB vendor numbers (the public list of the USB-IF). General
# makers of serial chips are left out: behind theirs anything may be, and opening it may disturb it.
MAKERS = frozenset(
    (
        0x05E0,  # Symbol Technologies, Motorola, Zebra
        0x05F9,  # PSC, Datalogic
        0x065A,  # Opticon
        0x067E,  # Intermec
        0x076D,  # Denso Wave
        0x0C2E,  # Metrologic, Honeywell
        0x11FA,  # Code Corporation
        0x1EAB,  # Newland
    )
)
"""USB vendor numbers of makers of barcode scanners."""
_WORDS = re.compile(r"bar ?code|scanner|imager", re.IGNORECASE)
_ID = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PortInfo:
    """A serial port of this PC, now.

    Attributes:
        device: what the system calls it (``COM3``, ``/dev/ttyACM0``); may change at every plug.
        vendor: USB vendor number; ``None`` when it is no USB device.
        product: USB product number.
        serial_number: the device's own serial number, if it tells one.
        location: the socket it is plugged into, if the system tells.
        description: what the device calls itself.
    """

    device: str
    vendor: int | None = None
    product: int | None = None
    serial_number: str | None = None
    location: str | None = None
    description: str = ""

    @property
    def port_id(self) -> str:
        """The device's name, the same at every plug as far as the device allows.

        Two devices of one model that tell no serial number differ by their sockets.
        """
        if self.vendor is None or self.product is None:
            return self.device
        model = f"{self.vendor:04x}:{self.product:04x}"
        if self.serial_number:
            return f"{model}:{self.serial_number}"
        return f"{model}@{self.location or self.device}"

    @property
    def likely(self) -> bool:
        """Whether it looks like a barcode scanner: by its maker, or by what it calls itself."""
        return self.vendor in MAKERS or bool(_WORDS.search(self.description))


@dataclass(frozen=True, slots=True)
class ScannerId:
    """A scanner, or a model of scanners, chosen in the settings.

    Attributes:
        vendor: USB vendor number.
        product: USB product number.
        serial_number: one device of that model; ``None`` for all of them.
    """

    vendor: int
    product: int
    serial_number: str | None = None

    @classmethod
    def parse(cls, text: str) -> ScannerId:
        """Read ``0c2e:0b6a`` or ``0c2e:0b6a:SERIAL``, as :func:`str` writes it.

        Raises:
            ValueError: it is neither.
        """
        match = _ID.fullmatch(text.strip())
        if match is None:
            raise ValueError("not a scanner: vendor:product or vendor:product:serial number")
        return cls(int(match[1], 16), int(match[2], 16), match[3])

    def __str__(self) -> str:
        model = f"{self.vendor:04x}:{self.product:04x}"
        return f"{model}:{self.serial_number}" if self.serial_number else model

    def fits(self, port: PortInfo) -> bool:
        """Whether the device at a port is this scanner."""
        if (port.vendor, port.product) != (self.vendor, self.product):
            return False
        return self.serial_number is None or port.serial_number == self.serial_number


def ports() -> list[PortInfo]:
    """The serial ports of this PC, now."""
    from serial.tools import list_ports  # noqa: PLC0415 - only where serial scanners are used

    return [
        PortInfo(
            device=port.device,
            vendor=port.vid,
            product=port.pid,
            serial_number=port.serial_number,
            location=port.location,
            description=" ".join(filter(None, (port.manufacturer, port.product))),
        )
        for port in list_ports.comports()
    ]
