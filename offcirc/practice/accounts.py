"""Signing in: passwords as scrypt hashes, sessions in memory."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from offcirc.practice.library.library import LIMITED

_COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
"""scrypt at 16 MB and some 40 ms a try, as RFC 7914 suggests for interactive sign-in."""

IDLE_SECONDS = 12 * 3600
_MOST_SESSIONS = 1000
FREE_TRIES = 5
"""Wrong passwords before the first wait: a person who mistypes meets none."""
_LONGEST_WAIT = 60.0
_REST_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in; ``desks`` are codes of the circulation desks of the account."""

    login: str
    name: str
    role: str
    desks: tuple[str, ...]

    @property
    def may_upload(self) -> bool:
        """A Circulation Desk Operator may; one with the role Limited may not."""
        return self.role != LIMITED


def hashed(password: str, salt: bytes | None = None) -> tuple[bytes, bytes]:
    """Salt and scrypt hash of a password; a fresh salt unless one is given."""
    salt = salt or secrets.token_bytes(16)
    return salt, hashlib.scrypt(password.encode(), salt=salt, **_COST)


_NOBODY = (bytes(16), bytes(32))


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An account with what its password is checked against."""

    account: SignedIn
    salt: bytes
    hash: bytes


def find(connection: sqlite3.Connection, login: str) -> AccountEntry | None:
    """The account of this login."""
    row = connection.execute(
        "SELECT login, name, role, desks, salt, hash FROM accounts WHERE login = ?", (login,)
    ).fetchone()
    if row is None:
        return None
    account = SignedIn(row["login"], row["name"], row["role"], tuple(row["desks"].split()))
    return AccountEntry(account, row["salt"], row["hash"])


def password_fits(entry: AccountEntry | None, password: str) -> bool:
    """Whether the password is the account's. Takes as long for an account that does not exist."""
    salt, wanted = (entry.salt, entry.hash) if entry is not None else _NOBODY
    found = hashed(password, salt)[1]
    return hmac.compare_digest(found, wanted) and entry is not None


class WrongPasswords:
    """Makes whoever tries passwords wait: some wrong ones are free, each further doubles the wait.

    Counted by login and by sender, until a right one. Used by the event loop's thread alone.

    Args:
        clock: seconds, ever rising.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, *names: str) -> float:
        """Seconds until a password is looked at again; 0 if it is now."""
        now = self._clock()
        return max(max(0.0, self._wrong.get(name, (0, now))[1] - now) for name in names)

    def wrong(self, *names: str) -> None:
        """Another one was wrong; whoever has rested for long begins anew."""
        now = self._clock()
        for name in names:
            count, until = self._wrong.pop(name, (0, now))
            count = 1 if now - until > _REST_SECONDS else count + 1
            wait = min(_LONGEST_WAIT, 2.0 ** (count - FREE_TRIES)) if count >= FREE_TRIES else 0.0
            self._wrong[name] = (count, now + wait)
        while len(self._wrong) > _MOST_SESSIONS:
            self._wrong.popitem(last=False)

    def right(self, *names: str) -> None:
        """It was the right one."""
        for name in names:
            self._wrong.pop(name, None)


class Sessions:
    """Who holds which token. They are forgotten when the server stops: sign in again.

    Only digests of tokens are kept. Used by the event loop's thread alone.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[bytes, tuple[SignedIn, float]] = OrderedDict()

    def start(self, account: SignedIn) -> str:
        """A new token for this account; the oldest session makes room if there are too many."""
        token = secrets.token_urlsafe(32)
        self._open[_digest(token)] = (account, time.monotonic())
        if len(self._open) > _MOST_SESSIONS:
            self._open.popitem(last=False)
        return token

    def account(self, token: str) -> SignedIn | None:
        """Whose token this is, or ``None`` if it is unknown or has not been used for long."""
        name = _digest(token)
        account, used = self._open.get(name, (None, 0.0))
        now = time.monotonic()
        if account is None or now - used > IDLE_SECONDS:
            self._open.pop(name, None)
            return None
        self._open[name] = (account, now)
        self._open.move_to_end(name)
        return account


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
