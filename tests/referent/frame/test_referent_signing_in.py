"""Signing in: servers, addresses, desks and remembered passwords."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator

import keyring
import keyring.backend
import pytest
from PySide6.QtCore import Qt
from referent.window_kit import LOGIN, PASSWORD, settle, sign_in

from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.kit.band import NoticeKind
from offcirc.settings.load import load


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
