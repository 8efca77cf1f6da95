"""From a line as the ledger keeps it to the event a server is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from offcirc.core.transaction import Operation
from offcirc.servers.protocol import Event
from offcirc.storage.copies.linetimes import ToldBy
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineRow


def event_of(
    line: LineFacts | LineRow, files: Sequence[FileFacts] | Mapping[int, FileFacts]
) -> Event:
    """What a server is asked to record for a line.

    Args:
        line: a line that can be read.
        files: the files by their index: their names for the server's own report, and where they
            come from.
    """
    file = files[line.file]
    # A guess from a file's name is no reason to send items in transit.
    known = file.told_by in (ToldBy.MANIFEST, ToldBy.JOURNAL)
    return Event(
        line.key.hex(),
        datetime.fromisoformat(line.exact or line.minute),
        Operation(line.operation),
        line.item,
        line.patron,
        file.name,
        line.number,
        file.circulation_desk if known else "",
    )
