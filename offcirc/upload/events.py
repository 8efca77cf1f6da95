"""From a line as the ledger keeps it to the event a server is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from offcirc.core.transaction import Operation
from offcirc.servers.protocol import Event
from offcirc.storage.ledgerrows import LineFacts, LineRow


def event_of(line: LineFacts | LineRow, files: Sequence[str] | Mapping[int, str]) -> Event:
    """What a server is asked to record for a line.

    Args:
        line: a line that can be read.
        files: the names of the files by their index, for the server's own report.
    """
    return Event(
        line.key.hex(),
        datetime.fromisoformat(line.exact or line.minute),
        Operation(line.operation),
        line.item,
        line.patron,
        files[line.file],
        line.number,
    )
