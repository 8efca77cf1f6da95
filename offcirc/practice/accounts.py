"""Signing in: passwords as scrypt hashes, whoever tries many waits, sessions in memory."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import secrets
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from offcirc.practice.library.library import LIMITED, ROLES

T = TypeVar("T")

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

    def may(self, role: str) -> bool:
        """Whether this account's role is that one or reaches further."""
        return ROLES.index(self.role) >= ROLES.index(role)


def hashed(password: str, salt: bytes | None = None) -> tuple[bytes, bytes]:
    """Salt and scrypt hash of a password; a fresh salt unless one is given."""
    salt = salt or secrets.token_bytes(16)
    return salt, hashlib.scrypt(password.encode(), salt=salt, **_COST)


def kept(password: str) -> tuple[bytes, bytes]:
    """Salt and hash of a password, or of what an exported library has in its place."""
    kind, _, rest = password.partition(":")
    salt, _, digest = rest.partition(":")
    try:
        if kind == "scrypt" and len(salt) == 32 and len(digest) == 2 * _COST["dklen"]:
            return bytes.fromhex(salt), bytes.fromhex(digest)
    except ValueError:
        pass
    return hashed(password)


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


_SIGN_INS_AT_ONCE = 2


class WaitFirstError(Exception):
    """A password is not looked at yet: there were too many wrong ones; ``wait`` in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


class Doorman:
    """Looks at passwords, for whatever door; used by the event loop's thread alone."""

    def __init__(self) -> None:
        self._wrong = WrongPasswords()
        # Each check of a password takes 16 MB and a core for a moment.
        self._at_once = asyncio.Semaphore(_SIGN_INS_AT_ONCE)

    async def lets_in(
        self, entry: AccountEntry | None, login: str, sender: str, password: str
    ) -> SignedIn | None:
        """Whose password this is; ``None`` if it is not the account's.

        Args:
            entry: the account, if there is one.
            login: as it was given.
            sender: the address it comes from.
            password: as it was given.

        Raises:
            WaitFirstError: it has not been looked at.
        """
        names = (f"login {login}", f"from {sender}")
        async with self._at_once:
            if wait := math.ceil(self._wrong.wait(*names)):
                raise WaitFirstError(wait)
            fits = await asyncio.to_thread(password_fits, entry, password)
            if entry is None or not fits:
                self._wrong.wrong(*names)
                return None
        self._wrong.right(*names)
        return entry.account


class Sessions(Generic[T]):
    """Who holds which token. They are forgotten when the server stops: sign in again.

    Only digests of tokens are kept. Used by the event loop's thread alone.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[bytes, tuple[T, float]] = OrderedDict()

    def start(self, whose: T) -> str:
        """A new token for somebody; the oldest session makes room if there are too many."""
        token = secrets.token_urlsafe(32)
        self._open[_digest(token)] = (whose, time.monotonic())
        if len(self._open) > _MOST_SESSIONS:
            self._open.popitem(last=False)
        return token

    def holder(self, token: str) -> T | None:
        """Whose token this is, or ``None`` if it is unknown or has not been used for long."""
        name = _digest(token)
        found = self._open.get(name)
        now = time.monotonic()
        if found is None or now - found[1] > IDLE_SECONDS:
            self._open.pop(name, None)
            return None
        self._open[name] = (found[0], now)
        self._open.move_to_end(name)
        return found[0]

    def end(self, token: str) -> None:
        """Nobody holds this token any more."""
        self._open.pop(_digest(token), None)

    def end_others(self, whose: Callable[[T], bool]) -> None:
        """Whoever this is true of holds no token any more."""
        for name in [name for name, (holder, _used) in self._open.items() if whose(holder)]:
            del self._open[name]


def set_password(connection: sqlite3.Connection, login: str, password: str) -> None:
    """Give an account another password."""
    salt, digest = hashed(password)
    connection.execute(
        "UPDATE accounts SET salt = ?, hash = ? WHERE login = ?", (salt, digest, login)
    )


def with_passwords(connection: sqlite3.Connection, known: Collection[str]) -> list[str]:
    """The logins whose password is one of these, which everybody can know."""
    rows = connection.execute("SELECT login, salt, hash FROM accounts").fetchall()
    return [
        row["login"]
        for row in rows
        if any(hmac.compare_digest(hashed(word, row["salt"])[1], row["hash"]) for word in known)
    ]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
