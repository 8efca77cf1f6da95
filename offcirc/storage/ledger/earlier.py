"""What earlier uploads have done with lines, known by their keys in whatever file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from offcirc.disk.errors import wording
from offcirc.storage.ledger import alike
from offcirc.storage.ledger.alike import Found, KnownLine
from offcirc.storage.ledger.ledger import Ledger

_EARLIER = """
    SELECT l.key,
           min(CASE WHEN l.state = 'recorded'
                         OR l.state = 'skipped' AND l.reason IN ('already-recorded', 'alike') THEN 0
                    WHEN l.state IN ('sending', 'unknown', 'handed-over') THEN 1
                    ELSE 2 END),
           max(l.state <> 'skipped')
    FROM {like} CROSS JOIN uploads AS u ON u.upload = l.upload
    WHERE l.key <> x'' AND (u.server = ? OR ? = '')
      AND (l.state IN ('recorded', 'sending', 'unknown', 'handed-over', 'rejected')
           OR l.state = 'skipped' AND l.reason IN ('already-recorded', 'alike'))
    GROUP BY l.key
"""

RECORDED, OPEN, REFUSED = range(3)
"""Recorded; sent, and not known what became of it; refused."""


def earlier(ledger: Ledger, keys: Sequence[bytes], server: str = "") -> dict[bytes, Found]:
    """What became of the lines of these keys: the best that any upload has come to.

    Args:
        ledger: where uploads are kept.
        keys: of lines.
        server: only uploads to the server of this identity; to any when empty.

    Returns:
        :data:`RECORDED`, :data:`OPEN` or :data:`REFUSED`; a key that was never sent is not in it.

    Raises:
        StorageError: the ledger cannot be read.
    """

    def ask(like: str, values: Sequence[bytes]) -> Iterator[KnownLine]:
        question = _EARLIER.format(like=like)
        for key, outcome, judged in ledger.database.execute(question, (*values, server, server)):
            yield KnownLine(key, outcome, bool(judged))

    with wording(ledger.path):
        return alike.find(keys, ask)
