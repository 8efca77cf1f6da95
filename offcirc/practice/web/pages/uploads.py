"""Prêt secouru / Retour secouru: a file is chosen, its job is watched, its report is read."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from offcirc.i18n import N_, _
from offcirc.practice import jobs
from offcirc.practice.acts import filejobs
from offcirc.practice.acts.actor import Actor
from offcirc.practice.acts.filejobs import LARGEST_FILE, FileProgress, SameFileError
from offcirc.practice.errors import ActError, NotThereError
from offcirc.practice.library.library import OPERATOR
from offcirc.practice.web.pages.frame import PageAsk, PageFrame, TooLargeError

_MOST_JOBS = 100
_MOST_MESSAGES = 1000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadPages:
    """Jobs.

    Args:
        frame: what pages stand in.
        wake: tells the worker that there is a file.
    """

    def __init__(self, frame: PageFrame, wake: Callable[[], None]) -> None:
        self._frame = frame
        self._wake = wake

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/jobs", self.index),
            route("/jobs", self.upload, "POST", role=OPERATOR),
            route("/jobs/{id:int}", self.job),
            route("/jobs/{id:int}/report.xlsx", self.export),
            route("/jobs/{id:int}/mail", self.mail, "POST", role=OPERATOR),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """The form for a file, and the latest jobs."""
        found, progress = await ask.do(_latest)
        going = any(not job.finished_at and job.id in progress for job in found)
        return ask.page("jobs.html.j2", jobs=found, progress=progress, going=going, same=None)

    async def upload(self, ask: PageAsk) -> Response:
        """Keep a file, and begin its job."""
        chosen = ask.file("file")
        if chosen is None or not chosen.filename:
            raise ActError(N_("Choose a file first."))
        content = await chosen.read()
        if len(content) > LARGEST_FILE:
            raise TooLargeError
        name = filejobs.bare_name(chosen.filename)
        try:
            job = await ask.do(
                filejobs.accept,
                ask.signed.account,
                name=chosen.filename,
                content=content,
                again=bool(ask.text("again")),
            )
        except SameFileError as error:
            found, progress = await ask.do(_latest)
            return ask.page(
                "jobs.html.j2", 409, jobs=found, progress=progress, going=False, same=error.job
            )
        self._wake()
        return ask.back("/jobs", N_("“{name}” is kept; its job is {job}."), name=name, job=job)

    async def job(self, ask: PageAsk) -> Response:
        """One job: Alma's row and the report."""
        job, messages, progress = await ask.do(_report, _number(ask), _MOST_MESSAGES)
        return ask.page("job.html.j2", job=job, messages=messages, progress=progress)

    async def export(self, ask: PageAsk) -> Response:
        """The report as a workbook."""
        job, messages, _progress = await ask.do(_report, _number(ask), 1_000_000)
        return Response(
            _workbook(job, messages),
            media_type=_XLSX,
            headers={"Content-Disposition": f'attachment; filename="{job.id}.xlsx"'},
        )

    async def mail(self, ask: PageAsk) -> Response:
        """The report into the out-box."""
        number = _number(ask)
        await ask.do(filejobs.mail_report, number, ask.signed.account.name)
        return ask.back(f"/jobs/{number}", N_("The report is in the out-box."))


def _number(ask: PageAsk) -> int:
    number: int = ask.request.path_params["id"]
    ask.home = f"/jobs/{number}"
    if number > jobs.LARGEST_ID:
        raise NotThereError
    return number


def _latest(
    connection: sqlite3.Connection, actor: Actor
) -> tuple[list[jobs.Job], dict[int, FileProgress]]:
    return (
        jobs.newest(connection, actor.policy.timezone, _MOST_JOBS),
        filejobs.progress(connection),
    )


def _report(
    connection: sqlite3.Connection, actor: Actor, number: int, most: int
) -> tuple[jobs.Job, list[jobs.RefusalMessage], FileProgress | None]:
    job = jobs.find(connection, number, actor.policy.timezone)
    if job is None:
        raise NotThereError
    return job, jobs.messages(connection, number, most), filejobs.progress(connection).get(number)


def _workbook(job: jobs.Job, messages: list[jobs.RefusalMessage]) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - for whoever exports

    out = io.BytesIO()
    # Barcodes stay texts, and nothing that came in a file is ever a formula or a link.
    plain = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **plain}) as book:
        sheet = book.add_worksheet(str(job.id)[:31])
        bold = book.add_format({"bold": True})
        heads = (
            _("Line"),
            _("Error Message"),
            _("Recorded at"),
            _("Operation"),
            _("Item barcode"),
            _("Reader"),
            _("File"),
        )
        for column, (head, width) in enumerate(
            zip(heads, (7, 60, 18, 10, 18, 20, 30), strict=True)
        ):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, bold)
        for row, each in enumerate(messages, start=1):
            cells: list[Any] = [each.line, each.message, each.at.replace("T", " ")]
            cells += [each.operation, each.item, each.patron, each.file]
            for column, value in enumerate(cells):
                if isinstance(value, int):
                    sheet.write_number(row, column, value)
                elif value:
                    sheet.write_string(row, column, value)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
