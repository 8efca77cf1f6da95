"""A small Koha on a real socket, with its oddities: what it says and what it does are not the same.

*Success.* for blocked readers and for loans that end another's; a loan sent twice is a renewal; a
``T`` before the time of day loses it; codes are compared as its database does, whatever their case;
a line it breaks down on is answered by a page. Everything is done on one thread at a time.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STAFF, PASSWORD = "banque", "Nuit-blanche-7"
READER = "lecteur"
CLIENT, SECRET = "client-1", "S3CRET"
LOGIN_PAGE = '<html><body id="main_auth" class="main-auth">Log in to Koha</body></html>'
QUEUE_PAGE = '<html><body id="circ_offline_circ_list" class="circ">Pending</body></html>'
BROKEN_PAGE = "<html><h1>Software error:</h1><p>Can't call method</p></html>"
Answered = tuple[int, str, str, dict[str, str]]


@dataclass
class KohaPatron:
    """A reader; ``userid`` is another identifier."""

    number: int
    cardnumber: str
    userid: str = ""
    restricted: bool = False
    expires: str = "2999-12-31"


@dataclass
class KohaItem:
    """An item."""

    number: int
    barcode: str
    not_for_loan: int = 0


@dataclass
class KohaLoan:
    """A loan, ended or not; times are naive, local."""

    patron: int
    item: int
    lent_at: datetime
    due_at: datetime
    renewed_at: datetime | None = None
    returned_at: datetime | None = None
    renewals: int = 0


@dataclass
class KohaDouble:
    """The library and its ways; read and set them from the test.

    Attributes:
        tokens: 24.05 or later: a POST needs a token.
        rest: the REST API: "new", "old" (knows no query in a header), "" (none).
        basic: REST lets people in with their password.
        session_rest: REST lets in who has a session.
        permitted: this account of staff may look up.
        lax: signing in by token takes readers, too.
        rest_status: what REST answers instead of anything else, if not 0.
        poison: items on which it breaks down; with ``after``, once it has done it.
        swallow: called with each line; true: it is done, and the answer is lost.
        lines: every line that was done, as it came.
        passwords_in: the paths of requests in which a password stood.
    """

    tokens: bool = True
    rest: str = "new"
    basic: bool = True
    session_rest: bool = True
    permitted: bool = True
    lax: bool = False
    rest_status: int = 0
    items: dict[str, KohaItem] = field(default_factory=dict)
    patrons: dict[str, KohaPatron] = field(default_factory=dict)
    loans: dict[int, KohaLoan] = field(default_factory=dict)
    past: list[KohaLoan] = field(default_factory=list)
    queue: list[dict[str, str]] = field(default_factory=list)
    poison: dict[str, str] = field(default_factory=dict)
    swallow: Callable[[dict[str, str]], bool] = lambda form: False
    lines: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._sessions: dict[str, str] = {}
        self._tokens: set[str] = set()
        self._bearers: set[str] = set()
        self._lock = threading.RLock()
        self._server: ThreadingHTTPServer | None = None

    # -- what a test does --------------------------------------------------------------------------

    def add_item(self, barcode: str, not_for_loan: int = 0) -> None:
        self.items[barcode.casefold()] = KohaItem(len(self.items) + 1, barcode, not_for_loan)

    def add_patron(self, card: str, **facts: Any) -> None:
        self.patrons[card.casefold()] = KohaPatron(len(self.patrons) + 1, card, **facts)

    def lend(self, barcode: str, card: str, at: datetime) -> None:
        """A loan made at a live desk."""
        item, patron = self.items[barcode.casefold()], self.patrons[card.casefold()]
        self.loans[item.number] = KohaLoan(patron.number, item.number, at, at + timedelta(days=14))

    def holder(self, barcode: str) -> tuple[str, datetime] | None:
        """Who has an item, and since when."""
        loan = self.loans.get(self.items[barcode.casefold()].number)
        if loan is None:
            return None
        card = next(one.cardnumber for one in self.patrons.values() if one.number == loan.patron)
        return card, loan.lent_at

    def forget_sessions(self) -> None:
        self._sessions.clear()
        self._tokens.clear()

    # -- answering ---------------------------------------------------------------------------------

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> Answered | None:
        """The answer to a request; ``None``: it is lost on the way."""
        with self._lock:
            self.paths.append(handler.path)
            parts = urlsplit(handler.path)
            form = {name: values[0] for name, values in parse_qs(body.decode(), True).items()}
            cookie = SimpleCookie(handler.headers.get("Cookie", "")).get("CGISESSID")
            user = self._sessions.get(cookie.value, "") if cookie else ""
            stateful = handler.command == "POST" and parts.path.startswith("/cgi-bin")
            token = handler.headers.get("CSRF-TOKEN", "")
            if self.tokens and stateful and token not in self._tokens:
                return 403, "text/plain", "Wrong CSRF token", {}
            match parts.path:
                case "/cgi-bin/koha/svc/authentication":
                    return self._authentication(form)
                case "/cgi-bin/koha/offline_circ/list.pl":
                    return self._list(form, user)
                case "/cgi-bin/koha/offline_circ/service.pl":
                    return self._service(form, user)
                case "/api/v1/oauth/token":
                    return self._oauth(form)
            if parts.path.startswith("/api/v1/") and self.rest:
                return self._rest(handler, parts.path.removeprefix("/api/v1/"), parts.query, user)
            return 404, "text/html", "<html>Not found</html>", {}

    def _known(self, login: str, password: str) -> bool:
        return login in (STAFF, READER) and password == PASSWORD

    def _session(self, login: str) -> dict[str, str]:
        name = secrets.token_hex(8)
        self._sessions[name] = login
        return {"Set-Cookie": f"CGISESSID={name}; path=/; HttpOnly"}

    def _new_token(self) -> dict[str, str]:
        if not self.tokens:
            return {}
        token = secrets.token_hex(8)
        self._tokens.add(token)
        return {"csrf-token": token}

    def _authentication(self, form: dict[str, str]) -> Answered:
        login = form.get("login_userid") or form.get("userid", "")
        good = self._known(login, form.get("login_password") or form.get("password", ""))
        # It asks for a permission of staff.
        good = good and (login == STAFF or self.lax)
        status = "ok" if good else "failed"
        headers = {**self._new_token(), **(self._session(login) if good else {})}
        return 200, "text/xml", f"<response><status>{status}</status></response>", headers

    def _list(self, form: dict[str, str], user: str) -> Answered:
        headers: dict[str, str] = {}
        if self._known(form.get("userid", ""), form.get("password", "")):
            user = form["userid"]
            headers = self._session(user)
        return 200, "text/html", QUEUE_PAGE if user == STAFF else LOGIN_PAGE, headers

    def _service(self, form: dict[str, str], user: str) -> Answered | None:
        if form.get("nocookie"):
            user = ""
        # Whoever may sign in may lend here: a reader, too.
        if not user and not self._known(form.get("userid", ""), form.get("password", "")):
            return 401, "text/plain", "", {}
        if form.get("pending") == "true":
            self.queue.append(form)
            return 200, "text/plain", "Added.", {}
        fault = self.poison.get(form.get("barcode", ""), "")
        if fault == "before":
            return 500, "text/html", BROKEN_PAGE, {}
        said = self._do(form)
        if said == "Success.":
            self.lines.append(form)
        if fault == "after":
            return 500, "text/html", BROKEN_PAGE, {}
        if self.swallow(form):
            return None
        return 200, "text/plain", said, {}

    def _do(self, form: dict[str, str]) -> str:
        if form.get("action") not in ("issue", "return"):
            return ""
        at = _moment(form.get("timestamp", ""))
        item = self.items.get(form.get("barcode", "").strip().casefold())
        if form.get("action") == "return":
            if item is None:
                return "Item not found."
            loan = self.loans.pop(item.number, None)
            if loan is None:
                return "Item not issued."
            self.past.append(replace(loan, returned_at=at))
            return "Success."
        patron = self._patron(form.get("cardnumber", "").strip())
        if patron is None:
            return "Borrower not found."
        if item is None:
            return "Barcode not found."
        loan = self.loans.get(item.number)
        if loan is not None and loan.patron == patron.number:
            self.loans[item.number] = replace(
                loan, renewed_at=at, renewals=loan.renewals + 1, due_at=at + timedelta(days=14)
            )
            return "Success."
        if loan is not None:
            self.past.append(replace(loan, returned_at=at))
        self.loans[item.number] = KohaLoan(patron.number, item.number, at, at + timedelta(days=14))
        return "Success."

    def _patron(self, code: str) -> KohaPatron | None:
        found = self.patrons.get(code.casefold())
        return found or next(
            (one for one in self.patrons.values() if one.userid and one.userid == code), None
        )

    # -- REST --------------------------------------------------------------------------------------

    def _oauth(self, form: dict[str, str]) -> Answered:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return 403, "application/json", '{"error": "wrong client"}', {}
        token = secrets.token_hex(8)
        self._bearers.add(token)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        return 200, "application/json", json.dumps(told), {}

    def _rest(
        self, handler: BaseHTTPRequestHandler, what: str, arguments: str, user: str
    ) -> Answered:
        if self.rest_status:
            return self.rest_status, "application/json", '{"error": "Busy."}', {}
        allowed = self._let_in(handler.headers.get("Authorization", ""), user)
        if allowed != 200:
            return allowed, "application/json", '{"error": "No."}', {}
        options = {name: values[0] for name, values in parse_qs(arguments).items()}
        rows = self._rows(what, options.get("checked_in") == "true")
        asked = handler.headers.get("x-koha-query")
        if asked and self.rest == "new":
            queries = json.loads(asked)
            queries = queries if isinstance(queries, list) else [queries]
            rows = [row for row in rows if any(_fits(row, query) for query in queries)]
        page, size = int(options["_page"]), int(options["_per_page"])
        part = rows[(page - 1) * size : page * size]
        return 200, "application/json", json.dumps(part), {}

    def _let_in(self, authorization: str, user: str) -> int:
        way, _blank, told = authorization.partition(" ")
        if way == "Bearer":
            return 200 if told in self._bearers else 401
        if way == "Basic":
            if not self.basic:
                return 401
            user, _colon, password = base64.b64decode(told).decode().partition(":")
            if not self._known(user, password):
                return 401
        elif not self.session_rest:
            return 401
        if not user:
            return 401
        return 200 if user == STAFF and self.permitted else 403

    def _rows(self, what: str, ended: bool) -> list[dict[str, Any]]:
        match what:
            case "libraries":
                return [{"library_id": "CPL", "name": "Centreville"}]
            case "items":
                return [
                    {
                        "item_id": one.number,
                        "external_id": one.barcode,
                        "home_library_id": "CPL",
                        "not_for_loan_status": one.not_for_loan,
                    }
                    for one in self.items.values()
                ]
            case "patrons":
                return [
                    {
                        "patron_id": one.number,
                        "cardnumber": one.cardnumber,
                        "userid": one.userid or None,
                        "surname": f"Name{one.number}",
                        "restricted": one.restricted,
                        "expiry_date": one.expires,
                        "category_id": "PT",
                    }
                    for one in self.patrons.values()
                ]
            case "checkouts":
                return [
                    {
                        "patron_id": one.patron,
                        "item_id": one.item,
                        "checkout_date": _said(one.lent_at),
                        "due_date": _said(one.due_at),
                        "last_renewed_date": _said(one.renewed_at),
                        "checkin_date": _said(one.returned_at),
                    }
                    for one in (self.past if ended else self.loans.values())
                ]
        return []

    # -- listening -------------------------------------------------------------------------------

    def start(self) -> None:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def _answer(self, body: bytes) -> None:
                answered = double.answer(self, body)
                if answered is None:
                    self.close_connection = True
                    return
                status, kind, content, headers = answered
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content.encode())))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def stop(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()


def _fits(row: dict[str, Any], query: dict[str, list[Any]]) -> bool:
    [(column, values)] = query.items()
    wanted = {str(value).casefold() for value in values}
    return row.get(column) is not None and str(row[column]).casefold() in wanted


def _moment(timestamp: str) -> datetime:
    """As Koha 19.06 reads it: UTC; any other sign than a blank loses the time of day."""
    day, blank, clock = timestamp.partition(" ")
    at = datetime.fromisoformat(f"{day[:10]} {clock if blank else '00:00:00'}+00:00")
    return at.astimezone().replace(tzinfo=None)


def _said(at: datetime | None) -> str | None:
    return at.astimezone().isoformat(timespec="seconds") if at is not None else None


@contextlib.contextmanager
def running_koha(**ways: Any) -> Iterator[KohaDouble]:
    double = KohaDouble(**ways)
    double.start()
    try:
        yield double
    finally:
        double.stop()
