"""The wires that SIP2 goes over: TCP, TLS, and HTTP as PMB has it. One message out, one in."""

from __future__ import annotations

import re
import select
import socket
import ssl
import time
from datetime import datetime
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

from offcirc.core.loopback import is_loopback
from offcirc.servers.errors import (
    BadAddressError,
    CertificateError,
    EncryptionError,
    NoAnswerError,
    NotThisKindOfServerError,
    PlainHttpError,
    RedirectedError,
    ServerFailedError,
    TooSlowError,
    TryLaterError,
    UnreachableError,
    WrongPasswordError,
)
from offcirc.servers.http import ANSWER_SECONDS, CONNECT_SECONDS, JsonClient, TextReply
from offcirc.servers.http import normalised as web_address
from offcirc.servers.sip2.codec import Frames, GarbledError
from offcirc.servers.sockets import break_off

PORTS = {"sip2": 6001, "sip2s": 6443}
"""Ports where none is given: that of most systems, and that of Alma's tunnel."""
WEB = "sip2+"
_SIGN_IN_PAGE = "index.php"
"""Where PMB sends people on to whom it does not let in."""
_HOST = re.compile(r"[^\s%/?#@|]+")


class Wire(Protocol):
    """A way to a library system.

    Attributes:
        signs_in: the wire itself takes login and password; no message does.
    """

    signs_in: bool

    def open(self, login: str, password: str) -> bool:
        """Connect if that is needed; whether it was.

        Raises:
            ServerError: nothing was sent but what belongs to signing in.
        """

    def ask(self, frame: bytes) -> bytes:
        """Send a message and wait for the next that comes.

        Raises:
            NoAnswerError: sent, but no whole answer came. The wire is of no use until opened.
        """

    @property
    def clock(self) -> datetime | None:
        """What the system's clock showed, where the wire itself tells."""

    def hang_up(self) -> None:
        """Wake whoever waits for an answer, from whatever thread."""

    def close(self) -> None:
        """Let go of it; it can be opened again."""


def normalised(url: str) -> str:
    """The one spelling of an address.

    Raises:
        BadAddressError: no ``sip2://``, ``sip2s://``, ``sip2+https://`` or ``sip2+http://``, or
            it holds a login.
    """
    scheme, _colon, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if scheme.startswith(WEB) and scheme != WEB:
        return WEB + web_address(f"{scheme.removeprefix(WEB)}://{rest}")
    shown = f"{scheme}://{rest.rpartition('@')[2]}"
    try:
        parsed = urlsplit(f"//{rest}")
        host, port = parsed.hostname or "", parsed.port
    except ValueError:
        raise BadAddressError(shown) from None
    more = parsed.path.strip("/") or parsed.query or parsed.fragment
    if scheme not in PORTS or "@" in rest or more or not _HOST.fullmatch(host) or port == 0:
        raise BadAddressError(shown)
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{port or PORTS[scheme]}"


def wire_to(
    url: str, *, plain: bool = False, seconds: float = ANSWER_SECONDS, database: str = ""
) -> Wire:
    """The wire to a normalised address; nothing is sent yet.

    Args:
        url: the address.
        plain: whether what is sent may cross the network unencrypted.
        seconds: how long an answer may take.
        database: what PMB calls the database to sign in at, over HTTP.

    Raises:
        PlainHttpError: it is another machine's and without encryption.
    """
    if url.startswith(WEB):
        try:
            return WebWire(url, plain=plain, seconds=seconds, database=database)
        except PlainHttpError:
            raise PlainHttpError(url) from None
    if url.startswith("sip2:") and not (plain or is_loopback(urlsplit(url).hostname or "")):
        raise PlainHttpError(url)
    return SocketWire(url, seconds=seconds)


class SocketWire:
    """A connection over TCP, with TLS if the address says so."""

    signs_in = False
    clock = None

    def __init__(self, url: str, *, seconds: float = ANSWER_SECONDS) -> None:
        """Prepare; nothing is sent yet."""
        self._url = url
        self._seconds = seconds
        self._socket: socket.socket | None = None
        self._frames = Frames()

    def open(self, login: str, password: str) -> bool:
        """Connect, if there is no connection or the system has closed it meanwhile."""
        if self._socket is not None and not select.select([self._socket], [], [], 0)[0]:
            return False
        self.close()
        parsed = urlsplit(self._url)
        host = parsed.hostname or ""
        try:
            plain = socket.create_connection((host, parsed.port or 0), CONNECT_SECONDS)
        except OSError as error:
            raise UnreachableError(self._url, type(error).__name__) from None
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = self._encrypted(plain, host) if parsed.scheme == "sip2s" else plain
        self._frames = Frames()
        return True

    def _encrypted(self, plain: socket.socket, host: str) -> socket.socket:
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            plain.close()
            raise CertificateError(self._url, error.verify_message) from None
        except OSError as error:
            plain.close()
            reason = error.reason if isinstance(error, ssl.SSLError) else ""
            raise EncryptionError(self._url, reason or type(error).__name__) from None

    def ask(self, frame: bytes) -> bytes:
        """Send a message and wait for the next that comes."""
        connection = self._socket
        if connection is None:
            raise NoAnswerError(self._url)
        until = time.monotonic() + self._seconds
        try:
            connection.settimeout(self._seconds)
            connection.sendall(frame)
            while True:
                connection.settimeout(max(until - time.monotonic(), 0.001))
                data = connection.recv(1 << 16)
                if not data:
                    raise NoAnswerError(self._url)
                if whole := self._frames.feed(data):
                    return whole[-1]
        except TimeoutError:
            self.close()
            raise TooSlowError(self._url) from None
        except (OSError, GarbledError) as error:
            self.close()
            raise NoAnswerError(self._url, type(error).__name__) from None
        except NoAnswerError:
            self.close()
            raise

    def hang_up(self) -> None:
        """Wake whoever waits for an answer."""
        if (connection := self._socket) is not None:
            break_off(connection)

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()


class WebWire:
    """Messages as fields of a form, as PMB takes them; a cookie stands for the sign-in."""

    signs_in = True

    def __init__(self, url: str, *, plain: bool, seconds: float, database: str) -> None:
        """Prepare; nothing is sent yet."""
        web = url.removeprefix(WEB)
        self._make = partial(JsonClient, web, answer_seconds=seconds, plain_http=plain)
        self._client = self._make()
        self._url = url
        self._database = database
        self._cookie = ""

    def open(self, login: str, password: str) -> bool:
        """Sign in, if there is no cookie."""
        if self._cookie:
            return False
        form = {"user": login, "password": password, "database": self._database}
        try:
            reply = self._client.ask_text("POST", "/main.php", form)
        except RedirectedError as error:
            if error.detail.startswith(_SIGN_IN_PAGE):
                raise WrongPasswordError(self._url) from None
            raise
        self._pass_on(reply)
        if reply.status != 200:
            raise NotThisKindOfServerError(self._url)
        if not reply.cookies:
            raise WrongPasswordError(self._url)
        self._cookie = "; ".join(f"{name}={value}" for name, value in reply.cookies.items())
        return True

    def ask(self, frame: bytes) -> bytes:
        """Send a message as a form; the answer is what comes."""
        # PMB breaks down on a message without the CR that ends it.
        form = {"message": frame.decode("latin-1"), "id": "offcirc"}
        reply = self._client.ask_text("POST", "/sip2.php", form, headers={"Cookie": self._cookie})
        self._pass_on(reply)
        found = re.search(rb"\d\d[^\r\n<]*", reply.content.strip())
        if reply.status != 200 or found is None or reply.content.lstrip()[:1] == b"<":
            self.close()
            raise NoAnswerError(self._url)
        return found[0]

    def _pass_on(self, reply: TextReply) -> None:
        if reply.status in (429, 503):
            raise TryLaterError(self._url, retry_after=reply.retry_after)
        if reply.status >= 500:
            raise ServerFailedError(self._url)

    @property
    def clock(self) -> datetime | None:
        """What the web server's clock showed."""
        return self._client.clock

    def hang_up(self) -> None:
        """Wake whoever waits for an answer."""
        self._client.hang_up()

    def close(self) -> None:
        """Forget the sign-in, and let go of the connections."""
        self._cookie = ""
        self._client.close()
        self._client = self._make()
