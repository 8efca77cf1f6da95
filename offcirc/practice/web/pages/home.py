"""The first page, signing in and out, the circulation desk, one's own password."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from offcirc import resources
from offcirc.i18n import N_
from offcirc.practice import accounts
from offcirc.practice.accounts import WaitFirstError
from offcirc.practice.acts import rulebook
from offcirc.practice.errors import ActError
from offcirc.practice.web.pages.frame import FOLDER, PageAsk, PageFrame, local

_FILES = {
    "/style.css": (f"{FOLDER}/style.css", "text/css"),
    "/icon.svg": (f"{FOLDER}/icon.svg", "image/svg+xml"),
    "/fonts/text.ttf": ("fonts/AtkinsonHyperlegibleNext-Regular.ttf", "font/ttf"),
    "/fonts/bold.ttf": ("fonts/AtkinsonHyperlegibleNext-SemiBold.ttf", "font/ttf"),
    "/fonts/code.ttf": ("fonts/AtkinsonHyperlegibleMono-Medium.ttf", "font/ttf"),
}


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """What the practice library holds at this moment."""

    items: int
    patrons: int
    on_loan: int
    in_transit: int


class HomePages:
    """The door of the pages."""

    def __init__(self, frame: PageFrame) -> None:
        self._frame = frame
        self._house = frame.house

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/", self.index, role=None),
            route("/sign-in", self.door, role=None),
            route("/sign-in", self.sign_in, "POST", role=None),
            route("/sign-out", self.sign_out, "POST", desk=False),
            route("/desk", self.desks, desk=False),
            route("/desk", self.choose_desk, "POST", desk=False),
            route("/password", self.password, desk=False),
            route("/password", self.change_password, "POST", desk=False),
            *(Route(path, _file(*where), methods=["GET"]) for path, where in _FILES.items()),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """What this is."""
        counts = await self._house.store.run(_counts)
        return ask.page("index.html.j2", counts=counts)

    async def door(self, ask: PageAsk) -> Response:
        """The form to sign in."""
        return self._door(ask, 200)

    def _door(self, ask: PageAsk, status: int, sentence: str = "", wait: int = 0) -> Response:
        token = ask.request.cookies.get(f"{self._frame.cookie}-form", "")
        token = token or secrets.token_urlsafe(24)
        # The form of somebody who is not signed in proves itself by a cookie alone.
        ask.visit = None
        answer = ask.page(
            "sign-in.html.j2",
            status,
            token=token,
            sentence=sentence,
            wait=wait,
            next=local(ask.text("next") or ask.request.query_params.get("next", "/")),
        )
        self._frame.set_cookie(answer, f"{self._frame.cookie}-form", token)
        return answer

    async def sign_in(self, ask: PageAsk) -> Response:
        """Look at login and password."""
        login, password = ask.text("login")[:200], ask.form.get("password", "")
        entry = await ask.read(accounts.find, login)
        sender = ask.request.client.host if ask.request.client else ""
        try:
            account = await self._house.doorman.lets_in(
                entry, login, sender, password[:1000] if isinstance(password, str) else ""
            )
        except WaitFirstError as error:
            sentence = N_("Too many wrong passwords: wait {seconds} seconds before the next one.")
            answer = self._door(ask, 429, sentence, error.wait)
            answer.headers["Retry-After"] = str(error.wait)
            return answer
        if account is None:
            return self._door(ask, 401, N_("The login or the password is not right."))
        visit, token = await self._frame.begin(account)
        chosen = ask.request.query_params.get("lang", "")
        visit.language = chosen if chosen in ("fr", "en") else ""
        there = local(ask.text("next"))
        answer = RedirectResponse(there if visit.desk else f"/desk?next={there}", 303)
        self._frame.set_cookie(answer, self._frame.cookie, token)
        return answer

    async def sign_out(self, ask: PageAsk) -> Response:
        """End the visit."""
        self._frame.sessions.end(ask.request.cookies.get(self._frame.cookie, ""))
        answer = RedirectResponse("/", 303)
        self._frame.set_cookie(answer, self._frame.cookie, "")
        return answer

    async def desks(self, ask: PageAsk) -> Response:
        """The circulation desks of the account."""
        return ask.page("desk.html.j2", next=local(ask.request.query_params.get("next", "/")))

    async def choose_desk(self, ask: PageAsk) -> Response:
        """Work at a circulation desk from now on."""
        wanted, visit = ask.text("desk"), ask.signed
        if wanted not in visit.account.desks:
            raise ActError(N_("This account is not an operator at this circulation desk."))
        visit.desk = wanted
        visit.overridden.clear()
        return ask.back(local(ask.text("next")))

    async def password(self, ask: PageAsk) -> Response:
        """The form for another password."""
        return ask.page("password.html.j2", shortest=rulebook.SHORTEST_PASSWORD)

    async def change_password(self, ask: PageAsk) -> Response:
        """Give one's own account another password; whoever else is signed in with it is out."""
        visit, wanted = ask.signed, ask.form.get("new", "")
        entry = await ask.read(accounts.find, visit.account.login)
        sender = ask.request.client.host if ask.request.client else ""
        try:
            known = await self._house.doorman.lets_in(
                entry, visit.account.login, sender, str(ask.form.get("old", ""))[:1000]
            )
        except WaitFirstError as error:
            raise ActError(
                N_("Too many wrong passwords: wait {seconds} seconds before the next one."),
                seconds=error.wait,
            ) from None
        if known is None:
            raise ActError(N_("The password you have now is not right."))
        if not isinstance(wanted, str) or wanted != ask.form.get("again"):
            raise ActError(N_("The new password was not typed twice alike."))
        rulebook.check_password(wanted)
        await ask.read(accounts.set_password, visit.account.login, wanted[:1000])
        self._frame.sessions.end_others(
            lambda one: one.account.login == visit.account.login and one is not visit
        )
        self._house.uploaders.end_others(lambda one: one.login == visit.account.login)
        return ask.back("/", N_("The password has been changed."))


def _counts(connection: sqlite3.Connection) -> LibraryCounts:
    def count(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0])

    return LibraryCounts(
        items=count("SELECT count(*) FROM items"),
        patrons=count("SELECT count(*) FROM patrons"),
        on_loan=count("SELECT count(*) FROM loans WHERE returned_at IS NULL"),
        in_transit=count("SELECT count(*) FROM items WHERE place = 'in-transit'"),
    )


def _file(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    content = resources.path(name).read_bytes()

    async def endpoint(request: Request) -> Response:
        return Response(content, media_type=kind)

    return endpoint
