"""Which of the lines in the ledger a line is, by key or by what it says; what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from offcirc.core.fingerprint import LONGEST, content_of, has_identity, same_as
from offcirc.disk.errors import wording

if TYPE_CHECKING:
    from offcirc.storage.ledger.ledger import Ledger

_AT_ONCE = 250
_LAST = b"\xff" * (LONGEST + 1)

# The marks are ours: every value goes through a parameter. CROSS, here and in the questions, keeps
# the order of the tables: left to choose, SQLite goes through all lines for each batch.
_LIKE = (
    "(SELECT column1 AS first, column2 AS last FROM (VALUES {rows})) AS w"
    " CROSS JOIN lines AS l ON l.key >= w.first AND l.key <= w.last"
)


class KnownLine(NamedTuple):
    """A line in the ledger.

    Attributes:
        value: what became of it.
        judged: it was sent under this key; else it was taken for one that was.
    """

    key: bytes
    value: Any
    judged: bool = True


class Found(NamedTuple):
    """What became of a line.

    Attributes:
        sure: it is that very line; else one that says the same, and nothing tells them apart.
    """

    value: Any
    sure: bool = True


def find(
    keys: Sequence[bytes], ask: Callable[[str, Sequence[bytes]], Iterable[KnownLine]]
) -> dict[bytes, Found]:
    """What is known of lines; one of which nothing is known is not in it.

    Args:
        keys: theirs, in the order in which they are sent.
        ask: asks the ledger: called with what stands in its question for the lines ``l`` that say
            the same as those asked for, and the values in it. What comes later counts more.
    """
    found: dict[bytes, Found] = {}
    by_content: dict[bytes, list[bytes]] = {}
    for key in keys:
        by_content.setdefault(content_of(key), []).append(key)
    contents = list(by_content)
    for start in range(0, len(contents), _AT_ONCE):
        part = contents[start : start + _AT_ONCE]
        like = _LIKE.format(rows=", ".join("(?, ?)" for _content in part))
        known: dict[bytes, dict[bytes, KnownLine]] = {}
        for one in ask(like, [each for said in part for each in (said, said + _LAST)]):
            known.setdefault(content_of(one.key), {})[one.key] = one
        for said, lines in known.items():
            found.update(_settled(by_content[said], lines))
    return found


def _settled(keys: Sequence[bytes], known: dict[bytes, KnownLine]) -> Iterable[tuple[bytes, Found]]:
    """Lines that all say the same."""
    judged = sorted(one.key for one in known.values() if one.judged)
    also = sum(not one.judged and has_identity(one.key) for one in known.values())
    taken = [key for key in judged if not has_identity(key)][:also]
    for key in keys:
        if key in known:
            yield key, Found(known[key].value)
            continue
        same = same_as(key, judged, taken)
        if same is not None:
            if has_identity(key):
                taken.append(same)
            yield key, Found(known[same].value, sure=False)


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
        return find(keys, ask)
