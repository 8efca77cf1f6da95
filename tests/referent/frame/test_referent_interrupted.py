"""Uploads that are cancelled, paused, cut off or resumed, in the referent's window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from referent.window_kit import LOGIN, LONG, ready, settle, sign_in, upload

from offcirc.referent.frame.steps import Stage, StepPlace
from offcirc.referent.kit.band import NoticeKind


def test_cancel_stops_cleanly_and_resume_goes_on(qtbot, window, gate, long_file):
    ready(qtbot, window, gate.url, long_file)
    # The job is opened and the first lines are sent; then the server keeps us waiting.
    gate.shut_after(3)
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.is_shut, timeout=20_000)
    qtbot.waitUntil(window.upload.run.cancel.isVisible)
    qtbot.mouseClick(window.upload.run.cancel, Qt.MouseButton.LeftButton)
    assert window.flow.uploading.running
    gate.open()
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=20_000)
    settle(qtbot, window)
    run = window.upload.run
    assert window.place is StepPlace.UPLOAD
    assert run.title.text().startswith("Cancelled.")
    assert run.resume.isVisible()
    assert "Press Resume" in window.band.message
    assert window.collect.model.things[0].verdict == "partly uploaded"
    assert window.header.tabs[StepPlace.UPLOAD].view.stage is Stage.ATTENTION
    left = window.reports.page.report.left
    assert 0 < left < LONG
    qtbot.mouseClick(run.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=20_000)
    settle(qtbot, window)
    report = window.reports.page.report
    assert window.place is StepPlace.REPORT
    assert (report.records, report.left, report.rejected) == (LONG, 0, LONG)
    assert len(window._jobs) == 1


def test_an_upload_is_paused_and_goes_on(qtbot, window, gate, long_file):
    ready(qtbot, window, gate.url, long_file)
    gate.shut_after(3)
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.is_shut, timeout=20_000)
    run = window.upload.run
    qtbot.mouseClick(run.pause, Qt.MouseButton.LeftButton)
    assert run.pause.text() == "&Go on"
    gate.open()
    qtbot.waitUntil(lambda: "Paused" in run.phase.text(), timeout=20_000)
    seen = gate.requests
    assert window.flow.uploading.running
    qtbot.mouseClick(run.pause, Qt.MouseButton.LeftButton)
    assert run.pause.text() == "&Pause"
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=20_000)
    settle(qtbot, window)
    assert gate.requests >= seen
    assert (window.reports.page.report.left, window.reports.page.report.rejected) == (0, LONG)


@pytest.mark.promise("an-upload-can-be-resumed")
def test_an_unfinished_upload_is_resumed_after_a_restart(
    qtbot, window, gate, long_file, open_window
):
    ready(qtbot, window, gate.url, long_file)
    gate.shut_after(3)
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.is_shut, timeout=20_000)
    # Closing the window first brings the upload to a clean stop.
    assert not window.close()
    assert window.isVisible()
    gate.open()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)

    again = open_window()
    again.start([long_file])
    qtbot.waitUntil(lambda: len(again.collect.model.things) == 1)
    settle(qtbot, again)
    assert again.upload.form.login == LOGIN
    again.reports.past.table.selectRow(0)
    again.reports.past.resume.click()
    assert again.place is StepPlace.UPLOAD
    sign_in(qtbot, again, gate.url)
    # The circulation desk of last time is chosen already.
    assert again.upload.desk_code == "BUC_PRET"
    assert again.next.next.text() == "Resume and &validate file content"
    upload(qtbot, again)
    report = again.reports.page.report
    assert (report.left, report.rejected) == (0, LONG)
    assert len(again._jobs) == 1


def test_the_server_goes_away_in_the_middle(qtbot, window, gate, long_file, monkeypatch):
    from offcirc.upload.base import patience

    # The upload tries again a few times before it stops; nobody has to wait for that here.
    monkeypatch.setattr(patience.Patience, "seconds", lambda *_args: 0.01)
    ready(qtbot, window, gate.url, long_file)
    gate.shut_after(3)
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.is_shut, timeout=20_000)
    gate.cut()
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=30_000)
    settle(qtbot, window)
    assert window.band.kind is NoticeKind.ERROR
    assert "Press Resume" in window.band.message
    assert window.upload.run.resume.isVisible()


def test_the_window_stays_responsive_during_an_upload(qtbot, window, gate, long_file):
    ready(qtbot, window, gate.url, long_file)
    ticks: list[int] = []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: ticks.append(1))
    gate.shut()
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    timer.start()
    qtbot.waitUntil(lambda: len(ticks) >= 20)
    assert window.flow.uploading.running
    # Everything else can still be used meanwhile.
    qtbot.mouseClick(window.header.tabs[StepPlace.COLLECT], Qt.MouseButton.LeftButton)
    assert window.place is StepPlace.COLLECT
    gate.open()
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=20_000)
