"""The rules as forms: changed as values, written as a policy.toml, read with the same checks."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any

import tomlkit
from tomlkit.items import AoT

from offcirc.core.rules.policy import Policy
from offcirc.i18n import N_
from offcirc.practice import lookups
from offcirc.practice.accounts import hashed, set_password
from offcirc.practice.errors import ActError
from offcirc.practice.library import library
from offcirc.practice.library import policy as policies

Rules = dict[str, Any]
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
    before = text(connection)
    rules = tomllib.loads(before)
    edit(rules)
    written = merged(before, rules)
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


def merged(before: str, rules: Rules) -> str:
    """A policy.toml with other values: comments and order stay with what stays."""
    document = tomlkit.parse(before)
    _merge(document, rules)
    written = tomlkit.dumps(document)
    # Values matter more than comments, should a file be laid out in a way that nobody foresaw.
    return written if tomllib.loads(written) == rules else tomlkit.dumps(rules)


def _merge(table: Any, values: Rules) -> None:
    was = table.unwrap()
    for key in was.keys() - values.keys():
        table.remove(key)
    for key, value in values.items():
        there = table.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            _merge(there, value)
        elif isinstance(value, list) and value and isinstance(there, AoT):
            _merge_rows(there, value)
        elif key not in was or was[key] != value:
            table[key] = _inline(value)


def _merge_rows(rows: AoT, wanted: list[Rules]) -> None:
    """Rows that say the same stay as they are; of those between, the first are changed."""
    old, new = ([repr(sorted(row.items())) for row in part] for part in (rows.unwrap(), wanted))
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for kind, start, end, first, last in reversed(steps):
        if kind == "equal":
            continue
        shared = min(end - start, last - first)
        for row, values in zip(rows[start : start + shared], wanted[first:last], strict=False):
            _merge(row, values)
        del rows[start + shared : end]
        for place, values in enumerate(wanted[first + shared : last], start + shared):
            rows.insert(place, values)


def _inline(value: Any) -> Any:
    """A value within one line, wherever in a table it comes to stand."""
    if isinstance(value, dict):
        found = tomlkit.inline_table()
        found.update({key: _inline(each) for key, each in value.items()})
        return found
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(_inline(each) for each in value)
        return array
    return value


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
