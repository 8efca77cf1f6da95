"""Serial scanners over real pseudo-terminals: plugged, pulled, plugged again."""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("termios", reason="pseudo-terminals are only on POSIX")

from helpers.waiting import wait_until
from scanning.serial_kit import Device

from offcirc.core.transaction import Source
from offcirc.scanning.decoder import Framing, Overflow, Terminator, Unfinished
from offcirc.scanning.serial import ScannerState, SerialScanners, SerialSettings, open_port
from offcirc.scanning.serialids import PortInfo, ScannerId

ITEM = "30234000517861"
CARD = "23529001000463"
MODEL = ScannerId(0x0C2E, 0x0B6A)
QUICK = SerialSettings(scanners=(MODEL,), poll=0.01, pause_limit=0.05)
ROUNDS = 50


def open_files():
    return len(list(Path("/dev/fd").iterdir()))


class Desk:
    """A PC with sockets for scanners, and what it heard."""

    def __init__(self, settings=QUICK, **seams):
        self.plugged = []
        self.scans, self.states, self.troubles, self.looks = [], [], [], []
        self.scanners = SerialScanners(
            settings,
            lambda name, scan: self.scans.append((name, scan)),
            lambda name, state: self.states.append((name, state)),
            lambda name, event: self.troubles.append((name, event)),
            list_ports=self._look,
            **seams,
        )

    def _look(self):
        self.looks.append(None)
        return [device.info for device in self.plugged]

    def plug(self, device):
        device.plug()
        self.plugged.append(device)
        self.wait_for(device, ScannerState.CONNECTED)

    def unplug(self, device):
        self.plugged.remove(device)
        device.unplug()
        self.wait_for(device, ScannerState.UNPLUGGED)

    def wait_for(self, device, state):
        wait_until(lambda: self.scanners.states.get(device.name) is state)

    @property
    def texts(self):
        return [scan.text for _name, scan in self.scans]


@pytest.fixture
def make_desk():
    desks = []

    def make(*arguments, **seams):
        desk = Desk(*arguments, **seams)
        desks.append(desk)
        desk.scanners.start()
        return desk

    yield make
    for desk in desks:
        assert desk.scanners.close(), "a thread does not end"
        for device in desk.plugged:
            with contextlib.suppress(OSError):
                device.unplug()


@pytest.fixture
def desk(make_desk):
    return make_desk()


def test_a_scanner_is_found_when_it_is_plugged_in_and_its_scans_arrive(desk):
    scanner = Device()
    desk.plug(scanner)
    scanner.send(f"{ITEM}\r\n]C1{CARD}\r\n")
    wait_until(lambda: len(desk.scans) == 2)
    assert desk.texts == [ITEM, CARD]
    name, scan = desk.scans[1]
    assert name == "0c2e:0b6a:A1"
    assert (scan.source, scan.symbology) == (Source.SERIAL, "C1")
    assert desk.states == [(scanner.name, ScannerState.CONNECTED)]


def test_unplugged_and_plugged_again_many_times_nothing_is_lost_or_made_up(desk):
    scanner = Device()
    expected = []
    opened = open_files()
    for number in range(ROUNDS):
        desk.plug(scanner)
        code = f"{number:08}"
        scanner.send(f"{code}\r")
        expected.append(code)
        wait_until(lambda: len(desk.scans) == len(expected))
        scanner.send(ITEM[: number % 10])  # half a line, then the cable goes
        desk.unplug(scanner)
    assert desk.texts == expected
    assert (
        desk.states
        == [(scanner.name, ScannerState.CONNECTED), (scanner.name, ScannerState.UNPLUGGED)] * ROUNDS
    )
    wait_until(lambda: open_files() == opened, what="every port let go")
    wait_until(lambda: not desk.scanners._readers, what="every thread ended")


def test_half_a_line_is_dropped_and_told_of(desk):
    scanner = Device()
    desk.plug(scanner)
    scanner.send(f"{ITEM}\r")
    wait_until(lambda: desk.scans)
    scanner.send(ITEM[:9])
    reader = desk.scanners._readers[scanner.name]
    wait_until(lambda: reader.decoder.pending == ITEM[:9])
    desk.unplug(scanner)
    wait_until(lambda: desk.troubles)
    assert desk.troubles == [(scanner.name, Unfinished(ITEM[:9], scanned=True))]
    desk.plug(scanner)
    scanner.send(f"{ITEM[9:]}\r")
    wait_until(lambda: len(desk.scans) == 2)
    assert desk.texts == [ITEM, ITEM[9:]]


def test_what_was_scanned_while_nobody_listened_is_not_recorded_now(make_desk):
    scanner = Device()
    scanner.plug()
    scanner.send(f"{CARD}\r")
    desk = make_desk()
    desk.plugged.append(scanner)
    desk.wait_for(scanner, ScannerState.CONNECTED)
    scanner.send(f"{ITEM}\r")
    wait_until(lambda: desk.scans)
    assert desk.texts == [ITEM]


def test_a_port_is_closed_when_its_scanner_is_gone(make_desk):
    opened = []

    def remember(device, baud, wait):
        opened.append(open_port(device, baud, wait))
        return opened[-1]

    desk = make_desk(open_port=remember)
    scanner = Device()
    desk.plug(scanner)
    assert opened[0].is_open
    desk.unplug(scanner)
    assert not opened[0].is_open


def test_the_port_s_name_does_not_matter(desk):
    first, second = Device(), Device()
    desk.plug(first)
    desk.unplug(first)
    other = os.openpty()  # has the name of the port that the first one had
    desk.plug(second)
    assert first.device != second.device
    second.send(f"{ITEM}\r")
    wait_until(lambda: desk.scans)
    assert desk.scans[0][0] == first.name
    for end in other:
        os.close(end)


def test_plugged_into_another_socket_between_two_looks(desk):
    first, second = Device(), Device()
    desk.plug(first)
    second.plug()
    # The first is still open when its like appears under another name: no unplugging was seen.
    desk.plugged[:] = [second]
    wait_until(lambda: len(desk.states) == 3)
    assert [state for _name, state in desk.states] == [
        ScannerState.CONNECTED,
        ScannerState.UNPLUGGED,
        ScannerState.CONNECTED,
    ]
    second.send(f"{ITEM}\r")
    wait_until(lambda: desk.scans)
    first.unplug()


def test_several_scanners_at_once(desk):
    scanners = [Device(f"S{number}") for number in range(4)]
    for scanner in scanners:
        desk.plug(scanner)
    for number, scanner in enumerate(scanners):
        scanner.send(f"1000{number}\r"[:3])
    for number, scanner in enumerate(scanners):
        scanner.send(f"1000{number}\r"[3:])
    wait_until(lambda: len(desk.scans) == 4)
    assert sorted((name, scan.text) for name, scan in desk.scans) == [
        (f"0c2e:0b6a:S{number}", f"1000{number}") for number in range(4)
    ]
    desk.unplug(scanners[1])
    scanners[2].send(f"{ITEM}\r")
    wait_until(lambda: len(desk.scans) == 5)


def test_others_than_those_chosen_are_left_alone(make_desk):
    chosen, other = Device("S1"), Device("S2")
    desk = make_desk(replace(QUICK, scanners=(ScannerId(0x0C2E, 0x0B6A, "S1"),)))
    other.plug()
    desk.plugged.append(other)
    desk.plug(chosen)
    assert desk.states == [(chosen.name, ScannerState.CONNECTED)]


def test_any_device_that_looks_like_a_scanner_if_wanted(make_desk):
    desk = make_desk(replace(QUICK, scanners=(), any_scanner=True))
    printer = Device("P1", vendor=0x04B8)
    printer.plug()
    desk.plugged.append(printer)
    desk.plug(Device("S1"))
    assert [name for name, _state in desk.states] == ["0c2e:0b6a:S1"]


def test_a_port_that_another_program_has_is_taken_when_it_is_free(desk):
    scanner = Device()
    scanner.plug()
    holder = open_port(scanner.device, 9600, 0.1)
    desk.plugged.append(scanner)
    desk.wait_for(scanner, ScannerState.BUSY)
    holder.close()
    desk.wait_for(scanner, ScannerState.CONNECTED)


def test_a_port_that_is_listed_and_not_there(desk):
    scanner = Device()
    scanner.plug()
    scanner.device = "/dev/pts/no-such-port"
    desk.plugged.append(scanner)
    desk.wait_for(scanner, ScannerState.FAILING)
    desk.plugged.remove(scanner)
    desk.wait_for(scanner, ScannerState.UNPLUGGED)
    scanner.unplug()


def test_a_port_without_the_right_to_it(make_desk):
    def refuse(device, baud, wait):
        raise PermissionError(13, "Permission denied", device)

    desk = make_desk(open_port=refuse)
    scanner = Device()
    scanner.plug()
    desk.plugged.append(scanner)
    desk.wait_for(scanner, ScannerState.FORBIDDEN)


def test_the_pauses_between_tries_grow_to_a_limit():
    settings = SerialSettings()
    assert [settings.pause(failures) for failures in range(1, 6)] == [1, 2, 4, 5, 5]
    assert settings.pause(10_000) == 5


def test_a_failing_port_is_not_hammered(make_desk):
    tries = []

    def fail(device, baud, wait):
        tries.append(time.monotonic())
        raise OSError(5, "Input/output error")

    clock = [0.0]
    desk = make_desk(
        replace(QUICK, pause_limit=5.0, poll=0.001), open_port=fail, clock=lambda: clock[0]
    )
    scanner = Device()
    scanner.plug()
    desk.plugged.append(scanner)
    desk.wait_for(scanner, ScannerState.FAILING)
    rounds = len(desk.looks)
    wait_until(lambda: len(desk.looks) > rounds + 20)
    assert len(tries) == 1, "the clock stands still: the pause is not over"
    clock[0] += 0.002
    wait_until(lambda: len(tries) == 2)


def test_a_listing_that_fails_does_not_end_the_search(make_desk, caplog, expected_log):
    expected_log.append("looking for serial scanners failed: OSError")
    desk = make_desk()
    scanner = Device()
    faults = iter([OSError("the system's list is busy")] * 3)

    class Flaky(list):
        def __iter__(self):
            for fault in faults:
                raise fault
            return super().__iter__()

    desk.plugged = Flaky()
    desk.plug(scanner)
    assert len(caplog.records) == 1, "said once, not at every look"


def test_a_scan_without_suffix(desk):
    scanner = Device()
    desk.plug(scanner)
    scanner.send(ITEM)
    wait_until(lambda: desk.scans)
    assert desk.scans[0][1].terminator is Terminator.NONE


def test_a_flood_is_told_of(desk):
    scanner = Device()
    desk.plug(scanner)
    scanner.send("x" * 600 + "\r")
    wait_until(lambda: desk.troubles)
    assert desk.troubles == [(scanner.name, Overflow("x" * 512))]


def test_noise_and_accents_do_not_stop_the_reading(desk):
    scanner = Device()
    desk.plug(scanner)
    os.write(scanner.master, bytes(range(256)) + b"\r")
    scanner.send(f"{ITEM}\r")
    wait_until(lambda: desk.texts[-1:] == [ITEM])


def test_a_mistake_of_ours_in_taking_a_scan_is_logged_without_the_barcode(
    make_desk, caplog, expected_log
):
    expected_log.append("a scanner's event was not taken: RuntimeError in trip")
    desk = make_desk()
    scanner = Device()

    def trip(name, scan):
        desk.scans.append((name, scan))
        raise RuntimeError(f"cannot take {scan.text}")

    desk.scanners._on_scan = trip
    desk.plug(scanner)
    scanner.send(f"{CARD}\r{ITEM}\r")
    with caplog.at_level(logging.DEBUG):
        wait_until(lambda: len(desk.scans) == 2)
        wait_until(lambda: len(caplog.records) >= 2)
    assert CARD not in caplog.text


class TestClose:
    """Never hangs, and nothing comes afterwards."""

    def test_is_quick_and_final(self, make_desk):
        desk = make_desk()
        scanner = Device()
        desk.plug(scanner)
        before = desk.states[:]
        assert desk.scanners.close()
        scanner.send(f"{ITEM}\r")
        assert desk.scans == []
        assert desk.states == before
        desk.scanners.start()
        assert desk.scanners.close(), "closed once and for all"

    def test_a_port_that_never_comes_back_does_not_keep_it(self, make_desk):
        release = threading.Event()

        class Stuck:
            in_waiting = 0

            def read(self, size=1):
                release.wait(30)
                return b""

            def close(self):
                release.wait(30)

        desk = make_desk(open_port=lambda device, baud, wait: Stuck())
        desk.plug(Device())
        assert desk.scanners.close(patience=0.05) is False
        release.set()

    def test_before_the_start_and_twice(self):
        desk = Desk()
        assert desk.scanners.close()
        assert desk.scanners.close()

    def test_from_one_of_its_own_threads(self, make_desk):
        desk = make_desk()
        answers = []
        desk.scanners._on_scan = lambda name, scan: answers.append(desk.scanners.close(0.2))
        scanner = Device()
        desk.plug(scanner)
        scanner.send(f"{ITEM}\r")
        wait_until(lambda: answers == [False])


class TestIds:
    """What a scanner is called."""

    def test_written_and_read(self):
        for text in ("0c2e:0b6a", "0c2e:0b6a:A1:B 2"):
            assert str(ScannerId.parse(text)) == text
        assert ScannerId.parse(" 0C2E:0B6A ") == MODEL

    @pytest.mark.parametrize("text", ["", "COM3", "0c2e", "0c2e:0b6", "0c2e:0b6a:", "0x0c2e:0b6a"])
    def test_anything_else_is_refused(self, text):
        with pytest.raises(ValueError, match="vendor:product"):
            ScannerId.parse(text)

    def test_the_name_is_the_same_at_every_plug(self):
        port = PortInfo("/dev/ttyACM0", 0x0C2E, 0x0B6A, "A1", "1-1.2")
        assert port.port_id == replace(port, device="/dev/ttyACM7", location="1-4").port_id
        twin = replace(port, serial_number=None)
        assert twin.port_id == replace(twin, device="/dev/ttyACM7").port_id
        assert twin.port_id != replace(twin, location="1-1.3").port_id
        assert PortInfo("COM1").port_id == "COM1"

    def test_what_looks_like_a_scanner(self):
        assert PortInfo("x", 0x05E0, 1).likely
        assert PortInfo("x", 0x1234, 1, description="ACME Barcode Reader").likely
        assert not PortInfo("x", 0x0403, 0x6001, description="FTDI FT232R USB UART").likely
        assert not PortInfo("COM1", description="Communications Port").likely


def test_the_desk_does_not_load_pyserial_before_a_scanner_is_wanted():
    code = (
        "import sys, offcirc.scanning.serial, offcirc.scanning.decoder\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'serial'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert run.stdout.strip() == "[]"


def test_the_ports_of_this_pc_can_be_listed():
    from offcirc.scanning.serialids import ports

    assert all(isinstance(port, PortInfo) for port in ports())


def test_a_scanner_without_pause_is_read_at_leisure(make_desk):
    waits = []

    def remember(device, baud, wait):
        waits.append((baud, wait))
        return open_port(device, baud, wait)

    framing = Framing(frozenset((Terminator.CR,)))
    make_desk(replace(QUICK, framing=framing, baud=115200), open_port=remember).plug(Device())
    make_desk(QUICK, open_port=remember).plug(Device())
    assert waits == [(115200, 0.2), (9600, 0.06)]
