"""What the window does in other threads for systems that people carry files to.

The rooms that do it are imported here, at the first use, to let the window appear at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from offcirc.servers.files.target import FileTarget
    from offcirc.servers.protocol import Server
    from offcirc.settings.load import ServerSettings
    from offcirc.upload.report.report import JobReport

CHECKLIST_NAME = "alma-checklist.html"


@dataclass(frozen=True, slots=True)
class AwaitedFile:
    """A file that waits to be answered for.

    Attributes:
        job: the number of its upload.
        place: when to upload it: the first, the second, …
        places: how many files were made together.
        path: where it is.
        desk: the circulation desk to choose.
        library: the library's name; may be empty.
        lines: how many lines it has.
        waiting: how many of them are not answered for yet.
        first: when its first line happened.
        last: when its last one did.
        system: the library system's name.
        reports: whether that writes a report to be read back; else lines are looked up in it.
    """

    job: int
    place: int
    places: int
    path: Path
    desk: str
    library: str
    lines: int
    waiting: int
    first: datetime | None
    last: datetime | None
    system: str
    reports: bool


@dataclass(frozen=True, slots=True)
class Handed:
    """What was written for a library system.

    Attributes:
        files: how many files.
        lines: how many lines they hold.
        held: lines left out because they are damaged, or held back or dropped by decision.
        folder: where the files are.
        checklist: what to do with them, as a page to print; ``None`` when there is none.
        system: the system's name.
    """

    files: int
    lines: int
    held: int
    folder: Path
    checklist: Path | None
    system: str


def hand_over(
    data_dir: Path,
    files: Sequence[Path],
    *,
    folder: Path,
    desk: str,
    who: str,
    system: FileTarget,
    asked: ServerSettings | None,
) -> Handed:
    """Write the files for a library system, and the checklist that goes with them.

    Args:
        data_dir: the data folder.
        files: the desks' files.
        folder: where to.
        desk: the circulation desk of the files that do not tell theirs.
        who: who does it.
        system: the library system.
        asked: the server that looks things up for it; ``None`` when the settings name none.

    Raises:
        ServerError, UploadError, StorageError: nothing was handed over.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.handover import hand_over as write
    from offcirc.upload.lines.decided import decided
    from offcirc.upload.lines.plan import make_plan

    with Ledger.of(data_dir) as ledger:
        plan = make_plan(files, decisions=decided(ledger))
        known = None
        if system.proves and asked is not None:
            from offcirc.upload.handover.lookback import prove

            with _looking(asked) as server:
                known = prove(plan, server)
        done = write(plan, ledger, folder=folder, who=who, desk=desk, target=system, known=known)
        left = done.held + done.refused
        return Handed(len(done.files), done.lines, left, done.folder, done.checklist, system.name)


def look_back(
    data_dir: Path, job: int, servers: Mapping[str, ServerSettings]
) -> tuple[JobReport, str]:
    """Look up which lines of a file have arrived; returns what became of them.

    Args:
        data_dir: the data folder.
        job: the file's upload.
        servers: what the settings name.

    Raises:
        ServerError, UploadError, StorageError: it is not possible; nothing has changed.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.handedfile import handed_file
    from offcirc.upload.handover.handovererrors import NoOneToAskError
    from offcirc.upload.handover.lookback import look_back as look

    with Ledger.of(data_dir) as ledger:
        file = handed_file(ledger, job)
        assert file is not None, "it was listed"
        kind = file.target.kind
        mine = next((one for one in servers.values() if one.kind == kind), None)
        asked = servers.get(mine.look_up) if mine is not None else None
        if asked is None:
            name = mine.name if mine is not None else "NAME"
            raise NoOneToAskError(file.target.name, f"servers.{name}.look_up")
        with _looking(asked) as server:
            return look(ledger, job, server), ""


def export(data_dir: Path, files: Sequence[Path], path: Path, wanted: str) -> tuple[int, str]:
    """Write the lines for another program; how many were left out, and what to know besides.

    Raises:
        UploadError, StorageError: nothing was written.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.export import export as write
    from offcirc.upload.handover.export import told
    from offcirc.upload.lines.decided import decided
    from offcirc.upload.lines.plan import make_plan

    with Ledger.of(data_dir) as ledger:
        plan = make_plan(files, decisions=decided(ledger))
    done = write(plan, wanted, path)
    return len(done.left_out), told(done)


@contextmanager
def _looking(asked: ServerSettings) -> Iterator[Server]:
    """A server that is only asked, signed in with the password that this PC keeps for it."""
    from offcirc.servers.passwordstore import remembered
    from offcirc.servers.registry import open_server, profile_of

    profile = profile_of(asked, {})
    with open_server(asked.url, {asked.url: profile}) as server:
        server.sign_in(asked.user, remembered(server.url, asked.user))
        yield server


def waiting(data_dir: Path) -> list[AwaitedFile]:
    """The files that are not fully answered for, oldest first.

    Raises:
        StorageError: the ledger cannot be read.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.handedfile import waiting as look

    with Ledger.if_any(data_dir) as ledger:
        if ledger is None:
            return []
        return [
            AwaitedFile(
                one.job,
                one.place,
                one.places,
                one.path,
                one.desk,
                one.library,
                one.lines,
                one.waiting,
                one.first,
                one.last,
                one.target.name,
                one.target.reports,
            )
            for one in look(ledger)
        ]


def checklist_of(data_dir: Path, job: int) -> Path | None:
    """The checklist that goes with a file, made anew: the one beside it may have been moved.

    Raises:
        StorageError: the ledger cannot be read, or the page not be written.
    """
    from offcirc.disk import durable
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.checklist import checklist, render_html
    from offcirc.upload.handover.handedfile import load_handover

    with Ledger.of(data_dir) as ledger:
        found = load_handover(ledger, job)
    if found is None:
        return None
    page = data_dir / CHECKLIST_NAME
    durable.replace(page, render_html(checklist(found)).encode("utf-8"))
    return page


def read_report(data_dir: Path, path: Path, who: str) -> tuple[JobReport, str]:
    """Read a report of Alma's; returns what became of the lines, and what else there is to say.

    Raises:
        UploadError, StorageError: it is no such report, or it is not clear what it is about.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.almaimport import import_report

    with Ledger.of(data_dir) as ledger:
        found = import_report(path, ledger, who=who)
        return found.report, found.notice
