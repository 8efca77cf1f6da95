"""Long lists: filtered, sorted and grouped as asked, without making anybody wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from referent.report_kit import job, line

from offcirc.core.transaction import Operation
from offcirc.referent.kit.cells import DataRole, Heading, Tone
from offcirc.referent.kit.listing import Listing, search_texts
from offcirc.referent.report.model import ReportModel, ShownLines
from offcirc.referent.report.page import ReportPage
from offcirc.upload.report.report import Grouping, LineStatus


class Words(Listing[str]):
    """Words with their first letter and their length."""

    def titles(self):
        return ("Word", "Length")

    def cell(self, thing, column):
        return thing if column == 0 else str(len(thing))

    def key(self, thing, column):
        return len(thing) if column == 1 else thing

    def make_heading(self, code, things):
        return Heading(code, code.upper(), count=len(things))

    def group_key(self, heading):
        return heading.code


def shown(model: Listing[str]) -> list[str]:
    return [model.text(row, 0) for row in range(model.rowCount())]


@pytest.fixture
def fruit(qapp) -> Words:
    made = Words()
    made.show_things(["pear", "apple", "plum", "apricot", "fig"])
    return made


def test_it_obeys_qt(qtmodeltester, fruit):
    qtmodeltester.check(fruit)
    fruit.group(lambda word: word[0])
    fruit.toggle(0)
    qtmodeltester.check(fruit)


def test_sorted_filtered_and_back_to_what_was_given(fruit):
    fruit.sort(1, Qt.SortOrder.DescendingOrder)
    assert shown(fruit) == ["apricot", "apple", "pear", "plum", "fig"]
    fruit.set_words("AP")
    assert shown(fruit) == ["apricot", "apple"]
    fruit.want(lambda word: len(word) < 6)
    assert shown(fruit) == ["apple"]
    fruit.want(None)
    fruit.set_words("")
    fruit.sort(-1)
    assert shown(fruit) == ["pear", "apple", "plum", "apricot", "fig"]


def test_groups_open_and_close(fruit):
    fruit.group(lambda word: word[0])
    assert shown(fruit) == ["A (2)", "apple", "apricot", "F (1)", "fig", "P (2)", "pear", "plum"]
    fruit.toggle(0)
    assert shown(fruit)[:2] == ["A (2)", "F (1)"]
    assert not fruit.heading(0).opened
    fruit.toggle(1 + 0)
    assert fruit.listed == ["pear", "plum"]
    # A closed group stays closed while words are looked for.
    fruit.set_words("a")
    assert shown(fruit) == ["A (2)", "P (1)", "pear"]
    fruit.toggle(2)
    assert shown(fruit) == ["A (2)", "P (1)", "pear"]


def test_what_was_searched_by_belongs_to_its_things_alone(fruit):
    before = fruit.things
    texts = search_texts(fruit, before)
    assert texts[0] == "pear 4"
    fruit.show_things(["kiwi"])
    fruit.know_texts(before, texts)
    fruit.set_words("kiwi")
    assert shown(fruit) == ["kiwi"]


@given(st.lists(st.text("abc", min_size=1, max_size=3)), st.sampled_from([-1, 0, 1]))
def test_grouping_and_sorting_lose_nothing(qapp, words, column):
    model = Words()
    model.show_things(words)
    model.sort(column)
    model.group(lambda word: word[0])
    assert sorted(model.listed) == sorted(words)
    headings = [model.heading(row) for row in range(model.rowCount())]
    assert sum(heading.count for heading in headings if heading) == len(words)


@pytest.fixture
def page(qtbot, sheet) -> ReportPage:
    made = ReportPage(sheet)
    qtbot.addWidget(made)
    made.resize(1000, 640)
    lines = (
        line(5, reason="patron-unknown", message="User not found. Barcode: 99", patron="99"),
        line(18),
        line(19, reason="not-on-loan", message="", operation=Operation.RETURN, patron=""),
        line(20, reason="patron-unknown", message="User not found. Barcode: 99", patron="99"),
    )
    made.show_report(job(lines=lines, rejected=4))
    made.show()
    return made


def rows(page: ReportPage) -> list[str]:
    model = page.rows
    return [
        heading.name if (heading := model.heading(row)) else model.text(row, model.LINE)
        for row in range(model.rowCount())
    ]


def choose(page: ReportPage, grouping: Grouping | None) -> None:
    page.group_choice.setCurrentIndex(page.group_choice.findData(grouping))


def test_a_report_by_reason_by_borrower_and_by_item(page):
    choose(page, Grouping.REASON)
    assert rows(page) == ["Unknown borrower", "5", "20", "Unknown item", "18", "Not on loan", "19"]
    choose(page, Grouping.PATRON)
    assert rows(page)[0] == "Borrower 99"
    assert rows(page)[-2:] == ["Without a borrower", "19"]
    choose(page, Grouping.ITEM)
    assert rows(page) == ["Item TOTO31400", "5", "18", "19", "20"]
    choose(page, None)
    assert rows(page) == ["5", "18", "19", "20"]


def test_the_heading_of_a_group_says_what_to_do(qtbot, page):
    choose(page, Grouping.REASON)
    page.table.selectRow(0)
    assert page.panel.title.text() == "Unknown borrower"
    assert "Put a note on the item" in page.panel.advice.text()
    assert page.panel.property("tone") == "bad"
    spoken = page.rows.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Unknown borrower, 2 lines, group, open"


def test_groups_are_opened_and_closed_with_keys_and_pointer(qtbot, page):
    choose(page, Grouping.REASON)
    table = page.table
    table.selectRow(0)
    qtbot.keyClick(table, Qt.Key.Key_Left)
    assert rows(page)[:2] == ["Unknown borrower", "Unknown item"]
    # The heading stays chosen, and opens again.
    assert table.currentIndex().row() == 0
    qtbot.keyClick(table, Qt.Key.Key_Left)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert rows(page)[1] == "5"
    place = QPoint(10, table.rowViewportPosition(0) + 5)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert rows(page)[1] == "Unknown item"
    assert isinstance(page.rows.index(0, 3).data(DataRole.HEADING), Heading)
    page.grab()


def test_where_it_is_narrow_the_desk_goes_and_never_item_or_borrower(page):
    hidden = {column for column in range(7) if page.table.isColumnHidden(column)}
    assert hidden <= {ReportModel.DESK}
    page.resize(1500, 640)
    assert not any(page.table.isColumnHidden(column) for column in range(7))


def test_recorded_lines_are_grouped_by_what_they_leave_to_do(sheet):
    model = ReportModel(sheet)
    recorded = {"status": LineStatus.RECORDED, "reason": "", "message": ""}
    notes = [("in-transit",), ("hold-shelf-processing",), ("in-transit",)]
    model.show_lines(
        tuple(line(n, **recorded, notes=note) for n, note in enumerate(notes, 1)), ShownLines.NOTES
    )
    model.set_grouping(Grouping.REASON)
    assert [model.heading(row).name for row in (0, 3)] == ["In transit", "Requested"]
    assert model.heading(0).tone is Tone.LOOK


def test_fifty_thousand_rows_make_only_the_cells_in_sight(qtbot, page, monkeypatch):
    drawn: list[int] = []
    cell = ReportModel.cell
    lines = tuple(line(n, item=f"3700{n:08}") for n in range(1, 50_001))
    page.show_report(job(lines=lines, rejected=len(lines)))
    qtbot.waitExposed(page)
    monkeypatch.setattr(
        ReportModel,
        "cell",
        lambda self, thing, column: drawn.append(1) or cell(self, thing, column),
    )
    bar = page.table.verticalScrollBar()
    for place in range(0, bar.maximum(), bar.maximum() // 20):
        bar.setValue(place)
        page.table.viewport().repaint()
    in_sight = page.table.viewport().height() // page.table.rowHeight(0) + 2
    assert 0 < len(drawn) <= 21 * in_sight * 7
    assert page.rows.rowCount() == 50_000
