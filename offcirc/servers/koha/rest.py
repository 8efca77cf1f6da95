"""What Koha says of items, readers and loans, over its REST API.

Barcodes and cards travel in a header (``x-koha-query``), never in an address, which servers and
proxies write down. A Koha that does not know this header would answer with whatever it has: so it
is tried first.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from offcirc.servers.errors import (
    NotAllowedError,
    NotThisKindOfServerError,
    ServerFailedError,
    ServerRefusedError,
    SessionExpiredError,
    TryLaterError,
)
from offcirc.servers.http import JsonClient, Reply
from offcirc.servers.koha.settling import Checkout
from offcirc.servers.protocol import Desk, ItemFound, PatronFound
from offcirc.servers.values import moment, number, text

API = "/api/v1"
AT_ONCE = 100
"""Codes in one question: a header may have some 8,000 characters."""
PAGE = 1000
_NOBODY = "\N{WHITE SQUARE}offcirc?"
"""A barcode that no item has."""
_CARDS = ("cardnumber", "userid")
_BLOCKS = {
    "restricted": "restricted",
    "patron_card_lost": "card-lost",
    "incorrect_address": "address-wrong",
}


class KohaRest:
    """Asks Koha. Safe for several threads."""

    def __init__(self, client: JsonClient, client_id: str, session: Callable[[], str]) -> None:
        """Prepare; nothing is sent yet.

        Args:
            client: the connection.
            client_id: the OAuth2 client to ask as, instead of the person; empty if there is none.
            session: the cookie of the person's session; empty if there is none.
        """
        self._client = client
        self._client_id = client_id
        self._session = session
        self._secret = ""
        self._basic = ""
        self._token = ""
        self._until = 0.0
        self._renewing = threading.Lock()

    def open(self, login: str, password: str, secret: str) -> str:
        """Find out how to ask, and whether everything needed may be asked.

        Args:
            login: the person's user name.
            password: the person's password.
            secret: that of the OAuth2 client.

        Returns:
            empty when it may; else what is in the way: ``absent``, ``permission``, ``old``.

        Raises:
            UnreachableError, NoAnswerError, TryLaterError, ServerFailedError: not found out.
        """
        self._secret = secret
        pair = f"{login}:{password}".encode()
        # A Koha that does not let people in this way has a session that does as well.
        ways = [""] if self._client_id else ["Basic " + base64.b64encode(pair).decode(), ""]
        for self._basic in ways:
            found = self._open()
            if found != "absent":
                return found
        return "absent"

    def _open(self) -> str:
        for what, query in (
            ("items", {"external_id": [_NOBODY]}),
            ("patrons", {"cardnumber": [_NOBODY]}),
            ("checkouts", {"item_id": [0]}),
        ):
            try:
                reply = self._reply(what, query, per_page=1)
            except NotThisKindOfServerError:
                return "absent"
            if reply.status in (429, 503):
                raise TryLaterError(self._client.url, retry_after=reply.retry_after)
            if reply.status >= 500:
                # Broken for the moment: what it can be asked is not known.
                raise ServerFailedError(self._client.url)
            if reply.status == 403:
                return "permission"
            if reply.status != 200 or not isinstance(reply.body, list):
                return "absent"
            if reply.body:
                return "old"
        return ""

    def desks(self) -> tuple[Desk, ...]:
        """The libraries (branches) of the server."""
        rows = self._rows("libraries", None)
        return tuple(Desk(text(row, "library_id"), text(row, "name"), "") for row in rows)

    def items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        """What Koha knows of these items, in the same order."""
        found = self._item_rows(barcodes)
        loans = self.current(number(row, "item_id") for row in found.values())
        cards = self._cards(loan.patron for loan in loans.values())
        return [self._item(code, found.get(_folded(code)), loans, cards) for code in barcodes]

    def patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        """What Koha knows of these readers, in the same order."""
        found = self._patron_rows(identifiers)
        numbers = {number(row, "patron_id") for row in found.values()}
        loans = self._loans("patron_id", numbers)
        barcodes = self._barcodes(loan.item for loan in loans)
        items: dict[int, list[str]] = {one: [] for one in numbers}
        for loan in loans:
            items[loan.patron].append(barcodes.get(loan.item, ""))
        return [_patron(code, found.get(_folded(code)), items) for code in identifiers]

    def numbers(
        self, barcodes: Sequence[str], identifiers: Sequence[str]
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Koha's own numbers of items and readers, by their codes in lower case."""
        return (
            {code: number(row, "item_id") for code, row in self._item_rows(barcodes).items()},
            {
                code: number(row, "patron_id")
                for code, row in self._patron_rows(identifiers).items()
            },
        )

    def current(self, items: Iterable[int]) -> dict[int, Checkout]:
        """The loans that these items are out on, by item."""
        return {loan.item: loan for loan in self._loans("item_id", set(items))}

    def past(self, items: Iterable[int]) -> dict[int, list[Checkout]]:
        """The ended loans of these items, by item."""
        found: dict[int, list[Checkout]] = {}
        for loan in self._loans("item_id", set(items), "checked_in=true&"):
            found.setdefault(loan.item, []).append(loan)
        return found

    # -- details ---------------------------------------------------------------------------------

    def _item_rows(self, barcodes: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        wanted = {_folded(code) for code in barcodes}
        rows = self._asked("items", ("external_id",), list(dict.fromkeys(barcodes)))
        return {key: row for row in rows if (key := _folded(text(row, "external_id"))) in wanted}

    def _patron_rows(self, identifiers: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        wanted = {_folded(code) for code in identifiers}
        found: dict[str, Mapping[str, Any]] = {}
        for row in self._asked("patrons", _CARDS, list(dict.fromkeys(identifiers))):
            for name in reversed(_CARDS):
                key = _folded(text(row, name))
                # Koha takes a card before a user name.
                if key in wanted and (name == "cardnumber" or key not in found):
                    found[key] = row
        return found

    def _item(
        self,
        code: str,
        row: Mapping[str, Any] | None,
        loans: Mapping[int, Checkout],
        cards: Mapping[int, str],
    ) -> ItemFound:
        if row is None:
            return ItemFound(code, found=False)
        loan = loans.get(number(row, "item_id"))
        return ItemFound(
            code,
            found=True,
            library=text(row, "home_library_id"),
            status=text(row, "location"),
            due_at=loan.due_at if loan else None,
            on_loan=loan is not None,
            patron=cards.get(loan.patron, "") if loan else "",
            lent_at=loan.lent_at if loan else None,
            loanable=not row.get("not_for_loan_status"),
            renewed_at=loan.renewed_at if loan else None,
        )

    def _cards(self, patrons: Iterable[int]) -> dict[int, str]:
        rows = self._asked("patrons", ("patron_id",), sorted(set(patrons)))
        return {number(row, "patron_id"): text(row, "cardnumber") for row in rows}

    def _barcodes(self, items: Iterable[int]) -> dict[int, str]:
        rows = self._asked("items", ("item_id",), sorted(set(items)))
        return {number(row, "item_id"): text(row, "external_id") for row in rows}

    def _loans(self, column: str, numbers: set[int], which: str = "") -> list[Checkout]:
        rows = self._asked("checkouts", (column,), sorted(numbers), which)
        loans = [loan for row in rows if (loan := _checkout(row)) is not None]
        return [
            loan for loan in loans if (loan.item if column == "item_id" else loan.patron) in numbers
        ]

    def _asked(
        self, what: str, columns: Sequence[str], values: Sequence[Any], which: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        """The rows of which one of the columns holds one of the values."""
        for start in range(0, len(values), AT_ONCE):
            part = list(values[start : start + AT_ONCE])
            query = [{column: part} for column in columns]
            yield from self._rows(what, query if len(query) > 1 else query[0], which)

    def _rows(self, what: str, query: Any, which: str = "") -> Iterator[Mapping[str, Any]]:
        page = 1
        while True:
            reply = self._reply(what, query, page=page, which=which)
            rows = self._done(reply)
            yield from rows
            if len(rows) < PAGE:
                return
            page += 1

    def _reply(
        self, what: str, query: Any, *, page: int = 1, per_page: int = PAGE, which: str = ""
    ) -> Reply:
        path = f"{API}/{what}?{which}_page={page}&_per_page={per_page}"
        headers = {"x-koha-query": json.dumps(query)} if query is not None else {}
        if self._client_id:
            headers["Authorization"] = f"Bearer {self._access()}"
        elif self._basic:
            headers["Authorization"] = self._basic
        elif session := self._session():
            headers["Cookie"] = session
        return self._client.ask("GET", path, headers=headers)

    def _access(self) -> str:
        """The token of the OAuth2 client, a new one when the old one is about to end."""
        with self._renewing:
            if time.monotonic() < self._until:
                return self._token
            reply = self._client.ask_text(
                "POST",
                f"{API}/oauth/token",
                {
                    "grant_type": "client_credentials",
                    "client_id": self._client_id,
                    "client_secret": self._secret,
                },
            )
            try:
                body = json.loads(reply.text)
                self._token = text(body, "access_token")
                self._until = time.monotonic() + max(0, number(body, "expires_in") - 60)
            except (ValueError, AttributeError):
                self._token = ""
            if not self._token:
                raise NotThisKindOfServerError(self._client.url)
            return self._token

    def _done(self, reply: Reply) -> list[Mapping[str, Any]]:
        url = self._client.url
        if reply.status == 401:
            raise SessionExpiredError(url)
        if reply.status == 403:
            raise NotAllowedError(url)
        if reply.status in (429, 503):
            raise TryLaterError(url, retry_after=reply.retry_after)
        if reply.status >= 500:
            raise ServerFailedError(url)
        if reply.status != 200:
            raise ServerRefusedError(url, status=reply.status)
        if not isinstance(reply.body, list) or not all(isinstance(row, dict) for row in reply.body):
            raise NotThisKindOfServerError(url)
        return reply.body


def _folded(code: str) -> str:
    """A code as Koha's database compares it."""
    return code.strip().casefold()


def _checkout(row: Mapping[str, Any]) -> Checkout | None:
    lent_at = _local(row, "checkout_date")
    if lent_at is None:
        return None
    return Checkout(
        number(row, "patron_id"),
        number(row, "item_id"),
        lent_at,
        _local(row, "last_renewed_date"),
        _local(row, "checkin_date"),
        _local(row, "due_date"),
    )


def _local(row: Mapping[str, Any], key: str) -> datetime | None:
    """A moment in the time of this PC, which is the library's, as files state theirs."""
    found = moment(row, key)
    return found.astimezone().replace(tzinfo=None) if found and found.tzinfo else found


def _patron(
    code: str, row: Mapping[str, Any] | None, items: Mapping[int, Sequence[str]]
) -> PatronFound:
    if row is None:
        return PatronFound(code, found=False)
    blocks = [word for key, word in _BLOCKS.items() if row.get(key) is True]
    expires = text(row, "expiry_date")[:10]
    if row.get("expired") is True or (expires and expires < date.today().isoformat()):  # noqa: DTZ011
        blocks.append("expired")
    own = items.get(number(row, "patron_id"), ())
    name = ", ".join(filter(None, (text(row, "surname"), text(row, "firstname"))))
    return PatronFound(
        code,
        found=True,
        name=name,
        group=text(row, "category_id"),
        expires_on=expires,
        blocks=tuple(blocks),
        loans=len(own),
        items=tuple(own),
        known_as=tuple(dict.fromkeys(filter(None, (text(row, key) for key in _CARDS)))),
    )
