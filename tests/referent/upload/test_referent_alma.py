"""Alma as a target: files written for it, carried by hand, its report brought back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from referent.window_kit import drop

from offcirc.referent.frame.steps import Stage, StepPlace
from offcirc.referent.kit.band import NoticeKind
from offcirc.resources import path

SAMPLE = path("practice/toulouse/OffCirc.dat")
REPORT = """\
Process ID 2744228060004116   Name Prêts - Télécharger les transactions hors-ligne
Started on 17/01/2018 17:32:47 CET   Finished on 17/01/2018 17:33:14 CET   Total run time 27 Seconds
Status Completed Successfully   Records processed 57   Records with exceptions 2
Line 18  Item not found. Barcode: TOTO31400
Line 19  Return item failed, item was not on loan. Barcode: OTOLO104602
"""


@pytest.fixture
def settle(qtbot):
    def wait(window) -> None:
        qtbot.waitUntil(lambda: not window.tasks.under_way, timeout=20_000)

    return wait


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "for alma"


@pytest.fixture
def almost(open_window, settle, tmp_path, folder):
    """A window whose settings name Alma, with a desk's file on the list."""
    user = tmp_path / "user.toml"
    user.write_text(f'[servers.alma]\nkind = "alma-file"\nfolder = {json.dumps(str(folder))}\n')
    made = open_window(site=tmp_path / "none.toml", user=user)
    file = tmp_path / "OffCirc.dat"
    shutil.copyfile(SAMPLE, file)
    made.add_paths([file])
    settle(made)
    made.go(StepPlace.UPLOAD)
    return made


def hand_over(window, settle) -> None:
    window.upload.desk.setEditText("BUC_PRET")
    window.next.next.click()
    settle(window)


def test_nobody_signs_in_to_a_folder(almost, folder):
    form = almost.upload.form
    assert form.name == "alma"
    assert not form.password.isVisible()
    assert not form.sign_in.isVisible()
    assert str(folder) in form.status.text()
    assert almost.upload.trial.isHidden()
    assert almost.next.next.text() == "&Write the files for Alma"
    assert not almost.next.next.isEnabled()
    assert almost.next.text.text() == "Name the circulation desk."
    assert "circulation desk" in almost.upload.preflight.text()


def test_another_server_asks_to_sign_in_again(almost):
    form = almost.upload.form
    form.choose("http://127.0.0.1:1", "referent")
    assert form.password.isVisible()
    assert form.status.text() == ""
    assert not almost.upload.desk.isEditable()


def test_files_are_written_and_the_report_is_brought_back(
    qtbot, almost, settle, folder, answers, tmp_path
):
    hand_over(almost, settle)
    (written,) = folder.glob("*.dat")
    assert written.read_bytes().count(b"\r\n") == 57
    assert almost.band.kind is NoticeKind.DONE
    card = almost.upload.handed
    assert card.isVisible()
    assert card.model.text(0, card.model.DESK).startswith("Alma · BUC_PRET")
    qtbot.mouseClick(card.checklist, Qt.MouseButton.LeftButton)
    settle(almost)
    assert answers.opened[-1].suffix == ".html"
    qtbot.mouseClick(card.folder, Qt.MouseButton.LeftButton)
    assert answers.shown_in_folder == [written]
    assert almost.header.tabs[StepPlace.REPORT].view.stage is Stage.ATTENTION
    # The report can be chosen where its page would be, or dropped anywhere.
    almost.go(StepPlace.REPORT)
    assert almost.next.text.text() == "1 file waits for an answer."
    answer = tmp_path / "report.txt"
    answer.write_text(REPORT, encoding="utf-8")
    answers.alma_path = answer
    almost.next.next.click()
    settle(almost)
    report = almost.reports.page.report
    assert (report.process_id, report.rejected) == ("2744228060004116", 2)
    assert almost.place is StepPlace.REPORT
    assert almost.reports.page.rows.rowCount() == 2
    assert not almost.alma.waiting
    assert almost.todo.left > 0


def test_alma_s_report_is_dropped_on_the_window(almost, settle, tmp_path):
    hand_over(almost, settle)
    answer = tmp_path / "report.txt"
    answer.write_text(REPORT, encoding="utf-8")
    drop(almost, [answer])
    settle(almost)
    assert almost.reports.page.report.rejected == 2


def test_something_else_is_no_report(almost, settle, tmp_path):
    hand_over(almost, settle)
    other = tmp_path / "list.csv"
    other.write_text("a,b\n1,2\n")
    drop(almost, [other])
    settle(almost)
    assert almost.band.kind is NoticeKind.ERROR
    assert len(almost.alma.waiting) == 1


def test_what_was_handed_over_is_not_handed_over_again(almost, settle):
    hand_over(almost, settle)
    assert almost.collect.model.things[0].verdict == "uploaded before"
    almost.next.next.click()
    settle(almost)
    assert almost.band.kind is NoticeKind.ERROR
    assert len(almost.alma.waiting) == 1
