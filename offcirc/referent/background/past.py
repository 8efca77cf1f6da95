"""What earlier uploads tell about the files on the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from offcirc.referent.background.inspection import SourceRow

if TYPE_CHECKING:
    from offcirc.upload.report.report import JobReport

WAITING = "waiting"
""":attr:`offcirc.upload.report.report.JobStatus.WAITING`, without loading what it takes."""


def unfinished(
    jobs: Iterable[JobReport], files: Iterable[SourceRow], desk: str
) -> JobReport | None:
    """The newest upload of exactly these contents that can be resumed.

    Args:
        jobs: past uploads, newest first.
        files: the files to be uploaded.
        desk: the circulation desk's code; empty for any.
    """
    wanted = {file.sha256 for file in files if file.ready}
    if not wanted:
        return None
    for job in jobs:
        if job.status.value == WAITING:
            continue  # it was carried somewhere by hand: there is nothing to be sent
        if {file.sha256 for file in job.files} == wanted and desk in ("", job.desk):
            return None if job.complete else job
    return None
