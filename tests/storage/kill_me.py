"""A desk in a process of its own, to be killed at any moment.

Each line it prints is a promise: ``append SEQ ID`` and ``void SEQ`` once the journal has said so,
``save ROWS`` once the file has.
"""

from __future__ import annotations

import random
import sys
from datetime import datetime
from pathlib import Path

from offcirc.core.transaction import Operation, record_now
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal


def main(folder: str, seed: str, batch: str) -> None:
    chance = random.Random(seed)
    with Journal.open(Path(folder)) as journal:
        writer = DatWriter(journal)
        print("ready", len(writer.repair().findings), flush=True)
        while True:
            for _ in range(chance.randint(0, int(batch))):
                now = datetime.now().astimezone()
                item = f"{chance.randrange(10**11):011}"
                record = record_now(now, Operation.LOAN, item, "9921000000164")
                seq = journal.append(record)
                print("append", seq, record.id, flush=True)
                if chance.random() < 0.1:
                    journal.void(seq)
                    print("void", seq, flush=True)
            print("save", writer.save().rows, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
