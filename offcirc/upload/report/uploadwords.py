"""What an upload as a whole is called, and how far it has come, in words."""

from __future__ import annotations

from offcirc.i18n import _
from offcirc.upload.report.report import JobStatus


def job_status(status: JobStatus) -> str:
    """How far an upload has come, as Alma words it where Alma knows it."""
    return {
        JobStatus.RUNNING: _("Running"),
        JobStatus.COMPLETED: _("Completed Successfully"),
        JobStatus.WAITING: _("Waiting for the library system’s report"),
        JobStatus.STOPPED: _("Stopped"),
        JobStatus.CANCELLED: _("Cancelled"),
    }[status]


def job_name() -> str:
    """What an upload is called when the server gives it no name."""
    return _("Loans - Upload offline transactions")


def dry_run_name() -> str:
    """What a dry run is called."""
    return _("Dry run: nothing is recorded")


def cut_off() -> str:
    """Why an upload is not complete that ended without a word."""
    return _(
        "The upload was cut off (the program or the PC was switched off). Resume it: nothing is "
        "recorded twice."
    )
