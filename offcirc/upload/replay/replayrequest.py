"""One request of a replay: what it asks, of which lines, and how a lane puts it to the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from offcirc.servers.protocol import Event, Server
from offcirc.storage.ledger.ledgerrows import FileFacts, UploadRow
from offcirc.upload.lines.events import event_of
from offcirc.upload.replay.chains import Link


class RequestKind(Enum):
    """What is asked."""

    SEND = "send"
    LOOK = "look"
    OPEN = "open"
    FINISH = "finish"


class ReplayRequest(NamedTuple):
    """Something asked; ``went`` is the round of the pace in which it left."""

    kind: RequestKind
    links: list[Link]
    job: str
    went: int


def question(
    request: ReplayRequest, server: Server, upload: UploadRow, files: Sequence[FileFacts]
) -> Callable[[], Any]:
    """What a lane has to do: call it, and the server's answer is what it returns."""
    links = request.links
    match request.kind:
        case RequestKind.SEND:
            return lambda: server.submit(request.job, _events(links, files))
        case RequestKind.LOOK:
            return lambda: server.look_back(_events(links, files))
        case RequestKind.OPEN:
            return partial(server.open_job, upload.desk, [file.name for file in files])
    return partial(server.finish_job, request.job)


def _events(links: Sequence[Link], files: Sequence[FileFacts]) -> list[Event]:
    return [event_of(link.line, files) for link in links]
