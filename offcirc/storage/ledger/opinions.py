"""What a server held of an upload when it was read back: how much agrees, and what does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from offcirc.disk.database import transaction
from offcirc.disk.errors import wording
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, UploadRow, line_row, moment

_LINE = (
    "line, file, number, raw, minute, operation, item, patron, key,"
    " state, reason, message, replayed, due_at, notes, exact, decision"
)
# The columns are ours: every value goes through a parameter.
_DIFFERENCES = (
    f"SELECT d.line, d.kind, d.patron, d.lent_at, d.due_at, l.* FROM differences AS d"  # noqa: S608
    f" JOIN (SELECT {_LINE} FROM lines) AS l ON l.line = d.line WHERE d.upload = ? ORDER BY d.line"
)


class OpinionRow(NamedTuple):
    """A look at the server.

    Attributes:
        at: when, aware.
        who: who had it made.
        checked: items of which the server said enough.
        agree: those that are as the files say.
        loans: those that should be on loan.
        returns: those that should be back.
        unanswered: items of which the server does not say enough.
    """

    at: datetime
    who: str
    checked: int
    agree: int
    loans: int
    returns: int
    unanswered: int


class DifferenceRow(NamedTuple):
    """A line that is not as the server has it; times are ISO text, empty when not said."""

    line: int
    kind: str
    patron: str = ""
    lent_at: str = ""
    due_at: str = ""


def keep(
    ledger: Ledger, upload: int, opinion: OpinionRow, differences: Iterable[DifferenceRow]
) -> None:
    """Keep a look at the server; it takes an earlier one's place.

    Raises:
        StorageError: the ledger cannot be written.
    """
    with wording(ledger.path), transaction(ledger.database):
        ledger.database.execute("DELETE FROM differences WHERE upload = ?", (upload,))
        ledger.database.execute(
            "INSERT OR REPLACE INTO second_opinions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (upload, opinion.at.isoformat(timespec="seconds"), *opinion[1:]),
        )
        ledger.database.conn.executemany(
            "INSERT INTO differences VALUES (?, ?, ?, ?, ?, ?)",
            ((upload, *one) for one in differences),
        )


def kept(ledger: Ledger, upload: int) -> OpinionRow | None:
    """The last look at the server, if there was one."""
    with wording(ledger.path):
        rows = ledger.database.execute(
            "SELECT at, who, checked, agree, loans, returns, unanswered FROM second_opinions"
            " WHERE upload = ?",
            (upload,),
        ).fetchall()
    return OpinionRow(moment(rows[0][0]), *rows[0][1:]) if rows else None


def differences(ledger: Ledger, upload: int) -> list[tuple[DifferenceRow, LineRow]]:
    """What differed at the last look, each with its line, in the order of the upload."""
    with wording(ledger.path):
        rows = ledger.database.execute(
            _DIFFERENCES,
            (upload,),
        ).fetchall()
    return [(DifferenceRow(*row[:5]), line_row(row[5:])) for row in rows]


def elsewhere(ledger: Ledger, upload: UploadRow, states: Sequence[str]) -> list[LineRow]:
    """The lines of other uploads to the same server about an upload's items, oldest first."""
    marks = ", ".join("?" * len(states))
    with wording(ledger.path):
        rows = ledger.database.execute(
            f"SELECT {_LINE} FROM lines WHERE upload IN"  # noqa: S608
            f" (SELECT upload FROM uploads WHERE server = ? AND upload <> ?) AND state IN ({marks})"
            " AND item IN (SELECT item FROM lines WHERE line BETWEEN ? AND ?)"
            " ORDER BY minute, line",
            (upload.server, upload.id, *states, upload.first_line, upload.last_line),
        ).fetchall()
    return [line_row(row) for row in rows]


def forget_patrons(ledger: Ledger, uploads: Iterable[int]) -> int:
    """Remove the readers that the server named for these uploads; the counts stay.

    Returns:
        how many were removed.

    Raises:
        StorageError: the ledger cannot be written.
    """
    removed = 0
    with wording(ledger.path), transaction(ledger.database):
        for upload in uploads:
            removed += ledger.database.execute(
                "UPDATE differences SET patron = '' WHERE upload = ? AND patron <> ''", (upload,)
            ).rowcount
    return removed
