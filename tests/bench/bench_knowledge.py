"""OffCirc.knowledge of a large network: how big, how long it takes to build, open and ask.

Readers' cards are hashed slowly on purpose. So that measuring does not take minutes, some of them
are timed, and the file of full size is built with a fast hash of the same length; with
OFFCIRC_PROVE=1 all are hashed as they should be.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from measuring import SCRATCH, Row, milliseconds, p99

from offcirc.knowledge import writing
from offcirc.knowledge.keys import KnowledgeKey, new_key
from offcirc.knowledge.knowledgefile import KnowledgeFile
from offcirc.knowledge.known import KnowledgeLevel, PatronFlag
from offcirc.knowledge.records import ItemRecord, PatronList, PatronRecord

READERS = 100_000
ITEMS = 1_000_000
TIMED = 2_000
"""Cards whose hash is timed."""
ASKED = 5_000


class _QuickKey(KnowledgeKey):
    """Hashes cards as fast as barcodes; the numbers are as long."""

    __slots__ = ()

    def patron(self, card: str) -> int:
        return self.item(f"card {card}")


def run() -> list[Row]:
    """Sizes and times."""
    real, quick = new_key(), not os.environ.get("OFFCIRC_PROVE")
    key = _QuickKey(real.secret) if quick else real
    alone = [milliseconds(lambda: real.patron("9921000000164")) for _turn in range(200)]
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(real.patron, (str(number) for number in range(TIMED))))
    a_card = (time.perf_counter() - start) / TIMED
    path = SCRATCH / "bench.knowledge"
    start = time.perf_counter()
    writing.write(path, _contents(), key, lambda done, total: None)
    seconds = time.perf_counter() - start + (a_card * READERS if quick else 0)
    opened = [milliseconds(lambda: KnowledgeFile(path, key).close()) for _turn in range(100)]
    chosen = random.Random(3)
    with KnowledgeFile(path, key) as known:
        asked = [
            milliseconds(lambda: known.look_up_item(_barcode(chosen.randrange(2 * ITEMS))))
            for _turn in range(ASKED)
        ]
        check = milliseconds(known.check)
    size = path.stat().st_size / 1e6
    path.unlink()
    a_try = statistics.median(alone)
    name = f"knowledge of {READERS:,} readers and {ITEMS:,} items"
    return [
        Row(name, size, "MB", at_most=25),
        Row("… built", seconds, "s", at_most=360),
        Row("… opened", statistics.median(opened), "ms", p99=p99(opened), at_most=5),
        Row("… every byte looked at", check, "ms"),
        Row("an item looked up in it", statistics.median(asked), "ms", p99=p99(asked), at_most=0.1),
        Row("a card looked up, slow on purpose", a_try, "ms", p99=p99(alone)),
        Row("with file and key, a million cards tried on one core", a_try * 1e6 / 6e4, "min"),
    ]


def _barcode(number: int) -> str:
    return f"d{number:010}"


def _contents() -> writing.Contents:
    now, chosen = datetime.now(UTC), random.Random(2)
    readers = PatronList()
    for number in range(READERS):
        blocked = chosen.random() < 0.03
        readers.add(
            PatronRecord(
                {f"99{number:08}"},
                {chosen.choice(list(PatronFlag))} if blocked else set(),
                date(2026, 12, chosen.randrange(1, 29)) if blocked else None,
                date(2027, 10, 31),
                chosen.choice(["L", "M", "D", "Personnels"]),
            )
        )
    exceptions = ["", "", "", "", "EXCLU", "J7"]
    items = (
        ItemRecord(
            _barcode(number),
            f"LIB{number % 30}",
            f"{number % 70}S",
            chosen.choice(exceptions),
            requested=number % 50 == 0,
            note="3 CD" if number % 100 == 0 else "",
        )
        for number in range(ITEMS)
    )
    level = KnowledgeLevel.PATRONS
    return writing.Contents("Network", level, None, readers, items, now, lambda: now, now)
