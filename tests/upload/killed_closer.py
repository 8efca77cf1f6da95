"""Closes a file and dies, as by a power cut, before the n-th line of the code that does it.

``python killed_closer.py DATA FILE N``; with 0 it lives and prints how many lines there were.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.close.closing import close, look_at

WATCHED = {"closing.py", "putaway.py", "deskclosing.py", "archive.py", "closings.py"}
WATCHED |= {"durable.py", "swap.py"}


def main(data: Path, file: Path, last: int) -> None:
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        if Path(frame.f_code.co_filename).name not in WATCHED:
            return None
        if event == "line":
            count += 1
            if count == last:
                os._exit(137)
        return trace

    with Ledger(data / "ledger.db") as ledger:
        candidate = look_at(ledger, file, folder=data)
        sys.settrace(trace)
        close(ledger, [candidate], folder=data, who="Lou", leave=True)
        sys.settrace(None)
    print(count)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
