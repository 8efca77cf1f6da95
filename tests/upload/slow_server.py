"""A practice server as a program of its own, each of whose answers takes longer than it must.

Run as a program: library, data folder, port, milliseconds. The wait is the network's: it takes no
processor, and any number of requests wait side by side.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from offcirc.practice.web import serve


def slowed(build: Any, seconds: float) -> Any:
    """The practice server's application behind a slow line."""

    def far_away(*arguments: Any, **more: Any) -> Any:
        application = build(*arguments, **more)

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            await asyncio.sleep(seconds)
            await application(scope, receive, send)

        return answer

    return far_away


if __name__ == "__main__":
    library, data, port, milliseconds = sys.argv[1:]
    if float(milliseconds):
        serve.build = slowed(serve.build, float(milliseconds) / 1000)
    serve.serve(
        Path(library),
        Path(data),
        port=int(port),
        now=datetime(2018, 3, 7, 9, 0),
        ready=lambda url: print(url, flush=True),
    )
