"""Finding the practice server that runs on this PC, and the account to train with."""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass

from offcirc import resources

URL = "http://127.0.0.1:8000"
"""Where ``offcirc server`` listens when it is not told otherwise."""


@dataclass(frozen=True, slots=True)
class Training:
    """A practice server and its account for whoever sits at this PC.

    Attributes:
        url: its address.
        login: the user name; empty when the server does not tell one.
        password: its password: printed in the manual, no secret.
    """

    url: str
    login: str
    password: str


def find(url: str = URL) -> Training | None:
    """The practice server at an address of this PC; ``None`` when nothing of the kind answers."""
    from offcirc.servers.errors import ServerError
    from offcirc.servers.http import JsonClient

    try:
        client = JsonClient(url, answer_seconds=3.0)
        try:
            answer = client.ask("GET", "/api/v1/health").body
        finally:
            client.close()
    except ServerError:
        return None
    if not isinstance(answer, dict) or answer.get("service") != "offcirc-practice":
        return None
    told = answer.get("training_account")
    account = told if isinstance(told, dict) else _sample_account()
    return Training(url, str(account.get("login", "")), str(account.get("password", "")))


def _sample_account() -> dict[str, str]:
    """The account of the sample library, for a server that does not tell its own."""
    with suppress(OSError, csv.Error):
        path = resources.path("practice/toulouse/accounts.csv")
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("role") == "operator":
                    return row
    return {}
