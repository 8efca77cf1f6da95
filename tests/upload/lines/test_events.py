"""From a line to what a server is asked to record."""

from datetime import datetime

from offcirc.core.transaction import Operation
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineState
from offcirc.upload.lines.events import event_of

LINE = LineFacts(
    1, 7, b"", "2018-01-15T14:20", "R", "I1", "", bytes(31) + b"\x01", LineState.PLANNED
)

FILES = [FileFacts(name, f"/d/{name}", "", 0) for name in ("a.dat", "b.dat")]


def test_the_minute_of_the_file() -> None:
    event = event_of(LINE, FILES)
    assert (event.at, event.file, event.line) == (datetime(2018, 1, 15, 14, 20), "b.dat", 7)
    assert (event.operation, event.item, event.patron) == (Operation.RETURN, "I1", "")
    assert event.key == "00" * 31 + "01"


def test_the_millisecond_of_the_manifest() -> None:
    event = event_of(LINE._replace(exact="2018-01-15T14:20:31.250"), {1: FILES[1]})
    assert event.at == datetime(2018, 1, 15, 14, 20, 31, 250_000)
