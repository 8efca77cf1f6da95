"""What earlier uploads have done with lines, known by their keys in whatever file."""

from __future__ import annotations

from collections.abc import Sequence

from offcirc.storage.errors import wording
from offcirc.storage.ledger import Ledger

_AT_ONCE = 500
_EARLIER = """
    SELECT l.key,
           min(CASE WHEN l.state = 'recorded'
                         OR l.state = 'skipped' AND l.reason = 'already-recorded' THEN 0
                    WHEN l.state IN ('sending', 'unknown', 'handed-over') THEN 1
                    ELSE 2 END)
    FROM lines AS l JOIN uploads AS u ON u.upload = l.upload
    WHERE l.key IN ({marks}) AND l.key <> x'' AND (u.server = ? OR ? = '')
      AND (l.state IN ('recorded', 'sending', 'unknown', 'handed-over', 'rejected')
           OR l.state = 'skipped' AND l.reason = 'already-recorded')
    GROUP BY l.key
"""

RECORDED, OPEN, REFUSED = range(3)
"""Recorded; sent, and not known what became of it; refused."""


def earlier(ledger: Ledger, keys: Sequence[bytes], server: str = "") -> dict[bytes, int]:
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
    found: dict[bytes, int] = {}
    with wording(ledger.path):
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            question = _EARLIER.format(marks=", ".join("?" * len(part)))
            found.update(ledger.database.execute(question, (*part, server, server)).fetchall())
    return found
