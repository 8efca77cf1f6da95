"""What the ledger keeps of files that people carry to a library system, and of its reports.

A handed-over file is an upload of its own: the library system makes one job of each file. Its
lines, their numbers in the file and the file's checksum are kept before the file is written, so
that it can be written from here whatever happens in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from offcirc.disk.database import transaction
from offcirc.disk.errors import wording
from offcirc.storage.ledger import alike
from offcirc.storage.ledger.alike import Found, KnownLine
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, UploadRow, line_row, moment

_KEYS_AT_ONCE = 500
_FILE = (
    "SELECT upload, handover, place, places, written, path, library, size, sha256 FROM handed_files"
)
_UNWRITTEN = """
    SELECT upload, handover, place, places, written, path, library, size, sha256
    FROM handed_files AS f WHERE written AND EXISTS (
      SELECT 1 FROM handed_lines AS h JOIN lines AS l ON l.line = h.line
      JOIN uploads AS u ON u.upload = f.upload
      WHERE l.line BETWEEN u.first_line AND u.last_line AND l.state = 'planned')
    ORDER BY upload
"""
_WAITING = """
    SELECT l.line FROM lines AS l JOIN uploads AS u ON u.upload = l.upload
    WHERE l.key IN ({marks}) AND l.key <> x'' AND u.server = ?
      AND l.state = 'handed-over' AND l.line < ?
"""
_REPORT = (
    "SELECT report, upload, read_at, who, file, digest, process_id, name, started, finished,"
    " run_seconds, status, ending, records, exceptions, base, base_told, sure FROM server_reports"
)
_KNOWN = """
    SELECT l.key, l.state, l.reason
    FROM {like} CROSS JOIN uploads AS u ON u.upload = l.upload
    WHERE l.key <> x'' AND u.server = ?
      AND (l.state IN ('handed-over', 'recorded', 'rejected', 'unknown')
           OR l.state = 'skipped' AND l.reason = 'alike')
    ORDER BY l.line
"""


class HandedRow(NamedTuple):
    """A file for the library system.

    Attributes:
        handover: which files were handed over together.
        place: the order in which they are to go up, from 1.
        places: how many they are.
        written: this program wrote it; else somebody else had given it to the library system.
        path: where.
        library: the library's name; may be empty.
        size: in bytes.
        sha256: of its content, hexadecimal.
    """

    upload: int
    handover: int
    place: int
    places: int
    written: bool
    path: str
    library: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ServerReportRow:
    """A report of the library system's that was read back.

    Attributes:
        id: its number here.
        upload: the upload that it is about.
        read_at: when it was read, aware, UTC.
        who: who read it in.
        file: the name of the file it came in.
        digest: of what it says.
        process_id: the system's number of the job; this and what follows are empty or ``None``
            when the report does not say.
        name: the job's name.
        started: aware.
        finished: aware.
        run_seconds: how long it took.
        status: in the system's own words.
        ending: what they mean: a value of :class:`offcirc.upload.alma.almafacts.Ending`, or empty.
        records: lines processed.
        exceptions: lines refused, as the system counts.
        base: the number of the first line, as the system counts.
        base_told: whether the report itself tells it.
        sure: whether it is sure which lines the rows are about.
    """

    id: int
    upload: int
    read_at: datetime
    who: str
    file: str
    digest: str
    process_id: str
    name: str
    started: datetime | None
    finished: datetime | None
    run_seconds: float | None
    status: str
    ending: str
    records: int | None
    exceptions: int | None
    base: int
    base_told: bool
    sure: bool


# -- files ---------------------------------------------------------------------------------------


def next_handover(ledger: Ledger) -> int:
    """The number of the next handover."""
    rows = _rows(ledger, "SELECT coalesce(max(handover), 0) + 1 FROM handed_files")
    return int(rows[0][0])


def add_file(ledger: Ledger, file: HandedRow, numbers: Iterable[tuple[int, int]]) -> None:
    """Keep a file of an upload that has just begun, with the number of each of its lines in it.

    Args:
        ledger: where.
        file: the file.
        numbers: line ids, and their places in the file, from 1.
    """
    database = ledger.database
    with wording(ledger.path), transaction(database):
        database.execute("INSERT INTO handed_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", file)
        database.conn.executemany("INSERT INTO handed_lines VALUES (?, ?)", numbers)


def move_file(ledger: Ledger, upload: int, path: Path) -> None:
    """Note that a file has not been written where it was meant to be, but here."""
    with wording(ledger.path):
        ledger.database.execute(
            "UPDATE handed_files SET path = ? WHERE upload = ?", (str(path), upload)
        )


def files(ledger: Ledger) -> list[HandedRow]:
    """Every file, oldest first."""
    return [_file(row) for row in _rows(ledger, f"{_FILE} ORDER BY upload")]


def file_of(ledger: Ledger, upload: int) -> HandedRow | None:
    """The file that an upload is; ``None`` if the upload is of another kind."""
    rows = _rows(ledger, f"{_FILE} WHERE upload = ?", (upload,))
    return _file(rows[0]) if rows else None


def unwritten(ledger: Ledger) -> list[HandedRow]:
    """Files that are kept here but were perhaps never written: the program was cut off."""
    return [_file(row) for row in _rows(ledger, _UNWRITTEN)]


def lines_of(ledger: Ledger, upload: UploadRow) -> list[tuple[int, LineRow]]:
    """The lines of a file, with their numbers in it, in its order."""
    rows = _rows(
        ledger,
        "SELECT h.number, l.line, l.file, l.number, l.raw, l.minute, l.operation, l.item, l.patron,"
        " l.key, l.state, l.reason, l.message, l.replayed, l.due_at, l.notes, l.exact, l.decision"
        " FROM handed_lines AS h JOIN lines AS l ON l.line = h.line"
        " WHERE h.line BETWEEN ? AND ? ORDER BY h.number",
        (upload.first_line, upload.last_line),
    )
    return [(row[0], line_row(row[1:])) for row in rows]


def known(ledger: Ledger, server: str, keys: Sequence[bytes]) -> dict[bytes, Found]:
    """The last state of these keys in files handed over to a server, and its reason."""

    def ask(like: str, values: Sequence[bytes]) -> Iterator[KnownLine]:
        for key, state, reason in _rows(ledger, _KNOWN.format(like=like), (*values, server)):
            yield KnownLine(key, (LineState(state), reason), judged=state != LineState.SKIPPED)

    return alike.find(keys, ask)


def waiting_lines(ledger: Ledger, server: str, keys: Sequence[bytes], before: int) -> list[int]:
    """The ids below ``before`` of the lines of these keys that wait for a report."""
    found: list[int] = []
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        part = keys[start : start + _KEYS_AT_ONCE]
        marks = ", ".join("?" * len(part))
        rows = _rows(ledger, _WAITING.format(marks=marks), (*part, server, before))
        found += (row[0] for row in rows)
    return found


# -- reports -------------------------------------------------------------------------------------


def add_report(
    ledger: Ledger, report: ServerReportRow, unplaced: Iterable[tuple[int | None, str]]
) -> int:
    """Keep a report that was read back; returns its number.

    Args:
        ledger: where.
        report: what it says; its own number is not looked at.
        unplaced: those of its rows that belong to no line of the file: number and message.
    """
    database = ledger.database
    with wording(ledger.path), transaction(database):
        number = int(
            database.execute("SELECT coalesce(max(report), 0) + 1 FROM server_reports").fetchone()[
                0
            ]
        )
        database.execute(
            f"INSERT INTO server_reports VALUES ({', '.join('?' * 18)})",  # noqa: S608 - marks only
            (
                number,
                report.upload,
                report.read_at.isoformat(timespec="milliseconds"),
                report.who,
                report.file,
                report.digest,
                report.process_id,
                report.name,
                _text(report.started),
                _text(report.finished),
                report.run_seconds,
                report.status,
                report.ending,
                report.records,
                report.exceptions,
                report.base,
                report.base_told,
                report.sure,
            ),
        )
        database.conn.executemany(
            "INSERT INTO server_report_rows (report, number, message) VALUES (?, ?, ?)",
            ((number, line, message) for line, message in unplaced),
        )
    return number


def reports_of(ledger: Ledger, upload: int) -> list[ServerReportRow]:
    """The reports about an upload, oldest first."""
    rows = _rows(ledger, f"{_REPORT} WHERE upload = ? ORDER BY report", (upload,))
    return [_report(row) for row in rows]


def as_meant(ledger: Ledger, upload: int) -> int:
    """How many lines the library system named although they are recorded: just as was meant."""
    with wording(ledger.path):
        found = ledger.database.execute(
            "SELECT count(*) FROM lines WHERE upload = ? AND state = 'recorded' AND message <> ''",
            (upload,),
        )
        return int(found.fetchone()[0])


def unplaced_rows(ledger: Ledger, report: int) -> list[tuple[int | None, str]]:
    """The rows of a report that belong to no line of the file: number and message."""
    return [
        (number, message)
        for number, message in _rows(
            ledger,
            "SELECT number, message FROM server_report_rows WHERE report = ? ORDER BY entry",
            (report,),
        )
    ]


def forget_patrons(ledger: Ledger, uploads: Iterable[int]) -> int:
    """Erase what rows of reports say that belong to no line: they may name readers.

    Returns:
        How many rows were erased.
    """
    with wording(ledger.path), transaction(ledger.database):
        before = ledger.database.conn.total_changes
        ledger.database.conn.executemany(
            "UPDATE server_report_rows SET message = '' WHERE message <> '' AND report IN"
            " (SELECT report FROM server_reports WHERE upload = ?)",
            ((upload,) for upload in uploads),
        )
        return ledger.database.conn.total_changes - before


def usual_base(ledger: Ledger) -> int | None:
    """From what number the library system counts lines, as the last report that told had it."""
    rows = _rows(
        ledger, "SELECT base FROM server_reports WHERE base_told ORDER BY report DESC LIMIT 1"
    )
    return int(rows[0][0]) if rows else None


# -- details -------------------------------------------------------------------------------------


def _file(row: Sequence[Any]) -> HandedRow:
    file = HandedRow(*row)
    return file._replace(written=bool(file.written))


def _report(row: Sequence[Any]) -> ServerReportRow:
    values = list(row)
    values[2] = moment(values[2]).astimezone(UTC)
    values[8] = moment(values[8]) if values[8] else None
    values[9] = moment(values[9]) if values[9] else None
    values[16:] = map(bool, values[16:])
    return ServerReportRow(*values)


def _text(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at is not None else ""


def _rows(ledger: Ledger, question: str, values: Sequence[Any] = ()) -> list[Any]:
    with wording(ledger.path):
        return ledger.database.execute(question, values).fetchall()
