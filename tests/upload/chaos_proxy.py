"""A proxy that does to requests whatever a bad network and a bad day can do to them."""

from __future__ import annotations

import http.client
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FATES = {
    "pass": 10,
    "delay": 2,
    "cut-before": 1,
    "cut-after": 1,
    "reset-after": 1,
    "cut-in-the-answer": 1,
    "truncated": 1,
    "500-before": 1,
    "500-after": 1,
    "502-html-after": 1,
    "503": 1,
    "429-html": 0.5,
    "hang": 0.3,
    "late": 0.3,
}
"""What may happen to a request, and how often, one compared with another."""
_SESSION = ("cookie", "csrf-token", "x-koha-query", "x-okapi-tenant")
_BACK = ("set-cookie", "csrf-token")
"""What a session needs, there and back."""
LATE_SECONDS = 1.5
"""When a request that hangs is delivered after all: the client has given up long before."""


class ChaosProxy:
    """Stands before a server. Its fate for each request comes from one seeded chance.

    Attributes:
        url: where it listens.
        calm: nothing happens any more.
        met: how often each fate has struck.
        pending: how many requests have come and are not delivered yet.
    """

    def __init__(self, upstream: str, seed: int, late: float = LATE_SECONDS) -> None:
        self._upstream = urlsplit(upstream).netloc
        self._chance = random.Random(seed)
        self._late = late
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.calm = False
        self.met: Counter[str] = Counter()
        self.pending = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                with suppress(OSError, http.client.HTTPException):
                    proxy.handle(self, b"")

            def do_POST(self) -> None:
                with suppress(OSError, http.client.HTTPException):
                    proxy.handle(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Let one request meet its fate."""
        fate = self._fate(handler.path)
        try:
            delivered = self._deliver(handler, body, fate)
        finally:
            with self._lock:
                self.pending -= 1
        if delivered is not None:
            self._answer(handler, fate, *delivered)

    def _deliver(
        self, handler: BaseHTTPRequestHandler, body: bytes, fate: str
    ) -> tuple[int, str, bytes, list[tuple[str, str]]] | None:
        """Hand a request on, if it gets so far; what came back."""
        match fate:
            case "cut-before":
                cut(handler)
                return None
            case "500-before":
                answer(handler, 500, b'{"error": {"code": "internal-error", "message": "Oops."}}')
                return None
            case "503":
                answer(handler, 503, b'{"error": {"code": "busy", "message": "Later."}}', later="1")
                return None
            case "429-html":
                answer(handler, 429, b"<h1>Too many requests</h1>", "text/html", later="1")
                return None
            case "delay":
                self._over.wait(self._chance.uniform(0.005, 0.05))
            case "late":
                self._over.wait(self._late)
        try:
            return self._ask(handler, body)
        except (OSError, http.client.HTTPException):
            # The server is down, or went down before it answered.
            cut(handler)
            return None

    def _answer(
        self,
        handler: BaseHTTPRequestHandler,
        fate: str,
        status: int,
        kind: str,
        content: bytes,
        more: list[tuple[str, str]],
    ) -> None:
        match fate:
            case "cut-after" | "late":
                cut(handler)
            case "reset-after":
                cut(handler, reset=True)
            case "cut-in-the-answer":
                answer(handler, status, content[: len(content) // 2], kind, length=len(content))
                cut(handler)
            case "truncated":
                answer(handler, status, content[: len(content) // 2], kind)
            case "500-after":
                answer(handler, 500, b'{"error": {"code": "internal-error", "message": "Oops."}}')
            case "502-html-after":
                answer(handler, 502, b"<h1>Bad Gateway</h1>", "text/html")
            case "hang":
                self._over.wait(60)
                cut(handler)
            case _:
                answer(handler, status, content, kind, more=more)

    def _fate(self, path: str) -> str:
        with self._lock:
            fate = "pass"
            if not self.calm:
                [fate] = self._chance.choices(list(FATES), list(FATES.values()))
            self.met[fate] += 1
            self.pending += 1
            return fate

    def _ask(
        self, handler: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, str, bytes, list[tuple[str, str]]]:
        upstream = http.client.HTTPConnection(self._upstream, timeout=20)
        try:
            kept = ("authorization", "content-type", "accept", *_SESSION)
            headers = {
                name: value for name, value in handler.headers.items() if name.lower() in kept
            }
            upstream.request(handler.command, handler.path, body or None, headers)
            reply = upstream.getresponse()
            more = [each for each in reply.getheaders() if each[0].lower() in _BACK]
            return reply.status, reply.getheader("Content-Type", ""), reply.read(), more
        finally:
            upstream.close()


def answer(
    handler: BaseHTTPRequestHandler,
    status: int,
    content: bytes,
    kind: str = "application/json",
    *,
    later: str = "",
    length: int | None = None,
    more: Sequence[tuple[str, str]] = (),
) -> None:
    """Send an answer, which may claim another length than it has."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    if later:
        handler.send_header("Retry-After", later)
    for name, value in more:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def cut(handler: BaseHTTPRequestHandler, *, reset: bool = False) -> None:
    """Close the connection without another word."""
    handler.close_connection = True
    if reset:
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.rfile.close()
        handler.connection.close()
    else:
        handler.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def chaos(upstream: str, seed: int, late: float = LATE_SECONDS) -> Iterator[ChaosProxy]:
    """A proxy for as long as the ``with`` block lasts."""
    proxy = ChaosProxy(upstream, seed, late)
    try:
        yield proxy
    finally:
        proxy.close()
