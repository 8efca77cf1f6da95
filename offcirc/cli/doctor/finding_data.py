"""The doctor's look at the data folder: can it be written, durably, and what is in it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from offcirc.cli.doctor.finding import DoctorFinding, fine, problem, worth_knowing
from offcirc.cli.frame import errors, output
from offcirc.cli.frame.exits import Stop
from offcirc.cli.frame.parser import Context
from offcirc.cli.frame.places import data_folder
from offcirc.i18n import _, ngettext

_PROBES = 5
_SLOW_SECONDS = 0.25
"""A scan that takes longer than this to be on the disk makes the reader at the desk wait."""
_LITTLE = 200 << 20
_NOTHING = 10 << 20
"""Bytes; a year of a busy desk is some ten megabytes."""


def folder(context: Context) -> tuple[Path | None, DoctorFinding]:
    """Whether the data folder is there, or can be made."""
    place = data_folder(context.settings)
    try:
        found = context.data_dir
    except OSError as error:
        reason = errors.unusable(error, place)
        return None, problem(
            "data-folder",
            _("The data folder cannot be used. {reason}").format(reason=reason),
            _("Choose another one with --data-dir or in the settings (data_dir)."),
        )
    shown = output.visible(str(found))
    return found, fine("data-folder", _("Data folder: {folder}.").format(folder=shown))


def privacy(folder: Path) -> DoctorFinding:
    """Who may read what is in the data folder: readers' identifiers."""
    from offcirc.disk import access

    found = access.others(folder)
    if found is None:
        return worth_knowing(
            "privacy", _("Who may read in the data folder could not be found out.")
        )
    if not found:
        return fine("privacy", _("The data folder is closed to others."))
    text = _("Readers’ identifiers are in the data folder, and {who} may read there.")
    return worth_knowing(
        "privacy",
        text.format(who=", ".join(found)),
        _("Take these rights away, or choose another folder: see “Where files are” in the manual."),
    )


def durability(folder: Path) -> DoctorFinding:
    """Whether what is written there is on the disk when the system says so, and how fast."""
    probe = folder / f".doctor-{os.getpid()}"
    try:
        times = _timed_appends(probe)
    except OSError as error:
        return problem(
            "durable",
            _("Nothing can be written there. {reason}").format(
                reason=errors.unusable(error, folder)
            ),
            _(
                "The desk would go on in its fallback folder; put this right before the next"
                " outage."
            ),
        )
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    median = statistics.median(times)
    figures = {"milliseconds": round(median * 1000, 2)}
    shown = f"{median * 1000:.1f}"
    if median > _SLOW_SECONDS:
        return worth_knowing(
            "durable",
            _("A scan takes {time} ms to be safe on the disk, which is slow.").format(time=shown),
            _("Choose a folder on a disk of this PC, not on a network or a stick."),
            figures,
        )
    text = _("A scan is safe on the disk after {time} ms.")
    return fine("durable", text.format(time=shown), figures)


def _timed_appends(probe: Path) -> list[float]:
    """Seconds that each of a few small appends takes until it is on the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    handle = os.open(probe, flags, 0o600)
    times = []
    try:
        for _turn in range(_PROBES):
            start = time.perf_counter()
            if os.write(handle, b"." * 94) != 94:
                raise OSError(28, os.strerror(28))
            os.fsync(handle)
            times.append(time.perf_counter() - start)
    finally:
        os.close(handle)
    return times


def space(folder: Path) -> DoctorFinding:
    """Whether the disk has room."""
    free = shutil.disk_usage(folder).free
    figures = {"free_bytes": float(free)}
    shown = _size(free)
    if free < _LITTLE:
        found = _("Only {size} are free on the disk of the data folder.").format(size=shown)
        advice = _("Make room on it.")
        if free < _NOTHING:
            return problem("space", found, advice, figures)
        return worth_knowing("space", found, advice, figures)
    text = _("{size} are free on its disk.")
    return fine("space", text.format(size=shown), figures)


def _size(count: int) -> str:
    if count < 1 << 30:
        return _("{number} MB").format(number=count >> 20)
    return _("{number} GB").format(number=f"{count / (1 << 30):.1f}")


def journal(folder: Path, latest: list[datetime]) -> DoctorFinding:
    """Whether the journal can be read; it is only read, beside a desk that may be writing.

    Args:
        folder: the data folder.
        latest: gets the time of the last transaction, aware, if there is one.
    """
    from offcirc.disk.database import is_sound, reading
    from offcirc.disk.errors import NewerSchemaError, StorageError
    from offcirc.storage.journal.journal import JOURNAL_NAME
    from offcirc.storage.journal.layout import JOURNAL

    path = folder / JOURNAL_NAME
    if not path.exists():
        return fine("journal", _("Nothing has been recorded on this PC yet."))
    try:
        if not is_sound(path, JOURNAL):
            return _unreadable(path)
        with reading(path) as database:
            count, last = database.execute(
                "SELECT count(*), max(at_utc) FROM transactions"
            ).fetchone()
    except NewerSchemaError:
        return problem(
            "journal",
            _("The journal was written by a newer version of OffCirc."),
            _("Install that version on this PC again; the journal was not touched."),
        )
    except (StorageError, sqlite3.Error):
        return _unreadable(path)
    text = ngettext(
        "The journal is in order and holds {count} transaction.",
        "The journal is in order and holds {count} transactions.",
        count,
    )
    if last:
        latest.append(datetime.fromisoformat(last).astimezone(UTC))
    return fine("journal", text.format(count=count), {"transactions": count})


def _unreadable(path: Path) -> DoctorFinding:
    return problem(
        "journal",
        _("The journal {file} cannot be read, or is damaged.").format(
            file=output.visible(str(path))
        ),
        _(
            "Start the desk: it puts the journal aside, begins a new one with every row that can be"
            " read, and says how many those are. Nothing is deleted."
        ),
    )


def ledger(folder: Path) -> DoctorFinding:
    """Whether the ledger of uploads can be read; beside an upload that may be under way."""
    from offcirc.disk.database import is_sound
    from offcirc.disk.errors import NewerSchemaError, StorageError
    from offcirc.storage.ledger.ledger import LEDGER_NAME
    from offcirc.storage.ledger.schema import LEDGER

    path = folder / LEDGER_NAME
    if not path.exists():
        return fine("ledger", _("Nothing has been uploaded from this PC yet."))
    try:
        if is_sound(path, LEDGER):
            return fine("ledger", _("The ledger of uploads is in order."))
    except NewerSchemaError:
        return problem(
            "ledger",
            _("The ledger of uploads was written by a newer version of OffCirc."),
            _("Upload with that version; the ledger was not touched."),
        )
    except (StorageError, sqlite3.Error):
        pass  # said below
    return problem(
        "ledger",
        _("The ledger of uploads {file} cannot be read, or is damaged.").format(
            file=output.visible(str(path))
        ),
        _(
            "Keep a copy of the data folder, and upload nothing from it: from the ledger it is"
            " known what the library system has recorded already."
        ),
    )


def _missing(file: Path, folder: Path) -> DoctorFinding | None:
    """Rows that had been saved and are in no file, unless they are known to be uploaded."""
    from offcirc.disk.database import reading
    from offcirc.disk.errors import StorageError
    from offcirc.storage.dat.missing import FateBook
    from offcirc.storage.journal.journal import JOURNAL_NAME

    path = folder / JOURNAL_NAME
    if not path.exists():
        return None
    try:
        with reading(path) as database:
            rows = len(FateBook(database, path, file).missing().rows)
    except (StorageError, sqlite3.Error):
        return None  # an older, newer or damaged journal: another finding says so
    if not rows:
        return None
    text = ngettext(
        "{count} row that had been saved is in no OffCirc.dat any more, and not known to be "
        "uploaded.",
        "{count} rows that had been saved are in no OffCirc.dat any more, and not known to be "
        "uploaded.",
        rows,
    )
    return problem(
        "offcirc.dat",
        text.format(count=rows),
        _(
            "If the file was taken away to be uploaded, say so at the desk. If not, “offcirc"
            " rebuild” writes them again, or More, Make OffCirc.dat again at the desk."
        ),
        {"missing": float(rows)},
    )


def dat_file(file: Path, folder: Path) -> DoctorFinding:
    """What is in OffCirc.dat, which waits to be uploaded, and what should be and is not."""
    from offcirc.cli.files import check
    from offcirc.core.dat.datfile import Audit

    if (missing := _missing(file, folder)) is not None:
        return missing
    name = output.visible(str(file))
    if file.is_symlink() and not file.exists():
        return problem(
            "offcirc.dat",
            _("{file} is a link that leads nowhere: nothing can be saved.").format(file=name),
            _("Correct the link, or remove it."),
        )
    if not file.exists():
        return fine("offcirc.dat", _("There is no OffCirc.dat waiting to be uploaded."))
    try:
        with check.opened(file) as stream:
            # The file holds the desk PC's local time.
            audit = Audit(stream, datetime.now())  # noqa: DTZ005
            for _entry in audit:
                pass
    except Stop as stop:
        return problem(
            "offcirc.dat",
            stop.sentence,
            _("Move it away: the desk starts a clean one, and the journal still has everything."),
        )
    figures = {"records": float(audit.records), "errors": float(audit.errors)}
    if audit.errors:
        text = ngettext(
            "{file} holds {count} damaged line.",
            "{file} holds {count} damaged lines.",
            audit.errors,
        )
        return worth_knowing(
            "offcirc.dat",
            text.format(file=name, count=audit.errors),
            _("“offcirc check” names them."),
            figures,
        )
    text = ngettext(
        "{file} holds {count} line to be uploaded.",
        "{file} holds {count} lines to be uploaded.",
        audit.records,
    )
    return fine("offcirc.dat", text.format(file=name, count=audit.records), figures)
