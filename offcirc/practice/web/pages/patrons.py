"""Services au lecteur: a reader found, and all that is done for one at the desk."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from offcirc import words as core_words
from offcirc.i18n import N_, _
from offcirc.practice import lookups
from offcirc.practice.acts import actor as acting
from offcirc.practice.acts import items, letters, loans, patrons, queues
from offcirc.practice.acts.actor import Actor
from offcirc.practice.errors import ActError, NotThereError
from offcirc.practice.library.library import OPERATOR
from offcirc.practice.web.pages.frame import PageAsk, PageFrame

TABS = ("loans", "returns", "requests", "notes", "blocks", "record")


class PatronPages:
    """Readers. Addresses name them by their ref; what is searched for is never in one."""

    def __init__(self, frame: PageFrame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/readers", self.index),
            route("/readers", self.search, "POST"),
            route("/readers/{ref}", self.patron),
            route("/readers/{ref}/lend", self.lend, "POST"),
            route("/readers/{ref}/renew", self.renew, "POST"),
            route("/readers/{ref}/due", self.change_due, "POST", role=OPERATOR),
            route("/readers/{ref}/delete-loans", self.delete_loans, "POST", role=OPERATOR),
            route("/readers/{ref}/request", self.request, "POST"),
            route("/readers/{ref}/cancel", self.cancel, "POST"),
            route("/readers/{ref}/note", self.note, "POST"),
            route("/readers/{ref}/end-note", self.end_note, "POST"),
            route("/readers/{ref}/block", self.block, "POST", role=OPERATOR),
            route("/readers/{ref}/lift", self.lift, "POST", role=OPERATOR),
            route("/readers/{ref}/override", self.override, "POST", role=OPERATOR),
            route("/readers/{ref}/contact", self.contact, "POST", role=OPERATOR),
            route("/readers/{ref}/identity", self.identity, "POST", role=OPERATOR),
            route("/readers/{ref}/letter", self.letter, "POST"),
            route("/readers/{ref}/{tab}", self.patron),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """The search, and the last five."""
        return ask.page("readers.html.j2", found=None, recent=await ask.do(patrons.recent))

    async def search(self, ask: PageAsk) -> Response:
        """One reader is shown at once, several as a list."""
        ask.home = "/readers"
        found = await ask.read(patrons.search, ask.text("who"))
        if len(found) == 1:
            return ask.back(f"/readers/{found[0]['ref']}")
        return ask.page("readers.html.j2", found=found, recent=await ask.do(patrons.recent))

    async def patron(self, ask: PageAsk) -> Response:
        """A reader, one tab open."""
        tab = ask.request.path_params.get("tab", "loans")
        if tab not in TABS:
            raise NotThereError
        query = ask.request.query_params
        visit = ask.signed
        mine = (visit.account.login, visit.begun) if query.get("show") == "session" else ("", "")
        shown = await ask.do(_shown, ask.ref(), query.get("sort", "due"), mine)
        return ask.page(
            "reader.html.j2",
            tab=tab,
            tabs=TABS,
            show=query.get("show", "all"),
            sort=query.get("sort", "due"),
            overridden=ask.ref() in visit.overridden,
            kinds=patrons.BLOCK_KINDS,
            **shown,
        )

    def _at(self, ask: PageAsk, tab: str) -> str:
        """The page to go back to: of the same reader."""
        ask.home = f"/readers/{ask.ref()}/{tab}"
        return ask.home

    async def lend(self, ask: PageAsk) -> Response:
        """Lend an item now."""
        home = self._at(ask, "loans")
        overridden = ask.ref() in ask.signed.overridden
        due = await ask.do(loans.lend, ask.ref(), ask.text("item"), overridden=overridden)
        return ask.back(home, N_("Lent; due on {day}."), day=core_words.when(due))

    async def renew(self, ask: PageAsk) -> Response:
        """Renew the chosen loans."""
        home = self._at(ask, "loans")
        results = await ask.do(loans.renew, ask.ref(), ask.numbers("loan"))
        fixed = [title for title, due in results if due is None]
        if fixed:
            text = _("Not renewable: {titles}")
            ask.signed.said.append(("wrong", text.format(titles=" · ".join(fixed))))
        moved = len(results) - len(fixed)
        return ask.back(home, N_("Renewed: {count}.") if moved else "", count=moved)

    async def change_due(self, ask: PageAsk) -> Response:
        """Another due date for the chosen loans."""
        home = self._at(ask, "loans")
        day = ask.day("day")
        if day is None:
            raise ActError(N_("This is no date."))
        count = await ask.do(loans.change_due, ask.ref(), ask.numbers("loan"), day)
        return ask.back(home, N_("Due date changed: {count}."), count=count)

    async def delete_loans(self, ask: PageAsk) -> Response:
        """Take back loans that were a mistake."""
        home = self._at(ask, "loans")
        count = await ask.do(loans.delete, ask.ref(), ask.numbers("loan"))
        return ask.back(home, N_("Loans deleted: {count}."), count=count)

    async def request(self, ask: PageAsk) -> Response:
        """Put the reader into the queue for an item."""
        home = self._at(ask, "requests")
        await ask.do(items.request, ask.ref(), ask.text("item"), ask.text("pickup"))
        return ask.back(home, N_("The request is noted."))

    async def cancel(self, ask: PageAsk) -> Response:
        """Cancel a request, with the reason."""
        home = self._at(ask, "requests")
        await ask.do(queues.cancel, ask.number("request"), ask.text("reason"))
        return ask.back(
            home, N_("The request is cancelled; the reader’s letter is in the out-box.")
        )

    async def note(self, ask: PageAsk) -> Response:
        """A note on the reader."""
        home = self._at(ask, "notes")
        patron = await ask.read(acting.row_of, "patrons", ask.ref())
        await ask.do(
            acting.note,
            "patron",
            patron["primary_id"],
            text=ask.text("text"),
            popup=bool(ask.text("popup")),
            public=bool(ask.text("public")),
        )
        return ask.back(home, N_("The note is there."))

    async def end_note(self, ask: PageAsk) -> Response:
        """Take a note away."""
        home = self._at(ask, "notes")
        patron = await ask.read(acting.row_of, "patrons", ask.ref())
        await ask.do(acting.end_note, "patron", patron["primary_id"], ask.number("note"))
        return ask.back(home, N_("The note is taken away."))

    async def block(self, ask: PageAsk) -> Response:
        """Block the reader."""
        home = self._at(ask, "blocks")
        await ask.do(
            patrons.block,
            ask.ref(),
            kind=ask.text("kind"),
            until=ask.day("until"),
            text=ask.text("text"),
        )
        return ask.back(home, N_("The reader is blocked."))

    async def lift(self, ask: PageAsk) -> Response:
        """Lift a block."""
        home = self._at(ask, "blocks")
        await ask.do(patrons.lift, ask.ref(), ask.text("source"))
        return ask.back(home, N_("The block is lifted."))

    async def override(self, ask: PageAsk) -> Response:
        """Lend in spite of the blocks, until the visit ends."""
        home = self._at(ask, "blocks")
        await ask.do(patrons.may_override, ask.ref())
        ask.signed.overridden.add(ask.ref())
        return ask.back(home, N_("The blocks are overridden until you sign out."))

    async def contact(self, ask: PageAsk) -> Response:
        """Change how the reader is reached."""
        home = self._at(ask, "record")
        external = bool(ask.text("external"))
        await ask.read(
            patrons.contact,
            ask.ref(),
            email=ask.text("email"),
            phone=ask.text("phone"),
            address=ask.text("address"),
            as_external=external,
        )
        if external:
            return ask.back(home, N_("Kept as external: the next nightly import overwrites it."))
        return ask.back(home, N_("The contact details are kept."))

    async def identity(self, ask: PageAsk) -> Response:
        """Change name, group and expiry."""
        home = self._at(ask, "record")
        await ask.read(
            patrons.identity,
            ask.ref(),
            name=ask.text("name"),
            group=ask.text("group"),
            expires_on=ask.text("expires_on"),
        )
        return ask.back(home, N_("The account is changed."))

    async def letter(self, ask: PageAsk) -> Response:
        """A letter into the out-box."""
        home = self._at(ask, "record")
        patron = await ask.read(acting.row_of, "patrons", ask.ref())
        await ask.do(letters.ask, ask.text("kind"), patron)
        return ask.back(home, N_("The letter is in the out-box."))


def _shown(
    connection: sqlite3.Connection, actor: Actor, ref: str, sort: str, mine: tuple[str, str]
) -> dict[str, Any]:
    patron = patrons.opened(connection, actor, ref)
    primary = patron["primary_id"]
    return {
        "patron": patron,
        "expires": patrons.expires(actor, patron),
        "loans": loans.listed(connection, primary, sort, mine),
        "returns": loans.returned(connection, primary),
        "requests": queues.of_patron(connection, primary),
        "notes": acting.notes(connection, "patron", primary),
        "blocks": patrons.blocks(connection, actor, patron),
        "letters": letters.outbox(connection, primary),
        "groups": lookups.distinct(connection, "patrons", "group"),
        "stamp": actor.stamp,
    }
