"""Systems that write no report: proved before, looked up after; and files for other systems."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from servers.files.readers import Shelf, koha_queue

from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.kit.band import NoticeKind
from offcirc.resources import path
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.run import run_upload

SAMPLE = path("practice/toulouse/OffCirc.dat")


@pytest.fixture
def settle(qtbot):
    def wait(window) -> None:
        qtbot.waitUntil(lambda: not window.tasks.under_way, timeout=20_000)

    return wait


@pytest.fixture
def pmb(open_window, settle, server, tmp_path, monkeypatch):
    """A window whose settings name PMB, and the practice server to look up at."""
    monkeypatch.setenv("OFFCIRC_PASSWORD", "bac-a-sable-1")
    user = tmp_path / "user.toml"
    out = json.dumps(str(tmp_path / "out"))
    user.write_text(
        f'[servers.pmb]\nkind = "pmb"\nfolder = {out}\nlook_up = "asked"\n'
        f'[servers.asked]\nurl = "{server}"\nuser = "referent"\n'
    )
    made = open_window(site=tmp_path / "none.toml", user=user)
    file = tmp_path / "OffCirc.dat"
    shutil.copyfile(SAMPLE, file)
    made.add_paths([file])
    settle(made)
    made.go(StepPlace.UPLOAD)
    made.upload.form.choose("pmb", "")
    return made


def test_pmb_needs_no_desk_and_says_what_it_does_not_keep(pmb):
    form = pmb.upload.form
    assert "PMB takes these files by hand" in form.status.text()
    assert "PMB keeps no times" in form.status.text()
    assert pmb.next.next.text() == "&Write the files for PMB"
    assert pmb.next.next.isEnabled()
    assert not pmb.upload.desk.isEnabled()
    assert "upload the files today" in pmb.upload.preflight.text()


def test_pmb_is_looked_up_from_the_card(qtbot, pmb, settle, server, tmp_path):
    pmb.next.next.click()
    settle(pmb)
    (written,) = (tmp_path / "out").glob("OffCirc*.txt")
    assert written.read_bytes().count(b"SECOURU")
    assert pmb.band.kind is NoticeKind.WARNING  # some cards and items are not known there
    assert "in none of them" in pmb.band.message
    card = pmb.upload.handed
    assert card.look_back.isVisibleTo(card)
    assert not card.report.isVisibleTo(card)
    assert card.model.text(0, card.model.DESK) == "PMB"
    pmb.go(StepPlace.REPORT)
    assert pmb.next.next.text() == "Look the lines &up there"
    pmb.next.next.click()
    settle(pmb)
    assert "has the file been uploaded" in pmb.band.message
    with PracticeServer(server) as stands_for_it, Ledger(tmp_path / "x" / "ledger.db") as book:
        stands_for_it.sign_in("referent", "bac-a-sable-1")
        run_upload([SAMPLE], stands_for_it, book, desk="BUC_PRET", who="x")
    pmb.go(StepPlace.UPLOAD)
    qtbot.mouseClick(card.look_back, Qt.MouseButton.LeftButton)
    settle(pmb)
    assert not pmb.alma.waiting
    assert pmb.place is StepPlace.REPORT
    assert pmb.reports.page.report.records == 57


def test_the_lines_are_written_for_another_system(qtbot, pmb, settle, answers, tmp_path):
    pmb.go(StepPlace.REPORT)
    button = pmb.reports.page.lines
    answers.lines_path = (tmp_path / "out.koc", "koc")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(pmb)
    assert pmb.band.kind is NoticeKind.DONE
    assert "57 lines in" in pmb.band.message
    koha_queue((tmp_path / "out.koc").read_bytes(), Shelf())
    answers.lines_path = (tmp_path / "out.txt", "pmb")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(pmb)
    assert pmb.band.kind is NoticeKind.WARNING
    assert "lines are not in it" in pmb.band.message
    answers.lines_path = None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(pmb)
    assert len(list(Path(tmp_path).glob("out.*"))) == 2


def test_without_files_there_is_nothing_to_write(qtbot, open_window, tmp_path):
    window = open_window(site=tmp_path / "none.toml", user=tmp_path / "none.toml")
    window.go(StepPlace.REPORT)
    qtbot.mouseClick(window.reports.page.lines, Qt.MouseButton.LeftButton)
    assert window.band.kind is NoticeKind.NOTE
