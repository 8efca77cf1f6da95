"""Who is signed in on which server, from the form's fields to a connection and away again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from offcirc.i18n import _
from offcirc.referent.background import uploads
from offcirc.referent.background.uploads import Connection, SignIn
from offcirc.referent.kit.errors import sentence
from offcirc.referent.kit.tasks import TaskResult, Tasks
from offcirc.referent.upload.serverform import ServerForm
from offcirc.servers import passwordstore, training

if TYPE_CHECKING:
    from offcirc.servers.connection import ConnectionFound
    from offcirc.servers.training import Training
    from offcirc.settings.load import ServerSettings as NamedServer

PAUSE = 400
"""Milliseconds without a key before the password store is asked about what was typed."""


class SigningIn(QObject):
    """Signs in and out as the form says.

    Signals:
        signed_in: somebody is, the :class:`Connection` is given.
        signed_out: nobody is any more.
        failed: signing in was not possible, the exception is given.
        busy: signing in begins.
    """

    signed_in = Signal(object)
    signed_out = Signal()
    failed = Signal(object)
    busy = Signal()

    def __init__(
        self,
        form: ServerForm,
        tasks: Tasks,
        named: Mapping[str, NamedServer],
        in_use: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """Serve a form.

        Args:
            form: the fields.
            tasks: runs the work.
            named: the servers that the settings name.
            in_use: whether an upload is using the connection, so that it must not be closed.
            parent: the window.
        """
        super().__init__(parent)
        self._form = form
        self._tasks = tasks
        self._named = named
        self._in_use = in_use
        self._training: Training | None = None
        self.connection: Connection | None = None
        self._look_up = QTimer(self, singleShot=True, interval=PAUSE)
        self._look_up.timeout.connect(self._ask_store)
        form.sign_in_wanted.connect(self.sign_in)
        form.test_wanted.connect(self._test)
        form.practice_wanted.connect(self._use_practice)
        form.account_changed.connect(self._account_changed)

    def look_for_practice(self, url: str = training.URL) -> None:
        """Offer the practice server of this PC if it is running."""
        self._tasks.run_task(partial(training.find, url), self._practice_found)

    def ask_store_soon(self) -> None:
        """Ask the password store about the server and user name in the fields."""
        self._look_up.start()

    def sign_in(self, wish: SignIn) -> None:
        """Sign in; the form waits."""
        self.sign_out()
        self.busy.emit()
        self._form.show_busy(_("Signing in…"))
        self._tasks.run_task(partial(uploads.sign_in, wish, self._named), self._answered)

    def _test(self, wish: SignIn) -> None:
        self.sign_out()
        self.busy.emit()
        self._form.show_busy(_("Testing the connection…"))
        self._tasks.run_task(partial(uploads.test_connection, wish, self._named), self._tested)

    def _tested(self, result: TaskResult[ConnectionFound]) -> None:
        if result.error is not None:
            self._form.show_busy("")
            self.failed.emit(result.error)
            return
        self._form.show_test(result.get())

    def sign_out(self) -> None:
        """Let go of the connection."""
        if self.connection is None:
            return
        connection, self.connection = self.connection, None
        if not self._in_use():
            connection.server.close()
        self.signed_out.emit()

    def _answered(self, result: TaskResult[Connection]) -> None:
        self._form.show_busy("")
        if result.error is not None:
            self.failed.emit(result.error)
            self._form.password.setFocus()
            self._form.password.selectAll()
            return
        self.connection = result.get()
        if self._form.remember.isChecked():
            self._form.show_remembered(self.connection.password_kept is True)
        self.signed_in.emit(self.connection)

    def _account_changed(self) -> None:
        self.sign_out()
        self._form.show_remembered(False)
        self._look_up.start()

    def _ask_store(self) -> None:
        url, login = self._form.url, self._form.login
        if not url or not login:
            return

        def found(result: TaskResult[str]) -> None:
            if (self._form.url, self._form.login) == (url, login):
                self._form.show_remembered(bool(result.error is None and result.value))
                if result.error is not None and (words := sentence(result.error)):
                    self._form.show_fault(words)

        self._tasks.run_task(partial(passwordstore.remembered, url, login), found)

    def _practice_found(self, result: TaskResult[Training | None]) -> None:
        self._training = None if result.error is not None else result.value
        self._form.practice.setVisible(self._training is not None)

    def _use_practice(self) -> None:
        if self._training is None:
            return
        training = self._training
        self._form.choose(training.url, training.login, training.password)
        if training.login and training.password:
            self.sign_in(SignIn(training.url, training.login, training.password, remember=False))
