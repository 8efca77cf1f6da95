"""A small honest Evergreen on a real socket: its gateway's sign-in and its ``offline.pl``.

It does what is known of Evergreen, oddities included: lines processed beside and sorted by their
times, successes that nobody lists, returns that get the hour of the due date, dates in the future
that are dropped without a word, files that are away for a moment.
"""

from __future__ import annotations

import contextlib
import csv
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from servers.double import LOGIN, PASSWORD, Double, Exchange, Misbehaviour

ZONE = ZoneInfo("Europe/Paris")
WORKSTATION = "BR1-offcirc"


class EvergreenDouble(Double):
    """The state; read it from the test.

    Attributes:
        token_life: how many requests a token is good for.
        forbidden: a permission that the account lacks.
        speed: how many lines are processed between two looks at a session.
        stuck_after: after how many lines processing dies.
        away: how often the files of a session are away.
        items: every item, and who has it since when and until when.
        returned: the date of the last return of an item.
        cards: the readers.
        blocked: what is wrong with readers, by card.
        elsewhere: items that belong to another library.
        sessions: the sessions by key.
        done: how often each loan, return and renewal was made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.token_life = 10**9
        self.forbidden = ""
        self.speed = 40
        self.stuck_after = 10**9
        self.away = 1
        self.items: dict[str, tuple[str, datetime, datetime] | None] = {}
        self.returned: dict[str, datetime] = {}
        self.cards: set[str] = set()
        self.blocked: dict[str, str] = {}
        self.elsewhere: set[str] = set()
        self.no_more_renewals: set[str] = set()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.done: Counter[tuple[str, ...]] = Counter()
        self._life: dict[str, int] = {}

    def take(self, folder: Path) -> None:
        """Take over a library of the practice server's form."""
        self.items = dict.fromkeys(row["barcode"] for row in _rows(folder / "items.csv"))
        self.cards = {row["barcode"] for row in _rows(folder / "patrons.csv")}
        for row in _rows(folder / "loans.csv"):
            at = datetime.fromisoformat(row["loaned_at"]).replace(tzinfo=ZONE)
            self.items[row["item_barcode"]] = (row["patron_barcode"], at, _due(at))

    def held(self) -> dict[str, tuple[str, str]]:
        """Who has what, by minutes of the library's clock."""
        return {
            item: (loan[0], f"{loan[1].astimezone(ZONE):%Y%m%d%H%M}")
            for item, loan in self.items.items()
            if loan is not None
        }

    def expire(self) -> None:
        """All tokens are gone."""
        self._life.clear()

    # -- answering -----------------------------------------------------------------------------

    def read(self, content: bytes, handler: BaseHTTPRequestHandler) -> Any:
        kind = handler.headers["Content-Type"]
        if not kind.startswith("multipart/"):
            return dict(parse_qsl(content.decode(), keep_blank_values=True))
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        parts = BytesParser().parsebytes(head + content).get_payload()
        assert isinstance(parts, list)
        found = {}
        for part in parts:
            name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
            found[name] = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        return found

    def _pick(self, path: str) -> Misbehaviour:
        assert "?" not in path, "tokens do not belong into addresses"
        form = self.requests[-1][2]
        for where in (form.get("action", "login"), form.get("status_type", "")):
            if self._plans.get(where):
                return self._plans[where].pop(0)
            if where in self._always:
                return self._always[where]
        return evergreen_honest

    def process(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        with self._lock:
            if path == "/osrf-gateway-v1":
                return 200, {"payload": [self._log_in(body)], "status": 200}
            if path != "/cgi-bin/offline/offline.pl":
                return 404, {}
            if self._life.get(body["ses"], 0) <= 0:
                return 200, _event("NO_SESSION")
            self._life[body["ses"]] -= 1
            if body["ws"] != WORKSTATION:
                return 200, _event("WORKSTATION_NOT_FOUND")
            return 200, self._act(body)

    def _log_in(self, body: Any) -> dict[str, Any]:
        asked = json.loads(body["param"])
        if (asked["username"], asked["password"]) != (LOGIN, PASSWORD):
            return _event("LOGIN_FAILED")
        if asked["workstation"] != WORKSTATION:
            return _event("WORKSTATION_NOT_FOUND")
        self.sign_ins += 1
        token = uuid.uuid4().hex
        self._life[token] = self.token_life
        return _event("", {"authtoken": token, "authtime": 420})

    def _act(self, body: Any) -> Any:
        action = body["action"]
        needed = {"status": "OFFLINE_VIEW", "execute": "OFFLINE_EXECUTE"}
        permission = needed.get(action, "OFFLINE_UPLOAD")
        if permission == self.forbidden:
            return {**_event("PERM_FAILURE"), "ilsperm": permission}
        if action == "create":
            return _event("", self._create(body["desc"]))
        if body.get("status_type") == "sessions":
            return [self._shown(session) for session in self.sessions.values()]
        session = self.sessions.get(body["seskey"])
        if session is None:
            return _event("OFFLINE_INVALID_SESSION")
        if action == "load":
            return self._load(session, body)
        if action == "execute":
            return self._execute(session)
        return self._status(session, body["status_type"])

    def _create(self, description: str) -> str:
        key = f"{1700000000 + len(self.sessions)}_77_{len(self.sessions)}"
        self.sessions[key] = {
            "key": key,
            "description": description,
            "create_time": 1700000000 + len(self.sessions),
            "num_complete": 0,
            "start_time": None,
            "end_time": None,
            "in_process": None,
            "scripts": [],
            "_commands": [],
            "_results": [],
            "_away": self.away,
        }
        return key

    def _load(self, session: dict[str, Any], body: Any) -> dict[str, Any]:
        if session["scripts"]:
            return _event("OFFLINE_SESSION_FILE_EXISTS")
        lines = body["file"].splitlines()
        script = {"workstation": body["ws"], "count": len(lines), "time_delta": body["delta"]}
        session["scripts"].append(script)
        session["_commands"] = [json.loads(line) for line in lines]
        return _event("")

    def _execute(self, session: dict[str, Any]) -> dict[str, Any]:
        if session["in_process"]:
            return _event("OFFLINE_SESSION_ACTIVE")
        if session["end_time"]:
            return _event("OFFLINE_SESSION_COMPLETE")
        delta = float(session["scripts"][0]["time_delta"])
        session["_commands"].sort(key=lambda one: one["timestamp"] + delta)
        session |= {"in_process": 1, "start_time": 1}
        return _event("")

    def _status(self, session: dict[str, Any], kind: str) -> Any:
        if kind == "summary":
            total = sum(script["count"] for script in session["scripts"])
            answer = {"total": total, "num_complete": session["num_complete"]}
            self._get_on(session)
            return answer
        if not session["_results"] or (session["end_time"] and session["_away"]):
            session["_away"] -= 1
            return _event("OFFLINE_FILE_ERROR")
        return [row for row in session["_results"] if _failed(row["event"])]

    def _shown(self, session: dict[str, Any]) -> dict[str, Any]:
        self._get_on(session)
        return {name: value for name, value in session.items() if not name.startswith("_")}

    def _get_on(self, session: dict[str, Any]) -> None:
        """Time passes: some more lines are processed."""
        if not session["in_process"]:
            return
        commands = session["_commands"]
        start = session["num_complete"]
        for command in commands[start : start + self.speed]:
            if session["num_complete"] >= self.stuck_after:
                return
            echoed = {**command, "_workstation": WORKSTATION, "_realtime": command["timestamp"]}
            session["_results"].append({"command": echoed, "event": self._circulate(command)})
            session["num_complete"] += 1
        if session["num_complete"] == len(commands):
            session |= {"in_process": 0, "end_time": 2}

    # -- circulation ---------------------------------------------------------------------------

    def _circulate(self, command: dict[str, Any]) -> Any:
        item = command["barcode"]
        if item not in self.items:
            return _event("ASSET_COPY_NOT_FOUND")
        if command["type"] == "in_house_use":
            self.done["in-house", item, command["use_time"]] += command["count"]
            return _event("", [1])
        if command["type"] == "checkin":
            return self._check_in(item, command["backdate"])
        card = command["patron_barcode"]
        if card not in self.cards:
            return _event("ACTOR_CARD_NOT_FOUND")
        if card in self.blocked:
            return [_event(self.blocked[card]), _event("PATRON_EXCEEDS_FINES")]
        at = datetime.fromisoformat(command["checkout_time"])
        assert at.tzinfo is not None
        return self._check_out(item, card, at, renew=command["type"] == "renew")

    def _check_out(self, item: str, card: str, at: datetime, *, renew: bool) -> Any:
        loan = self.items[item]
        if renew:
            if loan is None or loan[0] != card:
                return _event("ACTION_CIRCULATION_NOT_FOUND")
            if item in self.no_more_renewals:
                return _event("MAX_RENEWALS_REACHED")
            self.done["renewal", item, card] += 1
            self.items[item] = (card, loan[1], _due(at))
            return _event("")
        if loan is not None:
            return _event("OPEN_CIRCULATION_EXISTS", {"copy": {}})
        self.done["loan", item, card, at.isoformat()] += 1
        self.items[item] = (card, at, _due(at))
        return _event("")

    def _check_in(self, item: str, backdate: str) -> Any:
        loan, self.items[item] = self.items[item], None
        if loan is None:
            return _event("NO_CHANGE")
        at = datetime.fromisoformat(backdate)
        due = loan[2]
        self.returned[item] = at.replace(hour=due.hour, minute=due.minute)
        if at > datetime.now(UTC):
            self.returned[item] = datetime.now(UTC)
        self.done["return", item, at.isoformat()] += 1
        return _event("ROUTE_ITEM") if item in self.elsewhere else _event("")


def evergreen_honest(exchange: Exchange) -> None:
    status, body = exchange.process()
    exchange.send(status, json.dumps(body).encode(), "text/plain")


def _event(code: str, payload: Any = None) -> dict[str, Any]:
    told = {"ilsevent": "1" if code else 0, "textcode": code or "SUCCESS", "desc": f"About {code}."}
    return told | ({"payload": payload} if payload is not None else {})


def _failed(event: Any) -> bool:
    return isinstance(event, list) or str(event["ilsevent"]) != "0"


def _due(at: datetime) -> datetime:
    return at.replace(hour=23, minute=59) + timedelta(days=28)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@contextlib.contextmanager
def running_evergreen() -> Iterator[EvergreenDouble]:
    double = EvergreenDouble()
    double.start()
    try:
        yield double
    finally:
        double.stop()
