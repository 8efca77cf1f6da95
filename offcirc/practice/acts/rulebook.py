"""The rules as forms: changed as values, written as a policy.toml, read with the same checks."""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any

from offcirc.core.rules.policy import Policy
from offcirc.i18n import N_
from offcirc.practice import lookups
from offcirc.practice.accounts import hashed, set_password
from offcirc.practice.errors import ActError
from offcirc.practice.library import library
from offcirc.practice.library import policy as policies

Rules = dict[str, Any]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
SHORTEST_PASSWORD = 10


def text(connection: sqlite3.Connection) -> str:
    """The rules as they stand, as a policy.toml."""
    row = connection.execute("SELECT value FROM facts WHERE name = 'policy'").fetchone()
    return str(row["value"])


def change(connection: sqlite3.Connection, edit: Callable[[Rules], None]) -> Policy:
    """Change the rules, and return them: they hold once this is kept.

    Args:
        connection: inside a transaction.
        edit: changes the values of the file.

    Raises:
        LibraryError: what came out is no policy; the sentence names the key.
    """
    rules = tomllib.loads(text(connection))
    edit(rules)
    written = dump(rules)
    found = policies.parse(written)
    library.check_rules(
        found,
        lookups.distinct(connection, "items", "location"),
        lookups.distinct(connection, "patrons", "group"),
    )
    _still_known(connection, found)
    connection.execute("UPDATE facts SET value = ? WHERE name = 'policy'", (written,))
    return found


def _still_known(connection: sqlite3.Connection, policy: Policy) -> None:
    for code in lookups.distinct(connection, "items", "exception"):
        if code and code not in policy.exceptions:
            raise ActError(N_("Items carry the exception {code}: it must stay."), code=code)


def dump(table: Rules, path: str = "") -> str:
    """Values as TOML: plain ones first, then tables, then lists of tables."""
    plain: list[str] = []
    below: list[str] = []
    for key, value in table.items():
        name = key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
        full = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            below.append(f"\n[{full}]\n{dump(value, full)}")
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            below += [f"\n[[{full}]]\n{dump(one, full)}" for one in value]
        else:
            plain.append(f"{name} = {_value(value)}\n")
    return "".join(plain + below)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def accounts(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Who may sign in, in what role, at which desks."""
    return connection.execute(
        "SELECT login, name, role, desks FROM accounts ORDER BY login"
    ).fetchall()


def set_account(
    connection: sqlite3.Connection,
    policy: Policy,
    *,
    login: str,
    name: str,
    role: str,
    desks: list[str],
    password: str,
) -> None:
    """Change an account, or make one if a password comes with it.

    Raises:
        ActError: a value is none, or nobody would be a manager any more.
    """
    login = login.strip()
    known = {each.circ_desk for each in policy.libraries.values()}
    if not login or role not in library.ROLES or not set(desks) <= known:
        raise ActError(N_("Login, role or circulation desk is not right."))
    there = connection.execute("SELECT 1 FROM accounts WHERE login = ?", (login,)).fetchone()
    if password or there is None:
        check_password(password)
    if there is None:
        salt, digest = hashed(password)
        connection.execute(
            "INSERT INTO accounts (login, name, role, desks, salt, hash) VALUES (?, ?, ?, ?, ?, ?)",
            (login, name.strip() or login, role, " ".join(desks), salt, digest),
        )
        return
    connection.execute(
        "UPDATE accounts SET name = ?, role = ?, desks = ? WHERE login = ?",
        (name.strip() or login, role, " ".join(desks), login),
    )
    if password:
        set_password(connection, login, password)
    managers = connection.execute(
        "SELECT 1 FROM accounts WHERE role = ?", (library.MANAGER,)
    ).fetchone()
    if managers is None:
        raise ActError(N_("One account at least must be a manager."))


def check_password(password: str) -> None:
    """Whether a password will do.

    Raises:
        ActError: it is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise ActError(N_("A password has at least {count} characters."), count=SHORTEST_PASSWORD)
