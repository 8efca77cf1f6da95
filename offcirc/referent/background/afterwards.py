"""What the steps after an upload have done in other threads: each function here may take long.

The rooms that do it are imported here, at the first use, to let the window appear at once.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from offcirc.referent.background.hits import Hits
    from offcirc.referent.background.uploads import Connection
    from offcirc.referent.followup.taskpanel import Deed
    from offcirc.servers.protocol import TellsHandWork
    from offcirc.storage.ledger.closings import Closing
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.storage.ledger.linesearch import SearchPlace
    from offcirc.upload.base.control import Control
    from offcirc.upload.base.progress import Progress
    from offcirc.upload.close.candidates import Candidate
    from offcirc.upload.followup.slips import Slip
    from offcirc.upload.followup.task import Task
    from offcirc.upload.report.report import JobReport

UPLOADS_LOOKED_AT = 60
"""The newest uploads whose files are looked for; of older ones nothing is left lying about."""


def work_list(data_dir: Path) -> list[Task]:
    """What every upload of this data folder has left to be done, and what was done about it.

    Raises:
        UploadError, StorageError: the ledger cannot be read.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.followup.followup import tasks

    with Ledger.if_any(data_dir) as ledger:
        if ledger is None:
            return []
        return tasks(ledger)


def do(data_dir: Path, deed: Deed, who: str) -> list[Task]:
    """Keep what somebody did about tasks; returns the work list as it is then.

    Raises:
        UploadError, StorageError: the ledger cannot be written.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.followup.followup import act, tasks

    with Ledger.of(data_dir) as ledger:
        if deed.action is not None:
            act(ledger, deed.tasks, deed.action, who=who, text=deed.text)
        else:
            _correct(ledger, deed, who)
        return tasks(ledger)


def look_there(
    data_dir: Path, server: TellsHandWork, identity: str, tasks: Sequence[Task]
) -> tuple[list[Task], int, dict[str, str]]:
    """Ask a server what was done there, and tick that off.

    Returns:
        The work list as it is then, how many tasks were ticked off, and by the number of an open
        task the page on which it is done.

    Raises:
        ServerError: the server did not answer.
        UploadError, StorageError: the ledger cannot be written.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.followup.followup import tasks as work_list_of
    from offcirc.upload.followup.handwork import look

    with Ledger.of(data_dir) as ledger:
        found = look(ledger, server, identity, tasks)
        pages = {one.task.id: one.pages[0] for one in found if one.done is None and one.pages}
        ticked = sum(one.done is not None for one in found)
        return work_list_of(ledger), ticked, pages


def _correct(ledger: Ledger, deed: Deed, who: str) -> None:
    """Have lines sent again, saying something else; or let them not be sent again after all."""
    from offcirc.storage.ledger.decisions import LineChange
    from offcirc.upload.followup.correcting import correct, take_back

    lines = [line.id for task in deed.tasks for line in task.lines if not line.settled]
    if any(deed.change):
        item, patron = deed.change
        correct(ledger, lines, LineChange(item=item, patron=patron), who=who, note=deed.text)
    else:
        take_back(ledger, lines, who=who)


def send_again(
    data_dir: Path,
    connection: Connection,
    *,
    patron_names: bool,
    progress: Callable[[Progress], None],
    control: Control,
) -> JobReport | None:
    """Upload the corrected lines that belong to the server somebody is signed in on.

    Returns:
        The report of the last upload; ``None`` when there was nothing to be sent.

    Raises:
        UploadError, ServerError, StorageError: it could not begin.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.followup.followup import waiting
    from offcirc.upload.run import run_upload

    account, report = connection.account, None
    with Ledger.of(data_dir) as ledger:
        for batch in waiting(ledger):
            if batch.server != connection.server.identity:
                continue
            report = run_upload(
                (),
                connection.server,
                ledger,
                plan=batch,
                desk=batch.desk,
                who=account.name or account.login,
                resume=True,
                patron_names=patron_names,
                progress=progress,
                control=control,
            )
            if not report.complete:
                break
    return report


def likely(data_dir: Path, task: Task, patrons: Path | None) -> list[Slip]:
    """Who may have been meant by the unknown reader of a task, likeliest first.

    Args:
        data_dir: whose ledger knows readers of other loans.
        task: the task.
        patrons: a list of readers, if there is one.

    Raises:
        UploadError, StorageError: the ledger or the list cannot be read.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.followup.slips import likely as find
    from offcirc.upload.followup.slips import read_patrons

    known = read_patrons(patrons) if patrons is not None else None
    with Ledger.of(data_dir) as ledger:
        return find(ledger, task.patron, patrons=known)


def export_work_list(tasks: Sequence[Task], path: Path) -> Path:
    """Write a work list to a file; its ending picks the format.

    Raises:
        UploadError: it cannot be written.
    """
    from offcirc.upload.followup.worklist import write_worklist

    write_worklist(tasks, path)
    return path


@dataclass(frozen=True, slots=True)
class Shelf:
    """What can be put away, and what was.

    Attributes:
        candidates: files of uploads that are where they were uploaded from, newest upload first.
        closings: what was put away or brought back, newest first.
        archive: the folder that holds what was put away.
    """

    candidates: tuple[Candidate, ...] = ()
    closings: tuple[Closing, ...] = ()
    archive: Path = Path()


def look_at_shelf(data_dir: Path) -> Shelf:
    """What can be put away now, and what was.

    Raises:
        UploadError, StorageError: the ledger or a file cannot be read.
    """
    from offcirc.storage.closing.archive import ARCHIVE_NAME
    from offcirc.storage.ledger.closings import closings
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.close.candidates import Obstacle
    from offcirc.upload.close.closing import look_at_job

    archive = data_dir / ARCHIVE_NAME
    with Ledger.if_any(data_dir) as ledger:
        if ledger is None:
            return Shelf(archive=archive)
        done = closings(ledger)
        closed = {(one.facts.upload, one.facts.file) for one in done if one.in_force}
        found: dict[Path, Candidate] = {}
        newest = sorted(ledger.uploads(), key=lambda upload: upload.id, reverse=True)
        for upload in newest[:UPLOADS_LOOKED_AT]:
            for one in look_at_job(ledger, upload, folder=data_dir):
                known = {Obstacle.MISSING, Obstacle.NEVER_UPLOADED}.isdisjoint(one.obstacles)
                if known and not (one.gone and (upload.id, one.file) in closed):
                    # A file that went up several times is put away after the newest upload of it.
                    found.setdefault(one.path, one)
        waiting = _told_desks(done)
        shown = tuple(one for path, one in found.items() if path not in waiting)
        return Shelf(shown, tuple(done), archive)


def _told_desks(done: Sequence[Closing]) -> set[Path]:
    """The files whose desk has a receipt and closes them by itself."""
    from offcirc.storage.ledger.closings import ClosingOutcome

    newest: dict[Path, Closing] = {}
    for one in done:
        newest.setdefault(one.facts.path, one)
    return {path for path, one in newest.items() if one.outcome is ClosingOutcome.HANDED_OVER}


def put_away(
    data_dir: Path, candidates: Sequence[Candidate], *, who: str, leave: bool
) -> list[str]:
    """Put files away; returns a sentence for each.

    Raises:
        UploadError, StorageError: nothing was touched.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.close import closing, closingwords

    with Ledger.of(data_dir) as ledger:
        done = closing.close(ledger, candidates, folder=data_dir, who=who, leave=leave)
        return [closingwords.closed(one) for one in done]


def bring_back(data_dir: Path, uploads: Sequence[int], who: str) -> list[str]:
    """Bring the files of closed uploads back; returns a sentence for each.

    Raises:
        UploadError, StorageError: it could not be done.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.close import closingwords, reopening

    told: list[str] = []
    with Ledger.of(data_dir) as ledger:
        for number in uploads:
            upload = ledger.upload(number)
            if upload is not None:
                done = reopening.undo(ledger, upload, folder=data_dir, who=who)
                told += [closingwords.closed(one) for one in done]
    return told


def search(
    data_dir: Path, text: str, day: date | None, after: HitsPage | None
) -> tuple[Hits, HitsPage]:
    """Look in every past upload for an item, a reader or a day.

    Args:
        data_dir: whose ledger.
        text: a code, or how it begins; empty for all.
        day: when it happened; ``None`` for any day.
        after: the page before, for the lines that are older.

    Returns:
        What was found, and what to give for the next page.

    Raises:
        StorageError: the ledger cannot be read.
    """
    from offcirc.referent.background.hits import HitRow, Hits, tone_of
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.search import searchwords
    from offcirc.upload.search.search import Query
    from offcirc.upload.search.search import search as look

    with Ledger.if_any(data_dir) as ledger:
        if ledger is None:
            return Hits(()), HitsPage(text, day)
        page = look(
            ledger,
            Query(text, day),
            after=after.next if after is not None else None,
            anywhere=after.anywhere if after is not None else False,
        )
        rows = tuple(
            HitRow(
                hit.at,
                hit.operation,
                hit.item,
                hit.patron,
                searchwords.state(hit.state),
                tone_of(hit.state.value),
                searchwords.whereabouts(hit),
                tuple(searchwords.story(hit)),
                hit.upload.id,
            )
            for hit in page.hits
        )
        found = Hits(rows, page.next is not None, page.anywhere)
        return found, HitsPage(text, day, page.next, page.anywhere)


@dataclass(frozen=True, slots=True)
class HitsPage:
    """A page of what was found.

    Attributes:
        text: what was looked for.
        day: on which day; ``None`` for any.
        next: where the next page begins; ``None`` when there is none.
        anywhere: the codes hold the text somewhere.
    """

    text: str
    day: date | None
    next: SearchPlace | None = None
    anywhere: bool = False


def tidy_up(data_dir: Path, days: int, table: Mapping[str, object], who: str) -> None:
    """Bring interrupted closings to their end, and erase what has been kept long enough.

    Raises:
        UploadError, StorageError: it could not be done; it is tried again next time.
    """
    from offcirc.referent.background.uploads import rules_of
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.base.errors import LedgerBusyError
    from offcirc.upload.close import closing
    from offcirc.upload.close.retention import erase_due

    rules = rules_of(table)
    with Ledger.if_any(data_dir) as ledger:
        if ledger is None:
            erase_due(None, data_dir, days=days, rules=rules)
            return
        with suppress(LedgerBusyError):
            closing.take_up(ledger, folder=data_dir, who=who)
        erase_due(ledger, data_dir, days=days, rules=rules)
