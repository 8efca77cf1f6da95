"""The screens of the PCs that libraries have: rows in sight, nothing cut, nothing pushed away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QTableView
from referent.report_kit import job, line, tasks

from offcirc.core.transaction import Operation
from offcirc.referent.background import uploads
from offcirc.referent.background.deciding import DecisionMade
from offcirc.referent.background.inspection import (
    Ask,
    CheckRow,
    FindingWeight,
    Inspection,
    LineView,
    SourceRow,
    Tone,
)
from offcirc.referent.check.collect_model import SourcesModel
from offcirc.referent.check.model import CheckModel
from offcirc.referent.day.daydata import DayData
from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.kit.band import NoticeKind
from offcirc.referent.kit.cells import shortened
from offcirc.referent.kit.figures import named
from offcirc.upload.base.errors import NotOffCircError

BOTH = pytest.mark.parametrize("language", ["en", "fr"])
SIZES = pytest.mark.parametrize("size", [(1366, 768), (1024, 700)])
LONG = "urn:rfid:" + "4" * 246
AT = datetime(2018, 1, 18, 11, 46)


def question(number: int, item: str = "UBX01528316", raw: bytes = b"x") -> CheckRow:
    """Two lines of which nothing tells the order."""
    one = LineView(
        "a.dat",
        number,
        bytes([number, 1]),
        AT,
        Operation.LOAN,
        item,
        "299908595303",
        raw,
        "BUC du Mirail · Banque 2",
    )
    two = LineView("b.dat", number, bytes([number, 2]), AT, Operation.RETURN, item, "", raw, "C")
    return CheckRow(
        FindingWeight.WARNING,
        "unclear-order",
        "Order not known",
        "In the same minute as the other.",
        one,
        Ask.CHOOSE,
        "Say which of the two came first.",
        two,
        brief="Même minute\u00a0: Banque 2 · 14",
    )


def sixty() -> tuple[SourceRow, ...]:
    """The files of twenty desks, some of them to be looked at."""
    return tuple(
        SourceRow(
            Path(f"/d/OffCirc_BUC-du-Mirail_Banque-{n}_PC-ACCUEIL-{n}_2018-01-{n % 28 + 1:02}.dat"),
            f"OffCirc_BUC-du-Mirail_Banque-{n}_PC-ACCUEIL-{n}_2018-01-{n % 28 + 1:02}.dat",
            read=True,
            ready=True,
            taken=True,
            lines=404,
            first=AT,
            last=AT,
            desk="BUC du Mirail · Banque 2",
            verdict="damaged lines" if n < 4 else "new",
            tone=Tone.BAD if n < 4 else Tone.GOOD,
            text="1 line cannot be sent." if n < 4 else "",
        )
        for n in range(60)
    )


def turn() -> None:
    for _turn in range(6):
        QApplication.processEvents()


def whole_rows(table: QTableView) -> int:
    """How many rows are in sight; none of them is cut."""
    assert table.viewport().height() % table.row_height == 0
    return table.viewport().height() // table.row_height


def widths(table: QTableView) -> int:
    """All columns together are as wide as the table: no bar, no gap."""
    model = table.model()
    shown = [n for n in range(model.columnCount()) if not table.isColumnHidden(n)]
    assert sum(table.columnWidth(n) for n in shown) == table.viewport().width()
    assert not table.horizontalScrollBar().isVisible()
    return len(shown)


@BOTH
@SIZES
def test_sixty_files_show_sixteen_and_more(window, language, size):
    window.resize(*size)
    window.collect.model.show_things(sixty())
    turn()
    table = window.collect.table
    widths(table)
    # Two headings are among the rows.
    assert whole_rows(table) >= (18 if size[0] > 1300 else 13)
    mark = QFontMetricsF(window._look.small_strong).horizontalAdvance("damaged lines")
    assert table.columnWidth(SourcesModel.STANDING) > mark + window._look.em * 2
    area = window.area(StepPlace.COLLECT)
    assert not area.verticalScrollBar().isVisible()


@BOTH
@SIZES
def test_the_check_shows_item_borrower_and_the_whole_message(window, language, size):
    window.resize(*size)
    window.check.show_inspection(Inspection(rows=tuple(question(n) for n in range(1, 40))))
    window.go(StepPlace.CHECK)
    turn()
    table = window.check.table
    widths(table)
    assert whole_rows(table) >= (18 if size[0] > 1300 else 15)
    em = window._look.em
    for column, least in ((CheckModel.ITEM, 7.1), (CheckModel.PATRON, 7.3)):
        assert not table.isColumnHidden(column)
        assert table.columnWidth(column) >= round(em * least)
    said = QFontMetricsF(window._look.text).horizontalAdvance(question(1).brief)
    assert table.columnWidth(CheckModel.WHAT) >= said + em


@BOTH
@SIZES
def test_the_report_gives_more_than_half_of_its_height_to_lines(window, language, size):
    window.resize(*size)
    lines = tuple(line(number) for number in range(1, 55))
    window.reports.show(job(lines=lines, rejected=54))
    window.refresh()
    window.go(StepPlace.REPORT)
    turn()
    table = window.reports.page.table
    widths(table)
    assert table.height() > window.height() / 2
    assert whole_rows(table) >= (17 if size[0] > 1300 else 12)
    assert window.reports.page.job.height() <= window._look.px(3.2)
    assert not window.area(StepPlace.REPORT).verticalScrollBar().isVisible()


@BOTH
@SIZES
def test_a_barcode_of_255_characters_pushes_no_button_away(window, language, size):
    window.resize(*size)
    raw = (LONG + " " + "Z" * 400).encode()
    window.check.show_inspection(Inspection(rows=(question(1, LONG, raw),)))
    told = line(1, item=LONG, patron=LONG, message=f"Item not found. Barcode: {LONG}", raw=LONG)
    window.reports.show(job(lines=(told,), rejected=1))
    window.refresh()
    pages = {
        StepPlace.CHECK: window.check,
        StepPlace.REPORT: window.reports.page,
        StepPlace.FOLLOWUP: window.todo.page(),
    }
    pages[StepPlace.FOLLOWUP].show_tasks(tasks())
    for place, page in pages.items():
        window.go(place)
        turn()
        widths(page.table)
        for button in page.panel.findChildren(QPushButton):
            corner = button.mapTo(window, QPoint(0, 0))
            far = button.mapTo(window, QPoint(button.width(), button.height()))
            inside = page.panel.mapTo(window, QPoint(page.panel.width(), page.panel.height()))
            assert corner.x() >= 0, place
            assert far.x() <= inside.x(), (place, button.text())
            assert far.y() <= window.next.y(), (place, button.text())
        assert (window.width(), window.height()) == size
    # No word of a panel is wider than the panel; all of it is told where the pointer rests.
    assert LONG in window.reports.page.panel.why.toolTip()
    for told in (window.check.panel.raw, window.reports.page.panel.why):
        assert max(len(word) for word in told.text().split()) <= 31


def test_every_kind_of_finding_has_its_choices_in_the_same_places(window):
    window.resize(1366, 768)
    error = CheckRow(
        FindingWeight.ERROR,
        "impossible-date",
        "Damaged line",
        "The line does not begin with a possible date and time. " * 6,
        LineView("a.dat", 3, b"k3", raw=b"2018", damaged=True),
        Ask.CORRECT,
    )
    window.check.show_inspection(Inspection(rows=(error, question(1))))
    window.go(StepPlace.CHECK)
    page, places = window.check, []
    for row in page.model.listed:
        page.table.selectRow(page.model.row_of(row))
        turn()
        places.append([act.mapTo(window, QPoint(0, 0)) for act in page.panel.acts])
    assert places[0] == places[1]


@BOTH
def test_a_message_moves_nothing(window, language):
    window.resize(1024, 700)
    window.check.show_inspection(Inspection(rows=tuple(question(n) for n in range(1, 40))))
    window.go(StepPlace.CHECK)
    turn()
    before = [
        widget.mapTo(window, QPoint(0, 0))
        for widget in (window.check.table, window.check.panel, window.next.next, window.next.back)
    ]
    heights = window.check.table.height(), window.next.height()
    for text in ("Short.", "A message of several sentences, which takes lines. " * 12):
        window.band.say(NoticeKind.WARNING, text)
        turn()
        after = [
            widget.mapTo(window, QPoint(0, 0))
            for widget in (
                window.check.table,
                window.check.panel,
                window.next.next,
                window.next.back,
            )
        ]
        assert after == before
        assert (window.check.table.height(), window.next.height()) == heights
        # It covers neither the way back nor the way on, and is all in the window.
        for button in (window.next.next, window.next.back):
            at = button.mapTo(window, button.rect().center())
            assert window.childAt(at) is button
        assert window.rect().contains(window.band.geometry())


def test_what_is_decided_is_no_question_any_more_at_once(window, monkeypatch):
    """Long before all lines have been checked again."""
    kept: list[DecisionMade] = []
    monkeypatch.setattr(uploads, "decide", lambda _dir, verdict, _who: kept.append(verdict) or (7,))
    window.check.show_inspection(Inspection(rows=tuple(question(n) for n in range(1, 4))))
    window.go(StepPlace.CHECK)
    page = window.check
    first = page.panel._row
    page.panel.first.click()
    assert page.open_questions == 2
    assert first not in page.model.things
    # What is looked at is the next one: the same question cannot be pressed again.
    assert page.panel._row is not first
    page.panel.first.click()
    while window.tasks.under_way:
        QApplication.processEvents()
    assert len({verdict.lines[0].key for verdict in kept}) == 2
    assert "came before" in window.band.message


def test_a_decision_that_cannot_be_kept_leaves_its_question(window, monkeypatch):
    def fail(_dir, _verdict, _who):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "decide", fail)
    window.check.show_inspection(Inspection(rows=(question(1), question(2))))
    window.go(StepPlace.CHECK)
    window.check.panel.first.click()
    assert window.check.open_questions == 1
    while window.tasks.under_way:
        QApplication.processEvents()
    assert window.check.open_questions == 2
    assert window.band.kind is NoticeKind.ERROR


def test_a_folder_being_looked_through_says_so(window, tmp_path):
    folder = tmp_path / "share"
    folder.mkdir()
    window.add_paths([folder])
    assert window.next.text.text() == "Looking for files in share…"
    assert window.header.tabs[StepPlace.COLLECT].view.caption == "reading…"
    while window.tasks.under_way:
        QApplication.processEvents()
    assert window.next.text.text() == ""


def test_choosing_a_row_by_program_does_not_obey_held_keys(qtbot, window):
    window.check.show_inspection(Inspection(rows=tuple(question(n) for n in range(1, 9))))
    window.go(StepPlace.CHECK)
    table = window.check.table
    table.selectRow(1)
    table.setFocus()
    modifiers = Qt.KeyboardModifier
    for key, held in (
        (Qt.Key.Key_Control, modifiers.ControlModifier),
        (Qt.Key.Key_Shift, modifiers.ShiftModifier),
    ):
        QTest.keyPress(table, key, held)
        try:
            assert QGuiApplication.keyboardModifiers() == held
            for row in (2, 5, 3):
                table.selectRow(row)
                chosen = [index.row() for index in table.selectionModel().selectedRows()]
                assert chosen == [row]
        finally:
            QTest.keyRelease(table, key)


def test_codes_are_shortened_in_their_middle_and_keep_their_ends(sheet):
    metrics = QFontMetricsF(sheet.code)
    shown = shortened(LONG[:-8] + "00341790", metrics, 130, middle=True)
    assert shown.endswith("00341790")
    assert metrics.horizontalAdvance(shown) <= 130
    assert shortened("short", metrics, 130, middle=True) == "short"


def test_nothing_looks_like_a_box_to_tick_that_cannot_be_ticked():
    from offcirc.referent.upload.foresight import checklist
    from offcirc.servers.files.alma import AlmaFile

    assert "☐" not in checklist(AlmaFile().preflight("BUC_PRET"))


@pytest.mark.parametrize("language", ["fr"])
def test_dialogs_of_files_speak_french(qtbot, sheet, language):
    dialog = QFileDialog()
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    texts = {button.text().replace("&", "") for button in dialog.findChildren(QPushButton)}
    assert {"Ouvrir", "Annuler"} <= texts


def test_the_day_is_a_tab_everywhere(window):
    for page in (window.collect, window.check, window.reports.page):
        names = [page.tabs.tabText(n) for n in range(page.tabs.count())]
        assert "The day" in names
        page.day.show_data(DayData())
        page.turn_to(names.index("The day"))
        assert not page.table.isVisible()
        page.turn_to(0)


@pytest.mark.parametrize("language", ["fr"])
def test_colons_have_their_blank(sheet, language):
    assert named("a.dat", "illisible") == "a.dat\u00a0: illisible"
    assert NotOffCircError("a.dat", "illisible").words() == "a.dat\u00a0: illisible"
