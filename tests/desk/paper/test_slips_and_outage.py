"""The due slip and the outage card: what stands on them, and on no account what does not."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from desk.knowing_kit import BOOK, PLAIN, KnowingDesk
from desk.side.test_readings import settings
from desk.window_kit import Desk, press, scan
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from offcirc.desk.message import Message, MessageKind
from offcirc.desk.paper import dueslip, outagecard, printing
from offcirc.desk.paper.dueslip import SIZES, DueSlip
from offcirc.desk.paper.pdfpage import Paper

AT = datetime(2018, 1, 15, 9, 30).astimezone()
SLIP = DueSlip("BUC du Mirail", AT, PLAIN, (("Germinal", "lun. 5 févr. 2018"), (BOOK, "")))


def text_of(path: Path) -> tuple[str, list[tuple[float, float]]]:
    """The text of a PDF and the sizes of its pages in millimetres."""
    text = called("pdftotext", str(path), "-")
    told = called("pdfinfo", "-l", "9", str(path))
    points = re.findall(r"^Page +\d+ size: +([\d.]+) x ([\d.]+)", told, re.MULTILINE)
    sizes = [(float(wide) / 72 * 25.4, float(tall) / 72 * 25.4) for wide, tall in points]
    return " ".join(text.split()), sizes


def called(*words: str) -> str:
    return subprocess.run(words, capture_output=True, check=True, encoding="utf-8").stdout


@pytest.mark.parametrize("paper", SIZES)
def test_a_slip_as_pdf(tmp_path: Path, paper: str, french):
    slip = SLIP
    place = tmp_path / "slip.pdf"
    place.write_bytes(dueslip.slip_pdf(SLIP, paper))
    text, (size,) = text_of(place)
    # Digits in which the window's font has replaced a form are no text for every reader of PDFs.
    for each in ("Germinal", "lun.", "févr.", "panne"):
        assert each in text
    assert PLAIN not in text
    assert PLAIN not in f"{slip.about} {slip.foot} {slip.head}"
    assert size[0] == pytest.approx(SIZES[paper][0] / 100, abs=0.5)


@pytest.mark.promise("slip-names-nobody")
@pytest.mark.parametrize("paper", ["80", "58"])
def test_a_slip_for_a_slip_printer_reads_back(tmp_path: Path, french, paper: str):
    device = tmp_path / "lp0"
    device.touch()
    printer = dueslip.open_printer(str(device))
    dueslip.print_slip(SLIP, printer, paper)
    printer.close()
    raw = device.read_bytes()
    printed = raw.decode("cp858", "replace")
    assert "Germinal" in printed
    assert "lun. 5 févr. 2018" in printed
    assert PLAIN[-3:] in printed
    assert PLAIN not in printed
    assert "?" not in printed.replace("\x1d", "")
    assert raw.endswith(b"\x1dV\x00")
    columns = {"80": 48, "58": 32}[paper]
    lines = [line for line in printed.split("\n") if line.isprintable()]
    assert max(map(len, lines)) <= columns


def test_after_every_reader_or_by_its_key(
    closed_desk: Desk, tmp_path: Path, qtbot: QtBot, monkeypatch
):
    shown: list[DueSlip] = []

    def show(folder: Path, slip: DueSlip, paper: str) -> Message:
        shown.append(slip)
        return real(folder, slip, paper)

    real = printing.show_slip
    monkeypatch.setattr(printing, "show_slip", show)
    monkeypatch.setattr(printing.QDesktopServices, "openUrl", lambda _url: True)
    knowing = KnowingDesk(closed_desk, tmp_path, qtbot).begin(level=3)
    desk = knowing.desk
    press(Qt.Key.Key_F7)
    assert shown == []
    desk.lend(BOOK, "not-known", to=PLAIN)
    knowing.settle()
    press(Qt.Key.Key_F7)
    assert shown[0].lines == (("Germinal", "Mon 5 Feb 2018"), ("not-known", ""))
    assert (desk.folder / "due-slip.pdf").exists()
    device = tmp_path / "lp0"
    device.touch()
    more = f"[slip]\nwhen = 'reader'\nprinter = '{device}'\n"
    knowing.companions.apply(settings(tmp_path, more))
    scan("x9\r")
    desk.window.clear()
    knowing.wait(lambda: b"x9" in device.read_bytes())
    desk.window.clear()
    assert device.read_bytes().count(b"x9") == 1
    knowing.companions.apply(settings(tmp_path, '[slip]\nprinter = "/nowhere/lp0"\n'))
    press(Qt.Key.Key_F7)
    knowing.wait(lambda: desk.band[0] is MessageKind.REFUSED)


@pytest.mark.parametrize("paper", Paper)
def test_the_outage_card_has_this_desk_on_one_page(tmp_path: Path, paper: Paper, language):
    text = (
        '[desk]\nlibrary = "BUC du Mirail"\nname = "Desk B"\n[outage]\ncall = "Claude"\n'
        'account = "buc-pret"\n'
    )
    facts = outagecard.facts_of(settings(tmp_path, text), Path("/data/OffCirc.dat"))
    place = tmp_path / "card.pdf"
    place.write_bytes(outagecard.outage_card(facts, paper))
    said, sizes = text_of(place)
    assert len(sizes) == 1
    for each in ("BUC du Mirail · Desk B", "Claude", "buc-pret", "/data/OffCirc.dat"):
        assert each in said
