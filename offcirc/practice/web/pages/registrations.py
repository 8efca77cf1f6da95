"""Inscriptions à valider: the list, one registration, what is decided of it."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from offcirc.i18n import N_
from offcirc.practice import lookups
from offcirc.practice.acts import actor as acting
from offcirc.practice.acts import registrations
from offcirc.practice.library.library import OPERATOR
from offcirc.practice.web.pages.frame import PageAsk, PageFrame


class RegistrationPages:
    """Registrations."""

    def __init__(self, frame: PageFrame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/registrations", self.index, role=OPERATOR),
            route("/registrations", self.search, "POST", role=OPERATOR),
            route("/registrations/new", self.ask, "POST"),
            route("/registrations/{ref}", self.one, role=OPERATOR),
            route("/registrations/{ref}/change", self.change, "POST", role=OPERATOR),
            route("/registrations/{ref}/decide", self.decide, "POST", role=OPERATOR),
            route("/registrations/{ref}/resource", self.resource, "POST", role=OPERATOR),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """All of them, or those of one status."""
        return await self._list(ask, ask.request.query_params.get("status", ""), "")

    async def search(self, ask: PageAsk) -> Response:
        """Those that have a word in name or card."""
        return await self._list(ask, ask.text("status"), ask.text("who"))

    async def _list(self, ask: PageAsk, status: str, text: str) -> Response:
        status = status if status in registrations.STATUSES else ""
        return ask.page(
            "registrations.html.j2",
            rows=await ask.read(registrations.listed, status, text),
            counts=await ask.read(registrations.counts),
            groups=await ask.read(lookups.distinct, "patrons", "group"),
            wanted=status,
            text=text,
        )

    async def ask(self, ask: PageAsk) -> Response:
        """A new registration."""
        ask.home = "/registrations"
        ref = await ask.do(
            registrations.ask,
            name=ask.text("name"),
            card=ask.text("card"),
            email=ask.text("email"),
            group=ask.text("group"),
            wanted=ask.text("wanted").split("\n"),
        )
        may = ask.signed.account.may(OPERATOR)
        return ask.back(
            f"/registrations/{ref}" if may else "/", N_("The registration waits to be validated.")
        )

    async def one(self, ask: PageAsk) -> Response:
        """A registration: Informations, Statut, Ressources."""
        return ask.page("registration.html.j2", **await ask.read(_shown, ask.ref()))

    async def change(self, ask: PageAsk) -> Response:
        """Put its particulars right."""
        ask.home = f"/registrations/{ask.ref()}"
        await ask.read(
            registrations.change,
            ask.ref(),
            name=ask.text("name"),
            card=ask.text("card"),
            email=ask.text("email"),
            group=ask.text("group"),
        )
        return ask.back(ask.home, N_("The registration is changed."))

    async def decide(self, ask: PageAsk) -> Response:
        """Validate or refuse it."""
        ask.home = f"/registrations/{ask.ref()}"
        await ask.do(registrations.decide, ask.ref(), ask.text("status"))
        return ask.back(ask.home, N_("Kept; the letter is in the out-box."))

    async def resource(self, ask: PageAsk) -> Response:
        """Validate, refuse or delete one thing that is asked for."""
        ask.home = f"/registrations/{ask.ref()}"
        await ask.do(
            registrations.decide_resource, ask.ref(), ask.number("resource"), ask.text("status")
        )
        return ask.back(ask.home, N_("Kept."))


def _shown(connection: sqlite3.Connection, ref: str) -> dict[str, Any]:
    row = acting.row_of(connection, "registrations", ref)
    patron = connection.execute(
        "SELECT ref FROM patrons WHERE barcode = ?", (row["card"],)
    ).fetchone()
    return {
        "row": row,
        "resources": registrations.resources(connection, row),
        "groups": lookups.distinct(connection, "patrons", "group"),
        "patron": patron["ref"] if patron and row["synced_at"] else None,
    }
