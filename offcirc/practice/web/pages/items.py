"""Exemplaires: an item found, its whereabouts, its history, its rules, and what is done with it."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from offcirc.i18n import N_
from offcirc.practice.acts import actor as acting
from offcirc.practice.acts import items
from offcirc.practice.acts.actor import Actor
from offcirc.practice.library.library import OPERATOR
from offcirc.practice.web.pages.frame import PageAsk, PageFrame

_DONE = {
    "lost": N_("The item is marked as lost."),
    "found": N_("The item is found again."),
    "claimed-returned": N_("Noted: the reader says that it came back."),
}


class ItemPages:
    """Items."""

    def __init__(self, frame: PageFrame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/items", self.index),
            route("/items", self.search, "POST"),
            route("/items/add", self.add, "POST", role=OPERATOR),
            route("/items/{ref}", self.item),
            route("/items/{ref}/rules", self.item),  # where a choice of language leads
            route("/items/{ref}/rules", self.rules, "POST"),
            route("/items/{ref}/note", self.note, "POST"),
            route("/items/{ref}/end-note", self.end_note, "POST"),
            route("/items/{ref}/mark", self.mark, "POST", role=OPERATOR),
            route("/items/{ref}/in-house", self.in_house, "POST"),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """The search, and the form for an item that is not in the catalogue."""
        return ask.page("items.html.j2", found=None)

    async def search(self, ask: PageAsk) -> Response:
        """One item is shown at once, several as a list."""
        ask.home = "/items"
        found = await ask.read(items.search, ask.text("what"))
        if len(found) == 1:
            return ask.back(f"/items/{found[0]['ref']}")
        return ask.page("items.html.j2", found=found)

    async def add(self, ask: PageAsk) -> Response:
        """Add an item by hand."""
        ask.home = "/items"
        ref = await ask.do(
            items.add,
            barcode=ask.text("barcode"),
            title=ask.text("title"),
            library=ask.text("library"),
            location=ask.text("location"),
            exception=ask.text("exception"),
        )
        return ask.back(f"/items/{ref}", N_("The item is added."))

    async def item(self, ask: PageAsk) -> Response:
        """An item with all that is known of it."""
        shown = await ask.do(_shown, ask.ref())
        return ask.page("item.html.j2", answer=None, patron=None, **shown)

    async def rules(self, ask: PageAsk) -> Response:
        """What the rules say of this item and a reader."""
        ask.home = f"/items/{ask.ref()}"
        _item, patron, answer = await ask.do(items.rules, ask.ref(), ask.text("who"))
        shown = await ask.do(_shown, ask.ref())
        return ask.page("item.html.j2", answer=answer, patron=patron, **shown)

    async def note(self, ask: PageAsk) -> Response:
        """A note on the item."""
        ask.home = f"/items/{ask.ref()}"
        item = await ask.read(acting.row_of, "items", ask.ref())
        await ask.do(
            acting.note,
            "item",
            item["barcode"],
            text=ask.text("text"),
            popup=bool(ask.text("popup")),
            public=bool(ask.text("public")),
        )
        return ask.back(ask.home, N_("The note is there."))

    async def end_note(self, ask: PageAsk) -> Response:
        """Take a note away."""
        ask.home = f"/items/{ask.ref()}"
        item = await ask.read(acting.row_of, "items", ask.ref())
        await ask.do(acting.end_note, "item", item["barcode"], ask.number("note"))
        return ask.back(ask.home, N_("The note is taken away."))

    async def mark(self, ask: PageAsk) -> Response:
        """Lost, found, claimed returned."""
        ask.home = f"/items/{ask.ref()}"
        await ask.do(items.mark, ask.ref(), ask.text("what"))
        return ask.back(ask.home, _DONE[ask.text("what")])

    async def in_house(self, ask: PageAsk) -> Response:
        """Used in the library."""
        ask.home = f"/items/{ask.ref()}"
        await ask.do(items.in_house_use, ask.ref())
        return ask.back(ask.home, N_("Counted as in-house use."))


def _shown(connection: sqlite3.Connection, actor: Actor, ref: str) -> dict[str, Any]:
    facts = items.facts(connection, ref)
    return {"facts": facts, "notes": acting.notes(connection, "item", facts.item["barcode"])}
