"""The report by mail from the window, and where readers' names may be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from referent.window_kit import ready, settle, upload
from upload.postoffice import PASSWORD, USER, Box, certificate, post_office

from offcirc.referent.kit.band import NoticeKind

NAME = "Lecteur 056"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A mail server that the settings name."""
    pem = certificate(tmp_path)
    made = Box()
    with post_office(made, pem) as port:
        for name, value in {
            "SERVER": "localhost",
            "PORT": str(port),
            "CA_FILE": str(pem),
            "FROM": "offcirc@library.example",
            "TO": "referent@library.example",
            "USER": USER,
            "ATTACH": "csv",
        }.items():
            monkeypatch.setenv(f"OFFCIRC_MAIL_{name}", value)
        yield made


def test_the_report_shown_is_mailed_and_the_password_asked_for_once(
    qtbot, box, open_window, server, sample, answers
):
    window = open_window()
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    button = window.reports.page.mail
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert len(answers.questions) == 1
    assert not box.letters, "whoever gives no password sends no mail"

    answers.secret = "wrong"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.band.kind is NoticeKind.ERROR
    assert "user name and password" in window.band.message

    answers.secret = PASSWORD
    for _again in range(2):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        settle(qtbot, window)
    assert len(answers.questions) == 3
    assert window.band.kind is NoticeKind.DONE
    assert "referent@library.example" in window.band.message
    assert [letter.encrypted for letter in box.letters] == [True, True]
    [part] = box.letters[0].message.iter_attachments()
    assert "TOTO31400" in part.get_content()
    assert NAME not in part.get_content()


def test_an_upload_mails_its_report_by_itself_where_that_is_set(
    qtbot, box, open_window, server, sample, monkeypatch
):
    monkeypatch.setenv("OFFCIRC_MAIL_AFTER_UPLOAD", "true")
    monkeypatch.setenv("OFFCIRC_MAIL_PASSWORD", PASSWORD)
    window = open_window()
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    settle(qtbot, window)
    assert len(box.letters) == 1


@pytest.mark.parametrize(
    ("wanted", "shown", "written"),
    [("never", False, False), ("screen", True, False), ("everywhere", True, True)],
)
def test_names_are_where_the_library_wants_them(
    qtbot, open_window, server, sample, answers, tmp_path, monkeypatch, wanted, shown, written
):
    monkeypatch.setenv("OFFCIRC_REPORT_READER_NAMES", wanted)
    window = open_window()
    assert not window.reports.page.mail.isVisibleTo(window), "no mail server is set"
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    window.reports.page.filter.setText("TOTO31400")
    told = " ".join(value.text() for value in window.reports.page.panel.facts.values)
    assert (NAME in told) is shown
    answers.report_path = tmp_path / "r.csv"
    window.reports.page.export.click()
    settle(qtbot, window)
    assert (NAME in answers.report_path.read_text("utf-8")) is written
