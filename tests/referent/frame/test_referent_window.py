"""The referent's window against the real practice server, over real sockets."""

from __future__ import annotations

import csv
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from offcirc.referent.frame.steps import Stage, StepPlace
from offcirc.referent.frame.window import Window
from offcirc.referent.kit.band import NoticeKind
from offcirc.referent.report.model import ReportModel, ShownLines
from offcirc.resources import path
from offcirc.settings.load import load

SAMPLE = path("practice/toulouse/OffCirc.dat")
LOGIN, PASSWORD = "referent", "bac-a-sable-1"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    copy = tmp_path / "OffCirc.dat"
    copy.write_bytes(SAMPLE.read_bytes())
    return copy


LONG = 4_000


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """More returns than the server is sent at once, however many requests go side by side."""
    made = tmp_path / "long.dat"
    made.write_bytes(
        b"".join(
            b"201801%02d%02d%02dR%-80s\r\n" % (10 + n // 1440, n // 60 % 24, n % 60, b"x%05d" % n)
            for n in range(LONG)
        )
    )
    return made


def settle(qtbot, window: Window) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not window.tasks.under_way, timeout=20_000)


def drop(window: Window, paths: list[Path]) -> None:
    """Drop files and folders on the window as a file manager does."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    middle = window.rect().center()
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(middle, copy, mime, buttons, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(middle), copy, mime, buttons, keys))


def sign_in(qtbot, window: Window, url: str, login: str = LOGIN, password: str = PASSWORD) -> None:
    """Type into the fields and press the button."""
    form = window.upload.form
    window.go(StepPlace.UPLOAD)
    form.server.setEditText(url)
    form.user.clear()
    qtbot.keyClicks(form.user, login)
    qtbot.keyClicks(form.password, password)
    qtbot.mouseClick(form.sign_in, Qt.MouseButton.LeftButton)
    settle(qtbot, window)


def choose_desk(window: Window, code: str = "BUC_PRET") -> None:
    position = window.upload.desk.findData(code)
    assert position >= 0
    window.upload.desk.setCurrentIndex(position)


def ready(qtbot, window: Window, url: str, *paths: Path) -> None:
    """Files on the list, signed in, circulation desk chosen."""
    window.add_paths(list(paths))
    settle(qtbot, window)
    sign_in(qtbot, window, url)
    choose_desk(window)


def upload(qtbot, window: Window) -> None:
    window.go(StepPlace.UPLOAD)
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=20_000)
    settle(qtbot, window)


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


def test_a_wrong_password_is_said_in_the_red_band(qtbot, window, server):
    sign_in(qtbot, window, server, password="wrong")
    assert window.band.kind is NoticeKind.ERROR
    assert "does not accept this login and password" in window.band.message
    assert window.flow.signing_in.connection is None
    assert window.upload.form.password.hasFocus()
    assert not window.next.next.isEnabled()


def test_a_limited_role_may_not_upload(qtbot, window, server):
    sign_in(qtbot, window, server, "moniteur", "bac-a-sable-2")
    assert window.band.kind is NoticeKind.ERROR
    assert "may not upload" in window.band.message


def test_no_server_there(qtbot, window):
    with socket.socket() as taken:  # held, or another test's server gets its port
        taken.bind(("127.0.0.1", 0))
        sign_in(qtbot, window, f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert window.band.kind is NoticeKind.ERROR
    assert "does not answer" in window.band.message


@pytest.mark.parametrize("name", ["nonsense", "ftp://example.org", "http://a:b@127.0.0.1:1"])
def test_an_address_that_is_none(qtbot, window, name):
    sign_in(qtbot, window, name)
    assert window.band.kind is NoticeKind.ERROR


class Page(http.server.BaseHTTPRequestHandler):
    """Answers everything with a web page, as a network's sign-in page does."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html><body>Welcome! Please accept the conditions.</body></html>")

    do_POST = do_GET  # noqa: N815

    def log_message(self, *args):
        pass


@pytest.fixture
def html_server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_a_server_that_answers_html(qtbot, window, html_server):
    sign_in(qtbot, window, html_server)
    assert window.band.kind is NoticeKind.ERROR
    assert "is not the library server" in window.band.message


def test_another_server_or_user_signs_out(qtbot, window, server):
    sign_in(qtbot, window, server)
    assert window.flow.signing_in.connection is not None
    qtbot.keyClicks(window.upload.form.user, "x")
    assert window.flow.signing_in.connection is None
    assert window.upload.desk_code == ""
    assert not window.upload.desk.isEnabled()
    settle(qtbot, window)


def test_no_desk_is_chosen_by_accident(qtbot, window, server, sample):
    window.add_paths([sample])
    sign_in(qtbot, window, server)
    assert window.upload.desk.count() == 2
    assert window.upload.desk_code == ""
    assert not window.next.next.isEnabled()
    assert window.next.text.text() == "Choose the circulation desk."


def test_the_practice_server_of_this_pc_is_one_click_away(qtbot, window, server):
    assert not window.upload.form.practice.isVisible()
    window.flow.signing_in.look_for_practice(server)
    settle(qtbot, window)
    window.go(StepPlace.UPLOAD)
    qtbot.mouseClick(window.upload.form.practice, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.flow.signing_in.connection is not None
    assert window.upload.desk.count() == 2


class Store(keyring.backend.KeyringBackend):
    """A password store in memory."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def store() -> Iterator[Store]:
    before = keyring.get_keyring()
    made = Store()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_a_password_is_remembered_and_used_again(qtbot, window, server, store):
    form = window.upload.form
    form.remember.setChecked(True)
    form.server.setEditText(server)
    qtbot.keyClicks(form.user, LOGIN)
    qtbot.waitUntil(lambda: not window.flow.signing_in._look_up.isActive())
    settle(qtbot, window)
    form.remember.setChecked(True)
    qtbot.keyClicks(form.password, PASSWORD)
    form.sign_in.click()
    settle(qtbot, window)
    assert list(store.kept.values()) == [PASSWORD]
    assert form.password.text() == ""
    # Another user, and back again: the empty password field is enough.
    form.user.setText("")
    qtbot.keyClicks(form.user, LOGIN)
    qtbot.waitUntil(form.sign_in.isEnabled, timeout=5000)
    assert "remembered" in form.password.placeholderText()
    form.sign_in.click()
    settle(qtbot, window)
    assert window.flow.signing_in.connection is not None


def test_no_password_store_is_said(qtbot, window, server):
    window.upload.form.server.setEditText(server)
    qtbot.keyClicks(window.upload.form.user, LOGIN)
    qtbot.waitUntil(lambda: not window.flow.signing_in._look_up.isActive())
    settle(qtbot, window)
    window.upload.form.remember.setChecked(True)
    qtbot.keyClicks(window.upload.form.password, PASSWORD)
    window.upload.form.sign_in.click()
    settle(qtbot, window)
    assert "cannot be remembered" in window.band.message


class BrokenStore(Store):
    """A password store that raises whatever it likes."""

    def get_password(self, service, username):
        raise ZeroDivisionError("S3CRET")

    set_password = delete_password = get_password


def test_a_broken_password_store_is_told_and_stops_nothing(qtbot, window, server, store):
    keyring.set_keyring(BrokenStore())
    form = window.upload.form
    form.server.setEditText(server)
    qtbot.keyClicks(form.user, LOGIN)
    qtbot.waitUntil(lambda: not window.flow.signing_in._look_up.isActive())
    settle(qtbot, window)
    assert "ZeroDivisionError" in form.status.text()
    assert "type the password" in form.status.text()
    for remembered in (True, False):
        form.remember.setChecked(remembered)
        form.password.setText(PASSWORD)
        form.sign_in.click()
        settle(qtbot, window)
        assert window.flow.signing_in.connection is not None
        assert ("cannot be remembered" in window.band.message) is remembered
        window.flow.signing_in.sign_out()
        window.band.hide()


def test_a_password_that_goes_unencrypted_is_warned_about(qtbot, window, tmp_path):
    site = tmp_path / "site.toml"
    site.write_text('[servers.a]\nurl = "http://library.example"\nplain_http = true\n')
    form = window.upload.form
    form.set_servers(load(environment={}, site=site, user=site.with_name("none")).servers())
    form.server.setEditText("a")
    assert "not encrypted" in form.warning.text()
    assert not form.warning.isHidden()
    form.server.setEditText("https://library.example")
    assert form.warning.isHidden()


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
    qtbot.waitUntil(shown.isActiveWindow)
    qtbot.keyClick(shown.browser, Qt.Key.Key_Escape)
    assert not shown.isVisible()


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


def test_servers_of_the_settings_are_offered(qtbot, open_window, tmp_path, server):
    user = tmp_path / "user.toml"
    user.write_text(
        "[servers.library]\n"
        f'url = "{server}"\n'
        'desk = "SCI_PRET"\n'
        'user = "referent"\n'
        "[servers.other]\n"
        'url = "http://127.0.0.1:9"\n'
        "[desk]\n"
        'colour = "red"\n'
    )
    made = open_window(site=tmp_path / "none.toml", user=user)
    form = made.upload.form
    assert [form.server.itemText(row) for row in range(form.server.count())] == [
        "library",
        "other",
    ]
    assert (form.name, form.login) == ("library", "referent")
    # What is wrong with the settings is said, and does not stop the work.
    assert "desk.colour" in made.band.message
    made.go(StepPlace.UPLOAD)
    qtbot.keyClicks(form.password, PASSWORD)
    qtbot.keyClick(form.password, Qt.Key.Key_Return)
    settle(qtbot, made)
    assert made.upload.desk_code == "SCI_PRET"


def test_readers_are_in_no_log(qtbot, window, server, sample, caplog):
    caplog.set_level(0)
    ready(qtbot, window, server, sample)
    upload(qtbot, window)
    assert "9987125433541" not in caplog.text
