"""``verify``: the second opinion, through the real command."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing

import openpyxl
import pytest

from offcirc import resources

SAMPLE = resources.path("practice/toulouse/OffCirc.dat")
ITEM = "37000034179"


@pytest.fixture
def uploaded(offcirc, server):
    ran = offcirc("upload", SAMPLE, "--server", server.url, "--desk", "BUC_PRET")
    assert ran.code == 1, ran.err


def by_hand(folder):
    """Somebody gives the loan to another reader in the library system."""
    [database] = folder.rglob("practice.db")
    with closing(sqlite3.connect(database)) as connection, connection:
        assert (
            connection.execute(
                "UPDATE loans SET patron = 'ups.lecteur001' WHERE item = ? AND returned_at IS NULL",
                (ITEM,),
            ).rowcount
            == 1
        )


@pytest.mark.promise("second-opinion")
def test_what_somebody_changed_in_the_system_is_named_everywhere(
    uploaded, offcirc, server, tmp_path
):
    fine = offcirc("verify", "1", "--format", "json")
    assert (fine.code, fine.json["differ"], fine.json["unanswered"]) == (0, [], 0)
    assert fine.json["agree"] == fine.json["checked"] > 40
    assert f"{fine.json['agree']} of {fine.json['checked']} agree" in offcirc("verify", "1").out

    by_hand(tmp_path)
    ran = offcirc("verify", "1", "--format", "json")
    assert ran.code == 1, ran.err
    [differ] = ran.json["differ"]
    assert (differ["item"], differ["patron"], differ["kind"], differ["line"]) == (
        ITEM,
        "9921000000164",
        "other-reader",
        1,
    )
    assert "9951658533103" in differ["found"]
    text = offcirc("verify", "1", "--lang", "fr")
    assert "Autre lecteur" in text.out
    assert "1 diffère" in text.out

    names = ["r.html", "r.pdf", "r.xlsx", "r.json"]
    assert offcirc("report", "1", *(word for name in names for word in ("-o", name))).code == 0
    agree = f"{ran.json['agree']} of {ran.json['checked']} agree"
    html = (tmp_path / "r.html").read_text("utf-8")
    assert agree in html
    assert "9951658533103" in html
    if pdftotext := shutil.which("pdftotext"):
        told = subprocess.run(
            [pdftotext, "-raw", tmp_path / "r.pdf", "-"], capture_output=True, check=True
        )
        pages = " ".join(told.stdout.decode().split())
        assert agree in pages
        assert "Lent to another borrower" in pages
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert any(agree in str(cell.value) for row in book.worksheets[0] for cell in row)
    [sheet] = [sheet for sheet in book.worksheets if sheet.title.startswith("Differs")]
    assert ITEM in {cell.value for row in sheet for cell in row}
    assert '"verified"' in (tmp_path / "r.json").read_text("utf-8")


def test_a_system_that_cannot_be_asked_is_said(offcirc, tmp_path):
    assert offcirc("verify", "1").code == 2
    ran = offcirc("upload", SAMPLE, "--server", f"alma-file:{tmp_path / 'alma'}", "--desk", "B")
    assert ran.code in (0, 1), ran.err
    told = offcirc("verify", "1")
    assert told.code == 2
    assert "cannot be asked" in told.err
