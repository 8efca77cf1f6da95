"""One entry is a whole column: every file, the terminal and the window follow from it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from upload.column_more import TITLE, VALUE
from upload.pages import Page

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a program with one column more writes of a report of two lines."""
    folder = tmp_path_factory.mktemp("columns")
    subprocess.run(
        [sys.executable, TESTS / "upload/column_more.py", folder],
        env={**os.environ, "PYTHONPATH": str(TESTS), "QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    return folder


def test_files_for_machines_have_it(written: Path) -> None:
    with (written / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row[TITLE] for row in csv.DictReader(stream)] == [VALUE, VALUE]
    sheet = openpyxl.load_workbook(written / "r.xlsx").worksheets[1]
    titles = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, titles.index(TITLE) + 1).value == VALUE
    lines = json.loads((written / "r.json").read_text("utf-8"))["lines"]
    assert [one["shelf"] for one in lines] == [VALUE, VALUE]
    assert list(lines[0])[-1] == "shelf", "what scripts read stays where it was"


def test_pages_and_the_terminal_have_it_where_it_says(written: Path) -> None:
    table = Page((written / "r.html").read_text("utf-8")).tables[0]
    assert table[0].index(TITLE) == table[0].index("Item barcode") + 1
    assert table[1][table[0].index(TITLE)] == VALUE
    heads, *rows = (written / "r.txt").read_text("utf-8").split("\n\n")[1].splitlines()
    assert heads.index("Item") < heads.index(TITLE) < heads.index("Borrower")
    assert all(row[heads.index(TITLE) :].startswith(VALUE) for row in rows)


def test_paper_has_it(written: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only on Linux: poppler's programs")
    read = subprocess.run(
        ["pdftotext", "-raw", written / "r.pdf", "-"], check=True, capture_output=True
    )
    text = read.stdout.decode("utf-8")
    assert text.count(VALUE) == 2
    assert TITLE in " ".join(text.split())


def test_the_window_and_what_is_looked_for_have_it(written: Path) -> None:
    said = json.loads((written / "said.json").read_text("utf-8"))
    assert said["titles"].index(TITLE) == said["titles"].index("Item") + 1
    assert said["row"][said["titles"].index(TITLE)] == VALUE
    assert VALUE in said["panel"]
    assert said["found"] == said["chosen"] == 2
    assert "shelf" in said["sortings"]
