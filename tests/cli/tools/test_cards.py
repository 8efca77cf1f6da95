"""The sheet of control cards: written, then scanned back by somebody else's reader."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from helpers.processes import needs

from offcirc.cli.tools.sheets import PAPERS
from offcirc.core.barcodes.controlcards import TEST_TEXT, Card, card_of

CODES = {card.value for card in Card if card is not Card.TEST} | {TEST_TEXT}
MILLIMETRES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}


def called(*command: str) -> str:
    needs(command[0])
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)
    return done.stdout


def printed(sheet, folder, dots_an_inch=300):
    """The sheet as paper: one picture a page."""
    called("pdftoppm", "-r", str(dots_an_inch), "-gray", str(sheet), str(folder / "page"))
    return sorted(folder.glob("page*.pgm"))


def scanned(picture) -> list[str]:
    """What an independent reader finds in a picture; it knows many symbologies."""
    found = called("zbarimg", "--quiet", str(picture)).splitlines()
    assert all(line.startswith("CODE-128:") for line in found), found
    return [line.removeprefix("CODE-128:") for line in found]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_sheet_scanned_back_gives_every_order_once(offcirc, tmp_path, language, paper):
    sheet = tmp_path / "sheet.pdf"
    ran = offcirc("cards", "-o", sheet, "--paper", paper, "--lang", language)
    assert (ran.code, ran.out.strip()) == (0, str(sheet))
    assert "100" in ran.err
    pages = printed(sheet, tmp_path)
    assert len(pages) == 2, "what not every desk needs is on a sheet of its own"
    found = [code for page in pages for code in scanned(page)]
    assert sorted(found) == sorted(CODES)
    assert {card_of(code) for code in found} == set(Card)
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", called("pdfinfo", str(sheet)))
    for points, wanted in zip(size.groups(), MILLIMETRES[paper], strict=True):
        assert abs(float(points) / 72 * 25.4 - wanted) < 0.5


def test_a_label_printer_is_good_enough(offcirc, tmp_path):
    sheet = tmp_path / "sheet.pdf"
    offcirc("cards", "-o", sheet)
    pages = printed(sheet, tmp_path, dots_an_inch=203)
    assert {code for page in pages for code in scanned(page)} == CODES


def test_the_words_are_text_in_the_language_asked_for(offcirc, tmp_path):
    words = {"en": ("Loan", "Return", "Clear", "Undo", "Help"),
             "fr": ("Prêt", "Retour", "Nettoyer", "Annuler", "Aide")}  # fmt: skip
    for language, wanted in words.items():
        sheet = tmp_path / f"{language}.pdf"
        offcirc("cards", "-o", sheet, "--lang", language)
        text = called("pdftotext", str(sheet), "-")
        for word in (*wanted, *CODES):
            assert word in text
        assert "no" not in re.findall(
            r"^\S+\s.*?\s(yes|no)\s", called("pdffonts", str(sheet)), re.M
        )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux")
def test_no_display_is_needed(offcirc, tmp_path):
    environment = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":9999"}
    assert offcirc("cards", "-o", tmp_path / "sheet.pdf", env=environment).code == 0
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")


def test_an_old_sheet_is_replaced(offcirc, tmp_path):
    sheet = tmp_path / "sheet.pdf"
    sheet.write_text("old")
    assert offcirc("cards", "--output", sheet).code == 0
    assert sheet.read_bytes().startswith(b"%PDF-")
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.pdf"]


@pytest.mark.parametrize("name", ["nowhere/sheet.pdf", "folder"])
def test_a_place_where_nothing_can_be_written_is_said(offcirc, tmp_path, name):
    (tmp_path / "folder").mkdir()
    ran = offcirc("cards", "-o", tmp_path / name)
    assert (ran.code, ran.out) == (2, "")
    assert name.split("/")[-1] in ran.err
    assert len(ran.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_output_must_be_named(offcirc):
    ran = offcirc("cards")
    assert ran.code == 2
    assert "--output" in ran.err


def test_without_qt_a_sentence_names_what_is_missing(offcirc, tmp_path, environment):
    broken = tmp_path / "broken"
    (broken / "PySide6").mkdir(parents=True)
    (broken / "PySide6" / "__init__.py").write_text(
        'raise ImportError("libEGL.so.1: cannot open shared object file", name="PySide6")\n'
    )
    path = f"{broken}{os.pathsep}{environment['PYTHONPATH']}"
    ran = offcirc("cards", "-o", tmp_path / "sheet.pdf", env={"PYTHONPATH": path})
    assert (ran.code, ran.out) == (2, "")
    assert "libEGL.so.1" in ran.err
    assert len(ran.err.splitlines()) == 1
