"""After an upload: the work list and the closing, on real uploads of the practice server."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from offcirc.referent.followup.model import ShownTasks, TodoModel
from offcirc.referent.frame.steps import Stage, StepPlace
from offcirc.referent.kit.band import NoticeKind as BandKind
from offcirc.resources import path
from offcirc.upload.followup.task import TaskKind

SAMPLE = path("practice/toulouse/OffCirc.dat")


@pytest.fixture
def settle(qtbot):
    def wait(window) -> None:
        qtbot.waitUntil(lambda: not window.tasks.under_way, timeout=20_000)

    return wait


@pytest.fixture
def uploaded(qtbot, window, server, settle, tmp_path):
    """A window in which the file of the sample library has been uploaded."""
    file = tmp_path / "desk" / "OffCirc.dat"
    file.parent.mkdir()
    shutil.copyfile(SAMPLE, file)
    window.add_paths([file])
    settle(window)
    form = window.upload.form
    window.go(StepPlace.UPLOAD)
    form.choose(server, "referent", "bac-a-sable-1")
    form.sign_in.click()
    settle(window)
    window.upload.desk.setCurrentIndex(window.upload.desk.findData("BUC_PRET"))
    window.next.next.click()
    qtbot.waitUntil(lambda: window.place is StepPlace.REPORT, timeout=20_000)
    settle(window)
    return window


def follow_up(window):
    """Go on from the report with the button that says so."""
    assert window.next.next.text() == "&Continue: Follow-up"
    window.next.next.click()
    assert window.place is StepPlace.FOLLOWUP
    return window.todo.page()


def kinds(page) -> list[str]:
    headings = [page.model.heading(row) for row in range(page.model.rowCount())]
    return [heading.code for heading in headings if heading]


def choose(page, kind: TaskKind, number: int = 0):
    tasks = [task for task in page.model.listed if task.kind is kind]
    page.table.selectRow(page.model.row_of(tasks[number]))
    return tasks[number]


def test_the_report_becomes_a_work_list(uploaded):
    view = uploaded.header.tabs[StepPlace.FOLLOWUP].view
    assert view.stage is Stage.ATTENTION
    page = follow_up(uploaded)
    assert view.caption == f"{page.left} to do"
    # Unknown readers and items come first, what is harmless is done already.
    assert kinds(page)[:2] == [TaskKind.PATRON, TaskKind.ITEM]
    assert TaskKind.HARMLESS not in kinds(page)
    choose(page, TaskKind.PATRON)
    assert page.panel.title.text() == "Borrower 9900452388527: 1 item"
    assert "Loan of UBX58950971 to 9900452388527" in page.panel.lines.text()
    assert "Lent to an unknown borrower (2018-01-15)" in page.panel.lines.text()


def test_tasks_are_ticked_off_and_on_again_with_the_space_bar(qtbot, uploaded, settle):
    page = follow_up(uploaded)
    before = page.left
    task = choose(page, TaskKind.PATRON)
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    settle(uploaded)
    assert page.left == before - 1
    assert task.id not in [each.id for each in page.model.listed]
    assert uploaded.band.message == "1 task is ticked off."
    assert uploaded.header.tabs[StepPlace.FOLLOWUP].view.caption == f"{before - 1} to do"
    # The next one is chosen: the whole list is done with one key.
    assert page.chosen_tasks()
    page.show_choice.setCurrentIndex(page.show_choice.findData(ShownTasks.DONE))
    done = next(each for each in page.model.listed if each.id == task.id)
    page.table.selectRow(page.model.row_of(done))
    assert page.panel.tick.text() == "To be &done again"
    assert "Référent: done" in page.panel.history.text()
    qtbot.mouseClick(page.panel.tick, Qt.MouseButton.LeftButton)
    settle(uploaded)
    assert page.left == before


def test_many_are_ticked_off_at_once(qtbot, uploaded, settle):
    page = follow_up(uploaded)
    page.table.setFocus()
    page.table.selectAll()
    count = len(page.chosen_tasks())
    assert count == page.left > 2
    page.tick_chosen()
    settle(uploaded)
    assert page.left == 0
    assert uploaded.header.tabs[StepPlace.FOLLOWUP].view.stage is Stage.DONE
    assert uploaded.next.text.text() == "Everything is done."


def test_tasks_are_given_to_somebody_and_noted_and_kept(qtbot, uploaded, settle, open_window):
    page = follow_up(uploaded)
    task = choose(page, TaskKind.ITEM)
    qtbot.keyClicks(page.panel.person, "Awa")
    qtbot.keyClick(page.panel.person, Qt.Key.Key_Return)
    settle(uploaded)
    qtbot.keyClicks(page.panel.note, "on the shelf")
    qtbot.mouseClick(page.panel.add_note, Qt.MouseButton.LeftButton)
    settle(uploaded)
    assert uploaded.band.message == "The note is kept."

    again = open_window()
    again.start()
    qtbot.waitUntil(lambda: bool(again.todo.tasks), timeout=20_000)
    settle(again)
    assert again.header.tabs[StepPlace.FOLLOWUP].isEnabled()
    again.go(StepPlace.FOLLOWUP)
    page = again.todo.page()
    page.filter.setText("shelf")
    (found,) = page.model.listed
    assert (found.id, found.assigned) == (task.id, "Awa")
    assert page.model.cell(found, TodoModel.ASSIGNED) == "Awa"
    assert "on the shelf" in page.panel.history.text()


def test_the_ready_made_note_goes_to_the_clipboard(qtbot, uploaded):
    page = follow_up(uploaded)
    choose(page, TaskKind.PATRON)
    qtbot.mouseClick(page.panel.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Lent to an unknown borrower (2018-01-15)"
    assert "Copied" in uploaded.band.message
    choose(page, TaskKind.ITEM)
    assert not page.panel.copy.isEnabled()


def test_likely_readers_are_told(qtbot, uploaded, settle, tmp_path):
    readers = tmp_path / "readers.csv"
    # Two neighbouring digits have changed places.
    readers.write_text("barcode,name\n9900542388527,Ide Martin\n", encoding="utf-8")
    uploaded.todo._patrons = readers
    page = follow_up(uploaded)
    choose(page, TaskKind.ITEM)
    choose(page, TaskKind.PATRON)
    settle(uploaded)
    assert "9900542388527 Ide Martin" in page.panel.likely.text
    # The likeliest is chosen already, and the keyboard reaches it.
    (choice,) = page.panel.likely.choices
    assert choice.isChecked()
    assert page.panel.right.text() == "9900542388527"
    assert choice.focusPolicy() & Qt.FocusPolicy.TabFocus
    choose(page, TaskKind.ITEM)
    assert page.panel.likely.isHidden()


def test_groups_of_the_work_list_close_and_are_no_tasks(qtbot, uploaded, settle):
    page = follow_up(uploaded)
    page.table.selectRow(0)
    assert not page.panel.tick.isEnabled()
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    assert not page.model.heading(0).opened
    assert page.left == len(uploaded.todo.tasks) - sum(t.done for t in uploaded.todo.tasks)


@pytest.mark.parametrize("ending", [".html", ".txt", ".csv", ".json"])
def test_the_work_list_is_exported(uploaded, settle, answers, tmp_path, ending):
    page = follow_up(uploaded)
    answers.work_list_path = tmp_path / f"list{ending}"
    page.export.click()
    settle(uploaded)
    assert "9900452388527" in answers.work_list_path.read_text(encoding="utf-8-sig")
    assert uploaded.band.kind is BandKind.DONE


def test_nothing_to_do_before_any_upload(window):
    assert not window.header.tabs[StepPlace.FOLLOWUP].isEnabled()
    assert not window.header.tabs[StepPlace.CLOSE].isEnabled()


def closing(window):
    window.go(StepPlace.CLOSE)
    return window.closing.page()


@pytest.mark.promise("put-away-can-be-taken-back")
def test_files_are_put_away_and_brought_back(qtbot, uploaded, settle, data_dir, tmp_path):
    file = tmp_path / "desk" / "OffCirc.dat"
    content = file.read_bytes()
    page = closing(uploaded)
    settle(uploaded)
    assert uploaded.next.text.text() == "1 file can be put away now."
    uploaded.next.next.click()
    settle(uploaded)
    assert "put away" in uploaded.band.message
    assert not file.exists() or not file.read_bytes()
    (kept,) = [each for each in (data_dir / "archive").rglob("*.dat") if "merged" not in each.name]
    assert kept.read_bytes() == content
    assert uploaded.header.tabs[StepPlace.CLOSE].view.stage is Stage.DONE
    assert uploaded.next.next.text() == "&New collection"
    (row,) = [row for row in page.model.listed if row.closing is not None]
    assert page.model.cell(row, page.model.WHO).startswith("Référent, ")
    page.table.selectRow(page.model.row_of(row))
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    settle(uploaded)
    assert file.read_bytes() == content
    assert "brought back" in uploaded.band.message
    assert uploaded.next.next.isEnabled()


def test_lines_added_since_stay_in_a_clean_file_if_one_says_so(uploaded, settle, tmp_path):
    file = tmp_path / "desk" / "OffCirc.dat"
    new = f"201801190900R{'37000034179':<80}\r\n".encode()
    with file.open("ab") as stream:
        stream.write(new)
    page = closing(uploaded)
    settle(uploaded)
    assert not uploaded.next.next.isEnabled()
    (row,) = page.model.listed
    assert page.model.cell(row, page.model.STATE) == "1 line still to be uploaded"
    assert page.leave.isVisible()
    page.leave.setChecked(True)
    assert uploaded.next.next.isEnabled()
    uploaded.next.next.click()
    settle(uploaded)
    assert file.read_bytes() == new


def test_the_archive_is_opened(uploaded, settle, answers, data_dir):
    page = closing(uploaded)
    settle(uploaded)
    assert page.archive.isHidden()
    uploaded.next.next.click()
    settle(uploaded)
    page.archive.click()
    assert answers.opened == [data_dir / "archive"]


def test_how_long_readers_are_kept_is_said(open_window, tmp_path):
    user = tmp_path / "user.toml"
    user.write_text("[retention]\ndays = 90\n")
    made = open_window(site=tmp_path / "none.toml", user=user)
    made.go(StepPlace.CLOSE)
    texts = [part.text() for part in made.closing.page().findChildren(QLabel)]
    assert any("erased 90 days after the closing" in text for text in texts)


def test_an_upload_whose_file_is_gone_can_be_closed_all_the_same(uploaded, settle, tmp_path):
    Path(tmp_path / "desk" / "OffCirc.dat").unlink()
    page = closing(uploaded)
    settle(uploaded)
    (row,) = page.model.listed
    assert page.model.cell_mark(row, page.model.STATE)[0] == "file gone"
    uploaded.next.next.click()
    settle(uploaded)
    assert uploaded.header.tabs[StepPlace.CLOSE].view.stage is Stage.DONE
    assert uploaded.next.text.text() == "Everything is put away."
    uploaded.next.next.click()
    settle(uploaded)
    assert uploaded.place is StepPlace.COLLECT
    assert not uploaded.collect.model.things
    assert uploaded.header.tabs[StepPlace.COLLECT].view.stage is Stage.NEXT


def test_an_unknown_reader_is_corrected_and_sent_again(qtbot, uploaded, settle, tmp_path):
    readers = tmp_path / "readers.csv"
    readers.write_text("barcode,name\n9900542388527,Ide Martin\n", encoding="utf-8")
    uploaded.todo._patrons = readers
    page = follow_up(uploaded)
    choose(page, TaskKind.ITEM)
    task = choose(page, TaskKind.PATRON)
    settle(uploaded)
    # The likely reader is picked, or another one typed.
    assert page.panel.likely.choices[0].isChecked()
    page.panel.right.clear()
    qtbot.keyClicks(page.panel.right, "9921000000164")
    assert not page.panel.likely.choices[0].isChecked()
    assert not page.send.isVisible()
    first = uploaded.reports.page.report
    qtbot.mouseClick(page.panel.correct, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "complete" in uploaded.band.message, timeout=20_000)
    settle(uploaded)
    done = next(
        each for each in uploaded.todo.tasks if task.lines[0].id in [line.id for line in each.lines]
    )
    assert done.done
    assert page.send.isHidden()
    # What the first upload left stays in sight; the resend is one press away.
    assert uploaded.place is StepPlace.FOLLOWUP
    assert uploaded.reports.page.report is first
    uploaded.band._action.click()
    report = uploaded.reports.page.report
    assert (report.records, report.recorded) == (1, 1)


def test_an_empty_field_says_why_nothing_is_sent(qtbot, uploaded, settle):
    page = follow_up(uploaded)
    choose(page, TaskKind.ITEM)
    choose(page, TaskKind.PATRON)
    settle(uploaded)
    assert not page.panel.likely.choices
    page.panel.correct.click()
    settle(uploaded)
    assert page.panel.missing.text() == "Choose a likely reader, or type the right identifier."
    assert page.panel.missing.isVisible()
    qtbot.keyClicks(page.panel.right, "9")
    assert not page.panel.missing.isVisible()


def test_a_correction_is_taken_back(qtbot, uploaded, settle):
    page = follow_up(uploaded)
    uploaded.flow.signing_in.sign_out()  # else it would be sent at once
    choose(page, TaskKind.ITEM)
    page.panel.right.setText("37000034179")
    page.panel.correct.click()
    settle(uploaded)
    uploaded.go(StepPlace.FOLLOWUP)
    assert page.send.text() == "&Send 1 corrected line"
    assert page.panel.take_back.isEnabled()
    page.panel.take_back.click()
    settle(uploaded)
    assert uploaded.band.message == "The correction is taken back."
    assert page.send.isHidden()
    assert not page.panel.take_back.isEnabled()


def test_a_correction_that_changes_nothing_is_not_taken(qtbot, uploaded, settle):
    page = follow_up(uploaded)
    task = choose(page, TaskKind.ITEM)
    page.panel.right.setText(task.item)
    page.panel.correct.click()
    settle(uploaded)
    assert uploaded.band.kind is BandKind.ERROR


def test_who_is_not_signed_in_is_asked_to_before_sending_again(qtbot, uploaded, settle):
    page = follow_up(uploaded)
    choose(page, TaskKind.PATRON)
    uploaded.flow.signing_in.sign_out()
    page.panel.right.setText("9921000000164")
    page.panel.correct.click()
    settle(uploaded)
    assert uploaded.place is StepPlace.UPLOAD
    assert "Sign in" in uploaded.band.message


def look_for(qtbot, window, settle, text: str = "", day: str = ""):
    window.go(StepPlace.HISTORY)
    settle(window)
    window.reports.past.turn_to(1)
    card = window.reports.past.search
    card.text.setText(text)
    card.day.setText(day)
    card.text.setFocus()
    qtbot.keyClick(card.text, Qt.Key.Key_Return)
    settle(window)
    return card


def test_what_happened_to_an_item_is_found_in_all_uploads(qtbot, uploaded, settle):
    card = look_for(qtbot, uploaded, settle, "TOTO31400")
    (row,) = card.model.things
    assert (row.item, row.patron, row.state) == ("TOTO31400", "9987125433541", "rejected")
    assert "Item not found. Barcode: TOTO31400" in card.told.text()
    assert "OffCirc.dat, line 18" in card.told.text()
    # The beginning of a code is enough, and so is a reader.
    assert len(look_for(qtbot, uploaded, settle, "TOTO").model.things) == 1
    found = look_for(qtbot, uploaded, settle, "9987125433541").model.things
    assert "TOTO31400" in [row.item for row in found]


def test_what_happened_on_a_day(qtbot, uploaded, settle):
    card = look_for(qtbot, uploaded, settle, day="2018-01-16")
    assert card.model.things
    assert {row.at.date().isoformat() for row in card.model.things} == {"2018-01-16"}
    assert look_for(qtbot, uploaded, settle, day="16/01/2018").model.rowCount()
    card = look_for(qtbot, uploaded, settle, day="yesterday")
    assert card.told.text() == "A day is written like 2018-05-31."
    card = look_for(qtbot, uploaded, settle, "no such code")
    assert not card.model.things
    card = look_for(qtbot, uploaded, settle)
    assert not card.table.isVisible()


def test_readers_kept_long_enough_are_erased_when_the_window_starts(
    qtbot, uploaded, settle, data_dir, monkeypatch
):
    from offcirc.upload.close import retention

    asked: list[int] = []
    monkeypatch.setattr(
        retention, "erase_due", lambda _ledger, _folder, *, days, **_more: asked.append(days)
    )
    uploaded.closing.tidy_up()
    settle(uploaded)
    assert asked == [365]


def test_the_report_shows_the_day_with_what_was_refused(uploaded):
    page = uploaded.reports.page
    page.turn_to(1)
    assert page.day.isVisible()
    total = page.day.picture.data.total()
    assert total.loans + total.returns == 57
    assert total.refused == 9
