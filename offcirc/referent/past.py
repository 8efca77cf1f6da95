"""What earlier uploads tell about the files on the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from offcirc.referent.filecheck import FileCheck
from offcirc.referent.filesmodel import Earlier

if TYPE_CHECKING:
    from offcirc.upload.report import JobReport


def earlier_by_digest(jobs: Iterable[JobReport]) -> dict[str, Earlier]:
    """For each content that was uploaded: the newest complete upload, else the newest at all."""
    from offcirc.referent.jobwords import minute

    found: dict[str, Earlier] = {}
    for job in jobs:
        seen = Earlier(job.complete, minute(job.finished or job.started))
        for file in job.files:
            known = found.get(file.sha256)
            if known is None or (seen.complete and not known.complete):
                found[file.sha256] = seen
    return found


def unfinished(
    jobs: Iterable[JobReport], files: Iterable[FileCheck], desk: str
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
        if {file.sha256 for file in job.files} == wanted and desk in ("", job.desk):
            return None if job.complete else job
    return None
