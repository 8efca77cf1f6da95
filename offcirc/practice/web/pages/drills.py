"""Drills: which there are, begin one, its papers, its score."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.routing import Route

from offcirc.i18n import N_
from offcirc.practice.errors import NotThereError
from offcirc.practice.library.library import MANAGER
from offcirc.practice.web.drilldoor import DrillDoor
from offcirc.practice.web.pages.frame import PageAsk, PageFrame


class DrillPages:
    """What a trainer sees.

    Args:
        frame: what pages stand in.
        door: the drills; ``None``: this server knows of none.
    """

    def __init__(self, frame: PageFrame, door: DrillDoor | None) -> None:
        self._frame = frame
        self._known = door

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/drills", self.index, role=MANAGER, desk=False),
            route("/drills", self.start, "POST", role=MANAGER, desk=False),
            route("/drills/{ref}", self.one, role=MANAGER, desk=False),
            route("/drills/{ref}/{tab}.pdf", self.paper, role=MANAGER, desk=False),
        ]

    @property
    def _door(self) -> DrillDoor:
        if self._known is None:
            raise NotThereError
        return self._known

    async def index(self, ask: PageAsk) -> Response:
        """The drills there are, and those that were begun."""
        return ask.page(
            "drills.html.j2",
            kinds=self._door.kinds(),
            begun=await asyncio.to_thread(self._door.begun),
        )

    async def start(self, ask: PageAsk) -> Response:
        """Make the folder of a drill."""
        ask.home = "/drills"
        key = await asyncio.to_thread(self._door.start, ask.text("name"), ask.number("seed"))
        return ask.back(f"/drills/{key}", N_("The drill is ready: print its papers."))

    async def one(self, ask: PageAsk) -> Response:
        """A drill that was begun: what to type, its papers, its score."""
        found = {each.key: each for each in await asyncio.to_thread(self._door.begun)}
        score = await asyncio.to_thread(self._door.score, ask.ref())
        if score is None or ask.ref() not in found:
            raise NotThereError
        return ask.page("drill.html.j2", drill=found[ask.ref()], score=score)

    async def paper(self, ask: PageAsk) -> Response:
        """The script or the cards, in the language of whoever prints them."""
        name = ask.ref("tab")
        content = await asyncio.to_thread(self._door.paper, ask.ref(), name)
        if content is None:
            raise NotThereError
        disposition = f'inline; filename="{name}.pdf"'
        return Response(
            content,
            media_type="application/pdf",
            headers={"Content-Disposition": disposition},
        )
