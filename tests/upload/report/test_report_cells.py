"""The same job in every format, read by somebody else's program and compared cell by cell."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers.processes import needs
from openpyxl.utils import get_column_letter
from upload.pages import Page
from upload.reportkit import ALL, HOSTILE, KNOWN, WHOLE, hostile_report, line, report

from offcirc import i18n
from offcirc.upload.base.celltext import coded, legible
from offcirc.upload.render import render_xlsx
from offcirc.upload.render.files import formats, render
from offcirc.upload.report import reportview, words
from offcirc.upload.report.columns import COLUMNS, CellKind
from offcirc.upload.report.report import Grouping, JobReport, LineStatus

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.fixture(params=["en", "fr"], autouse=True)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    i18n.activate(request.param)
    yield request.param
    i18n.activate("en")


def table(report: JobReport) -> list[list[str]]:
    """What every table for programs must say, as texts."""
    return [[legible(column.text(line)) for column in COLUMNS] for line in report.lines]


def rows_of_csv(data: bytes) -> list[list[str]]:
    text = data.decode("utf-8")
    assert text.startswith("\ufeff")
    # The French read semicolons, the English commas.
    delimiter = ";" if i18n.language() == "fr" else ","
    stream = io.StringIO(text.removeprefix("\ufeff"), newline="")
    return list(csv.reader(stream, strict=True, delimiter=delimiter))


def uncoded(cell: str) -> str:
    """A cell as a spreadsheet shows it."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def workbook(report: JobReport) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(render(report, "r.xlsx", names=True)))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"a formula in {cell.coordinate}"
                assert cell.hyperlink is None or cell.hyperlink.target is None, "a link outside"
    return book


def pdf_text(
    tmp_path: Path,
    report: JobReport,
    grouping: Grouping = Grouping.REASON,
    *,
    names: bool = True,
) -> str:
    """The text of a PDF as another program reads it, in the order of drawing, without blanks."""
    path = tmp_path / "r.pdf"
    path.write_bytes(render(report, "r.pdf", names=names, grouping=grouping))
    needs("pdftotext")
    read = subprocess.run(
        ["pdftotext", "-raw", "-enc", "UTF-8", path, "-"], capture_output=True, check=True
    )
    assert not read.stderr
    return squeezed(read.stdout.decode("utf-8"))


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_csv_says_every_cell() -> None:
    head, *rows = rows_of_csv(render(WHOLE, "r.csv", names=True))
    assert head == [column.title() for column in COLUMNS]
    assert [[uncoded(cell) for cell in row] for row in rows] == table(WHOLE)


CHANGED = [
    "00012345678901",
    "1234E10",
    "12345678901234567",
    "3-4",
    "1/2",
    "MARCH1",
    "9921000000164",
]


@pytest.mark.parametrize("code", [*CHANGED, "37.5", ".5", "TRUE", "Jan 5".replace(" ", "-")])
@pytest.mark.promise("barcodes-survive-spreadsheets")
def test_a_barcode_that_a_spreadsheet_would_change_is_kept(code: str) -> None:
    report = replace(WHOLE, lines=(replace(WHOLE.lines[0], item=code, patron=code),))
    _head, row = rows_of_csv(render(report, "r.csv"))
    places = [place for place, column in enumerate(COLUMNS) if column.code in ("item", "patron")]
    assert [row[place] for place in places] == [f'="{code}"'] * 2


@pytest.mark.parametrize("code", ["OTOLO709751", "d293004279", "ut1.lecteur000", '1"&A1&"', "1\t2"])
def test_a_barcode_that_stays_itself_is_written_plainly(code: str) -> None:
    assert coded(legible(code)) == legible(code)


def test_xlsx_says_every_cell_as_what_it_is(language: str) -> None:
    sheet = workbook(WHOLE).worksheets[1]
    head, *rows = sheet.iter_rows(max_row=1 + len(WHOLE.lines))
    assert [cell.value for cell in head] == [column.title() for column in COLUMNS]
    for cells, row, of in zip(rows, table(WHOLE), WHOLE.lines, strict=True):
        for cell, text, column in zip(cells, row, COLUMNS, strict=True):
            value = column.value(of)
            if value is None or value == "":
                assert cell.value is None
            elif isinstance(value, datetime):
                assert cell.is_date
                assert cell.value == value
                day = {"en": "yyyy-mm-dd", "fr": "dd/mm/yyyy"}[language]
                assert cell.number_format.startswith(day)
                assert cell.number_format.endswith(":ss") == (of.exact is not None)
            elif column.kind is CellKind.NUMBER:
                assert (cell.data_type, cell.value) == ("n", value)
            else:
                assert (cell.data_type, cell.value) == ("s", text)
            if column.kind is CellKind.CODE and cell.value is not None:
                assert cell.number_format == "@"


def test_xlsx_has_an_overview_and_a_sheet_for_each_reason() -> None:
    book = workbook(WHOLE)
    groups = reportview.groups(WHOLE)
    names = [group.name for group in groups]
    assert book.sheetnames[2 : 2 + len(groups)] == names
    assert len(book.sheetnames) == 3 + len(groups)
    overview = {
        row[0].value: row[1].value
        for row in book.worksheets[0].iter_rows(min_row=3)
        if row[0].value
    }
    for label, value in reportview.job_row(WHOLE):
        assert overview[label] == value
    for _code, label, count in reportview.count_rows(WHOLE):
        assert overview[label] == count
    for group in groups:
        assert overview[group.name] == len(group.lines)
        sheet = book[group.name]
        numbers = [row[1].value for row in sheet.iter_rows(min_row=2)]
        assert numbers == [line.line for line in group.lines]
        assert sheet.freeze_panes == "A2"
        assert (
            sheet.auto_filter.ref == f"A1:{get_column_letter(len(COLUMNS))}{len(group.lines) + 1}"
        )
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.column_dimensions["G"].width > 12


def test_columns_that_say_nothing_are_hidden() -> None:
    places = {column.code: get_column_letter(n) for n, column in enumerate(COLUMNS, 1)}
    for of, hidden in ((ALL, True), (WHOLE, False)):
        sheet = workbook(of).worksheets[1]
        for code in ("title", "reader", "decision"):
            assert sheet.column_dimensions[places[code]].hidden is hidden
        assert not sheet.column_dimensions[places["item"]].hidden


def test_json_says_every_fact() -> None:
    told = json.loads(render(WHOLE, "r.json", names=True))
    lines = [one for one in WHOLE.lines if one.status is not LineStatus.RECORDED]
    assert len(told["lines"]) == len(lines)
    for one, of in zip(told["lines"], lines, strict=True):
        assert one["line"] == of.line
        assert one["status"] == of.status.value
        assert one["timestamp"] == (of.at.isoformat(timespec="minutes") if of.at else None)
        assert one["exact"] == (of.exact.isoformat(timespec="milliseconds") if of.exact else None)
        assert one["title"] == (of.title or None)
        assert one["reader"] == (of.patron_name or None)
        assert one["desk"] == (of.origin.desk or None)
        for name in ("file", "item", "patron", "message", "raw"):
            assert one[name] == getattr(of, name)
        assert one["why"] == words.why(of)
        assert one["advice"] == words.what_to_do(of)
    assert told["lines"][-2]["decision"] == {
        "act": "corrected",
        "who": "Référente",
        "at": "2018-01-17T08:05:00+00:00",
        "why": "lu sur la carte",
        "was": "T0",
    }


def rows_to_read(group: reportview.Group, by: Grouping) -> list[list[str]]:
    """What the rows of a group say to readers, with a new line where a fainter one begins."""
    damaged = all(one.operation is None for one in group.lines)
    common = {Grouping.PATRON: "patron", Grouping.ITEM: "item"}.get(by) if group.code else None
    told: set[str] = set()
    rows = []
    for one in group.lines:
        desk = words.origin(one)
        cells = {
            "line": str(one.line),
            "when": reportview.when(one) + (f"\n{desk}" if desk != one.file else ""),
            "operation": reportview.operation(one),
            "item": (one.item or one.raw) + (f"\n{one.title}" if one.title else ""),
            "patron": (one.patron or "–") + (f"\n{one.patron_name}" if one.patron_name else ""),
        }
        if damaged:
            cells = {"line": str(one.line), "raw": one.raw}
        cells.pop(common or "", None)
        decided = f"\n{words.decision(one.decision)}" if one.decision else ""
        row = [*cells.values(), one.message + decided]
        if group.code == reportview.PATRON_UNKNOWN:
            row.append(words.item_note(one))
        if not group.advice:
            advice = "" if one.reason in told else f"\n{words.what_to_do(one)}"
            row.append(words.mark(one) + advice)
            told.add(one.reason)
        rows.append(row)
    return rows


@pytest.mark.parametrize("grouping", list(Grouping))
def test_html_says_every_cell(grouping: Grouping) -> None:
    page = Page(render(WHOLE, "r.html", names=True, grouping=grouping).decode("utf-8"))
    groups = reportview.groups(WHOLE, grouping)
    assert len(page.tables) == len(groups) + 2  # recorded ones with something to do; skipped ones
    for shown, group in zip(page.tables, groups, strict=False):
        assert [len(row) for row in shown] == [len(shown[0])] * (1 + len(group.lines))
        assert [[cell.rstrip() for cell in row] for row in shown[1:]] == rows_to_read(
            group, grouping
        )
    for _label, value in reportview.job_row(WHOLE):
        assert value in page.text


@pytest.mark.parametrize("grouping", list(Grouping))
def test_pdf_says_every_cell(tmp_path: Path, grouping: Grouping) -> None:
    text = pdf_text(tmp_path, WHOLE, grouping)
    for label, value in reportview.job_row(WHOLE):
        assert squeezed(label + value) in text
    for group in reportview.groups(WHOLE, grouping):
        assert squeezed(group.name) in text
        for cells in rows_to_read(group, grouping):
            assert squeezed("".join(cells)) in text


def test_pdf_numbers_its_pages_and_repeats_its_heads(tmp_path: Path, language: str) -> None:
    many = report(*(line(number, item=f"I{number:05}") for number in range(1, 201)))
    text = pdf_text(tmp_path, many)
    pages = max(int(found) for found in re.findall(r"(?:of|sur)(\d+)", text))
    assert pages > 5
    for number in range(1, pages + 1):
        assert (f"Page{number}of{pages}" if language == "en" else f"Page{number}sur{pages}") in text
    head = squeezed(
        "".join(column.title() for column in COLUMNS if column.code in ("line", "time"))
    )
    assert text.count(head) == pages
    for number in range(1, 201):
        assert text.count(f"I{number:05}") == 1


def test_pdf_shows_the_signs_that_its_own_format_uses(tmp_path: Path) -> None:
    title = r"Le (petit) \prince\ :-) (1/2)"
    assert squeezed(title) in pdf_text(tmp_path, report(line(1, title=title)))


def test_pdf_brings_its_letters_along(tmp_path: Path) -> None:
    title = "Œuvres Āṭ Война Ἰλιάς ספר كتاب 紅樓夢 \U0001f4da"
    text = pdf_text(tmp_path, report(line(1, title=title)))
    # The other program turns Hebrew and Arabic back into the order in which they are spoken.
    for part in ("Œuvres", "Āṭ", "Война", "Ἰλιάς", "ספר", "كتاب", "紅樓夢", "\ufffd"):
        assert part in unicodedata.normalize("NFKC", text)
    needs("pdftotext")
    fonts = subprocess.run(
        ["pdffonts", tmp_path / "r.pdf"], capture_output=True, encoding="utf-8", check=True
    ).stdout.splitlines()[2:]
    assert len(fonts) == 5
    for font in fonts:
        # The Chinese one comes with the reader's program, all others with the file.
        assert ("STSong" in font) or re.search(r"\s+yes\s+yes\s+yes\s", font), font


def test_hostile_texts_are_texts_in_a_spreadsheet() -> None:
    sheet = workbook(hostile_report()).worksheets[1]
    for row, text in zip(sheet.iter_rows(min_row=2), HOSTILE, strict=False):
        for column in ("item", "patron", "message", "title", "reader", "raw"):
            place = [each.code for each in COLUMNS].index(column)
            cell = row[place]
            assert (cell.data_type, cell.value) == ("s", legible(text))
            assert cell.quotePrefix is bool(legible(text).lstrip(" ").startswith(FORMULA))
    data = render(hostile_report(), "r.xlsx", names=True)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            content = parts.read(name).decode("utf-8")
            assert "<f>" not in content
            assert 'TargetMode="External"' not in content


def test_hostile_texts_are_no_formula_in_a_csv_file() -> None:
    _head, *rows = rows_of_csv(render(hostile_report(), "r.csv", names=True))
    assert len(rows) == len(HOSTILE)
    for row, expected in zip(rows, table(hostile_report()), strict=True):
        for cell, text in zip(row, expected, strict=True):
            assert cell in (text, "'" + text, f'="{text}"')
            if cell != f'="{text}"' or '"' in text:  # a text in quotes alone does nothing
                assert not cell.lstrip(" ").startswith(FORMULA)
            assert cell.replace("\xa0", " ").isprintable()


@pytest.mark.parametrize("grouping", list(Grouping))
def test_hostile_texts_do_nothing_on_a_page(grouping: Grouping) -> None:
    page = Page(render(hostile_report(), "r.html", names=True, grouping=grouping).decode("utf-8"))
    assert not {"img", "link", "iframe", "a", "b", "para"} & (set(page.tags) - {"b"})
    assert page.tags.count("script") == 1
    assert "alert" not in page.scripts[0]
    assert not [name for name, _value in page.attributes if name.startswith("on")]
    for text in HOSTILE:
        assert legible(text).strip() in page.text
    assert all(text.isprintable() for cells in page.tables for row in cells for text in row[:1])


def test_hostile_texts_stay_on_the_paper(tmp_path: Path) -> None:
    text = pdf_text(tmp_path, hostile_report())
    for hostile in HOSTILE:
        shown = squeezed(legible(hostile))
        assert text.count(shown) >= 5
    needs("pdftotext")
    boxes = subprocess.run(
        ["pdftotext", "-bbox", tmp_path / "r.pdf", "-"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    places = re.findall(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)"', boxes)
    assert len(places) > 100
    for left, top, right in places:
        assert 33 < float(left) < float(right) < 842 - 33
        assert 0 < float(top) < 595


def test_hostile_texts_are_kept_to_the_letter_in_json() -> None:
    told = json.loads(render(hostile_report(), "r.json", names=True))
    assert [one["item"] for one in told["lines"]] == HOSTILE


@pytest.mark.parametrize("ending", formats())
def test_the_same_job_gives_the_same_bytes(ending: str) -> None:
    assert render(WHOLE, f"r{ending}") == render(WHOLE, f"r{ending}")


@pytest.mark.parametrize("ending", [".html", ".csv", ".json"])
def test_names_only_travel_where_they_may(ending: str) -> None:
    name = "Durand-Lefèvre"
    assert name not in render(WHOLE, f"r{ending}").decode("utf-8")
    assert name in render(WHOLE, f"r{ending}", names=True).decode("utf-8")


def test_names_only_travel_where_they_may_in_print_too(tmp_path: Path) -> None:
    assert "Durand-Lefèvre" in pdf_text(tmp_path, WHOLE, Grouping.PATRON)
    assert "Durand-Lefèvre" not in pdf_text(tmp_path, WHOLE, Grouping.PATRON, names=False)
    book = openpyxl.load_workbook(io.BytesIO(render(WHOLE, "r.xlsx")))
    said = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert KNOWN.item in said
    assert KNOWN.patron_name not in said


def test_what_a_spreadsheet_cannot_hold_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_xlsx, "MOST_ROWS", 2)
    long = line(1, message="m" * 40_000, at=datetime(1018, 1, 15, 10, 40))
    sheet = workbook(report(long, line(2), line(3))).worksheets[1]
    cells = {column.code: cell for column, cell in zip(COLUMNS, sheet[2], strict=True)}
    assert cells["message"].value == "m" * 32_766 + "…"
    assert cells["time"].value == "1018-01-15 10:40"
    assert sheet.max_row == 4
    assert sheet["A4"].value == i18n.ngettext(
        "… and {count} more line.", "… and {count} more lines.", 1
    ).format(count=1)


def test_a_server_that_says_more_than_a_page_does_not_break_the_paper(tmp_path: Path) -> None:
    text = pdf_text(tmp_path, report(line(1, message="word " * 4000), line(2)))
    assert "word…" in text
    assert "2018" in text
    assert re.search(r"Page2(of|sur)\d", text)
