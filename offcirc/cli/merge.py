"""``offcirc merge``: the files of several desks put into the one order in which things happened."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from offcirc import words
from offcirc.cli import check, errors, output
from offcirc.cli.exits import Exit, Stop
from offcirc.cli.parser import Context, path
from offcirc.core.datfile import Entry, read
from offcirc.core.datline import encode
from offcirc.core.timeline import DeskRecords, Line, merge
from offcirc.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to be merged; ``name`` is how the person gave it, ``digest`` of its content."""

    path: Path
    name: str
    digest: bytes
    offset: int


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``merge``."""
    parser.add_argument(
        "files", nargs="+", type=path, metavar=_("FILE"), help=_("the OffCirc.dat of each desk")
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=path,
        metavar=_("OUT.DAT"),
        help=_("the merged file; one that exists is never overwritten"),
    )
    parser.add_argument(
        "--offset",
        action="append",
        default=[],
        type=_offset,
        metavar=_("NAME=SECONDS"),
        help=_(
            "seconds to add to the times of a file whose PC’s clock was wrong; NAME is the file as"
            " given, or its name without folders; may be repeated"
        ),
    )
    parser.epilog = _(
        "Exit code 0: every line is in the merged file; 1: damaged lines had to be left out, they"
        " are listed; 2: no merged file was written."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Merge into a new file; print the lines that had to be left out."""
    sources = _sources(options.files, dict(options.offset))
    refused = _Refused()
    # The file holds the desk PC's local time.
    now = datetime.now()  # noqa: DTZ005
    desks = [
        DeskRecords(_records(source, now, refused), source.digest, source.offset)
        for source in sources
    ]
    with refused:
        lines = _write(options.output, desks)
    count = ngettext("{count} line from {files}", "{count} lines from {files}", lines)
    files = ngettext("{count} file", "{count} files", len(sources)).format(count=len(sources))
    output.say(
        _("{file}: {lines}.").format(
            file=output.visible(str(options.output)),
            lines=count.format(count=lines, files=files),
        )
    )
    return Exit.EXCEPTIONS if refused.count else Exit.FINE


class _Refused:
    """The lines that cannot be in any OffCirc.dat, printed as they are met."""

    def __init__(self) -> None:
        self.count = 0
        self._table = output.Table(
            (
                output.Column(_("File"), 20),
                output.Column(_("Line"), 7, right=True),
                output.Column(_("Error Message"), 64),
                output.Column(_("Content"), 0),
            )
        )

    def __enter__(self) -> None:
        self._table.__enter__()

    def __exit__(self, *error: object) -> None:
        self._table.__exit__(None, None, None)

    def add(self, name: str, entry: Entry) -> None:
        """Count and print a line left out."""
        self.count += 1
        raw = output.visible(entry.raw.decode("latin-1"))[:80]
        self._table.add((name, str(entry.number), words.verdict(entry), raw))


def _sources(files: Sequence[Path], offsets: dict[str, int]) -> list[_Source]:
    """The files to merge, each content once.

    Raises:
        Stop: one cannot be read or is no OffCirc.dat; an offset names no file.
    """
    sources: dict[bytes, _Source] = {}
    used = set()
    for file in files:
        name = output.visible(str(file))
        digest = hashlib.sha256()
        with check.opened(file) as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        keys = {str(file), file.name} & offsets.keys()
        used |= keys
        offset = next((offsets[key] for key in keys), 0)
        same = sources.get(digest.digest())
        if same is not None and same.offset == offset:
            text = _("{name} holds the same as {other}: it is taken once.")
            output.note(text.format(name=name, other=same.name))
            continue
        sources[digest.digest()] = _Source(file, name, digest.digest(), offset)
    for key in offsets.keys() - used:
        raise Stop(_("--offset names {name}, which is not among the files.").format(name=key))
    return list(sources.values())


def _records(source: _Source, now: datetime, refused: _Refused) -> Iterator[Line[None]]:
    with check.opened(source.path) as stream:
        for entry in read(stream, now):
            if entry.record is None:
                refused.add(source.name, entry)
            else:
                yield Line(entry.record, None)


def _write(out: Path, desks: Sequence[DeskRecords[None]]) -> int:
    """Write the merged file whole or not at all; return how many lines it has.

    Raises:
        Stop: it exists, or cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        stream = open(os.open(out, flags, 0o600), "wb")  # noqa: SIM115, PTH123 - private from birth
    except FileExistsError:
        text = _("{file} is already there and is not overwritten. Choose another name.")
        raise Stop(text.format(file=output.visible(str(out)))) from None
    except OSError as error:
        raise Stop(errors.unusable(error, out)) from error
    lines = 0
    try:
        with stream:
            for placed in merge(desks):
                at = placed.at.replace(second=0, microsecond=0)
                stream.write(encode(replace(placed.record, at=at)))
                lines += 1
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        out.unlink(missing_ok=True)
        raise Stop(errors.unusable(error, out)) from error
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return lines


def _offset(text: str) -> tuple[str, int]:
    name, equals, seconds = text.rpartition("=")
    try:
        if name and equals:
            return name, int(seconds)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        _("“{text}” should look like desk-B.dat=-90").format(text=output.visible(text))
    )
