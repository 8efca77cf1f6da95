"""Hands files over and is killed, like a PC whose power is cut, before its n-th write."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from offcirc.disk import durable
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.handover.handover import hand_over
from offcirc.upload.lines.plan import make_plan


def main(data: str, folder: str, at: str, *files: str) -> None:
    left = int(at)
    write = durable.write

    def dying(fd: int, content: bytes) -> int:
        nonlocal left
        left -= 1
        if left == 0:
            write(fd, content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write(fd, content)

    durable.write = dying
    replace = os.replace

    def dying_replace(source: str, target: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = dying_replace
    with Ledger(Path(data) / "ledger.db") as ledger:
        hand_over(
            make_plan([Path(file) for file in files]),
            ledger,
            folder=Path(folder),
            who="referent",
            desk="X",
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
