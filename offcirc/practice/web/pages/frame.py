"""What all pages stand in: sessions, forms that prove where they come from, roles, rendering."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import jinja2
from markupsafe import Markup
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from offcirc import __version__, i18n, resources
from offcirc.i18n import N_, _
from offcirc.practice import clock
from offcirc.practice.accounts import Sessions, SignedIn
from offcirc.practice.acts import queues
from offcirc.practice.acts.actor import Actor
from offcirc.practice.acts.filejobs import LARGEST_FILE
from offcirc.practice.errors import (
    ActError,
    LibraryDiskError,
    LibraryError,
    NotThereError,
    StateError,
    log_bug,
)
from offcirc.practice.library.library import LIMITED
from offcirc.practice.web.bodies import whole
from offcirc.practice.web.house import House
from offcirc.practice.web.pages import words

T = TypeVar("T")
P = ParamSpec("P")

FOLDER = "practice/page"
_LARGEST_FORM = LARGEST_FILE + 64 * 1024
_MOST_FIELDS = 2000


class TooLargeError(Exception):
    """More was sent than a page takes."""


@dataclass(slots=True)
class Visit:
    """Somebody who has signed in to the pages.

    Attributes:
        account: who.
        desk: code of the circulation desk that was chosen, or empty.
        csrf: what each form of this visit carries.
        begun: when, as the database keeps it.
        first_event: events after this one are of this visit.
        language: as chosen, or empty.
        said: what the next page says on top: a kind (``done``, ``wrong``) and a sentence.
        overridden: refs of readers whose blocks are overridden for this visit.
    """

    account: SignedIn
    desk: str
    csrf: str
    begun: str
    first_event: str
    language: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)
    overridden: set[str] = field(default_factory=set)


@dataclass(slots=True)
class PageAsk:
    """A request that is being answered.

    Attributes:
        request: as it came.
        frame: the frame of all pages.
        visit: whoever is signed in; ``None`` on the few pages that need nobody.
        form: what was sent with a POST.
        home: where somebody is led whose act cannot be done.
    """

    request: Request
    frame: PageFrame
    visit: Visit | None
    form: FormData = field(default_factory=FormData)
    home: str = "/"

    @property
    def signed(self) -> Visit:
        """Whoever is signed in, on a page that is closed to others."""
        assert self.visit is not None, "the route asks for somebody"
        return self.visit

    @property
    def language(self) -> str:
        """The language of the page."""
        chosen = self.request.query_params.get("lang") or (self.visit and self.visit.language)
        return language_of(chosen or None, self.request.headers.get("accept-language", ""))

    @property
    def actor(self) -> Actor:
        """Whoever is signed in, at work."""
        house, visit = self.frame.house, self.signed
        return Actor(
            visit.account.login,
            visit.account.name,
            visit.desk,
            house.now(),
            house.policy,
            house.circulation,
            _,
        )

    def ref(self, name: str = "ref") -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def text(self, name: str) -> str:
        """A field of the form, without blanks around it."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) and "\0" not in value else ""

    def texts(self, name: str) -> list[str]:
        """All fields of this name."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def numbers(self, name: str) -> list[int]:
        """All fields of this name, as numbers."""
        return [
            int(value)
            for value in self.texts(name)
            if value.isascii() and value.isdigit() and len(value) < 19
        ]

    def number(self, name: str) -> int:
        """A field that must be a number.

        Raises:
            ActError: it is none.
        """
        found = self.numbers(name)
        if not found:
            raise ActError(N_("A number is missing."))
        return found[0]

    def day(self, name: str) -> date | None:
        """A field that is a date, or empty.

        Raises:
            ActError: it is neither.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
            if not 1900 <= found.year <= 2999:
                raise ValueError
        except ValueError:
            raise ActError(N_("This is no date.")) from None
        return found

    def file(self, name: str) -> UploadFile | None:
        """A file that was chosen."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) else None

    async def do(
        self,
        act: Callable[Concatenate[sqlite3.Connection, Actor, P], T],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """Do an act; what it returns is on disk."""
        # Rules and clock are those of the moment at which it is done.
        return await self.frame.house.store.run(lambda db: act(db, self.actor, *args, **more))

    async def read(
        self,
        question: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """Ask the database something."""
        return await self.frame.house.store.run(lambda db: question(db, *args, **more))

    def back(self, path: str, sentence: str = "", /, **fields: object) -> Response:
        """Lead to a page that says what was done."""
        if sentence and self.visit is not None:
            text = _(sentence).format(**fields)
            self.visit.said.append(("done", text))
        return RedirectResponse(path, 303)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page."""
        return self.frame.rendered(self, template, status, **values)


Handler = Callable[[PageAsk], Awaitable[Response]]


class PageFrame:
    """Sessions, roles and templates of the pages of one practice library.

    Args:
        house: the library.
        drills: the menu has drills.
    """

    def __init__(self, house: House, *, drills: bool = False) -> None:
        self.house = house
        self._drills = drills
        self.sessions: Sessions[Visit] = Sessions()
        self.cookie = "__Host-offcirc" if house.tls else "offcirc-practice"
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(resources.path(FOLDER)),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def route(
        self,
        path: str,
        handler: Handler,
        method: str = "GET",
        *,
        role: str | None = LIMITED,
        desk: bool = True,
    ) -> Route:
        """An address.

        Args:
            path: as Starlette writes it.
            handler: answers it.
            method: ``GET`` or ``POST``.
            role: the least role that may; ``None``: whoever comes.
            desk: a circulation desk must have been chosen.
        """

        async def endpoint(request: Request) -> Response:
            ask = PageAsk(request, self, self.visit(request), home=request.url.path)
            with i18n.speaking(ask.language):
                try:
                    return await self._closed(ask, role, desk=desk) or await handler(ask)
                except (ActError, LibraryError, StateError) as error:
                    return self._refused(ask, error)
                except Exception as error:
                    return self._failed(ask, error)
                finally:
                    await ask.form.close()

        return Route(path, endpoint, methods=[method])

    def visit(self, request: Request) -> Visit | None:
        """Whoever is signed in."""
        visit = self.sessions.holder(request.cookies.get(self.cookie, ""))
        chosen = request.query_params.get("lang")
        if visit is not None and chosen in i18n.LANGUAGES:
            visit.language = chosen or ""
        return visit

    async def begin(self, account: SignedIn) -> tuple[Visit, str]:
        """A new visit and its token."""
        first = await self.house.store.run(queues.last_event)
        desk = account.desks[0] if len(account.desks) == 1 else ""
        visit = Visit(
            account,
            desk,
            secrets.token_urlsafe(24),
            clock.stored(self.house.now()),
            str(first),
        )
        return visit, self.sessions.start(visit)

    def set_cookie(self, response: Response, name: str, value: str) -> None:
        """A cookie no script reads and no other site sends."""
        response.set_cookie(
            name, value, path="/", secure=self.house.tls, httponly=True, samesite="strict"
        )

    async def _closed(self, ask: PageAsk, role: str | None, *, desk: bool) -> Response | None:
        """The answer to whoever may not have a page; ``None`` if the page is open to him."""
        visit, request = ask.visit, ask.request
        if role is not None:
            if visit is None:
                await whole(request, 0)
                path = request.url.path if request.method == "GET" else "/"
                return RedirectResponse(f"/sign-in?next={path}", 303)
            if not visit.account.may(role):
                await whole(request, 0)
                return ask.page("said.html.j2", 403, sentence=N_("Your role may not do this."))
            if desk and not visit.desk:
                await whole(request, 0)
                return RedirectResponse("/desk", 303)
        if request.method == "POST":
            ask.form = await form(request)
            wanted = visit.csrf if visit else request.cookies.get(f"{self.cookie}-form", "")
            if not wanted or not hmac.compare_digest(wanted.encode(), ask.text("csrf").encode()):
                return ask.page(
                    "said.html.j2",
                    403,
                    sentence=N_("This form is too old, or comes from elsewhere. Nothing was done."),
                )
        return None

    def _refused(self, ask: PageAsk, error: ActError | LibraryError | StateError) -> Response:
        sentence = (
            _(error.sentence).format(**error.fields) if isinstance(error, ActError) else str(error)
        )
        if ask.visit is None or ask.request.method == "GET":
            return ask.page("said.html.j2", 400, sentence=sentence)
        ask.visit.said.append(("wrong", sentence))
        return RedirectResponse(ask.home, 303)

    def _failed(self, ask: PageAsk, error: Exception) -> Response:
        if isinstance(error, NotThereError):
            return ask.page("said.html.j2", 404, sentence=N_("There is nothing here any more."))
        if isinstance(error, ClientDisconnect):
            return Response(status_code=400)  # nobody is there any more to read it
        if isinstance(error, TooLargeError):
            sentence = N_("This is too large: a file has at most 16 MB. Nothing was kept.")
            return ask.page("said.html.j2", 413, sentence=sentence)
        if isinstance(error, LibraryDiskError):
            sentence = N_("The server cannot write to its disk. Nothing of this was done.")
            return ask.page("said.html.j2", 503, sentence=sentence)
        log_bug(error)
        sentence = N_(
            "This page could not be shown. What has been recorded is safe; try again, and look into"
            " the log if it stays so."
        )
        return ask.page("said.html.j2", 500, sentence=sentence)

    def rendered(self, ask: PageAsk, template: str, status: int, **values: Any) -> Response:
        """A page in the language of whoever asks."""
        visit, language = ask.visit, ask.language
        said = words.Said(i18n.texts(language), language, self.house.policy.timezone)
        chosen = ask.request.query_params.get("lang")
        token = visit.csrf if visit else values.pop("token", "")
        hidden = Markup('<input type="hidden" name="csrf" value="{}">').format(token)
        messages, visit_said = [], visit.said if visit else []
        messages, visit_said[:] = list(visit_said), []
        desk = self.house.policy.desk_library(visit.desk) if visit and visit.desk else None
        text = self._templates.get_template(template).render(
            **said.names(),
            query=f"?lang={chosen}" if chosen in i18n.LANGUAGES and visit is None else "",
            visit=visit,
            desk=desk,
            policy=self.house.policy,
            csrf=hidden,
            said=messages,
            path=ask.request.url.path,
            now=self.house.now(),
            library=self.house.policy.name,
            version=__version__,
            has_drills=self._drills,
            address=f"{ask.request.url.scheme}://{ask.request.headers.get('host', '')}",
            **values,
        )
        return HTMLResponse(text, status)


async def form(request: Request) -> FormData:
    """The fields and files of a form.

    Raises:
        TooLargeError: it is too large.
        ActError: it is no form.
    """
    content = await whole(request, _LARGEST_FORM)
    if content is None:
        raise TooLargeError

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    try:
        return await Request(request.scope, receive).form(
            max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FORM
        )
    except Exception as error:
        if type(error).__module__.startswith(("starlette", "python_multipart")):
            raise ActError(N_("The form could not be read. Nothing was done.")) from None
        raise


def language_of(chosen: str | None, accepted: str) -> str:
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


def local(path: str) -> str:
    """A path of this server, whatever somebody has put in its place."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fine and "\\" not in path else "/"


def moment_of(ask: PageAsk, text: str) -> datetime | None:
    """A field of a form that is a moment of the library's wall clock, or empty.

    Raises:
        ActError: it is neither.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ActError(N_("This is no time.")) from None
    local_time, _minute = clock.wall_clock(found, ask.frame.house.policy.timezone)
    if local_time is None or local_time > ask.frame.house.now():
        raise ActError(N_("This time has not come yet."))
    return local_time
