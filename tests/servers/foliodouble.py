"""A small honest FOLIO on a real socket: one tenant, its items, readers and loans.

It does what is known of FOLIO, oddities included: tokens that end in mid-upload, errors without
codes, a check-in that closes whatever loan there is, one of an item that nobody has, a trial that
judges each loan by itself.
"""

from __future__ import annotations

import contextlib
import csv
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from servers.double import LOGIN, PASSWORD, Double, Exchange, Misbehaviour
from servers.folioschemas import complaint

ZONE = ZoneInfo("Europe/Paris")
TENANT = "diku"
POINTS = {"BUC_PRET": str(uuid.uuid4()), "cd2": str(uuid.uuid4())}
EVERYTHING = (
    "circulation.override-patron-block.post",
    "circulation.override-item-limit-block.post",
    "circulation.override-item-not-loanable-block.post",
    "manualblocks.collection.get",
)
SECRETS = ("x-okapi-token", "folioaccesstoken")
_UNKNOWN_USER = {"code": "USER_BARCODE_NOT_FOUND", "message": "Could not find user"}


class FolioDouble(Double):
    """The state; read it from the test.

    Attributes:
        permissions: what the account may do.
        token_life: how many requests a token is good for.
        refreshing: whether refresh tokens work.
        done: how often each loan, check-in and renewal was made.
        loans: every loan, open or closed.
        items: the items by barcode.
        users: the readers by barcode.
        in_house: check-ins of items that nobody had.
        violations: what was wrong with requests.
        limits: the most items a reader may have, by barcode.
    """

    def __init__(self) -> None:
        super().__init__()
        self.permissions = list(EVERYTHING)
        self.token_life = 10**9
        self.refreshing = True
        self.refreshed = 0
        self.items: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.loans: list[dict[str, Any]] = []
        self.in_house: Counter[str] = Counter()
        self.done: Counter[tuple[str, ...]] = Counter()
        self.limits: dict[str, int] = {}
        self.violations: list[str] = []
        self.silent_about_itself = False
        self.partial = False
        self._life: dict[str, int] = {}
        self._refresh: set[str] = set()

    # -- the library ---------------------------------------------------------------------------

    def add_item(self, barcode: str, *, loanable: bool = True, status: str = "Available") -> None:
        self.items[barcode.casefold()] = {
            "id": str(uuid.uuid4()),
            "barcode": barcode,
            "title": f"Title {barcode}",
            "status": {"name": status},
            "effectiveLocation": {"name": "Main"},
            "_loanable": loanable,
        }

    def add_user(self, barcode: str, *, block: str = "", active: bool = True) -> None:
        self.users[barcode.casefold()] = {
            "id": str(uuid.uuid4()),
            "barcode": barcode,
            "username": f"u{barcode}",
            "active": active,
            "patronGroup": "g1",
            "personal": {"lastName": "Lecteur", "firstName": barcode},
            "_block": block,
        }

    def lend(self, item: str, user: str, at: datetime, due: datetime | None = None) -> None:
        """As if lent at the desk."""
        self._lend(self.items[item.casefold()], self.users[user.casefold()], at, due)
        self.done.clear()

    def take(self, folder: Path) -> None:
        """Take over a library of the practice server's form."""
        for row in _rows(folder / "items.csv"):
            self.add_item(row["barcode"], loanable=not row["exception"])
        for row in _rows(folder / "patrons.csv"):
            self.add_user(row["barcode"], block=row["block"])
        for row in _rows(folder / "loans.csv"):
            self.lend(row["item_barcode"], row["patron_barcode"], local(row["loaned_at"]))
        for row in _rows(folder / "events.csv"):
            # Lent and returned since: FOLIO keeps the loan.
            any_user = next(iter(self.users.values()))["barcode"]
            self.lend(row["item_barcode"], any_user, local(row["at"]))
            self._close(self.loans[-1], local(row["at"]), local(row["at"]))

    def open_loans(self) -> dict[str, tuple[str, datetime]]:
        """Who has what, and since when."""
        return {
            loan["item"]["barcode"]: (
                loan["borrower"]["barcode"],
                datetime.fromisoformat(loan["loanDate"]),
            )
            for loan in self.loans
            if loan["status"]["name"] == "Open"
        }

    def expire(self) -> None:
        """All tokens are gone; those for refreshing are not."""
        self._life.clear()

    # -- answering -----------------------------------------------------------------------------

    def _pick(self, path: str) -> Misbehaviour:
        for where, plans in self._plans.items():
            if where in path and plans:
                return plans.pop(0)
        headers = {name.lower(): value for name, value in self.headers[-1].items()}
        assert not any(word in path for word in SECRETS)
        if headers.get("x-okapi-tenant") != TENANT:
            return _say(400, "No such Tenant")
        if path == "/authn/login-with-expiry":
            return self._log_in
        cookies = dict(
            part.strip().split("=", 1) for part in headers.get("cookie", "").split(";") if part
        )
        if path == "/authn/refresh":
            return self._refresh_answer(cookies)
        token = cookies.get("folioAccessToken", "")
        if self._life.get(token, 0) <= 0:
            return _say(401, "Access token has expired")
        self._life[token] -= 1
        return folio_honest

    def _log_in(self, exchange: Exchange) -> None:
        if exchange.body != {"username": LOGIN, "password": PASSWORD}:
            wrong = {"message": "Password does not match", "code": "password.incorrect"}
            exchange.send_json(422, {"errors": [wrong]})
            return
        self.sign_ins += 1
        self._tokens_to(exchange)

    def _refresh_answer(self, cookies: dict[str, str]) -> Misbehaviour:
        refresh = cookies.get("folioRefreshToken", "")
        if not self.refreshing or refresh not in self._refresh:
            return _say(401, "Invalid token")
        self._refresh.discard(refresh)
        self.refreshed += 1
        return self._tokens_to

    def _tokens_to(self, exchange: Exchange) -> None:
        with self._lock:
            access, refresh = uuid.uuid4().hex, uuid.uuid4().hex
            self._life[access] = self.token_life
            self._refresh.add(refresh)
        handler = exchange._handler
        content = b'{"accessTokenExpiration": "2026-11-28T12:00:00Z"}'
        handler.send_response(201)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        for name, value, path in (
            ("folioAccessToken", access, "/"),
            ("folioRefreshToken", refresh, "/authn"),
        ):
            cookie = f"{name}={value}; Max-Age=600; Path={path}; Secure; HTTPOnly; SameSite=None"
            handler.send_header("Set-Cookie", cookie)
        handler.end_headers()
        handler.wfile.write(content)

    def process(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        with self._lock:
            address = urlsplit(path)
            query = parse_qs(address.query)
            match (method, address.path.rpartition("/")[2]):
                case ("GET", what):
                    return self._read(what, query)
                case (_, "check-out-by-barcode" as what):
                    return self._valid(what, body) or self._check_out(body)
                case (_, "check-out-by-barcode-dry-run" as what):
                    return self._valid(what, body) or self._try(body)
                case (_, "check-in-by-barcode" as what):
                    return self._valid(what, body) or self._check_in(body)
                case (_, "renew-by-barcode" as what):
                    return self._valid(what, body) or self._renew(body)
            return 404, "No suitable module found for path"

    def _valid(self, what: str, body: Any) -> tuple[int, Any] | None:
        wrong = complaint(what, body)
        if wrong:
            self.violations.append(wrong)
            return 422, {"errors": [{"message": wrong}]}
        return None

    # -- circulation ---------------------------------------------------------------------------

    def _judge_loan(self, body: Any) -> list[dict[str, Any]]:
        item = self.items.get(body["itemBarcode"].casefold())
        user = self.users.get(body["userBarcode"].casefold())
        errors: list[dict[str, Any]] = []
        if item is None:
            what = f"No item with barcode {body['itemBarcode']} could be found"
            errors.append({"message": what, "code": "ITEM_BARCODE_NOT_FOUND"})
        if user is None:
            errors.append(dict(_UNKNOWN_USER))
        if item is None or user is None:
            return errors
        blocks = body.get("overrideBlocks", {})
        if not user["active"]:
            what = "Cannot check out to inactive user"
            errors.append({"message": what, "code": "USER_IS_INACTIVE_OR_EXPIRED"})
        if self._loan(item) is not None:
            errors.append({"message": "Item is already checked out"})
        elif item["status"]["name"] != "Available" and item["status"]["name"] != "In transit":
            what = f"has the item status {item['status']['name']} and cannot be checked out"
            errors.append({"message": f"{item['title']} {what}"})
        held = sum(1 for loan in self._open() if loan["userId"] == user["id"])
        reached = held >= self.limits.get(user["barcode"], 10**6)
        full = "ITEM_LIMIT_MATERIAL_TYPE"
        for wrong, block, code, words in (
            (user["_block"], "patronBlock", "USER_IS_BLOCKED_MANUALLY", "Patron blocked"),
            (not item["_loanable"], "itemNotLoanableBlock", "ITEM_NOT_LOANABLE", "Not loanable"),
            (reached, "itemLimitBlock", full, "Patron has reached maximum limit of items"),
        ):
            name = re.sub(r"([A-Z])", r"-\1", block).lower()
            needed = f"circulation.override-{name}.post"
            missing = [] if needed in self.permissions else [needed]
            if wrong and block in blocks and missing:
                refused = "INSUFFICIENT_OVERRIDE_PERMISSIONS"
                errors.append({"message": "Missing override permissions", "code": refused})
            elif wrong and block not in blocks:
                overridable = {"name": block, "missingPermissions": missing}
                errors.append({"message": words, "code": code, "overridableBlock": overridable})
        return errors

    def _try(self, body: Any) -> tuple[int, Any]:
        if errors := self._judge_loan(body):
            return 422, {"errors": errors}
        return 201, {f"{name}PolicyId": str(uuid.uuid4()) for name in ("loan", "overdueFine")}

    def _check_out(self, body: Any) -> tuple[int, Any]:
        if body["servicePointId"] not in POINTS.values():
            return 422, {"errors": [{"message": "Check out can only be at a service point"}]}
        if errors := self._judge_loan(body):
            return 422, {"errors": errors}
        item = self.items[body["itemBarcode"].casefold()]
        user = self.users[body["userBarcode"].casefold()]
        at = datetime.fromisoformat(body.get("loanDate") or datetime.now(UTC).isoformat())
        override = body.get("overrideBlocks", {}).get("itemNotLoanableBlock")
        due = datetime.fromisoformat(override["dueDate"]) if override else None
        return 200 if self.partial else 201, self._lend(item, user, at, due)

    def _lend(
        self, item: dict[str, Any], user: dict[str, Any], at: datetime, due: datetime | None
    ) -> dict[str, Any]:
        loan = {
            "id": str(uuid.uuid4()),
            "itemId": item["id"],
            "userId": user["id"],
            "loanDate": _utc(at),
            "dueDate": _utc(due or at + timedelta(days=28)),
            "status": {"name": "Open"},
            "action": "checkedout",
            "borrower": {"barcode": user["barcode"]},
            "item": {"barcode": item["barcode"]},
            "metadata": {"updatedDate": _utc(datetime.now(UTC))},
        }
        self.loans.append(loan)
        item["status"] = {"name": "Checked out"}
        self.done["loan", item["barcode"], user["barcode"], loan["loanDate"]] += 1
        return loan

    def _check_in(self, body: Any) -> tuple[int, Any]:
        item = self.items.get(body["itemBarcode"].casefold())
        if item is None:
            what = f"No item with barcode {body['itemBarcode']} exists"
            return 422, {"errors": [{"message": what, "parameters": []}]}
        at = datetime.fromisoformat(body["checkInDate"])
        loan = self._loan(item)
        self.done["return", item["barcode"], "", _utc(at)] += 1
        item["status"] = {"name": "Available"}
        if body["servicePointId"] != POINTS["BUC_PRET"]:
            item["status"] = {"name": "In transit"}
        item["lastCheckIn"] = {
            "dateTime": _utc(datetime.now(UTC)),
            "servicePointId": body["servicePointId"],
        }
        answer: dict[str, Any] = {"item": _shown(item), "inHouseUse": loan is None}
        if loan is None:
            self.in_house[item["barcode"]] += 1
        else:
            self._close(loan, at, datetime.now(UTC))
            answer["loan"] = loan
        return 200, answer

    def _close(self, loan: dict[str, Any], at: datetime, now: datetime) -> None:
        changed = {"status": {"name": "Closed"}, "action": "checkedin"}
        loan |= changed | {"returnDate": _utc(at), "systemReturnDate": _utc(now)}
        item = self.items[loan["item"]["barcode"].casefold()]
        if item["status"]["name"] == "Checked out":
            item["status"] = {"name": "Available"}

    def _renew(self, body: Any) -> tuple[int, Any]:
        item = self.items.get(body["itemBarcode"].casefold())
        loan = self._loan(item) if item else None
        if loan is None or loan["borrower"]["barcode"] != body["userBarcode"]:
            return 422, {"errors": [{"message": "Cannot renew item checked out to another user"}]}
        due = _utc(datetime.now(UTC).replace(hour=22, minute=0, second=0) + timedelta(days=28))
        if due[:10] <= loan["dueDate"][:10]:
            code = "RENEWAL_WOULD_NOT_CHANGE_DUE_DATE"
            return 422, {"errors": [{"message": "renewal would not change", "code": code}]}
        loan |= {"dueDate": due, "renewalCount": loan.get("renewalCount", 0) + 1}
        loan |= {"action": "renewed", "metadata": {"updatedDate": _utc(datetime.now(UTC))}}
        self.done["renewal", body["itemBarcode"], body["userBarcode"]] += 1
        return 200, loan

    def _open(self) -> list[dict[str, Any]]:
        return [loan for loan in self.loans if loan["status"]["name"] == "Open"]

    def _loan(self, item: dict[str, Any]) -> dict[str, Any] | None:
        return next((loan for loan in self._open() if loan["itemId"] == item["id"]), None)

    # -- reading -------------------------------------------------------------------------------

    def _read(self, what: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if what == "_self":
            return self._about_me()
        rows = {
            "service-points": (
                "servicepoints",
                [{"id": one, "code": code, "name": code} for code, one in POINTS.items()],
            ),
            "items": ("items", list(self.items.values())),
            "users": ("users", list(self.users.values())),
            "loans": ("loans", self.loans),
            "groups": ("usergroups", [{"id": "g1", "group": "Students"}]),
            "manualblocks": ("manualblocks", self._manual_blocks()),
        }
        if what not in rows:
            return 404, "No suitable module found for path"
        if what == "manualblocks" and "manualblocks.collection.get" not in self.permissions:
            return 403, "Access for user 'x' requires permission: manualblocks.collection.get"
        name, found = rows[what]
        found = [row for row in found if _matches(row, query.get("query", [""])[0])]
        start, most = int(query["offset"][0]), int(query["limit"][0])
        part = [_shown(row) for row in found[start : start + most]]
        return 200, {name: part, "totalRecords": len(found)}

    def _manual_blocks(self) -> list[dict[str, Any]]:
        return [
            {"userId": user["id"], "desc": user["_block"], "borrowing": True}
            for user in self.users.values()
            if user["_block"]
        ]

    def _about_me(self) -> tuple[int, Any]:
        if self.silent_about_itself:
            return 403, "Access requires permission: users-bl.item.get"
        return 200, {
            "user": {"personal": {"firstName": "Réfé", "lastName": "Rent"}},
            "permissions": {"permissions": self.permissions},
            "servicePointsUser": {"servicePointsIds": [POINTS["BUC_PRET"]]},
        }


def folio_honest(exchange: Exchange) -> None:
    status, body = exchange.process()
    if isinstance(body, str):
        exchange.send(status, body.encode(), "text/plain")
    else:
        exchange.send_json(status, body)


def _say(status: int, words: str) -> Misbehaviour:
    return lambda exchange: exchange.send(status, words.encode(), "text/plain")


def _matches(row: dict[str, Any], query: str) -> bool:
    """A query of the one form that is asked here."""
    if not query:
        return True
    found = re.fullmatch(r"(\w+)==\((.*?)\)(?: and \((.*)\))? sortby id", query)
    assert found is not None, query
    values = re.findall(r'"((?:[^"\\]|\\.)*)"', found[2])
    wanted = {re.sub(r"\\(.)", r"\1", value).casefold() for value in values}
    if str(row.get(found[1], "")).casefold() not in wanted:
        return False
    if not found[3]:
        return True
    since = re.search(r'returnDate>="([\d-]+)"', found[3])
    is_open = row["status"]["name"] == "Open"
    return is_open or bool(since and row.get("returnDate", "") >= since[1])


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def local(text: str) -> datetime:
    """A time of the library's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


@contextlib.contextmanager
def running_folio() -> Iterator[FolioDouble]:
    double = FolioDouble()
    double.start()
    try:
        yield double
    finally:
        double.stop()
        assert not double.violations
