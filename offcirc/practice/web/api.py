"""The JSON service: routes, who may do what, and how errors are answered.

No identifier of a reader is ever part of an address: look-ups are sent as bodies, so that none
of them ends up in the log of a proxy.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from offcirc import __version__
from offcirc.core.rules.policy import Policy
from offcirc.i18n import _
from offcirc.practice import accounts, jobs, lookups
from offcirc.practice.accounts import SignedIn, WaitFirstError
from offcirc.practice.acts import deeds, filejobs, registrations
from offcirc.practice.acts.actor import Actor
from offcirc.practice.circulation import CirculationLine
from offcirc.practice.errors import LibraryDiskError, log_bug
from offcirc.practice.web import bodies, openapi
from offcirc.practice.web.bodies import ApiError
from offcirc.practice.web.house import House

SERVICE = "offcirc-practice"
PREFIX = "/api/v1"
MOST_JOBS = 200
MOST_MESSAGES = 100_000

Handler = Callable[[Request], Awaitable[Response]]
Question = Callable[[sqlite3.Connection, list[str]], list[dict[str, Any]]]
"""What is known of each thing that was asked about."""
_log = logging.getLogger(__name__)


class Api:
    """The service over one practice library."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._store = house.store
        self._sessions = house.uploaders
        self._document = openapi.document(__version__)

    @property
    def _policy(self) -> Policy:
        return self._house.policy

    def routes(self) -> list[Route]:
        """Every address of the service."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self.health),
            ("GET", "/openapi.json", self.openapi),
            ("POST", "/session", self.sign_in),
            ("GET", "/desks", self.desks),
            ("POST", "/jobs", self.create_job),
            ("GET", "/jobs", self.list_jobs),
            ("GET", "/jobs/{id:int}", self.show_job),
            ("POST", "/jobs/{id:int}/transactions", self.record),
            ("POST", "/jobs/{id:int}/finish", self.finish_job),
            ("POST", "/dry-run", self.dry_run),
            ("POST", "/registrations", self.register),
            ("GET", "/export/policy", self.export_policy),
            ("GET", "/export/patrons/{start:int}", self.export_patrons),
            ("GET", "/export/items/{start:int}", self.export_items),
        ]
        table += [
            ("POST", f"/lookup/{what}", self._looking_up(asks, longest, tells, question))
            for what, asks, longest, tells, question in self._lookups()
        ]
        return [
            Route(PREFIX + path, guarded(handler), methods=[method])
            for method, path, handler in table
        ]

    def _lookups(self) -> list[tuple[str, str, int, str, Question]]:
        """Each with the field that asks, its longest value, the field that tells."""

        def keys(db: sqlite3.Connection, asked: list[str]) -> list[dict[str, Any]]:
            return lookups.keys(db, self._policy, asked)

        def items(db: sqlite3.Connection, asked: list[str]) -> list[dict[str, Any]]:
            return lookups.items(db, self._policy, asked)

        def patrons(db: sqlite3.Connection, asked: list[str]) -> list[dict[str, Any]]:
            return lookups.patrons(db, asked, self._now())

        def of_items(db: sqlite3.Connection, asked: list[str]) -> list[dict[str, Any]]:
            return deeds.of_items(db, asked, self._policy.timezone)

        def of_patrons(db: sqlite3.Connection, asked: list[str]) -> list[dict[str, Any]]:
            return deeds.of_patrons(db, asked, self._policy.timezone)

        return [
            ("keys", "keys", 200, "results", keys),
            ("items", "barcodes", 255, "items", items),
            ("patrons", "identifiers", 255, "patrons", patrons),
            ("items/deeds", "barcodes", 255, "deeds", of_items),
            ("patrons/deeds", "identifiers", 255, "deeds", of_patrons),
        ]

    async def health(self, request: Request) -> Response:
        """Who answers here; the only address that needs no sign-in beside the document."""
        return JSONResponse(
            {
                "service": SERVICE,
                "version": __version__,
                "library": self._policy.name,
                "identity": self._house.identity,
                "timezone": self._policy.timezone.key,
                "time": self._now().isoformat(timespec="seconds"),
            }
        )

    async def openapi(self, request: Request) -> Response:
        """The description of the service."""
        return JSONResponse(self._document)

    async def sign_in(self, request: Request) -> Response:
        """A token for a login and password."""
        source = await bodies.body(request)
        login = bodies.text(source, "login", 200)
        password = bodies.text(source, "password", 1000, empty=True)
        entry = await self._store.run(lambda connection: accounts.find(connection, login))
        sender = request.client.host if request.client else ""
        try:
            account = await self._house.doorman.lets_in(entry, login, sender, password)
        except WaitFirstError as error:
            raise ApiError(
                429,
                "too-many-passwords",
                "Too many wrong passwords; wait a moment before the next one.",
                {"Retry-After": str(error.wait)},
            ) from None
        if account is None:
            raise ApiError(401, "bad-credentials", "The login or the password is not right.")
        if not account.may_upload:
            raise ApiError(
                403,
                "limited-role",
                "This account has the role Circulation Desk Operator - Limited, which may not "
                "upload; ask a Circulation Desk Operator.",
            )
        return JSONResponse(
            {
                "token": self._sessions.start(account),
                "login": account.login,
                "name": account.name,
                "role": account.role,
                "desks": list(account.desks),
            }
        )

    async def desks(self, request: Request) -> Response:
        """Every circulation desk."""
        self._account(request)
        return JSONResponse(
            {
                "desks": [
                    {"code": library.circ_desk, "name": library.name, "library": library.code}
                    for library in self._policy.libraries.values()
                ]
            }
        )

    async def create_job(self, request: Request) -> Response:
        """Begin an upload."""
        account = self._account(request)
        source = await bodies.body(request)
        desk = self._desk(account, bodies.text(source, "desk", 100))
        name = bodies.optional_text(source, "name", 200)
        files: list[str] = []
        if source.get("files") is not None:
            files = bodies.texts(source, "files", 1000, 255, least=0)
        now = self._now()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            number = jobs.create(connection, account, desk, name=name, files=files, now=now)
            return self._found(connection, number).as_json(now)

        return JSONResponse(await self._store.run(work), status_code=201)

    async def list_jobs(self, request: Request) -> Response:
        """The latest uploads, newest first."""
        self._account(request)
        now, zone = self._now(), self._policy.timezone
        found = await self._store.run(lambda connection: jobs.newest(connection, zone, MOST_JOBS))
        return JSONResponse({"jobs": [job.as_json(now) for job in found]})

    async def show_job(self, request: Request) -> Response:
        """An upload and its refused lines."""
        self._account(request)
        number, now = _job_number(request), self._now()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            answer = self._found(connection, number).as_json(now)
            messages = jobs.messages(connection, number, MOST_MESSAGES)
            return {**answer, "messages": [message.as_json() for message in messages]}

        return JSONResponse(await self._store.run(work))

    async def record(self, request: Request) -> Response:
        """Record transactions, in their order; answered once they are on disk."""
        account = self._account(request)
        number = _job_number(request)
        lines = self._house.lines.read(await bodies.body(request))
        self._check_desks(account, lines)
        now = self._now()

        def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
            desk, status = self._job_desk(connection, account, number)
            if status != jobs.RUNNING:
                raise ApiError(409, "job-finished", "This job is finished; begin another one.")
            answers = self._house.recorder.record(connection, lines, job=number, desk=desk, now=now)
            return [answer.as_json() for answer in answers]

        return JSONResponse({"results": await self._store.run(work)})

    async def finish_job(self, request: Request) -> Response:
        """End an upload; ending it again changes nothing."""
        account = self._account(request)
        number, now = _job_number(request), self._now()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            self._job_desk(connection, account, number)
            jobs.finish(connection, number, now)
            return self._found(connection, number).as_json(now)

        return JSONResponse(await self._store.run(work))

    async def dry_run(self, request: Request) -> Response:
        """What would be answered to these transactions; nothing is kept."""
        account = self._account(request)
        source = await bodies.body(request)
        desk = self._desk(account, bodies.text(source, "desk", 100))
        lines = self._house.lines.read(source)
        self._check_desks(account, lines)
        now = self._now()

        def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
            answers = self._house.recorder.record(connection, lines, job=0, desk=desk, now=now)
            return [answer.as_json() for answer in answers]

        return JSONResponse({"results": await self._store.run(work, keep=False)})

    def _looking_up(self, asks: str, longest: int, tells: str, question: Question) -> Handler:
        async def look_up(request: Request) -> Response:
            self._account(request)
            wanted = bodies.texts(await bodies.body(request), asks, bodies.MOST_LOOKUPS, longest)
            return JSONResponse({tells: await self._store.run(lambda db: question(db, wanted))})

        return look_up

    async def register(self, request: Request) -> Response:
        """Take in what desks wrote down of new readers; tell what has been decided of each."""
        account = self._account(request)
        sent = self._house.lines.registrations(await bodies.body(request))
        house = self._house
        actor = Actor(
            *(account.login, account.name, "", house.now(), house.policy, house.circulation, _)
        )
        return JSONResponse(
            {
                "registrations": await self._store.run(
                    lambda db: [registrations.take_in(db, actor, *each) for each in sent]
                )
            }
        )

    async def export_policy(self, request: Request) -> Response:
        """The library's rules as a policy.toml, and its time."""
        self._account(request)
        text = await self._store.run(lookups.policy_text)
        return JSONResponse({"policy": text, "time": self._now().isoformat(timespec="seconds")})

    async def export_patrons(self, request: Request) -> Response:
        """All readers, some at a time; rows are counted, so no address names anybody."""
        return await self._export(request, "patrons")

    async def export_items(self, request: Request) -> Response:
        """All items, some at a time."""
        return await self._export(request, "items")

    async def _export(self, request: Request, what: str) -> Response:
        self._account(request)
        start = min(request.path_params["start"], jobs.LARGEST_ID)
        policy, now = self._policy, self._now()
        rows, more = await self._store.run(
            lambda db: lookups.exported(db, policy, what, start, now)
        )
        return JSONResponse({what: rows, "next": more})

    def _now(self) -> datetime:
        return self._house.now()

    def _account(self, request: Request) -> SignedIn:
        """Who asks.

        Raises:
            ApiError: nobody is signed in, or no longer.
        """
        kind, _space, token = request.headers.get("authorization", "").partition(" ")
        challenge = {"WWW-Authenticate": "Bearer"}
        if kind.lower() != "bearer" or not token:
            raise ApiError(401, "not-signed-in", "Sign in first.", challenge)
        account = self._sessions.holder(token.strip())
        if account is None:
            raise ApiError(401, "session-expired", "The session has expired; sign in.", challenge)
        return account

    def _desk(self, account: SignedIn, desk: str) -> str:
        if self._policy.desk_library(desk) is None:
            raise ApiError(404, "unknown-desk", "There is no circulation desk with this code.")
        if desk not in account.desks:
            raise ApiError(
                403, "desk-not-allowed", "This account is not an operator at this circulation desk."
            )
        return desk

    def _check_desks(self, account: SignedIn, lines: Sequence[CirculationLine]) -> None:
        """That the account may upload at every desk its lines name."""
        for desk in {line.desk for line in lines if line.desk}:
            self._desk(account, desk)

    def _job_desk(
        self, connection: sqlite3.Connection, account: SignedIn, number: int
    ) -> tuple[str, str]:
        """Circulation desk and status of a job this account may add to."""
        job = connection.execute("SELECT desk, status FROM jobs WHERE id = ?", (number,)).fetchone()
        if job is None:
            raise _no_job()
        if filejobs.is_one(connection, number):
            raise ApiError(409, "job-of-a-file", "This job has its own file and takes no more.")
        return self._desk(account, job["desk"]), job["status"]

    def _found(self, connection: sqlite3.Connection, number: int) -> jobs.Job:
        job = jobs.find(connection, number, self._policy.timezone)
        if job is None:
            raise _no_job()
        return job


def guarded(handler: Handler) -> Handler:
    """The handler with its errors answered as JSON; a mistake of ours is logged without data."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except ApiError as error:
            return failure(error.status, error.code, error.sentence, error.headers)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there any more to read it
        except LibraryDiskError as error:
            _log.error("the disk refused: %s", error)
            return failure(
                503,
                "storage",
                "The server cannot write to its disk; nothing of this request has been recorded.",
                {"Retry-After": "5"},
            )
        except Exception as error:
            log_bug(error)
            return failure(500, "internal-error", "The server made a mistake; it has been logged.")

    return endpoint


def failure(
    status: int, code: str, sentence: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An error as the service answers it."""
    return JSONResponse({"error": {"code": code, "message": sentence}}, status, headers)


def _job_number(request: Request) -> int:
    number: int = request.path_params["id"]
    if number > jobs.LARGEST_ID:
        raise _no_job()
    return number


def _no_job() -> ApiError:
    return ApiError(404, "unknown-job", "There is no job with this Process ID.")
