"""The out-box: every letter, as it would be read; sent again, it stays here."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from offcirc.i18n import N_
from offcirc.practice.acts import actor as acting
from offcirc.practice.acts import letters
from offcirc.practice.library.library import OPERATOR
from offcirc.practice.web.pages.frame import PageAsk, PageFrame


class OutboxPages:
    """Letters."""

    def __init__(self, frame: PageFrame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/letters", self.index, role=OPERATOR),
            route("/letters/{ref}", self.letter, role=OPERATOR),
            route("/letters/{ref}/resend", self.resend, "POST", role=OPERATOR),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """The latest letters."""
        return ask.page("letters.html.j2", rows=await ask.read(letters.outbox))

    async def letter(self, ask: PageAsk) -> Response:
        """One letter."""
        return ask.page("letter.html.j2", row=await ask.read(acting.row_of, "letters", ask.ref()))

    async def resend(self, ask: PageAsk) -> Response:
        """Send it again."""
        ask.home = f"/letters/{ask.ref()}"
        await ask.read(acting.row_of, "letters", ask.ref())
        await ask.do(letters.resend, ask.ref())
        return ask.back(ask.home, N_("Sent again: it stays in this out-box."))
