"""JSON (or forms and text) over HTTP, one question always answered: was it sent, or certainly not?

Nothing is ever sent twice from here, no redirect is followed, and neither the environment's proxy
nor its netrc file has a say on this machine's own addresses.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from offcirc import __version__
from offcirc.core.loopback import is_loopback
from offcirc.servers.errors import (
    BadAddressError,
    CertificateError,
    EncryptionError,
    NoAnswerError,
    NotThisKindOfServerError,
    PlainHttpError,
    RedirectedError,
    TooSlowError,
    UnreachableError,
)
from offcirc.servers.sockets import break_off
from offcirc.servers.values import readable

ANSWER_LIMIT = 16 << 20
"""Bytes of an answer that are read: whatever is longer comes from no library system."""
PARTS_LIMIT = 400_000
"""Values in an answer: a thousand lines have some 20,000, and each takes a hundred bytes here."""
RETRY_LIMIT = 3600.0
"""Seconds; whoever asks for more patience is asked again all the same."""
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
"""How long a server may take to answer: a batch is a transaction on its side."""
DETAIL_LIMIT = 300
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[^\s%/?#@]+")

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer.

    Attributes:
        status: the HTTP status.
        body: the JSON it holds; ``None`` when it holds none.
        retry_after: seconds the server asks to wait, or ``None``.
        text: what it holds where that is no JSON; empty unless such answers are expected.
        cookies: what it sets, by name; they are not sent back by themselves.
    """

    status: int
    body: Any
    retry_after: float | None = None
    text: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def error_code(self) -> str:
        """The server's name for the error; empty when it gives none."""
        return self._error("code")

    @property
    def error_message(self) -> str:
        """The server's sentence about the error; empty when it gives none."""
        return self._error("message")

    def _error(self, key: str) -> str:
        error = self.body.get("error") if isinstance(self.body, dict) else None
        value = error.get(key) if isinstance(error, dict) else None
        return readable(value[:DETAIL_LIMIT]) if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class TextReply:
    """A server's answer that is read as text.

    Attributes:
        status: the HTTP status.
        text: what it says; what is no UTF-8 is replaced.
        kind: its content type, in lower case.
        headers: its headers, by their names in lower case.
        cookies: what it sets, by name; they are not sent back by themselves.
        retry_after: seconds the server asks to wait, or ``None``.
    """

    status: int
    text: str
    kind: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    retry_after: float | None = None
    content: bytes = field(default=b"", repr=False)


class _Deadline(threading.local):
    """When the exchange of this thread must be over.

    The time limits of httpx hold for each piece that comes, so a trickle would never end.
    """

    at = 0.0

    def left(self, timeout: float | None) -> float:
        """The seconds that are left, at most ``timeout``.

        Raises:
            httpcore.ReadTimeout: none are.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)


class JsonClient:
    """Speaks JSON, or forms and text, with one server over kept-alive connections.

    Safe for several threads.

    Attributes:
        url: the server's address, normalised, without credentials and final slash.
        clock: the time of the server in its last answer, aware, to the second; ``None``: unsaid.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        plain_http: bool = False,
        plain_text: bool = False,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: the server's address.
            connect_seconds: how long a connection may take to come about.
            answer_seconds: how long the whole exchange may take once it has.
            plain_http: whether what is sent may cross the network unencrypted.
            plain_text: whether the server answers in plain text where it has no JSON to give.

        Raises:
            BadAddressError: ``url`` is no http(s) address, or holds a login.
            PlainHttpError: it is another machine's and without encryption.
        """
        self.url = normalised(url)
        here = is_loopback(httpx.URL(self.url).host)
        encrypted = self.url.startswith("https:")
        if not (encrypted or here or plain_http):
            raise PlainHttpError(self.url)
        self.clock: datetime | None = None
        self._seconds = answer_seconds
        self._plain_text = plain_text
        self._deadline = _Deadline()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._client = httpx.Client(
            base_url=self.url,
            timeout=httpx.Timeout(answer_seconds, connect=connect_seconds),
            follow_redirects=False,
            # Certificates take 100 ms to load, and plain http has none to check.
            verify=encrypted,
            # A proxy of the environment could read what is not encrypted.
            trust_env=encrypted and not here,
            headers={
                "Accept": "application/json",
                # A few bytes of an archive may unpack to gigabytes.
                "Accept-Encoding": "identity",
                "User-Agent": f"OffCirc/{__version__}",
            },
            # A sign-in belongs to the adapter, which says what goes where.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [self._refuse_redirect]},
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request, once, and return the whole answer.

        Args:
            method: such as ``POST``.
            path: below the server's address.
            body: what is sent as JSON, if anything.
            token: the bearer token to send.
            headers: what else goes along.
            params: the query.

        Raises:
            UnreachableError: no connection, or none to be trusted; certainly nothing was done.
            NoAnswerError: sent, but the answer did not come whole.
            NotThisKindOfServerError: what came is no JSON, or a redirect; the request may
                or may not have been done.
        """
        response, content = self._exchange(
            method, path, json=body, token=token, headers=headers, params=params
        )
        return self._reply(response, content)

    def ask_text(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> TextReply:
        """Send one request, once, as a browser does, and return the whole answer.

        Args:
            method: such as ``POST``.
            path: below the server's address.
            form: the fields of a form, if anything.
            headers: what else goes along.
            files: what goes with the form: a file name and its content for each field.

        Raises:
            UnreachableError: no connection, or none to be trusted; certainly nothing was done.
            NoAnswerError: sent, but the answer did not come whole.
            NotThisKindOfServerError: a redirect, or far too much.
        """
        response, content = self._exchange(method, path, data=form, headers=headers, files=files)
        return TextReply(
            response.status_code,
            content.decode("utf-8", "replace"),
            response.headers.get("content-type", "").lower(),
            {name.lower(): value for name, value in response.headers.items()},
            _cookies(response.headers.get_list("set-cookie")),
            _seconds(response.headers.get("retry-after")),
            content,
        )

    def _exchange(
        self, method: str, path: str, *, token: str | None = None, **what: Any
    ) -> tuple[httpx.Response, bytes]:
        self._deadline.at = time.monotonic() + self._seconds
        try:
            with self._client.stream(
                method,
                path,
                auth=_Bearer(token),
                extensions={"trace": self._connected},
                **what,
            ) as response:
                content = self._read(response)
        except _NEVER_SENT as error:
            raise self._unreachable(error) from None
        except httpx.TimeoutException as error:
            raise TooSlowError(self.url, type(error).__name__) from None
        except httpx.HTTPError as error:
            raise NoAnswerError(self.url, type(error).__name__) from None
        self.clock = _date(response.headers.get("date")) or self.clock
        return response, content

    def hang_up(self) -> None:
        """Break every connection, from whatever thread: requests under way get no answer."""
        for each in list(self._sockets):
            break_off(each)

    def close(self) -> None:
        """Let go of the connections. Idempotent."""
        self._client.close()

    def _connected(self, event: str, facts: Mapping[str, Any]) -> None:
        """Told by httpx of all it does; remembers and bounds the connections it makes."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            stream = facts["return_value"]
            found = stream.get_extra_info("socket")
            if found is not None:
                self._sockets.add(found)
            self._deadline.at = time.monotonic() + self._seconds
            stream.read = _bounded_read(stream.read, self._deadline)
            stream.write = _bounded_write(stream.write, self._deadline)

    def _unreachable(self, error: httpx.HTTPError) -> UnreachableError:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateError(self.url, cause.verify_message)
        if cause is not None:
            return EncryptionError(self.url, cause.reason or type(cause).__name__)
        return UnreachableError(self.url, type(error).__name__)

    def _refuse_redirect(self, response: httpx.Response) -> None:
        """Called before httpx looks at the address, which may be none."""
        if 300 <= response.status_code < 400:
            target = _without_login(response.headers.get("location", ""))
            shown = "".join(filter(str.isprintable, target))[:DETAIL_LIMIT]
            raise RedirectedError(self.url, shown)

    def _read(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise NotThisKindOfServerError(self.url)
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > ANSWER_LIMIT:
                raise NotThisKindOfServerError(self.url)
        if sum(map(content.count, (b"[", b"{", b","))) > PARTS_LIMIT:
            raise NotThisKindOfServerError(self.url)
        return bytes(content)

    def _reply(self, response: httpx.Response, content: bytes) -> Reply:
        status = response.status_code
        kind = response.headers.get("content-type", "").lower()
        is_json = "json" in kind
        try:
            body = json.loads(content) if is_json else None
        except (ValueError, RecursionError):
            # Cut off in the middle: somebody answered, but not what was done.
            raise NoAnswerError(self.url, "truncated answer") from None
        plain = self._plain_text and not is_json and "html" not in kind
        said = readable(content.decode("utf-8", "replace")) if plain else ""
        # What stands between us and the server may well be busy or broken in HTML.
        if body is None and not plain and not (500 <= status < 600 or status == 429):
            raise NotThisKindOfServerError(self.url)
        cookies = _cookies(response.headers.get_list("set-cookie"))
        return Reply(status, body, _seconds(response.headers.get("retry-after")), said, cookies)


def _bounded_read(read: Callable[..., bytes], deadline: _Deadline) -> Callable[..., bytes]:
    def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
        return read(max_bytes, deadline.left(timeout))

    return bounded


def _bounded_write(write: Callable[..., None], deadline: _Deadline) -> Callable[..., None]:
    def bounded(buffer: bytes, timeout: float | None = None) -> None:
        # In pieces, each of which looks at the clock.
        for start in range(0, len(buffer), _PIECE):
            write(buffer[start : start + _PIECE], deadline.left(timeout))

    return bounded


_PIECE = 16 << 10


class _Bearer(httpx.Auth):
    """The token, and nothing from a netrc file (which httpx would use where no auth is given)."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _cookies(headers: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in headers:
        name, equals, value = header.partition(";")[0].partition("=")
        if equals:
            found[name.strip()] = value.strip()
    return found


def normalised(url: str) -> str:
    """The one spelling of an address: lower-case host, no default port, no final slash.

    Raises:
        BadAddressError: no http(s) address, or it holds a login, a query or a fragment.
    """
    try:
        parsed = httpx.URL(url.strip())
        port = parsed.port
    except (httpx.InvalidURL, ValueError, TypeError):
        raise BadAddressError(_without_login(url)) from None
    wrong = parsed.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(parsed.host)
    wrong = wrong or not 0 < (port or 1) < 65536
    if wrong or parsed.userinfo or parsed.query or parsed.fragment:
        raise BadAddressError(_without_login(url))
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    if port == _DEFAULT_PORTS[parsed.scheme]:
        port = None
    # httpx has already lower-cased scheme and host.
    return f"{parsed.scheme}://{host}{f':{port}' if port else ''}{parsed.path.rstrip('/')}"


def _without_login(url: str) -> str:
    before, at, after = url.rpartition("@")
    if not at:
        return url.split("?", maxsplit=1)[0]
    return f"{before.partition('://')[0]}://…@{after.split('?')[0]}" if "://" in before else after


def _seconds(header: str | None) -> float | None:
    """Seconds of a ``Retry-After`` header, which is a number or a date."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return min(float(header), RETRY_LIMIT)
    moment = _date(header)
    if moment is None:
        return None
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), RETRY_LIMIT)


def _date(header: str | None) -> datetime | None:
    """The moment that a header states, aware; ``None`` for a day that no calendar has."""
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
