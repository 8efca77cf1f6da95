"""The referent's window against the real practice server, over real sockets."""

from __future__ import annotations

import csv
import json

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication
from referent.window_kit import drop, ready, settle, upload

from offcirc.referent.frame.steps import Stage, StepPlace
from offcirc.referent.kit.band import NoticeKind
from offcirc.referent.report.model import ReportModel, ShownLines
from offcirc.resources import path


def test_files_and_folders_are_dropped(qtbot, window, sample, tmp_path):
    folder = tmp_path / "SCI" / "deep"
    folder.mkdir(parents=True)
    (folder / "OffCirc.dat").write_bytes(b"201801171400R37\r\n")
    photo = tmp_path / "photo.dat"
    photo.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100))
    drop(window, [sample, tmp_path / "SCI", photo])
    settle(qtbot, window)
    model = window.collect.model
    assert [model.cell(row, model.LINES) for row in model.things] == ["57", "", "1"]
    # What asks for a look stands first.
    headings = [model.heading(row) for row in range(model.rowCount())]
    assert [each.name for each in headings if each] == ["Left out", "Ready to be sent"]
    assert [row.verdict for row in model.things] == ["new", "left out", "new"]
    assert window.collect.summary.startswith("2 files · 58 lines · from 2018-01-15 09:14")
    assert window.next.next.isEnabled()


def test_drop_of_text_is_not_welcome(window):
    mime = QMimeData()
    mime.setText("no file")
    enter = QDragEnterEvent(
        window.rect().center(),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    QApplication.sendEvent(window, enter)
    assert not enter.isAccepted()


def test_buttons_add_and_remove(qtbot, window, answers, sample, tmp_path):
    answers.chosen_files = [sample]
    qtbot.mouseClick(window.collect.add_files, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    empty = tmp_path / "empty"
    empty.mkdir()
    answers.chosen_folder = empty
    qtbot.mouseClick(window.collect.add_folder, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert "no file ending in .dat" in window.band.message
    window.collect.choose(sample)
    qtbot.keyClick(window.collect.table, Qt.Key.Key_Delete)
    assert window.collect.model.rowCount() == 0
    assert sample.exists()
    assert not window.next.next.isEnabled()


def test_damaged_lines_are_shown_in_words(qtbot, window, tmp_path):
    bad = tmp_path / "OffCirc.dat"
    bad.write_bytes(b"201801171400R37\r\n2018011714XXL12 3\r\n")
    window.add_paths([bad])
    settle(qtbot, window)
    assert window.header.tabs[StepPlace.CHECK].view.stage is Stage.ATTENTION
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    assert window.place is StepPlace.CHECK
    (shown, *_rest) = window.check.model.listed
    assert shown.text == "The line does not begin with a possible date and time."
    assert window.check.panel.raw.text() == "2018011714XXL12 3"


def test_the_sample_gives_57_records_and_9_exceptions(qtbot, window, server, sample, expected):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    assert window.place is StepPlace.REPORT
    page = window.reports.page
    values = {key: label.text() for key, label in page.job.values.items()}
    assert (values["processed"], values["exceptions"]) == ("57", "9")
    assert values["status"] == "Completed Successfully"
    assert values["process_id"].isdigit()
    assert (values["who"], values["desk"], values["files"]) == (
        "Référent",
        "BUC_PRET",
        "1 file",
    )
    rows = page.rows
    listed = {
        rows.index(row, ReportModel.LINE).data(): rows.tip(row, ReportModel.REASON)
        for row in range(rows.rowCount())
    }
    assert listed == expected["lines"]
    assert "9 lines were refused: 4 need your attention." in window.band.message


@pytest.fixture
def expected() -> dict:
    return json.loads(path("practice/toulouse/expected.json").read_text())


def test_the_panel_tells_the_selected_refusal_in_words(qtbot, window, server, sample):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    page = window.reports.page
    page.filter.setText("TOTO31400")
    assert page.rows.rowCount() == 1
    assert page.panel.isVisible()
    panel = page.panel
    assert panel.mark.text() == "Unknown item"
    # Names of readers are asked for and shown, as the settings say.
    shown = [value.text() for value in panel.facts.values]
    assert "9987125433541\nLecteur 056" in shown
    assert "2018-01-15 15:30" in shown
    assert "18 · OffCirc.dat" in shown
    assert "Item not found. Barcode: TOTO31400" in panel.why.text()
    assert panel.advice.text()
    page.filter.setText("no such thing")
    assert not panel.title.isVisible()


@pytest.mark.promise("a-trial-records-nothing")
def test_a_trial_records_nothing(qtbot, window, server, sample):
    ready(qtbot, window, server, sample)
    qtbot.mouseClick(window.upload.trial, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    # What would come of it is told where one goes on.
    assert window.place is StepPlace.UPLOAD
    card = window.upload.foresight
    assert card.isVisible()
    assert (card.recorded.figure, card.refused.figure) == ("48", "9")
    assert "• Not on loan: 4" in card.text.text()
    assert card.overdue.isVisible()
    qtbot.mouseClick(card.see, Qt.MouseButton.LeftButton)
    assert window.place is StepPlace.REPORT
    page = window.reports.page
    assert page.job.trial.isVisible()
    assert page.job.values["exceptions"].text() == "9"
    assert not page.resume.isVisible()
    window.go(StepPlace.HISTORY)
    settle(qtbot, window)
    assert window.reports.past.model.rowCount() == 0
    window.go(StepPlace.UPLOAD)
    upload(qtbot, window)
    assert page.report.recorded == 48


def test_a_second_upload_records_nothing_twice(qtbot, window, server, sample):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    assert window.collect.model.things[0].verdict == "uploaded before"
    window.go(StepPlace.UPLOAD)
    upload(qtbot, window)
    page = window.reports.page
    assert page.report.recorded == 0
    assert page.report.skipped == 48
    position = page.show_choice.findData(ShownLines.EARLIER)
    page.show_choice.setCurrentIndex(position)
    assert page.rows.rowCount() == 48


@pytest.mark.promise("changed-files-are-checked-first")
def test_what_has_changed_since_it_was_checked_is_checked_first(qtbot, window, server, sample):
    file = sample.with_name("grown.dat")
    file.write_bytes(sample.read_bytes())
    ready(qtbot, window, server, file)
    with file.open("ab") as grown:
        grown.write(b"201801171400R37\r\n")
    upload(qtbot, window)
    assert "grown.dat has changed" in window.band.message
    assert window.reports.page.report is None
    assert window.collect.model.things[0].lines == 58
    upload(qtbot, window)
    assert window.reports.page.report.processed == 58


def test_what_a_trial_said_is_forgotten_with_its_files(qtbot, window, server, sample, long_file):
    ready(qtbot, window, server, sample)
    qtbot.mouseClick(window.upload.trial, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.upload.foresight.isVisible()
    window.add_paths([long_file])
    settle(qtbot, window)
    assert not window.upload.tabs.isTabVisible(1)


def test_what_to_make_sure_of_is_said_before_the_upload(qtbot, window, server, sample):
    assert window.upload.preflight.isHidden()
    ready(qtbot, window, server, sample)
    assert window.upload.preflight.isVisible()
    assert "BUC_PRET" in window.upload.preflight.text()


@pytest.mark.parametrize("ending", [".html", ".csv", ".json"])
def test_the_report_is_exported(qtbot, window, server, sample, answers, tmp_path, ending):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    answers.report_path = tmp_path / f"report{ending}"
    qtbot.mouseClick(window.reports.page.export, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    text = answers.report_path.read_text(encoding="utf-8-sig")
    assert "TOTO31400" in text
    if ending == ".json":
        assert json.loads(text)["exceptions"] == 9
    if ending == ".csv":
        assert len(list(csv.reader(text.splitlines()))) > 9
    assert window.band.kind is NoticeKind.DONE
    qtbot.mouseClick(window.band._action, Qt.MouseButton.LeftButton)
    assert answers.opened == [answers.report_path]


def test_a_report_that_cannot_be_written(qtbot, window, server, sample, answers, tmp_path):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    answers.report_path = tmp_path / "no such folder" / "report.html"
    window.reports.page.export.click()
    settle(qtbot, window)
    assert window.band.kind is NoticeKind.ERROR
    assert "report.html" in window.band.message


def test_a_past_upload_is_opened_again(qtbot, window, server, sample, open_window):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    process = window.reports.page.report.process_id

    again = open_window()
    assert not again.header.tabs[StepPlace.REPORT].isEnabled()
    qtbot.mouseClick(again.header.tabs[StepPlace.HISTORY], Qt.MouseButton.LeftButton)
    settle(qtbot, again)
    past = again.reports.past
    assert past.model.text(0, past.model.PROCESS_ID) == process
    assert (
        past.model.text(0, past.model.PROCESSED),
        past.model.text(0, past.model.EXCEPTIONS),
    ) == (
        "57",
        "9",
    )
    qtbot.keyClick(past.table, Qt.Key.Key_Return)
    settle(qtbot, again)
    assert again.place is StepPlace.REPORT
    assert again.reports.page.rows.rowCount() == 9


def test_a_damaged_ledger_is_the_world_s_fault(qtbot, window, data_dir):
    (data_dir / "ledger.db").write_bytes(b"this is no database at all, not in the least")
    window.go(StepPlace.HISTORY)
    settle(qtbot, window)
    assert window.band.kind is NoticeKind.ERROR
    assert "ledger.db" in window.band.message


def test_a_bug_is_logged_without_values_and_said(window, data_dir):
    secret = "9987125433541"
    try:
        raise RuntimeError(secret)
    except RuntimeError as error:
        window.tell(error)
    assert "error of its own" in window.band.message
    log = (data_dir / "logs" / "errors.log").read_text()
    assert "RuntimeError" in log
    assert secret not in log


def test_the_manual_opens_in_a_window_and_in_the_browser(qtbot, window, answers):
    qtbot.mouseClick(window.header.help, Qt.MouseButton.LeftButton)
    shown = window._help
    assert shown.isVisible()
    assert "OffCirc.dat" in shown.browser.toPlainText()
    qtbot.mouseClick(shown.to_browser, Qt.MouseButton.LeftButton)
    assert answers.opened == [path("help/en/referent.html")]
    qtbot.waitUntil(lambda: QApplication.activeWindow() is shown)
    qtbot.keyClick(shown.browser, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not shown.isVisible())


def test_a_reader_of_another_page_is_not_torn_away(qtbot, window, gate, sample):
    ready(qtbot, window, gate.url, sample)
    gate.shut()
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    window.go(StepPlace.COLLECT)
    gate.open()
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=20_000)
    settle(qtbot, window)
    assert window.place is StepPlace.COLLECT
    assert "9 lines were refused: 4 need your attention." in window.band.message
    qtbot.mouseClick(window.band._action, Qt.MouseButton.LeftButton)
    assert window.place is StepPlace.REPORT
    assert window.reports.page.rows.rowCount() == 9


def test_readers_are_in_no_log(qtbot, window, server, sample, caplog):
    caplog.set_level(0)
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    assert "9987125433541" not in caplog.text
