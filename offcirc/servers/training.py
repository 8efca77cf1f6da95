"""The practice server on this PC, and the account to train with, for whichever door asks."""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass, field

from offcirc import resources
from offcirc.servers.errors import ServerError, UnreachableError

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
    password: str = field(repr=False)


def find(url: str = URL, answer_seconds: float = 3.0) -> Training | None:
    """The practice server at an address of this PC; ``None`` when something else answers.

    It tells its account to those on its own machine; one that does not is tried with the account
    of the sample library.

    Args:
        url: the address.
        answer_seconds: how long the answer may take.

    Raises:
        UnreachableError: nothing answers.
    """
    from offcirc.servers.http import JsonClient  # noqa: PLC0415 - httpx takes 100 ms

    try:
        client = JsonClient(url, answer_seconds=answer_seconds)
        try:
            answer = client.ask("GET", "/api/v1/health").body
        finally:
            client.close()
    except UnreachableError:
        raise
    except ServerError:
        return None  # whoever signs in next meets the same fault, and words it
    if not isinstance(answer, dict) or answer.get("service") != "offcirc-practice":
        return None
    told = answer.get("training_account")
    account = told if isinstance(told, dict) else _sample_account()
    return Training(url, str(account.get("login", "")), str(account.get("password", "")))


def _sample_account() -> dict[str, str]:
    with suppress(OSError, csv.Error):
        path = resources.path("practice/toulouse/accounts.csv")
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("role") == "operator":
                    return row
    return {}
