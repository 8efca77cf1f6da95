"""A referent's window, a practice server, and a gate between the two."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from helpers.library import begin_library
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from offcirc import i18n
from offcirc.practice.web.serve import running
from offcirc.referent.frame.start import Dress
from offcirc.referent.frame.window import Window
from offcirc.referent.kit import look
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.resources import path
from offcirc.settings.load import load

SAMPLE = path("practice/toulouse/OffCirc.dat")
LOGIN, PASSWORD = "referent", "bac-a-sable-1"
NOW = datetime(2018, 1, 19, 8, 0)


class Answers(Dialogs):
    """Dialogs that answer at once; a test says what. Nothing is ever opened."""

    def __init__(self) -> None:
        self.chosen_files: list[Path] = []
        self.chosen_folder: Path | None = None
        self.report_path: Path | None = None
        self.work_list_path: Path | None = None
        self.alma_path: Path | None = None
        self.lines_path: tuple[Path, str] | None = None
        self.opened: list[Path] = []
        self.shown_in_folder: list[Path] = []
        self.secret = ""
        self.questions: list[str] = []

    def files(self, parent, start):
        return self.chosen_files

    def folder(self, parent, start):
        return self.chosen_folder

    def report(self, parent, suggested):
        return self.report_path

    def alma_report(self, parent):
        return self.alma_path

    def lines(self, parent, suggested):
        return self.lines_path

    def work_list(self, parent, suggested):
        return self.work_list_path

    def password(self, parent, title, question):
        self.questions.append(question)
        return self.secret

    def show_in_folder(self, path):
        self.shown_in_folder.append(path)

    def open_in_browser(self, path):
        self.opened.append(path)


class Gate:
    """A door between client and server: while it is shut, requests wait; answers always pass.

    Attributes:
        url: the address to give to the client.
        requests: pieces of requests that came, waiting ones included.
    """

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._server = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._hosts = (self.url.removeprefix("http://").encode(), f"{host}:{port}".encode())
        self._open = threading.Event()
        self._open.set()
        self._ended = False
        self._counting = threading.Lock()
        self._passes: int | None = None
        self.requests = 0
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def shut(self) -> None:
        self._open.clear()

    def shut_after(self, pieces: int) -> None:
        """Let so many pieces pass, then shut by itself: no fast machine gets past it."""
        with self._counting:
            self._passes = pieces

    @property
    def is_shut(self) -> bool:
        return not self._open.is_set()

    def open(self) -> None:
        self._open.set()

    def cut(self) -> None:
        """The network breaks: every connection ends, and no new one is made."""
        self._ended = True
        self._open.set()
        socket.create_connection(self._listener.getsockname()).close()
        self._threads[0].join()
        self._listener.close()

    def close(self) -> None:
        if not self._ended:
            self.cut()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            client, _address = self._listener.accept()
            if self._ended:
                client.close()
                return
            thread = threading.Thread(target=self._carry, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _count(self) -> None:
        with self._counting:
            self.requests += 1
            if self._passes == 0:
                self._open.clear()
                self._passes = None
            elif self._passes is not None:
                self._passes -= 1

    def _carry(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server)
        except OSError:
            client.close()
            return
        with client, server, selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._ended:
                for key, _events in ready.select(timeout=0.1):
                    if key.fileobj is client:
                        self._count()
                        self._open.wait()
                    try:
                        data = key.fileobj.recv(65536)
                        if key.fileobj is client:
                            data = data.replace(*self._hosts)  # the server knows its own name only
                        key.data.sendall(data)
                    except OSError:
                        return
                    if not data:
                        return


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Windows drawn in memory cannot pass their least size on to a window manager: no fault."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            # The mark's own patterns come on top of those of the settings.
            item.add_marker(pytest.mark.qt_log_ignore("does not support (propagateSize|raise)"))


@pytest.fixture(autouse=True)
def deleted_here(qapp: QApplication) -> Iterator[None]:
    """Have Qt delete in this thread what a test leaves behind.

    Python would do so in whichever thread happens to collect its garbage, and crash.
    """
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A practice server with the sample library; its address."""
    with running(None, begin_library(tmp_path / "server"), now=NOW) as url:
        yield url


@pytest.fixture
def gate(server: str) -> Iterator[Gate]:
    """A gate in front of the practice server."""
    made = Gate(server)
    yield made
    made.close()


@pytest.fixture
def language() -> str:
    """The window's language; tests in French override it."""
    return "en"


@pytest.fixture
def answers() -> Answers:
    """What the dialogs answer."""
    return Answers()


@pytest.fixture
def sheet(qapp: QApplication, language: str) -> Iterator[look.ReferentLook]:
    """The application dressed as the program dresses it."""
    i18n.activate(language)
    with Dress(qapp) as made:
        yield made


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def open_window(
    qtbot: QtBot, sheet: look.ReferentLook, data_dir: Path, answers: Answers
) -> Iterator[Callable[..., Window]]:
    """Opens windows on the data folder; at the end whatever they do is brought to an end.

    They are not given to qtbot, which would delete them before their work has ended.
    """
    opened: list[Window] = []

    def open_one(**files: Path) -> Window:
        made = Window(sheet, load({}, **files), data_dir, answers)
        opened.append(made)
        made.show()
        return made

    yield open_one
    for made in opened:
        made.flow.uploading.cancel()
        qtbot.waitUntil(lambda made=made: not made.tasks.under_way, timeout=20_000)
        made.close()
        made.deleteLater()
    # Now, and not after the application has been undressed: which changes every widget there is.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    opened.clear()


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    """The window, shown."""
    return open_window()
