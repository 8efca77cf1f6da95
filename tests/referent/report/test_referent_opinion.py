"""The second opinion in the referent's window: offered, made, and what differs shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from referent.report_kit import job, line
from referent.window_kit import SAMPLE, choose_desk, ready, settle, sign_in, upload
from servers.kohadouble import PASSWORD, STAFF, running_koha

from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.frame.window import Window
from offcirc.referent.kit.band import NoticeKind
from offcirc.upload.report.opinion import Difference, DifferenceKind, SecondOpinion

BOTH = pytest.mark.parametrize("language", ["en", "fr"])
SIZES = pytest.mark.parametrize("size", [(1366, 768), (1024, 700), (640, 500)])
ITEM = "37000034179"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    copy = tmp_path / "OffCirc.dat"
    copy.write_bytes(SAMPLE.read_bytes())
    return copy


def by_hand(folder: Path) -> None:
    """Somebody gives a loan to another reader in the library system."""
    with closing(sqlite3.connect(folder / "server" / "practice.db")) as connection, connection:
        statement = "UPDATE loans SET patron = 'ups.lecteur001' WHERE item = ?"
        assert connection.execute(statement, (ITEM,)).rowcount == 1


def test_it_is_offered_after_an_upload_and_names_what_somebody_changed(
    qtbot, window, server, sample, tmp_path
):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    page = window.reports.page
    assert page.opinion._strip.isHidden()
    assert window.band._action.text() == "Compare with the system"
    qtbot.mouseClick(window.band._action, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert page.shown == page._opinion_tab
    assert window.band.kind is NoticeKind.DONE
    assert page.opinion.sentence.text() == window.band.message
    assert page.opinion.rows.rowCount() == 0
    assert page.report.opinion.good

    by_hand(tmp_path)
    qtbot.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.band.kind is NoticeKind.WARNING
    assert "1 differs" in page.opinion.sentence.text()
    [row] = page.opinion.rows.listed
    assert (row.line.item, row.kind) == (ITEM, DifferenceKind.OTHER_PATRON)
    said = [label.text() for label in page.opinion.panel.findChildren(QLabel)]
    assert any("9951658533103" in text for text in said)
    assert any("Ask the desk" in text for text in said)


def test_who_is_not_signed_in_is_asked_to(
    qtbot, window: Window, server: str, sample: Path, open_window: Callable[..., Window]
):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    again = open_window()
    again.go(StepPlace.HISTORY)
    settle(qtbot, again)
    qtbot.keyClick(again.reports.past.table, Qt.Key.Key_Return)
    settle(qtbot, again)
    page = again.reports.page
    page.turn_to(page._opinion_tab)
    qtbot.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    assert again.place is StepPlace.UPLOAD
    assert "Sign in" in again.band.message
    assert again.band._action.text() == "Compare"


def test_another_system_does_not_answer_for_it(qtbot, window, server, sample):
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    window.flow.signing_in.connection.server._identity = "another"
    window.course.compare()
    settle(qtbot, window)
    assert window.band.kind is NoticeKind.ERROR
    assert "another library system" in window.band.message
    assert window.reports.page.compare.isEnabled()


def test_what_a_koha_cannot_do_is_said_at_the_sign_in(qtbot, open_window, tmp_path, sample):
    with running_koha(rest="") as koha:
        site = tmp_path / "site.toml"
        site.write_text(f"[servers.koha]\nurl = '{koha.url}'\nkind = 'koha'\ndesk = 'CPL'\n")
        window = open_window(site=site)
        window.add_paths([sample])
        settle(qtbot, window)
        sign_in(qtbot, window, "koha", STAFF, PASSWORD)
        form = window.upload.form
        assert "Signed in" in form.status.text()
        assert "cannot be looked up" in form.limits.text()
        assert form.limits.isVisible()
        choose_desk(window, "CPL")
        upload(qtbot, window)
        assert window.reports.page.report.complete
        assert not window.band._action.isVisible()
        window.flow.signing_in.sign_out()
        assert form.limits.isHidden()


def made_up(differ: int) -> SecondOpinion:
    """An opinion as it may look after a long outage."""
    kinds = list(DifferenceKind)
    rows = tuple(
        Difference(
            kinds[number % len(kinds)],
            line(
                number + 1,
                item=f"3700001{number:04}",
                due_at=datetime(2018, 2, 5, 20, 0),
            ),
            "9921010000164",
            datetime(2018, 1, 17, 8, 14),
            datetime(2018, 2, 8, 20, 0),
        )
        for number in range(differ)
    )
    at = datetime(2018, 1, 18, 8, 21, tzinfo=UTC)
    return SecondOpinion(at, "Claire", 1204, 1204 - differ, 836, 368, 0, rows)


@BOTH
@SIZES
@pytest.mark.parametrize("differ", [0, 7])
def test_the_sentence_and_every_column_are_in_sight(qtbot, window, size, differ, language):
    window.resize(*size)
    window.reports.show(job(opinion=made_up(differ), server="https://koha.example"))
    window.go(StepPlace.REPORT)
    page = window.reports.page
    page.turn_to(page._opinion_tab)
    settle(qtbot, window)
    assert page.opinion.sentence.isVisible()
    assert page.compare.isVisible()
    assert not page.export.isVisible()
    table = page.opinion.table
    assert not table.horizontalScrollBar().isVisible()
    assert table.horizontalHeader().length() <= table.viewport().width()
    area = window.area(StepPlace.REPORT)
    assert not area.horizontalScrollBar().isVisible()
    assert page.opinion.panel.isVisible() is (differ > 0)
