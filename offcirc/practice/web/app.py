"""The whole web application: the service, the page, and what holds for every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offcirc.core.loopback import names_this_machine
from offcirc.practice.web.api import PREFIX, Api, failure
from offcirc.practice.web.drilldoor import DrillDoor
from offcirc.practice.web.house import House
from offcirc.practice.web.pages.drills import DrillPages
from offcirc.practice.web.pages.frame import PageFrame
from offcirc.practice.web.pages.home import HomePages
from offcirc.practice.web.pages.items import ItemPages
from offcirc.practice.web.pages.library import LibraryPages
from offcirc.practice.web.pages.outbox import OutboxPages
from offcirc.practice.web.pages.patrons import PatronPages
from offcirc.practice.web.pages.registrations import RegistrationPages
from offcirc.practice.web.pages.scanning import ScanningPages
from offcirc.practice.web.pages.settings import SettingsPages
from offcirc.practice.web.pages.uploads import UploadPages

_CONTENT_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", _CONTENT_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # Answers hold readers' identifiers: no browser or proxy is to keep them.
    (b"cache-control", b"no-store"),
]


def build(house: House, wake: Callable[[], None], drills: DrillDoor | None = None) -> ASGIApp:
    """The application over an open practice library.

    Args:
        house: the library and its rules.
        wake: tells the worker that a file has been uploaded.
        drills: what can be played, if this server knows of drills.
    """
    frame = PageFrame(house, drills=drills is not None)
    families = (
        HomePages(frame),
        UploadPages(frame, wake),
        PatronPages(frame),
        ItemPages(frame),
        ScanningPages(frame),
        RegistrationPages(frame),
        OutboxPages(frame),
        DrillPages(frame, drills),
        LibraryPages(frame, wake),
        SettingsPages(frame),
    )
    app = Starlette(
        routes=[*Api(house).routes(), *(each for pages in families for each in pages.routes())],
        exception_handlers={HTTPException: _not_served(frame)},
    )
    return _Frame(app, loopback=not house.exposed)


def _not_served(frame: PageFrame) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answers what no route takes: programs in their way, people by a page."""

    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        if status == 405:
            # The one route that was asked knows its own methods alone.
            routes = (
                each
                for each in request.app.routes
                if each.matches(request.scope)[0] is not Match.NONE
            )
            methods = {method for each in routes for method in each.methods or ()}
            headers["Allow"] = ", ".join(sorted(methods))
        if request.url.path.startswith(PREFIX):
            code = {404: "not-found", 405: "method-not-allowed"}.get(status, "refused")
            return failure(status, code, "There is nothing at this address and method.", headers)
        page = frame.nowhere(request, status)
        page.headers.update(headers)
        return page

    return answer


class _Frame:
    """Adds the headers every answer has, and refuses foreign host names on loopback.

    A server that listens on this machine alone is asked by its names alone: a request that names
    another host is a web page trying to reach it under a name of its own.
    """

    def __init__(self, app: ASGIApp, *, loopback: bool) -> None:
        self._app = app
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        if self._loopback and not _names_this_machine(scope):
            refused = failure(
                400, "foreign-host", "This server answers to localhost and 127.0.0.1 alone."
            )
            await refused(scope, receive, framed)
            return
        await self._app(scope, receive, framed)


def _names_this_machine(scope: Scope) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    port = (scope.get("server") or ("", None))[1]
    return names_this_machine(host.decode("latin-1"), port or 80)
