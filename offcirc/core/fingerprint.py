"""The idempotency key of a loan or return: the same transaction has the same key everywhere.

A key begins with what the line says (:func:`content_of`): minute, operation, item and reader; not
the file's name, the line's number, the PC or the circulation desk. So two referents who upload the
same file from two PCs send the same keys, and a server that knows keys records each transaction
once.

Two true transactions can say the same: two desks, one of the clocks an hour wrong. So where a
desk's manifest or journal tells a line's own identity, that is the end of its key, and two of
different identity are two. Where it is not told, what tells the line apart is how many identical
lines came before in its file: a desk can lend, take back and lend again one item to one reader
within a minute. A file only ever grows, so that number never changes. :func:`same_as` says which
of the lines known already such a line is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import NamedTuple

from offcirc.core.transaction import Record

VERSION = b"offcirc-1"
"""Part of every key: a later way of making keys must never meet these by accident."""
_VERSION = VERSION.decode()
DAMAGED = b"offcirc-damaged-1"
CORRECTED = b"offcirc-corrected-1"
CONTENT = 32
"""Bytes of a key that stand for what the line says."""
OWN = 16
"""Bytes that follow when more is known of it."""
LONGEST = CONTENT + OWN

_SHORT = 8
"""Bytes that tell two lines of a file apart."""
_NUMBER = bytes(OWN - 4)
"""How the end of a key begins that is no identity but a number of identical lines before."""


class KeyMaker:
    """Makes the keys of one desk's file, line after line, in the file's order.

    Of each line it remembers eight bytes, not the line, to keep big files cheap. Identical lines
    are of one minute, so as long as the file's minutes rise only those of the last one are looked
    at; when its clock goes back, all of them from then on.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._minute = datetime.min  # noqa: DTZ901 - the file's times are without zone
        self._earlier: bytearray | None = bytearray()
        self._damaged: set[bytes] = set()
        self._again: dict[bytes, int] = {}

    def key(self, record: Record) -> bytes:
        """The key of the next line, as far as its file alone tells it.

        Call it once for each line that can be replayed, in the order of the file.
        """
        if record.at != self._minute:
            self._turn(record.at)
        return self._key(content(record), self._seen)

    def _turn(self, minute: datetime) -> None:
        """The next line is of another minute than the one before."""
        if self._earlier is not None:
            if minute > self._minute:
                self._earlier += b"".join(self._seen)
                self._seen.clear()
            else:
                starts = range(0, len(self._earlier), _SHORT)
                self._seen.update(bytes(self._earlier[at : at + _SHORT]) for at in starts)
                self._earlier = None
        self._minute = minute

    def raw_key(self, raw: bytes) -> bytes:
        """The name of a line that cannot be replayed, by which people's decisions know it.

        No server ever sees it. Call it once for each such line, in the order of the file.
        """
        return self._key(DAMAGED + b"\n" + raw + b"\n", self._damaged)

    def _key(self, text: bytes, seen: set[bytes]) -> bytes:
        digest = sha256(text + b"0").digest()
        short = digest[:_SHORT]
        if short not in seen:
            seen.add(short)
            return digest
        earlier = self._again[short] = self._again.get(short, 0) + 1
        return digest + earlier.to_bytes(OWN)


def own_name(identity: str) -> bytes:
    """How a line's own identity stands in its key."""
    return blake2b(identity.encode(), digest_size=OWN).digest()


def content_of(key: bytes) -> bytes:
    """The part of a key that stands for what the line says."""
    return key[:CONTENT]


def has_identity(key: bytes) -> bool:
    """Whether a key tells a line from any other one that says the same."""
    return len(key) > CONTENT and not key.startswith(_NUMBER, CONTENT)


def same_as(key: bytes, known: Collection[bytes], taken: Collection[bytes] = ()) -> bytes | None:
    """Which of the lines that are known already a line is; ``None`` for none of them.

    Two of different identity are two. Where the identity of one of them is not known, as many
    lines that say the same are taken to be the same ones as there can be: whoever gets another key
    than he asked for has to say that this is but likely.

    Args:
        key: the line's.
        known: the keys of the lines that are known and say the same.
        taken: those without identity among them that were found to be a line of known identity.
    """
    if key in known:
        return key
    if has_identity(key):
        return min(
            (one for one in known if not has_identity(one) and one not in taken), default=None
        )
    before = int.from_bytes(key[CONTENT:])
    candidates: Sequence[bytes] = sorted(known, key=lambda one: (not has_identity(one), one))
    return candidates[before] if before < len(candidates) else None


def corrected_key(key: bytes, record: Record) -> bytes:
    """The key of a line that somebody has corrected.

    Two people who correct the same line in the same way send the same key. It is never the key
    of another line, so that a correction is never taken for a line that is recorded already.

    Args:
        key: of the line as it stands in its file.
        record: what it was corrected to.
    """
    said = sha256(CORRECTED + b"\n" + content_of(key) + content(record)).digest()
    return said + key[CONTENT:]


def content(record: Record) -> bytes:
    """What identifies a transaction, unambiguously: no field can hold the separator.

    The borrower some writers put on a return has no meaning and no part in it.
    """
    at, operation, item, patron = record
    if operation.lends:
        return f"{_beginning(at)}L\n{item}\n{patron}\n".encode()
    return f"{_beginning(at)}R\n{item}\n\n".encode()


@lru_cache(1024)
def _beginning(at: datetime) -> str:
    """Many lines share a minute."""
    return f"{_VERSION}\n{at.year:04}{at.month:02}{at.day:02}{at.hour:02}{at.minute:02}\n"


class Twin(NamedTuple):
    """A line that was there before.

    Attributes:
        file: the index of the file in which it came first.
        sure: it is that very line; else one that says the same, and nothing tells them apart.
    """

    file: int
    sure: bool


class Twins:
    """Lines that stand in two files, each to be sent once; sees them all in their one order.

    Of a million lines eight bytes each are remembered; of those that say the same, their keys.
    """

    def __init__(self) -> None:
        self._files: dict[bytes, int] = {}
        self._keys: dict[bytes, bytes] = {}
        self._more: dict[bytes, dict[bytes, int]] = {}
        self._taken: set[bytes] = set()

    def see(self, key: bytes, file: int) -> Twin | None:
        """The next line; where it came before, if it did.

        Args:
            key: its key.
            file: the index of its file.
        """
        said = key[:8]
        files = self._files
        if said not in files:
            files[said] = file
            if len(key) > CONTENT:
                self._keys[said] = key
            return None
        known = self._more.get(said)
        if known is None:
            first = self._keys.get(said, content_of(key))
            known = self._more[said] = {first: self._files[said]}
        # A line that has an identity is no other one of its own file.
        own = has_identity(key)
        others = [one for one, at in known.items() if at != file or not own]
        same = same_as(key, others, self._taken)
        if same is None:
            known[key] = file
            return None
        if same != key and own:
            self._taken.add(same)
        return Twin(known[same], own and same == key)
