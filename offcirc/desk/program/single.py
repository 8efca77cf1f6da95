"""One window for each data folder: a second start brings the first one to the front.

Who may write is decided by the lock of the data folder alone; this only passes on the wish to see
the window. The first window leaves a small file in the data folder that names where it listens, so
that a start that is not the second need not look.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

MARKER_NAME = "desk.window"
PATIENCE = 1500
"""Milliseconds the first window gets to answer; one that is busy saving needs a moment."""

_PRIME = 2**64 - 59
_RAISE = b"raise\n"
_RAISED = b"raised\n"


def raise_first(folder: Path, *, surely: bool = False) -> bool:
    """Bring the window that is open on this data folder to the front; false if none answers.

    Args:
        folder: the data folder.
        surely: whether to look without a sign that there is one. A window that works in its
            fallback place may have been unable to leave one.
    """
    try:
        name = (folder / MARKER_NAME).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        name = ""
    if not name:
        name = _name(folder)
        if not (surely or _has_socket(name)):
            return False
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(PATIENCE):
        return False
    socket.write(_RAISE)
    socket.flush()
    answered = socket.waitForReadyRead(PATIENCE) and socket.readAll().data() == _RAISED
    socket.disconnectFromServer()
    return answered


class FirstWindow(QObject):
    """Listens for later starts on the same data folder."""

    def __init__(self, folder: Path, come_forward: Callable[[], None], parent: QObject) -> None:
        """Start to listen; without success the program works all the same.

        Args:
            folder: the data folder.
            come_forward: brings the window to the front.
            parent: lives as long as this.
        """
        from PySide6.QtNetwork import QLocalServer

        super().__init__(parent)
        self._marker = folder / MARKER_NAME
        self._come_forward = come_forward
        self._server: QLocalServer = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        name = _name(folder)
        QLocalServer.removeServer(name)  # what a killed program left; ours is the folder's lock
        if self._server.listen(name):
            self._mark(name)

    def close(self) -> None:
        """Stop to listen."""
        self._server.close()
        with suppress(OSError):  # it may be out of reach; the next start finds that nobody answers
            self._marker.unlink(missing_ok=True)

    def _mark(self, name: str) -> None:
        # Where it cannot be written, a later start has to find out for itself.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with (
            suppress(OSError),
            os.fdopen(os.open(self._marker, flags, 0o600), "w", encoding="ascii") as file,
        ):
            file.write(name)

    def _answer(self) -> None:
        socket = self._server.nextPendingConnection()

        def read() -> None:
            if socket.readAll().data() == _RAISE:
                self._come_forward()
                socket.write(_RAISED)
                socket.flush()

        socket.readyRead.connect(read)
        socket.disconnected.connect(socket.deleteLater)
        if socket.bytesAvailable():
            read()


def _name(folder: Path) -> str:
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    text = f"{user}\0{os.path.realpath(folder)}".encode("utf-8", "surrogateescape")
    # Only to tell the folders of one user apart, and there at once; hashlib is not.
    return f"offcirc-{int.from_bytes(text, 'big') % _PRIME:016x}"


def _has_socket(name: str) -> bool:
    """Whether somebody listens, or listened, under this name; where that can be seen."""
    if os.name == "nt":
        return False
    return os.path.exists(f"{os.environ.get('TMPDIR') or '/tmp'}/{name}")  # noqa: PTH110, S108
