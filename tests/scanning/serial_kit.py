"""A serial scanner on the other end of a cable: a real pseudo-terminal."""

import os

from offcirc.scanning.serialids import PortInfo


class Device:
    """A scanner on the other end of a cable: a real pseudo-terminal with a name of its own."""

    def __init__(self, serial_number="A1", vendor=0x0C2E, product=0x0B6A):
        self.vendor, self.product, self.serial_number = vendor, product, serial_number
        self.master = self.slave = None
        self.device = ""

    @property
    def name(self):
        return f"{self.vendor:04x}:{self.product:04x}:{self.serial_number}"

    def plug(self):
        self.master, self.slave = os.openpty()
        self.device = os.ttyname(self.slave)

    def unplug(self):
        for end in (self.master, self.slave):
            if end is not None:
                os.close(end)
        self.master = self.slave = None

    def send(self, text):
        os.write(self.master, text.encode("latin-1"))

    @property
    def info(self):
        return PortInfo(self.device, self.vendor, self.product, self.serial_number)
