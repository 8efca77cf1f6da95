"""A serial scanner at the desk: a real pseudo-terminal, the real window, the keyboard beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("termios", reason="pseudo-terminals are only on POSIX")

from desk.window_kit import READER, Desk, scan
from pytestqt.qtbot import QtBot
from scanning.serial_kit import Device

from offcirc.core.transaction import Source
from offcirc.desk.message import MessageKind
from offcirc.desk.program.extras import Companions
from offcirc.scanning import serial
from offcirc.settings.load import load
from offcirc.storage.journal.journal import Journal

ROUNDS = 50


@pytest.fixture
def plugged() -> list[Device]:
    """The scanners that are plugged in."""
    return []


@pytest.fixture
def companions(
    desk: Desk, plugged: list[Device], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Companions]:
    """The desk looks for scanners all the time; sounds are off."""
    true = serial.SerialScanners

    def quick(settings: serial.SerialSettings, *heard: object) -> serial.SerialScanners:
        def look() -> list[object]:
            return [device.info for device in plugged]

        settings = replace(settings, poll=0.01, pause_limit=0.05)
        return true(settings, *heard, list_ports=look)  # type: ignore[arg-type]

    monkeypatch.setattr(serial, "SerialScanners", quick)
    site = tmp_path / "site.toml"
    site.write_text("[sound]\non = false\n", encoding="utf-8")
    made = desk.window.attach(load(environment={}, site=site, user=tmp_path / "user.toml"))
    made.read_serial()
    yield made
    made.close()
    for device in plugged:
        device.unplug()


def shown(desk: Desk) -> str:
    return desk.ui.status.standing.scanner


def test_pulled_and_plugged_again_all_day(
    desk: Desk, companions: Companions, plugged: list[Device], qtbot: QtBot
) -> None:
    scanner = Device()
    scan(f"{READER}\r")
    for number in range(ROUNDS):
        scanner.plug()
        plugged.append(scanner)
        qtbot.waitUntil(lambda: shown(desk) == "scanner connected")
        scanner.send(f"37{number:06}\r")
        qtbot.waitUntil(lambda number=number: len(desk.rows()) == 2 * number + 1)
        scan(f"K{number:06}\r")  # the keyboard goes on working
        scanner.send("310000"[: number % 7])  # half a line, then the cable goes
        plugged.remove(scanner)
        scanner.unplug()
        qtbot.waitUntil(lambda: shown(desk) == "scanner unplugged")
    expected = [code for n in range(ROUNDS) for code in (f"37{n:06}", f"K{n:06}")]
    assert [row[1] for row in reversed(desk.rows())] == expected
    assert {row[2] for row in desk.rows()} == {READER}
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        sources = [row.transaction.source for row in journal.rows_between(1, 10**6)]
    assert sources == [Source.SERIAL, Source.SCAN] * ROUNDS


def test_half_a_line_is_told_of(
    desk: Desk, companions: Companions, plugged: list[Device], qtbot: QtBot
) -> None:
    scanner = Device()
    scanner.plug()
    plugged.append(scanner)
    qtbot.waitUntil(lambda: shown(desk) == "scanner connected")
    scanner.send("99210000")
    assert companions.serial is not None
    reader = companions.serial._readers[scanner.name]
    qtbot.waitUntil(lambda: reader.decoder.pending == "99210000")
    plugged.remove(scanner)
    scanner.unplug()
    qtbot.waitUntil(lambda: desk.band == (MessageKind.REFUSED, "Not recorded 99210000"))
    assert "half a scan" in desk.detail
    assert desk.ui.patron.text() == ""
    assert not desk.window.waitlist, "it is the reader’s card"


def test_two_scanners_serve_one_desk(
    desk: Desk, companions: Companions, plugged: list[Device], qtbot: QtBot
) -> None:
    pair = [Device("S1"), Device("S2")]
    for device in pair:
        device.plug()
        plugged.append(device)
    qtbot.waitUntil(lambda: shown(desk) == "2 scanners connected")
    pair[0].send(f"{READER}\r\n")
    qtbot.waitUntil(lambda: desk.ui.patron.text() == READER)
    pair[1].send("37000034179\r\n")
    qtbot.waitUntil(lambda: desk.rows() == [("L", "37000034179", READER, "pending")])
