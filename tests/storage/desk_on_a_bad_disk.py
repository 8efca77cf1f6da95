"""A desk in a process of its own, on a disk that fails below it.

Each line it prints is a promise: ``kept PLACE ID ITEM`` and ``deleted ID`` once the keeper has said
so, ``refused ID`` when it has said no.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from offcirc.core.transaction import Operation, record_now
from offcirc.disk.errors import StorageError
from offcirc.storage.keeper.keeper import Keeper


def limit_file_size(size: int) -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def main(home: str, fallback: str, scans: str, limit: str) -> None:
    if int(limit):
        limit_file_size(int(limit))
    with Keeper.open(Path(home), fallback=Path(fallback)) as keeper:
        for number in range(int(scans)):
            now = datetime.now().astimezone()
            record = record_now(now, Operation.LOAN, f"{number:011}", "9921000000164")
            try:
                row = keeper.append(record)
            except StorageError:
                print("refused", record.id, flush=True)
                continue
            print("kept", row.where.value, record.id, record.item, flush=True)
            try:
                if number % 5 == 3:
                    keeper.void(row)
                    print("deleted", record.id, flush=True)
                if number % 7 == 6:
                    keeper.save()
                if number % 11 == 10:
                    keeper.reunite()
            except StorageError:
                continue


if __name__ == "__main__":
    main(*sys.argv[1:])
