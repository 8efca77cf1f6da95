"""The library as a whole: taken away, brought in, kept as it is, put back."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from offcirc.i18n import N_
from offcirc.practice import accounts, jobs, keeping, state
from offcirc.practice.acts import filejobs, queues, rulebook
from offcirc.practice.errors import ActError
from offcirc.practice.library import policy
from offcirc.practice.library.library import MANAGER
from offcirc.practice.web.pages.frame import PageAsk, PageFrame

_REFUSED_NOW = N_("Job {job} is being worked through: wait until it has ended.")


class LibraryPages:
    """What a manager may do with the whole library.

    Args:
        frame: what pages stand in.
        wake: tells the worker that there may be files.
    """

    def __init__(self, frame: PageFrame, wake: Callable[[], None]) -> None:
        self._frame = frame
        self._house = frame.house
        self._wake = wake

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/library", self.index, role=MANAGER, desk=False),
            route("/library/library.zip", self.export, role=MANAGER, desk=False),
            route("/library/snapshot", self.snapshot, "POST", role=MANAGER, desk=False),
            route("/library/restore", self.restore, "POST", role=MANAGER, desk=False),
            route("/library/import", self.bring_in, "POST", role=MANAGER, desk=False),
            route("/library/reset", self.reset, "POST", role=MANAGER, desk=False),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """What can be done, and whether it can be done now."""
        working, begun = await ask.read(_under_way)
        names = keeping.names(self._house.data_dir)
        return ask.page("library.html.j2", names=names, working=working, begun=begun)

    async def export(self, ask: PageAsk) -> Response:
        """The library as a ZIP file of its folder."""
        house = self._house
        content = await ask.read(keeping.pack, house.data_dir, house.policy.timezone)
        name = f"library-{house.now():%Y%m%d-%H%M}.zip"
        disposition = f'attachment; filename="{name}"'
        return Response(
            content, media_type="application/zip", headers={"Content-Disposition": disposition}
        )

    async def snapshot(self, ask: PageAsk) -> Response:
        """Keep the library as it is."""
        ask.home = "/library"
        name, folder = ask.text("name"), self._house.data_dir

        def work(connection: sqlite3.Connection) -> None:
            _refuse_while_working(connection)
            keeping.snapshot(connection, folder, name)

        await self._house.store.run(work, alone=True)
        return ask.back("/library", N_("Kept as “{name}”."), name=name)

    async def restore(self, ask: PageAsk) -> Response:
        """Go back to a snapshot."""
        name = ask.text("name")
        coming = partial(keeping.snapshot_of, self._house.data_dir, name)
        return await self._put(ask, coming, N_("The library is as it was in “{name}”."), name=name)

    async def bring_in(self, ask: PageAsk) -> Response:
        """Another library in the place of this one."""
        ask.home = "/library"
        chosen = ask.file("file")
        if chosen is None or not chosen.filename:
            raise ActError(N_("Choose a file first."))
        coming = partial(keeping.packed, self._house.data_dir, await chosen.read())
        return await self._put(ask, coming, N_("The library has been brought in."))

    async def reset(self, ask: PageAsk) -> Response:
        """Begin again."""
        coming = partial(keeping.first_day, self._house.data_dir, self._house.source)
        return await self._put(ask, coming, N_("The library begins again with its first day."))

    async def _put(
        self,
        ask: PageAsk,
        coming: Callable[[], AbstractContextManager[Path]],
        sentence: str,
        **fields: object,
    ) -> Response:
        ask.home = "/library"
        if not ask.text("sure"):
            raise ActError(N_("Tick that you are sure: what is here now is lost otherwise."))
        with contextlib.ExitStack() as stack:
            # Made beside the library while others work; put in its place in one step.
            draft = await asyncio.to_thread(lambda: stack.enter_context(coming()))
            await self._house.store.run(lambda db: self._replace(db, draft), alone=True)
        self._wake()
        visit = ask.signed
        self._house.uploaders.end_others(lambda _one: True)
        self._frame.sessions.end_others(lambda one: one is not visit)
        entry = await ask.read(accounts.find, visit.account.login)
        if entry is None or not entry.account.may(MANAGER):
            self._frame.sessions.end_others(lambda _one: True)
            return RedirectResponse("/sign-in", 303)
        visit.account = entry.account
        visit.desk = visit.desk if visit.desk in entry.account.desks else ""
        visit.first_event = str(await ask.read(queues.last_event))
        visit.overridden.clear()
        return ask.back("/library", sentence, **fields)

    def _replace(self, connection: sqlite3.Connection, draft: Path) -> None:
        _refuse_while_working(connection)
        if self._house.exposed and state.known_passwords(draft):
            raise ActError(
                N_(
                    "That library has the passwords of the sample, which everybody can know: not"
                    " while the network reaches this server."
                )
            )
        keeping.put(connection, draft)
        self._house.identity = state.identity(connection)
        self._house.adopt(policy.parse(rulebook.text(connection)))


def _refuse_while_working(connection: sqlite3.Connection) -> None:
    for job in filejobs.due(connection):
        raise ActError(_REFUSED_NOW, job=job)


def _under_way(connection: sqlite3.Connection) -> tuple[list[int], list[tuple[int, str]]]:
    """Files that are worked through, and jobs that an uploader has begun and not ended."""
    working = filejobs.due(connection)
    rows = connection.execute(
        "SELECT id, who FROM jobs WHERE status = ? AND id NOT IN (SELECT job FROM uploads) "
        "ORDER BY id DESC LIMIT 20",
        (jobs.RUNNING,),
    ).fetchall()
    return working, [(row["id"], row["who"]) for row in rows]
