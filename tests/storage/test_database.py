"""A database opened for the first time by several at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from offcirc.storage.ledger import Ledger

AT_ONCE = 8


def test_a_new_ledger_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """The uploader's window reads it from several threads as soon as it opens."""
    for round_ in range(6):
        path = tmp_path / str(round_) / "ledger.db"
        path.parent.mkdir()
        together = threading.Barrier(AT_ONCE)

        def open_it(path: Path = path, together: threading.Barrier = together) -> int:
            together.wait()
            with Ledger(path) as ledger:
                return len(ledger.uploads())

        with ThreadPoolExecutor(AT_ONCE) as threads:
            found = [threads.submit(open_it) for _ in range(AT_ONCE)]
            assert [each.result() for each in found] == [0] * AT_ONCE
