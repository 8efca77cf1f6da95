"""The idempotency key of a loan or return: the same transaction has the same key everywhere.

It comes from the transaction alone, not from the file's name, the line's number, the PC or the
circulation desk, so that two referents who upload the same file from two PCs send the same keys,
and a server that knows keys records each transaction once.

OffCirc.dat tells minutes only. A desk can lend, take back and lend again one item to one reader
within a minute: three true transactions, two of them identical lines. They are told apart by
how many identical lines came before in the desk's file. A file only ever grows, so that number
never changes.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from offcirc.core.transaction import Operation, Record

VERSION = b"offcirc-1"
"""Part of every key: a later way of making keys must never meet these by accident."""
DAMAGED = b"offcirc-damaged-1"
CORRECTED = b"offcirc-corrected-1"


class KeyMaker:
    """Makes the keys of one desk's file, line after line, in the file's order.

    Of each line it remembers a number of eight bytes, not the line, to keep big files cheap.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._again: dict[int, int] = {}

    def key(self, record: Record) -> bytes:
        """The key of the next line: 32 bytes, shown in hexadecimal to servers.

        Call it once for each line that can be replayed, in the order of the file.
        """
        return self._key(content(record))

    def raw_key(self, raw: bytes) -> bytes:
        """The name of a line that cannot be replayed, by which people's decisions know it.

        No server ever sees it. Call it once for each such line, in the order of the file.
        """
        return self._key(DAMAGED + b"\n" + raw + b"\n")

    def _key(self, text: bytes) -> bytes:
        digest = sha256(text)
        short = int.from_bytes(digest.digest()[:8])
        earlier = 0
        if short in self._seen:
            earlier = self._again.get(short, 0) + 1
            self._again[short] = earlier
        else:
            self._seen.add(short)
        digest.update(b"%d" % earlier)
        return digest.digest()


def corrected_key(key: bytes, record: Record) -> bytes:
    """The key of a line that somebody has corrected.

    Two people who correct the same line in the same way send the same key. It is never the key
    of another line, so that a correction is never taken for a line that is recorded already.

    Args:
        key: of the line as it stands in its file.
        record: what it was corrected to.
    """
    return sha256(CORRECTED + b"\n" + key + content(record)).digest()


def content(record: Record) -> bytes:
    """What identifies a transaction, unambiguously: no field can hold the separator.

    The borrower some writers put on a return has no meaning and no part in it.
    """
    patron = record.patron if record.operation is Operation.LOAN else ""
    fields = (_stamp(record.at), record.operation.value, record.item, patron, "")
    return VERSION + b"\n" + "\n".join(fields).encode("utf-8")


@lru_cache(1024)
def _stamp(at: datetime) -> str:
    """Many lines share a minute."""
    return f"{at.year:04}{at.month:02}{at.day:02}{at.hour:02}{at.minute:02}"
