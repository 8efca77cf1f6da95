"""Sealing what is written down of readers: nobody reads it who has not the key.

The key is the library's (``registrations.key`` in the settings, the same on every PC) or, without
one, this data folder's own: then only programs on this data folder can read what was sealed here.
The sealing is Fernet's (AES-128-CBC and HMAC-SHA-256), from the package ``cryptography``.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from offcirc.core.registration import Registration
from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError, wording

KEY_NAME = "registrations.key"
"""The data folder's own key."""


class SealError(ValueError):
    """It was sealed with another key, or is damaged."""


class WrongKeyError(ValueError):
    """What should be a key is none."""


def new_key() -> str:
    """A key, for the settings."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - takes 40 ms, and few need it

    return Fernet.generate_key().decode("ascii")


class Seal:
    """Seals and opens with one key."""

    def __init__(self, key: str) -> None:
        """Take the key.

        Raises:
            WrongKeyError: it is none.
        """
        from cryptography.fernet import Fernet  # noqa: PLC0415

        try:
            self._fernet = Fernet(key.encode("ascii"))
        except ValueError:
            raise WrongKeyError from None

    def close(self, registration: Registration) -> bytes:
        """Seal it: one line of letters and digits."""
        facts = asdict(registration) | {"at": registration.at.isoformat()}
        return self._fernet.encrypt(json.dumps(facts).encode())

    def open(self, sealed: bytes) -> Registration:
        """What was sealed.

        Raises:
            SealError: it cannot be opened.
        """
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            facts = json.loads(self._fernet.decrypt(sealed))
            return Registration(**(facts | {"at": datetime.fromisoformat(facts["at"])}))
        except (InvalidToken, ValueError, TypeError, KeyError):
            raise SealError from None


def seal_of(data_dir: Path, key: str) -> Seal:
    """The seal that holds on a data folder; the folder's own key is made when there is none.

    Args:
        data_dir: the data folder.
        key: the library's key; empty: it has none.

    Raises:
        WrongKeyError: the key is none.
        StorageError: the folder's own key cannot be read or made.
    """
    if key:
        return Seal(key)
    path = data_dir / KEY_NAME
    try:
        with wording(path):
            return Seal(path.read_text("ascii").strip())
    except StorageError as error:
        if not isinstance(error.cause, FileNotFoundError):
            raise
    try:
        durable.create(path, new_key().encode("ascii"))
    except StorageError as error:
        if error.fault is not Fault.EXISTS:
            raise
    return Seal(path.read_text("ascii").strip())
