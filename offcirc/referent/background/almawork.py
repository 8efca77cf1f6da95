"""What the window has done for Alma in other threads: files written for it, its reports read back.

The rooms that do it are imported here, at the first use, to let the window appear at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from offcirc.upload.report.report import JobReport

CHECKLIST_NAME = "alma-checklist.html"


@dataclass(frozen=True, slots=True)
class AwaitedFile:
    """A file that waits for Alma's report.

    Attributes:
        job: the number of its upload.
        place: when to upload it: the first, the second, …
        places: how many files were made together.
        path: where it is.
        desk: the circulation desk to choose.
        library: the library's name; may be empty.
        lines: how many lines it has.
        waiting: how many of them Alma has not answered yet.
        first: when its first line happened.
        last: when its last one did.
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


@dataclass(frozen=True, slots=True)
class Handed:
    """What was written for Alma.

    Attributes:
        files: how many files.
        lines: how many lines they hold.
        held: lines left out because they are damaged, or held back or dropped by decision.
        folder: where the files are.
        checklist: what to do with them, as a page to print; ``None`` when there is none.
    """

    files: int
    lines: int
    held: int
    folder: Path
    checklist: Path | None


def hand_over(
    data_dir: Path, files: Sequence[Path], *, folder: Path, desk: str, who: str
) -> Handed:
    """Write one merged file for each circulation desk, and the checklist that goes with them.

    Raises:
        UploadError, StorageError: nothing was handed over.
    """
    from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
    from offcirc.upload.handover.handover import hand_over as write
    from offcirc.upload.lines.decided import decided
    from offcirc.upload.lines.plan import make_plan

    with Ledger(data_dir / LEDGER_NAME) as ledger:
        plan = make_plan(files, decisions=decided(ledger))
        done = write(plan, ledger, folder=folder, who=who, desk=desk)
        return Handed(len(done.files), done.lines, done.held, done.folder, done.checklist)


def waiting(data_dir: Path) -> list[AwaitedFile]:
    """The files that Alma has not fully answered, oldest first.

    Raises:
        StorageError: the ledger cannot be read.
    """
    from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
    from offcirc.upload.handover.handedfile import waiting as look

    path = data_dir / LEDGER_NAME
    if not path.exists():
        return []
    with Ledger(path) as ledger:
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
            )
            for one in look(ledger)
        ]


def checklist_of(data_dir: Path, job: int) -> Path | None:
    """The checklist that goes with a file, made anew: the one beside it may have been moved.

    Raises:
        StorageError: the ledger cannot be read, or the page not be written.
    """
    from offcirc.disk import durable
    from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
    from offcirc.upload.handover.checklist import checklist, render_html
    from offcirc.upload.handover.handedfile import load_handover

    with Ledger(data_dir / LEDGER_NAME) as ledger:
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
    from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
    from offcirc.upload.handover.almaimport import import_report

    with Ledger(data_dir / LEDGER_NAME) as ledger:
        found = import_report(path, ledger, who=who)
        return found.report, found.notice
