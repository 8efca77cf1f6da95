"""The web page: what this server is, its jobs, and the report of each.

Made for printing as well: a referent pins the report up. No script, nothing from elsewhere; all
that comes from files or clients is escaped by the templates.
"""

from __future__ import annotations

import gettext
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from offcirc import __version__, i18n, resources
from offcirc.core.loopback import is_loopback
from offcirc.core.rules.policy import Policy
from offcirc.core.transaction import OPERATIONS
from offcirc.i18n import N_
from offcirc.practice import jobs
from offcirc.practice.clock import Clock
from offcirc.practice.messages import Refusal
from offcirc.practice.store import Store
from offcirc.practice.web.api import log_bug
from offcirc.words import operation

_FOLDER = "practice/page"
_MOST_JOBS = 100
_MOST_MESSAGES = 1000

_REASONS = {
    Refusal.ITEM_NOT_FOUND: N_("Unknown item"),
    Refusal.USER_NOT_FOUND: N_("Unknown reader"),
    Refusal.NOT_ON_LOAN: N_("Was not on loan"),
    Refusal.LATER_ACTION: N_("Later action"),
    Refusal.INVALID_DATE: N_("Impossible date"),
}
# Nothing to be done about these: staff may look at the others first.
_HARMLESS = {Refusal.NOT_ON_LOAN, Refusal.LATER_ACTION}


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """What the practice library holds at this moment."""

    items: int
    patrons: int
    on_loan: int
    in_transit: int


class LibraryPages:
    """The pages over one practice library."""

    def __init__(self, store: Store, policy: Policy, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(resources.path(_FOLDER)),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[Route]:
        """The addresses of the pages and of what they need."""
        return [
            Route("/", self._guarded(self.index), methods=["GET"]),
            Route("/jobs/{id:int}", self._guarded(self.job), methods=["GET"]),
            Route("/style.css", _file("style.css", "text/css"), methods=["GET"]),
            Route("/icon.svg", _file("icon.svg", "image/svg+xml"), methods=["GET"]),
        ]

    async def index(self, request: Request) -> Response:
        """What this is, and the list of jobs."""
        zone = self._policy.timezone

        def work(connection: sqlite3.Connection) -> tuple[LibraryCounts, list[jobs.Job]]:
            return _counts(connection), jobs.newest(connection, zone, _MOST_JOBS)

        counts, found = await self._store.run(work)
        return self._rendered(
            request, "index.html.j2", counts=counts, jobs=found, policy=self._policy
        )

    async def job(self, request: Request) -> Response:
        """One job: Alma's row and the report."""
        number = request.path_params["id"]
        zone = self._policy.timezone

        def work(
            connection: sqlite3.Connection,
        ) -> tuple[jobs.Job | None, list[jobs.RefusalMessage]]:
            if number > jobs.LARGEST_ID:
                return None, []
            messages = jobs.messages(connection, number, _MOST_MESSAGES)
            return jobs.find(connection, number, zone), messages

        if not _is_this_machine(request):
            # The messages name readers, and the page asks nobody who they are.
            return self._rendered(request, "elsewhere.html.j2", status=403)
        job, messages = await self._store.run(work)
        if job is None:
            return self._rendered(request, "missing.html.j2", status=404)
        return self._rendered(request, "job.html.j2", job=job, messages=messages)

    def _rendered(
        self, request: Request, template: str, status: int = 200, **values: Any
    ) -> Response:
        chosen = request.query_params.get("lang")
        language = _language(chosen, request.headers.get("accept-language", ""))
        words = gettext.translation(
            i18n.DOMAIN, str(resources.path("locale")), languages=[language], fallback=True
        )

        def moment(value: datetime) -> str:
            return value.strftime(
                "%d/%m/%Y %H:%M:%S %Z" if language == "fr" else "%Y-%m-%d %H:%M:%S %Z"
            )

        def minute(text: str) -> str:
            day, clock_time = text.split("T")
            if language == "fr":
                day = "/".join(reversed(day.split("-")))
            return f"{day} {clock_time}"

        def number(value: int) -> str:
            # A narrow no-break space groups digits in French, a comma in English.
            return f"{value:,}".replace(",", "\u202f" if language == "fr" else ",")

        text = self._templates.get_template(template).render(
            _=words.gettext,
            operation=lambda code: operation(OPERATIONS[code], words.pgettext),
            ngettext=words.ngettext,
            language=language,
            query=f"?lang={language}" if chosen in i18n.LANGUAGES else "",
            moment=moment,
            minute=minute,
            number=number,
            now=self._clock.now().astimezone(self._policy.timezone),
            library=self._policy.name,
            version=__version__,
            address=f"http://{request.headers.get('host', '')}",
            reasons=_REASONS,
            harmless=_HARMLESS,
            **values,
        )
        return HTMLResponse(text, status)

    def _guarded(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                log_bug(error)
                return self._rendered(request, "broken.html.j2", status=500)

        return endpoint


def _counts(connection: sqlite3.Connection) -> LibraryCounts:
    def count(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0])

    return LibraryCounts(
        items=count("SELECT count(*) FROM items"),
        patrons=count("SELECT count(*) FROM patrons"),
        on_loan=count("SELECT count(*) FROM loans WHERE returned_at IS NULL"),
        in_transit=count("SELECT count(*) FROM items WHERE place = 'in-transit'"),
    )


def _is_this_machine(request: Request) -> bool:
    return request.client is not None and is_loopback(request.client.host)


def _file(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    content = resources.path(f"{_FOLDER}/{name}").read_bytes()

    async def endpoint(request: Request) -> Response:
        return Response(content, media_type=kind)

    return endpoint


def _language(chosen: str | None, accepted: str) -> str:
    """The language of a page: as chosen, else as the browser prefers, else the program's."""
    if chosen in i18n.LANGUAGES:
        return chosen or ""
    best, language = 0.0, i18n.language()
    for part in accepted.split(","):
        name, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            continue
        code = name[:2].lower()
        if code in i18n.LANGUAGES and weight > best:
            best, language = weight, code
    return language
