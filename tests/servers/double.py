"""A small honest stand-in for a practice server, on a real socket, that can be told to misbehave.

It applies every transaction of an unknown item, counts how often each key was applied, and
answers in the practice server's own shapes. A misbehaviour is used up by one request.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOGIN, PASSWORD = "referent", "bac-a-sable-1"
Misbehaviour = Callable[["Exchange"], None]


class Exchange:
    """One request and the ways of answering it.

    Attributes:
        body: the JSON that came.
    """

    def __init__(self, handler: BaseHTTPRequestHandler, double: Double, body: Any) -> None:
        self._handler = handler
        self._double = double
        self.body = body

    def process(self) -> tuple[int, Any]:
        """Do what was asked; status and JSON of the honest answer."""
        return self._double.process(self._handler.command, self._handler.path, self.body)

    def send(
        self,
        status: int,
        content: bytes,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """Send a whole answer, which may claim another length than it has."""
        handler = self._handler
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def send_json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.send(status, json.dumps(body).encode(), headers=headers)

    def cut(self, *, reset: bool = False) -> None:
        """Close the connection without another word."""
        self._handler.close_connection = True
        if reset:
            linger = struct.pack("ii", 1, 0)
            self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # Only closing the very last handle resets.
            self._handler.rfile.close()
            self._handler.wfile.flush()
        else:
            self._handler.connection.shutdown(socket.SHUT_RDWR)

    def drip(self, start: bytes, drop: bytes) -> None:
        """Send ``drop`` again and again after ``start``, until nobody listens any more."""
        self._handler.close_connection = True
        with contextlib.suppress(OSError):
            self._handler.wfile.write(start)
            while not self._double.stopping.wait(0.05):
                self._handler.wfile.write(drop)

    def hang(self) -> None:
        """Say nothing until the double is stopped."""
        self._double.stopping.wait()
        self.cut()


def honest(exchange: Exchange) -> None:
    exchange.send_json(*exchange.process())


def cut_before(exchange: Exchange) -> None:
    exchange.cut()


def cut_after(exchange: Exchange) -> None:
    exchange.process()
    exchange.cut()


def reset_after(exchange: Exchange) -> None:
    exchange.process()
    exchange.cut(reset=True)


def cut_in_the_answer(exchange: Exchange) -> None:
    status, body = exchange.process()
    content = json.dumps(body).encode()
    exchange.send(status, content[: len(content) // 2], length=len(content))
    exchange.cut()


def truncated_json(exchange: Exchange) -> None:
    status, body = exchange.process()
    content = json.dumps(body).encode()
    exchange.send(status, content[: len(content) // 2])


def one_answer_missing(exchange: Exchange) -> None:
    status, body = exchange.process()
    body["results"].pop()
    exchange.send_json(status, body)


def answers_in_another_order(exchange: Exchange) -> None:
    status, body = exchange.process()
    body["results"].reverse()
    exchange.send_json(status, body)


def not_even_a_list(exchange: Exchange) -> None:
    exchange.process()
    exchange.send_json(200, {"results": "done"})


def html(exchange: Exchange) -> None:
    exchange.send(200, b"<!DOCTYPE html><title>Please sign in</title>", "text/html")


def html_after(exchange: Exchange) -> None:
    exchange.process()
    html(exchange)


def redirect(exchange: Exchange) -> None:
    exchange.send(302, b"", "text/html", {"Location": "http://127.0.0.1:9/elsewhere"})


def redirect_nowhere(exchange: Exchange) -> None:
    exchange.send(301, b"", "text/html", {"Location": "https://u:S3CRET@[::bad/x?token=S3CRET"})


def nested(exchange: Exchange) -> None:
    """An answer that is small on the wire and takes gigabytes when it is read."""
    exchange.send(200, b"[" + b"[]," * 300_000 + b"[]]")


def packed(exchange: Exchange) -> None:
    body = gzip.compress(b'{"results": [' + b" " * 1_000_000 + b"]}")
    exchange.send(200, body, headers={"Content-Encoding": "gzip"})


def dripping_headers(exchange: Exchange) -> None:
    """A byte now and then, for ever, so that no single wait is long."""
    exchange.drip(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n")


def dripping_body(exchange: Exchange) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"
    exchange.drip(start, b" ")


def error_500(exchange: Exchange) -> None:
    exchange.send_json(500, {"error": {"code": "internal-error", "message": "Oops."}})


def error_500_after(exchange: Exchange) -> None:
    exchange.process()
    error_500(exchange)


def error_502_html(exchange: Exchange) -> None:
    exchange.send(502, b"<h1>Bad Gateway</h1>", "text/html")


def hang(exchange: Exchange) -> None:
    exchange.hang()


def hang_after(exchange: Exchange) -> None:
    exchange.process()
    exchange.hang()


def busy(seconds: str = "7") -> Misbehaviour:
    def answer(exchange: Exchange) -> None:
        error = {"error": {"code": "busy", "message": "Come back later."}}
        exchange.send_json(503, error, {"Retry-After": seconds} if seconds else None)

    return answer


def refuse(status: int, code: str) -> Misbehaviour:
    def answer(exchange: Exchange) -> None:
        exchange.send_json(status, {"error": {"code": code, "message": f"No: {code}."}})

    return answer


class Double:
    """The stand-in's state; read it from the test.

    Attributes:
        applied: how often each key was applied; more than once is what must never happen.
        order: the items of the applied transactions, in order.
        requests: every request: method, path and body.
        sign_ins: how often someone signed in.
        batches: the sizes of the transaction requests that were processed.
        poison: items on which the server breaks down.
    """

    def __init__(self) -> None:
        self.applied: Counter[str] = Counter()
        self.order: list[str] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.sign_ins = 0
        self.batches: list[int] = []
        self.poison: set[str] = set()
        self.identity = "double-1"
        self.stopping = threading.Event()
        self._answers: dict[str, dict[str, Any]] = {}
        self._tokens: set[str] = set()
        self._jobs: dict[str, str] = {}
        self._plans: dict[str, list[Misbehaviour]] = {}
        self._always: dict[str, Misbehaviour] = {}
        self._lock = threading.RLock()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def misbehave(self, where: str, *how: Misbehaviour) -> None:
        """Answer the next requests whose path ends so in these ways, one each."""
        self._plans.setdefault(where, []).extend(how)

    def always(self, where: str, how: Misbehaviour | None) -> None:
        """Answer every such request so, or honestly again."""
        if how is None:
            self._always.pop(where, None)
        else:
            self._always[where] = how

    def forget_sessions(self) -> None:
        self._tokens.clear()

    def forget_jobs(self) -> None:
        self._jobs.clear()

    def start(self, encryption: ssl.SSLContext | None = None) -> None:
        """Listen; on the same port as before when it was stopped."""
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                double.answer(self, None)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                double.answer(self, double.read(self.rfile.read(length), self))

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # clients that went away

        self.stopping.clear()
        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        if encryption is not None:
            self._server.socket = encryption.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def stop(self) -> None:
        """Refuse connections; idempotent."""
        self.stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, handler: BaseHTTPRequestHandler, body: Any) -> None:
        with self._lock:
            self.requests.append((handler.command, handler.path, body))
            self.headers.append(dict(handler.headers))
            how = self._pick(handler.path)
        how(Exchange(handler, self, body))

    def read(self, content: bytes, handler: BaseHTTPRequestHandler) -> Any:
        """What came, as it is looked at."""
        return json.loads(content or b"null")

    def process(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        with self._lock:
            return self._process(path.removeprefix("/api/v1/"), body)

    def _pick(self, path: str) -> Misbehaviour:
        for where, plans in self._plans.items():
            if path.endswith(where) and plans:
                return plans.pop(0)
        for where, how in self._always.items():
            if path.endswith(where):
                return how
        if not path.endswith(("/health", "/session")):
            token = self.headers[-1].get("Authorization", "").removeprefix("Bearer ")
            if token not in self._tokens:
                return refuse(401, "session-expired")
        return honest

    def _process(self, path: str, body: Any) -> tuple[int, Any]:
        match path.split("/"):
            case ["health"]:
                return 200, {
                    "service": "offcirc-practice",
                    "library": "Double",
                    "identity": self.identity,
                }
            case ["session"]:
                return self._sign_in(body)
            case ["desks"]:
                return 200, {"desks": [{"code": "D1", "name": "Desk 1", "library": "L1"}]}
            case ["jobs"]:
                return self._new_job(body)
            case ["jobs", job, "transactions"]:
                if job not in self._jobs:
                    return 404, {"error": {"code": "unknown-job", "message": "No such job."}}
                self.batches.append(len(body["transactions"]))
                items = {one["item"] for one in body["transactions"]}
                if items & self.poison:
                    return 500, {"error": {"code": "internal-error", "message": "Oops."}}
                return 200, {"results": [self._apply(one) for one in body["transactions"]]}
            case ["jobs", job, "finish"]:
                self._jobs[job] = "completed"
                return 200, self._job(job)
            case ["dry-run"]:
                return 200, {"results": [self._judge(one) for one in body["transactions"]]}
            case ["lookup", "keys"]:
                return 200, {
                    "results": [
                        self._answers.get(key, {"key": key, "status": "absent", "message": ""})
                        for key in body["keys"]
                    ]
                }
        return 404, {"error": {"code": "not-found", "message": "Nothing here."}}

    def _sign_in(self, body: Any) -> tuple[int, Any]:
        if body != {"login": LOGIN, "password": PASSWORD}:
            return 401, {"error": {"code": "bad-credentials", "message": "No."}}
        self.sign_ins += 1
        token = f"token-{self.sign_ins}"
        self._tokens.add(token)
        account = {"login": LOGIN, "name": "Référent", "role": "operator", "desks": ["D1"]}
        return 200, {"token": token, **account}

    def _new_job(self, body: Any) -> tuple[int, Any]:
        if body["desk"] != "D1":
            return 404, {"error": {"code": "unknown-desk", "message": "No such desk."}}
        job = str(1000 + len(self._jobs))
        self._jobs[job] = "running"
        return 201, self._job(job)

    def _job(self, job: str) -> dict[str, Any]:
        return {
            "id": job,
            "name": "Job",
            "started_at": "2018-03-07T09:00:00+01:00",
            "finished_at": None,
            "records_processed": 0,
            "records_with_exceptions": 0,
        }

    def _apply(self, transaction: Any) -> dict[str, Any]:
        key = transaction["key"]
        if key in self._answers:
            return {**self._answers[key], "replayed": True}
        self.applied[key] += 1
        self.order.append(transaction["item"])
        self._answers[key] = self._judge(transaction)
        return self._answers[key]

    def _judge(self, transaction: Any) -> dict[str, Any]:
        item = transaction["item"]
        answer = {"key": transaction["key"], "replayed": False, "due_at": None, "notes": []}
        if item.startswith("UNKNOWN"):
            return {**answer, "status": "rejected", "message": f"Item not found. Barcode: {item}"}
        return {**answer, "status": "recorded", "message": ""}


@contextlib.contextmanager
def running_double() -> Iterator[Double]:
    double = Double()
    double.start()
    try:
        yield double
    finally:
        double.stop()


UNANSWERED = (
    cut_before,
    cut_after,
    reset_after,
    cut_in_the_answer,
    truncated_json,
    one_answer_missing,
    answers_in_another_order,
    html,
    html_after,
    redirect,
    hang,
    hang_after,
)
"""After each of these nobody knows what became of a request."""

BAD_LUCK = (
    honest,
    cut_before,
    cut_after,
    truncated_json,
    error_500,
    error_500_after,
    busy("1"),
    html_after,
    refuse(401, "session-expired"),
)
"""What becomes of one request after the other on a bad day."""
