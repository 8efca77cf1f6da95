"""``offcirc rebuild``: OffCirc.dat made again from the journal, with what is not known uploaded."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.i18n import _, ngettext


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``rebuild``."""
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        metavar=_("FILE"),
        help=_("write every row not known to be uploaded to this file; the desk may be open"),
    )
    format_argument(parser)
    parser.epilog = _(
        "Without -o, rows that had been saved and are in no file any more are written to"
        " OffCirc.dat, or beside it if it is there, each once. No file is ever overwritten. Exit"
        " code 0: done, or nothing to do; 1: written to a file of another name; 2: not done."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Make it again."""
    from offcirc.storage.journal.journal import JOURNAL_NAME

    folder = context.data_dir
    file = context.settings.folder("file") or folder / "OffCirc.dat"
    if not (folder / JOURNAL_NAME).exists():
        raise Stop(_("Nothing has been recorded on this PC yet."))
    if options.output is not None:
        done = _copy(folder, file, options.output)
    else:
        done = _again(folder, file)
    _tell(*done, options.format)
    return Exit.FINE if done[1] in {None, options.output or file} else Exit.EXCEPTIONS


def _copy(folder: Path, file: Path, wanted: Path) -> tuple[int, Path | None]:
    """Write what is not known to be uploaded to a file; the journal is only read."""
    from offcirc.core.dat.datline import encode
    from offcirc.disk import durable
    from offcirc.disk.database import reading
    from offcirc.storage.dat.missing import FateBook, free_beside
    from offcirc.storage.journal.journal import JOURNAL_NAME
    from offcirc.storage.journal.layout import JOURNAL

    with reading(folder / JOURNAL_NAME) as database:
        older = database.execute("PRAGMA user_version").fetchone()[0] < JOURNAL.version
    if older:
        _brought_up(folder)
    with reading(folder / JOURNAL_NAME) as database:
        rows = FateBook(database, folder / JOURNAL_NAME, file).not_uploaded()
    place = free_beside(wanted) if wanted.exists() else wanted
    durable.create(place, b"".join(encode(row.transaction.record) for row in rows))
    return len(rows), place


def _brought_up(folder: Path) -> None:
    """Give the journal of an earlier version the tables of this one."""
    from offcirc.storage.journal.journal import Journal

    with _not_while_open(), Journal.open(folder):
        pass


@contextmanager
def _not_while_open() -> Iterator[None]:
    from offcirc.disk.errors import LockedError

    try:
        yield
    except LockedError as error:
        raise Stop(
            _(
                "The desk is open on this folder. Choose More, Make OffCirc.dat again there, or"
                " name a file with -o."
            )
        ) from error


def _again(folder: Path, file: Path) -> tuple[int, Path | None]:
    from offcirc.storage.dat.datwriter import DatWriter
    from offcirc.storage.dat.missing import FateBook
    from offcirc.storage.journal.journal import Journal

    with _not_while_open(), Journal.open(folder) as journal:
        writer = DatWriter(journal, file)
        writer.repair()
        done = FateBook(journal.database, journal.path, file).make_again()
        writer.save()
        return done


def _tell(rows: int, place: Path | None, form: str) -> None:
    if form == "json":
        told = {"rows": rows, "path": None if place is None else str(place)}
        output.say(json.dumps(told, ensure_ascii=False))
    elif place is None:
        output.say(_("Nothing is missing: every saved row is in OffCirc.dat, or was uploaded."))
    else:
        output.say(
            ngettext(
                "{rows} row was written to {path}.", "{rows} rows were written to {path}.", rows
            ).format(rows=rows, path=output.visible(str(place)))
        )
