"""A system behind SIP2 in the referent's window: tested, and asked about dates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from referent.window_kit import choose_desk, settle, sign_in, upload
from servers.sipdouble import LOGIN, PASSWORD, SipDouble, running_sip

from offcirc.referent.frame.steps import StepPlace


@pytest.fixture
def library() -> Iterator[SipDouble]:
    with running_sip() as double:
        double.items.update(I1="Un")
        double.patrons.update(P1="Zoé")
        yield double


@pytest.fixture
def day(tmp_path: Path) -> Path:
    file = tmp_path / "OffCirc.dat"
    file.write_text(f"201801150914L{'I1':80}P1\n")
    return file


def test_a_test_says_what_is_wrong_and_what_is_not_kept(qtbot, window, library):
    window.go(StepPlace.UPLOAD)
    form = window.upload.form
    form.choose(library.url, LOGIN, PASSWORD)
    qtbot.mouseClick(form.test, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert "is signed in" in form.status.text()
    assert "clock" in form.status.text()
    assert "Loans get the date of the upload" in form.limits.text()
    assert form.password.text() == PASSWORD
    assert {text[:2] for text in library.received} == {"93", "99"}
    form.choose(library.url, LOGIN, "wrong")
    qtbot.mouseClick(form.test, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert form.status.text().startswith("✗")


def test_loans_that_would_be_dated_today_wait_for_a_tick(qtbot, window, library, day):
    window.add_paths([day])
    settle(qtbot, window)
    sign_in(qtbot, window, library.url, LOGIN, PASSWORD)
    choose_desk(window, "SIP2")
    window.go(StepPlace.UPLOAD)
    page = window.upload
    assert "1 loan will be dated today" in page.undated.text()
    assert not page.turn()[3]
    assert page.trial.isEnabled()
    page.accept_dates.setChecked(True)
    assert page.turn()[3]
    upload(qtbot, window)
    assert window.reports.page.report.recorded == 1
    assert library.loans["I1"].patron == "P1"


def test_a_system_that_keeps_every_date_asks_nothing(qtbot, window, server, day):
    window.add_paths([day])
    settle(qtbot, window)
    sign_in(qtbot, window, server)
    assert window.upload.undated.isHidden()
    assert window.upload.accept_dates.isHidden()
