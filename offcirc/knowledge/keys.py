"""The library's key, and what stands for a card or a barcode in OffCirc.knowledge.

Card numbers are few, so their hash is slow on purpose: whoever has file and key tries every card
number there can be, at nearly two milliseconds each. Without the key nothing can be tried at all.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

BITS = 56
"""Of each hash that are kept. Any two of a million barcodes share them once in 140,000 files, and a
barcode that is not in the list is taken for one that is once in 70 thousand million scans."""
# 0.75 MB and 1.6 ms a card: 100,000 readers with two identifiers each take six minutes of one core.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1024, 6, 1

_FORM = re.compile(r"[0-9a-f]{64}", re.ASCII)


class BadKeyError(ValueError):
    """A text that is no key; it is not repeated, since it may be half of one."""


@dataclass(frozen=True, slots=True)
class KnowledgeKey:
    """A library's key: 32 random bytes, never in a file that travels."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """What tells one key from another and helps nobody to find it."""
        return hashlib.blake2b(b"id", key=self.secret, digest_size=8).hexdigest()

    @property
    def text(self) -> str:
        """The key as it is written in a file or the settings."""
        return self.secret.hex()

    def item(self, barcode: str) -> int:
        """What stands for an item barcode."""
        return _number(hashlib.blake2b(b"item" + _plain(barcode), key=self.secret, digest_size=8))

    def patron(self, card: str) -> int:
        """What stands for a reader’s card; slow, and lets other threads work meanwhile."""
        found = hashlib.scrypt(
            _plain(card), salt=self.secret, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=8
        )
        return int.from_bytes(found) >> 64 - BITS

    def digest(self, content: bytes) -> str:
        """What only who has the key can say of these bytes."""
        return hashlib.blake2b(content, key=self.secret, digest_size=32).hexdigest()

    def same(self, one: str, other: str) -> bool:
        """Whether two digests are the same, in a time that tells nothing."""
        return hmac.compare_digest(one, other)


def new_key() -> KnowledgeKey:
    """A key nobody else has."""
    return KnowledgeKey(secrets.token_bytes(32))


def parse_key(text: str) -> KnowledgeKey:
    """A key from 64 hexadecimal digits.

    Raises:
        BadKeyError: it is none.
    """
    digits = "".join(text.split()).lower()
    if not _FORM.fullmatch(digits):
        raise BadKeyError
    return KnowledgeKey(bytes.fromhex(digits))


def _number(found: hashlib.blake2b) -> int:
    return int.from_bytes(found.digest()) >> 64 - BITS


def _plain(text: str) -> bytes:
    return text.strip().encode("utf-8", "surrogateescape")
