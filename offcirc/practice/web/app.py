"""The whole web application: the service, the page, and what holds for every answer."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offcirc.core.loopback import names_this_machine
from offcirc.core.rules.policy import Policy
from offcirc.practice.clock import Clock
from offcirc.practice.store import Store
from offcirc.practice.web.api import PREFIX, Api, failure
from offcirc.practice.web.page import LibraryPages

_CONTENT_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", _CONTENT_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # Answers hold readers' identifiers: no browser or proxy is to keep them.
    (b"cache-control", b"no-store"),
]


def build(store: Store, policy: Policy, identity: str, clock: Clock, *, loopback: bool) -> ASGIApp:
    """The application over an open practice library.

    Args:
        store: its database.
        policy: its policy.
        identity: the name of this very state of it.
        clock: the server's clock.
        loopback: the server listens on this machine alone, so a request that names another host
            is a web page trying to reach it under a name of its own, and is refused.
    """
    api = Api(store, policy, identity, clock)
    page = LibraryPages(store, policy, clock)
    app = Starlette(
        routes=[*api.routes(), *page.routes()],
        exception_handlers={HTTPException: _not_served},
    )
    return _Frame(app, loopback=loopback)


async def _not_served(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if request.url.path.startswith(PREFIX):
        code = {404: "not-found", 405: "method-not-allowed"}.get(status, "refused")
        return failure(status, code, "There is nothing at this address and method.", headers)
    return PlainTextResponse("404" if status == 404 else "405", status, headers)


class _Frame:
    """Adds the headers every answer has, and refuses foreign host names on loopback."""

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
