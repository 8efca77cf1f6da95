"""``offcirc check``: a verdict on every line of OffCirc.dat files, without sending anything.

The files are read as a stream and the findings printed as they come, so that a file of any size
costs the same memory. Several files are then read once more, to compare their lines with each
other.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol

from offcirc import words
from offcirc.cli.files.checkacross import Compared
from offcirc.cli.files.sources import within
from offcirc.cli.frame import errors, output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, path
from offcirc.core.dat.datfile import Audit, ByteStream, Entry, NotThisFile, Status, sniff
from offcirc.disk import durable
from offcirc.i18n import _, ngettext
from offcirc.upload.base.celltext import defused

HEAD = 1 << 16
"""Bytes that tell what a file is."""
BIG = 50_000_000
"""Bytes; above this, reading takes long enough for a progress bar."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``check``."""
    parser.add_argument(
        "files",
        nargs="+",
        type=path,
        metavar=_("FILE"),
        help=_("an OffCirc.dat file, or a folder of them"),
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "csv"),
        default="text",
        help=_("text for people (the default), json or csv for programs"),
    )
    parser.add_argument(
        "--across",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=_(
            "also compare the lines with each other, with the barcode rules and opening hours, and"
            " with earlier uploads; done for several files if not said otherwise"
        ),
    )
    parser.add_argument(
        "--notes",
        action="store_true",
        help=_("of that, also list what is only good to know"),
    )
    parser.epilog = _(
        "Exit code 0: no error; 1: some line cannot be replayed; 2: a file could not be read."
        " What was decided about lines (see “offcirc decide”) is taken into account when they are"
        " compared."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Judge the files one after the other."""
    # The file holds the desk PC's local time, so it is judged by local time.
    now = datetime.now()  # noqa: DTZ005
    sink = _SINKS[options.format]()
    errors_found = unreadable = False
    files = within(options.files, every=True)
    across = len(files) > 1 if options.across is None else options.across
    read: list[Path] = []
    sink.begin()
    for file in files:
        name = output.visible(str(file))
        try:
            with opened(file) as stream:
                audit = Audit(stream, now)
                sink.file(name, audit)
        except Stop as error:
            sink.unreadable(name, error.sentence)
            unreadable = True
        else:
            read.append(file)
            errors_found = errors_found or audit.errors > 0
    if across and read:
        from offcirc.cli.files import checkacross

        sink.across(checkacross.findings(read, context, now, notes=options.notes))
    sink.end()
    if unreadable:
        return Exit.NOT_DONE
    return Exit.EXCEPTIONS if errors_found else Exit.FINE


class _Sniffed:
    """A file of which the beginning has been read already."""

    def __init__(
        self, file: Path, head: bytes, rest: BufferedReader, gauge: output.Gauge, size: int
    ) -> None:
        self._file = file
        self._head = head
        self._rest = rest
        self._gauge = gauge
        self._size = size
        self._done = 0

    def read(self, size: int, /) -> bytes:
        """The next bytes; at first those that were read to see what the file is.

        Raises:
            Stop: the system cannot read on.
        """
        chunk = self._head or _bytes(self._file, self._rest, size)
        self._head = b""
        self._done += len(chunk)
        self._gauge.show(self._done, self._size, "")
        return chunk


@contextmanager
def opened(file: Path) -> Iterator[ByteStream]:
    """The file as a stream.

    Raises:
        Stop: it cannot be opened, or certainly is no OffCirc.dat.
    """
    if durable.is_database(file):
        sentence = words.not_this_file(NotThisFile.BINARY)
        name = output.visible(str(file))
        raise Stop(_("{name}: {reason}").format(name=name, reason=sentence))
    try:
        rest = file.open("rb")
    except OSError as error:
        raise Stop(errors.unusable(error, file)) from error
    with rest:
        head = _bytes(file, rest, HEAD)
        verdict = sniff(head)
        if verdict is not None:
            sentence = words.not_this_file(verdict)
            name = output.visible(str(file))
            raise Stop(_("{name}: {reason}").format(name=name, reason=sentence))
        status = os.fstat(rest.fileno())
        size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        if size < BIG:
            yield _Sniffed(file, head, rest, output.silent(), size)
            return
        with output.gauge(output.visible(file.name)) as gauge:
            yield _Sniffed(file, head, rest, gauge, size)


def _bytes(file: Path, stream: BufferedReader, size: int) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:
        raise Stop(errors.unusable(error, file)) from error


class _Sink(Protocol):
    """Where the findings go."""

    def begin(self) -> None:
        """Before the first file."""

    def file(self, name: str, audit: Audit) -> None:
        """Read a file through and print what there is to say of its lines."""

    def unreadable(self, name: str, sentence: str) -> None:
        """A file that could not be read (to its end)."""

    def across(self, found: Iterable[Compared]) -> None:
        """What the lines say about each other."""

    def end(self) -> None:
        """After the last file."""


class _Text:
    """For people: Alma's table, and what the file knows about each line."""

    def begin(self) -> None:
        pass

    def file(self, name: str, audit: Audit) -> None:
        output.heading(name)
        columns = (
            output.PrintedColumn(_("Line"), 7, right=True),
            output.PrintedColumn(_("Error Message"), 64),
            output.PrintedColumn(_("When"), 16),
            output.PrintedColumn(_("Operation"), 9),
            output.PrintedColumn(_("Item"), 16),
            output.PrintedColumn(_("Borrower"), 0),
        )
        with output.Table(columns) as table:
            for entry in audit:
                message = _("{verdict}: {reason}").format(
                    verdict=words.status(entry.status), reason=words.verdict(entry)
                )
                style = "red" if entry.status is Status.ERROR else "yellow"
                table.add((str(entry.number), message, *_cells(entry)), style)
        output.say(_summary(audit))

    def unreadable(self, name: str, sentence: str) -> None:
        output.note(sentence)

    def across(self, found: Iterable[Compared]) -> None:
        output.heading(_("Compared with each other"))
        columns = (
            output.PrintedColumn(_("File"), 16),
            output.PrintedColumn(_("Line"), 7, right=True),
            output.PrintedColumn(_("What"), 24),
            output.PrintedColumn(_("When"), 16),
            output.PrintedColumn(_("Operation"), 9),
            output.PrintedColumn(_("Item"), 16),
            output.PrintedColumn(_("Borrower"), 16),
            output.PrintedColumn(_("Details"), 0),
        )
        count = 0
        with output.Table(columns) as table:
            for one in found:
                record = one.record
                cells = ("", "", "", "")
                if record is not None:
                    operation = words.operation(record.operation)
                    cells = (words.when(record.at), operation, record.item, record.patron)
                line = str(one.line) if one.line else ""
                details = f"{one.message} {one.suggestion}".rstrip()
                style = "yellow" if one.status is Status.WARNING else ""
                table.add((one.file, line, one.name, *cells, details), style)
                count += 1
        if not count:
            output.say(_("Nothing to say."))

    def end(self) -> None:
        pass


def _cells(entry: Entry) -> tuple[str, str, str, str]:
    """What the file knows about a line; of a line that says nothing, its bytes."""
    record = entry.record
    if record is None:
        return "", "", _raw(entry)[:80], ""
    return words.when(record.at), words.operation(record.operation), record.item, record.patron


def _summary(audit: Audit) -> str:
    if not audit.records:
        return _("Nothing was recorded in it.")
    records = ngettext("{count} record", "{count} records", audit.records)
    faulty = ngettext("{count} error", "{count} errors", audit.errors)
    doubtful = ngettext("{count} warning", "{count} warnings", audit.warnings)
    return _("{records}: {errors}, {warnings}.").format(
        records=records.format(count=audit.records),
        errors=faulty.format(count=audit.errors),
        warnings=doubtful.format(count=audit.warnings),
    )


def _facts(name: str, entry: Entry) -> dict[str, Any]:
    """A line as programs get it."""
    record = entry.record
    facts: dict[str, Any] = {
        "file": name,
        "line": entry.number,
        "status": entry.status.value,
        "message": words.verdict(entry),
        "timestamp": record.at.isoformat(timespec="minutes") if record else None,
        "operation": record.operation.value if record else None,
        "item": record.item if record else "",
        "patron": record.patron if record else "",
    }
    if record is None:
        facts["raw"] = _raw(entry)
    return facts


def _raw(entry: Entry) -> str:
    return output.visible(entry.raw.decode("latin-1"))


class _Json:
    """For programs: one object, whose lines are written while the files are being read."""

    def __init__(self) -> None:
        self._lines = self._records = self._exceptions = 0
        self._unreadable: list[dict[str, str]] = []

    def begin(self) -> None:
        sys.stdout.write('{"lines": [')

    def file(self, name: str, audit: Audit) -> None:
        try:
            for entry in audit:
                sys.stdout.write(",\n  " if self._lines else "\n  ")
                sys.stdout.write(json.dumps(_facts(name, entry), ensure_ascii=False))
                self._lines += 1
        finally:
            self._records += audit.records
            self._exceptions += audit.errors + audit.warnings

    def across(self, found: Iterable[Compared]) -> None:
        for one in found:
            sys.stdout.write(",\n  " if self._lines else "\n  ")
            sys.stdout.write(json.dumps(one.facts(), ensure_ascii=False))
            self._lines += 1
            self._exceptions += one.line > 0 and one.status is not Status.OK

    def unreadable(self, name: str, sentence: str) -> None:
        self._unreadable.append({"file": name, "message": sentence})
        output.note(sentence)

    def end(self) -> None:
        counts = {"records": self._records, "exceptions": self._exceptions}
        more = {"unreadable": self._unreadable} if self._unreadable else {}
        rest = json.dumps(counts | more, ensure_ascii=False, indent=1)
        sys.stdout.write(("\n], " if self._lines else "], ") + rest.removeprefix("{").lstrip())
        sys.stdout.write("\n")


class _Csv:
    """For spreadsheets: a row a finding."""

    def begin(self) -> None:
        # Of "\n", the output of Windows makes CR LF by itself.
        self._writer = csv.writer(sys.stdout, lineterminator="\n" if os.name == "nt" else "\r\n")
        self._writer.writerow(
            ("file", "line", "status", "message", "timestamp", "operation", "item", "patron", "raw")
        )

    def file(self, name: str, audit: Audit) -> None:
        for entry in audit:
            self._row(_facts(name, entry) | {"raw": "" if entry.record else _raw(entry)})

    def _row(self, facts: dict[str, Any]) -> None:
        self._writer.writerow(
            ["" if value is None else defused(str(value)) for value in facts.values()]
        )

    def unreadable(self, name: str, sentence: str) -> None:
        output.note(sentence)

    def across(self, found: Iterable[Compared]) -> None:
        for one in found:
            facts = one.facts()
            facts["message"] = f"{one.message} {facts.pop('suggestion')}".rstrip()
            del facts["code"]
            self._row(facts | {"raw": ""})

    def end(self) -> None:
        pass


_SINKS: dict[str, type[_Sink]] = {"text": _Text, "json": _Json, "csv": _Csv}
