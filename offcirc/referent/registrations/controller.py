"""Takes registrations in with the desks' files, and keeps what is decided about them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from offcirc.i18n import ngettext
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.tasks import TaskResult, Tasks
from offcirc.upload.base.errors import UploadError

if TYPE_CHECKING:
    from offcirc.referent.registrations.page import RegistrationsPage
    from offcirc.servers.protocol import Server, TakesRegistrations
    from offcirc.storage.registrations.registry import RegistrationRow, Registry
    from offcirc.upload.registrations.gathering import Gathered

    _Rows = tuple[int, list[RegistrationRow]]


class Registrar(QObject):
    """Serves the page of registrations, which is made when it is first looked at.

    Attributes:
        rows: what is known.

    Signals:
        changed: there are more, or other, registrations.
        decided: a decision was made: lines have to be judged again.
        came: what came with files, in sentences.
        failed: something was not possible, the exception is given.
    """

    changed = Signal()
    decided = Signal()
    came = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        look: ReferentLook,
        tasks: Tasks,
        data_dir: Path,
        who: Callable[[], str],
        parent: QObject,
        *,
        key: str,
    ) -> None:
        """Serve a data folder.

        Args:
            look: type and sizes.
            tasks: runs the work.
            data_dir: whose registry.
            who: tells who works at this window.
            parent: the window.
            key: the library's; empty when it has none.
        """
        super().__init__(parent)
        self._look = look
        self._tasks = tasks
        self._data_dir = data_dir
        self._who = who
        self._key = key
        self._page: RegistrationsPage | None = None
        self._server: TakesRegistrations | None = None
        self._reader = _Reader()
        self._shown = 0
        self.rows: list[RegistrationRow] = []

    def page(self) -> RegistrationsPage:
        """The page."""
        if self._page is None:
            from offcirc.referent.registrations.page import RegistrationsPage

            self._page = RegistrationsPage(self._look)
            panel = self._page.panel
            panel.edited.connect(lambda about: self._act(lambda registry: registry.edit(about)))
            panel.validated.connect(self._validate)
            panel.refused.connect(self._refuse)
            panel.reopened.connect(self._reopen)
            self._page.send_wanted.connect(self._send)
            self._page.want(self._page.there, wanted=self._server is not None)
            self._page.show_rows(self.rows)
        return self._page

    @property
    def waiting(self) -> int:
        """How many wait for a decision."""
        return sum(row.decided is None for row in self.rows)

    @property
    def summary(self) -> str:
        """How many wait, and what that means; empty when none do."""
        if not self.waiting:
            return ""
        text = ngettext(
            "{count} registration waits. Decide before the upload: until then its loans are held "
            "back.",
            "{count} registrations wait. Decide before the upload: until then their loans are "
            "held back.",
            self.waiting,
        )
        return text.format(count=number(self.waiting))

    def take_in(self, files: Sequence[Path]) -> None:
        """Take in what lies beside these files, and look at all again."""
        self._tasks.run_task(
            partial(_gathered, list(files), self._data_dir, self._key, self._reader), self._taken
        )

    def offer_server(self, server: Server | None) -> None:
        """Take the server that somebody is signed in on; only some have a list of their own."""
        from offcirc.servers.protocol import TakesRegistrations

        self._server = server if isinstance(server, TakesRegistrations) else None
        if self._page is not None:
            self._page.want(self._page.there, wanted=self._server is not None)

    def _send(self) -> None:
        if self._server is not None:
            told: list[str] = []
            act = partial(_sent, self._server, told)
            done = partial(self._looked, decides=True, told=told)
            self._tasks.run_task(partial(_done, self._data_dir, self._key, self._reader, act), done)

    def _validate(self, number: str, card: str) -> None:
        who = self._who()
        self._act(lambda registry: registry.validate(number, card, who), decides=True)

    def _refuse(self, number: str, reason: str) -> None:
        who = self._who()
        self._act(lambda registry: registry.refuse(number, who, reason), decides=True)

    def _reopen(self, number: str) -> None:
        who = self._who()
        self._act(lambda registry: registry.reopen(number, who), decides=True)

    def _act(self, act: Callable[[Registry], None], *, decides: bool = False) -> None:
        done = partial(self._looked, decides=decides)
        self._tasks.run_task(partial(_done, self._data_dir, self._key, self._reader, act), done)

    def _taken(self, result: TaskResult[tuple[Gathered, _Rows]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        from offcirc.upload.registrations import registrationwords

        found, rows = result.get()
        self._show(rows)
        if told := registrationwords.came(found):
            self.came.emit("\n".join(told))

    def _looked(
        self,
        result: TaskResult[_Rows],
        *,
        decides: bool,
        told: Sequence[str] = (),
    ) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self._show(result.get())
        if decides:
            self.decided.emit()
        if told:
            self.came.emit("\n".join(told))

    def _show(self, read: _Rows) -> None:
        number, rows = read
        if number < self._shown:  # a task that was slower brings what is older
            return
        self._shown = number
        if rows == self.rows:
            return
        self.rows = rows
        if self._page is not None:
            self._page.show_rows(rows)
        self.changed.emit()


class _Reader:
    """Reads registrations for tasks that run side by side, and numbers what was read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reads = 0

    def read(self, registry: Registry | None) -> _Rows:
        """The rows, none without a registry, and how many times they have been read."""
        with self._lock:
            self._reads += 1
            return self._reads, [] if registry is None else registry.rows()


def _gathered(
    files: list[Path], data_dir: Path, key: str, reader: _Reader
) -> tuple[Gathered, _Rows]:
    from offcirc.storage.registrations.registry import REGISTRY_NAME, Registry
    from offcirc.storage.registrations.seal import WrongKeyError, seal_of
    from offcirc.upload.registrations import registrationwords
    from offcirc.upload.registrations.gathering import gather

    try:
        found = gather(files, data_dir, key)
        if not (data_dir / REGISTRY_NAME).exists():
            return found, reader.read(None)
        with Registry(data_dir, seal_of(data_dir, key)) as registry:
            return found, reader.read(registry)
    except WrongKeyError:
        raise UploadError("registrations.key", registrationwords.wrong_key()) from None


def _sent(server: TakesRegistrations, told: list[str], registry: Registry) -> None:
    from offcirc.upload.registrations import registrationwords
    from offcirc.upload.registrations.gathering import send

    told.append(registrationwords.sent(*send(registry, server)))


def _done(data_dir: Path, key: str, reader: _Reader, act: Callable[[Registry], None]) -> _Rows:
    from offcirc.storage.registrations.registry import NoSuchRegistrationError, Registry
    from offcirc.storage.registrations.seal import seal_of
    from offcirc.upload.registrations import registrationwords

    with Registry(data_dir, seal_of(data_dir, key)) as registry:
        try:
            act(registry)
        except NoSuchRegistrationError:
            raise UploadError(data_dir.name, registrationwords.gone()) from None
        return reader.read(registry)
