"""A practice server as a program of its own: library, data folder, port."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from offcirc.practice.web.serve import serve

if __name__ == "__main__":
    library, data, port = sys.argv[1:]
    serve(
        Path(library),
        Path(data),
        port=int(port),
        now=datetime(2018, 3, 7, 9, 0),
        ready=lambda url: print(url, flush=True),
    )
