"""Running the practice server until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

import uvicorn

from offcirc.core.loopback import is_loopback
from offcirc.i18n import _
from offcirc.practice import state
from offcirc.practice.acts import filejobs, night
from offcirc.practice.acts.actor import Actor
from offcirc.practice.acts.filejobs import UnreadableLine
from offcirc.practice.circulation import CirculationLine
from offcirc.practice.clock import Clock
from offcirc.practice.errors import ExposedError, LibraryDiskError, ListenError, log_bug
from offcirc.practice.store import Store
from offcirc.practice.web.app import build
from offcirc.practice.web.drilldoor import DrillDoor
from offcirc.practice.web.house import House

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate with its chain, and its key: files in PEM."""

    certificate: Path
    key: Path


_GRACE_SECONDS = 5


def serve(  # noqa: PLR0917 - the places of its arguments are a contract
    library: Path | None,
    data_dir: Path,
    host: str = LOOPBACK,
    port: int = 0,
    now: datetime | None = None,
    ready: Callable[[str], None] = lambda url: None,
    tls: Tls | None = None,
    drills: DrillDoor | None = None,
) -> None:
    """Serve a practice library until SIGTERM or SIGINT (Ctrl+C); what it was asked is finished.

    Args:
        library: the library's folder, or ``None`` for the sample. It is read when ``data_dir``
            holds no library yet; from then on the data folder has it.
        data_dir: where the state lives; see :func:`offcirc.practice.state.folder_for`.
        host: an address of this machine. Other than loopback, it needs ``tls``, and passwords
            that are not the sample's.
        port: the port, or 0 for any free one.
        now: what the server's clock shows at the start, from where it goes on at the usual pace;
            without zone it is the library's local time. ``None`` for the real time.
        ready: called once with the server's address when it is listening.
        tls: certificate and key, to speak HTTPS.
        drills: what can be played.

    Raises:
        PracticeError: a sentence says why it could not start.
    """
    prepared = _prepared(library, data_dir, host, port, now, tls, drills)
    with prepared as (server, listener, url):
        server.tell = lambda: ready(url)
        asyncio.run(server.serve(sockets=[listener]))


@contextlib.contextmanager
def running(  # noqa: PLR0917 - as those of serve()
    library: Path | None,
    data_dir: Path,
    host: str = LOOPBACK,
    port: int = 0,
    now: datetime | None = None,
    tls: Tls | None = None,
    drills: DrillDoor | None = None,
) -> Iterator[str]:
    """A practice server in a thread of this process, for as long as the ``with`` block lasts.

    Yields:
        Its address; it is listening.

    Raises:
        PracticeError: a sentence says why it could not start.
    """
    prepared = _prepared(library, data_dir, host, port, now, tls, drills)
    with prepared as (server, listener, url):
        listening = threading.Event()
        server.tell = listening.set

        def work() -> None:
            try:
                asyncio.run(server.serve(sockets=[listener]))
            finally:
                listening.set()

        thread = threading.Thread(target=work, name="practice-server")
        thread.start()
        try:
            listening.wait()
            yield url
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """uvicorn, told when it listens and stopping without a trace of the signal."""

    tell: Callable[[], None] = staticmethod(lambda: None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.tell()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again after a clean stop, which would end the program
        # by that signal instead of with its exit code.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = [signal.SIGINT, signal.SIGTERM]
        if hasattr(signal, "SIGBREAK"):
            signals.append(signal.SIGBREAK)
        before = {each: signal.signal(each, self._stop) for each in signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit  # the second one does not wait for slow clients
        self.should_exit = True


@contextlib.contextmanager
def _prepared(  # noqa: PLR0917 - those of the doors above
    library: Path | None,
    data_dir: Path,
    host: str,
    port: int,
    now: datetime | None,
    tls: Tls | None = None,
    drills: DrillDoor | None = None,
) -> Iterator[tuple[_Server, socket.socket, str]]:
    with contextlib.ExitStack() as stack:
        # The port first: being in use is the likely fault, and reading a library takes longer.
        listener = stack.enter_context(_listening(host, port))
        kept = stack.enter_context(state.opened(data_dir, library))
        if not is_loopback(host):
            _fit_for_the_network(kept.database, tls)
        if now is not None and now.tzinfo is None:
            now = now.replace(tzinfo=kept.policy.timezone)
        store = stack.enter_context(contextlib.closing(Store(kept.database)))
        house = House(
            *(store, kept.policy, kept.identity, Clock(now)),
            place=(data_dir, library),
            tls=tls is not None,
            exposed=not is_loopback(host),
        )
        worker = stack.enter_context(contextlib.closing(FileWorker(house)))
        app = build(house, worker.wake, drills)
        config = uvicorn.Config(
            app,
            # Nothing of a request is logged: not its address, not its sender.
            access_log=False,
            log_config=None,
            log_level="warning",
            lifespan="off",
            ws="none",
            server_header=False,
            # Who asks is who is connected, whatever a request says of a proxy.
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
        )
        if tls is not None:
            _read_certificate(config, tls)
        yield _Server(config), listener, _url(listener, "https" if tls else "http")


def _fit_for_the_network(database: Path, tls: Tls | None) -> None:
    """Refuse to answer the network in the clear, or with passwords everybody can know."""
    if tls is None:
        raise ExposedError(
            _(
                "Passwords and readers would cross the network in the clear. Give a certificate"
                " and its key (--tls-cert, --tls-key), or let the server answer this machine alone."
            )
        )
    known = state.known_passwords(database)
    if known:
        raise ExposedError(
            _(
                "These accounts still have the passwords of the sample, which everybody can know:"
                " {logins}. Start the server for this machine alone, sign in as each, and change"
                " the password."
            ).format(logins=", ".join(known))
        )


def _read_certificate(config: uvicorn.Config, tls: Tls) -> None:
    try:
        config.load()
    except (OSError, ValueError) as error:
        raise ExposedError(
            _("The certificate '{file}' or its key cannot be used: {reason}.").format(
                file=tls.certificate, reason=getattr(error, "strerror", None) or error
            )
        ) from None


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        # Left to itself, the system would quietly take the port that is 65536 lower.
        raise ListenError(
            _("{port} is not a port: ports go from 0 (any free one) to 65535.").format(port=port)
        )
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _name, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise ListenError(
            _("'{host}' is not an address of this machine.").format(host=host)
        ) from None
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ListenError(_refused(host, port, error)) from None
    listener.setblocking(False)
    return listener


def _refused(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return _(
            "Port {port} is in use by another program, perhaps another practice server. Choose "
            "another port, or none to take any that is free."
        ).format(port=port)
    if error.errno == errno.EACCES:
        return _("Port {port} may not be used by this account; choose one above 1023.").format(
            port=port
        )
    return _("Cannot listen on {host}, port {port}: {reason}.").format(
        host=host, port=port, reason=error.strerror or error
    )


def _url(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


_LOOK_SECONDS = 60.0
"""How often the clock is looked at."""
_REST_SECONDS = 5.0
"""How long a disk that refused is left in peace."""
_log = logging.getLogger(__name__)


class FileWorker:
    """Works at uploaded files, one at a time for each circulation desk, until it is closed."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lines: dict[int, Sequence[CirculationLine | UnreadableLine]] = {}
        self._closing = threading.Event()
        self._work = threading.Event()
        self._work.set()
        self._thread = threading.Thread(target=self._run, name="practice-files")
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._work.set()

    def close(self) -> None:
        """End after the lines that are under way; the rest waits for the next start."""
        self._closing.set()
        self._work.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._work.clear()
            try:
                while not self._closing.is_set() and self._round():
                    pass
                self._night()
            except LibraryDiskError as error:
                _log.error("the disk refused: %s", error)
                self._closing.wait(_REST_SECONDS)
                continue
            self._work.wait(_LOOK_SECONDS)

    def _round(self) -> bool:
        """The next lines of each desk's job; whether there was any."""
        waiting = self._house.store.submit(filejobs.due).result()
        for job in waiting:
            try:
                self._step(job)
            except LibraryDiskError:
                raise
            except Exception as error:
                log_bug(error)
                self._stop(job, type(error).__name__)
        return bool(waiting)

    def _stop(self, job: int, fault: str) -> None:
        self._lines.pop(job, None)
        self._house.store.submit(lambda db: filejobs.fail(db, job, fault)).result()

    def _step(self, job: int) -> None:
        house = self._house
        lines = self._lines.get(job)
        if lines is None:
            content, name = house.store.submit(lambda db: filejobs.kept(db, job)).result()
            lines = self._lines[job] = filejobs.prepared(content, name, house.now())
        actor, recorder, known = self._actor(), house.recorder, lines
        more = house.store.submit(
            lambda db: filejobs.step(db, recorder, actor, job, known)
        ).result()
        if not more:
            del self._lines[job]

    def _night(self) -> None:
        actor = self._actor()
        self._house.store.submit(
            lambda db: night.run(db, actor) if night.is_due(db, actor) else None
        ).result()

    def _actor(self) -> Actor:
        """The server itself, which speaks its own language."""
        house = self._house
        return Actor("", "", "", house.now(), house.policy, house.circulation, _)
