"""The page to pin up and the whole manual, as PDFs that anybody can print."""

from __future__ import annotations

import re
import subprocess

import pytest
from helpers.processes import needs

from offcirc.cli.tools.sheets import PAPERS

MILLIMETRES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
WORDS = {
    "en": ("Lending while the system is down", "Scan the reader’s card", "Person in charge"),
    "fr": ("Prêter pendant une panne", "Scannez la carte du lecteur", "Référent"),
}


def called(*command: str) -> str:
    needs(command[0])
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)
    return done.stdout


def facts(sheet) -> tuple[int, tuple[float, float]]:
    """Pages, and the size of the paper in millimetres."""
    told = called("pdfinfo", str(sheet))
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", told)
    pages = re.search(r"Pages:\s+(\d+)", told)
    wide, tall = (float(points) / 72 * 25.4 for points in size.groups())
    return int(pages[1]), (wide, tall)


def nothing_at_the_edge(sheet, folder, millimetres=7) -> bool:
    """Whether white is left on all four sides: no printer prints to the edge."""
    drawn = ("-r", "25.4", "-gray", "-singlefile")  # a dot for each millimetre
    called("pdftoppm", *drawn, str(sheet), str(folder / "page"))
    kind, size, most, dots = (folder / "page.pgm").read_bytes().split(b"\n", 3)
    assert (kind, most) == (b"P5", b"255")
    wide, tall = map(int, size.split())
    rows = [dots[start : start + wide] for start in range(0, wide * tall, wide)]
    edge = rows[:millimetres] + rows[-millimetres:]
    edge += [row[:millimetres] + row[-millimetres:] for row in rows]
    assert min(dots) < 128, "something is printed"
    return min(map(min, edge)) == 255


def text_of(sheet) -> str:
    return re.sub(r"\s+", " ", called("pdftotext", "-layout", str(sheet), "-"))


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_one_page_to_pin_up(offcirc, tmp_path, language, paper):
    sheet = tmp_path / "page.pdf"
    ran = offcirc("manual", "-o", sheet, "--paper", paper, "--lang", language)
    assert (ran.code, ran.out.strip(), ran.err) == (0, str(sheet), "")
    pages, size = facts(sheet)
    assert pages == 1
    assert size == pytest.approx(MILLIMETRES[paper], abs=0.5)
    text = text_of(sheet)
    for words in WORDS[language]:
        assert words in text
    fonts = called("pdffonts", str(sheet)).splitlines()[2:]
    assert fonts, "its words are text"
    assert all(" yes " in font for font in fonts), "every font is in the file"
    assert nothing_at_the_edge(sheet, tmp_path)


def test_the_whole_manual(offcirc, tmp_path):
    sheet = tmp_path / "manual.pdf"
    ran = offcirc("manual", "--whole", "--output", sheet, "--lang", "fr")
    assert (ran.code, ran.err) == (0, "")
    pages, _size = facts(sheet)
    assert 4 <= pages <= 12
    assert "mains libres" in text_of(sheet)
    pictures = called("pdfimages", "-list", str(sheet)).splitlines()[2:]
    assert len(pictures) >= 6


def test_a_place_where_nothing_can_be_written_is_said(offcirc, tmp_path):
    ran = offcirc("manual", "-o", tmp_path / "nowhere" / "page.pdf")
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
