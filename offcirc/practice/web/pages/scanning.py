"""Retours en masse, Scanner les exemplaires, the hold shelf and the pick list."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from offcirc.i18n import N_, _
from offcirc.practice.acts import queues
from offcirc.practice.acts.queues import NextStep
from offcirc.practice.circulation import ItemPlace
from offcirc.practice.web.pages.frame import PageAsk, PageFrame, moment_of

_RETURNS = ("return", "in-house-use")
_SCANS = (queues.SCANNED_IN, queues.SENT_ON)


class ScanningPages:
    """What passes over the desk, one barcode after the other."""

    def __init__(self, frame: PageFrame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/returns", self.returns),
            route("/returns", self.take_back, "POST"),
            route("/scan", self.scans),
            route("/scan", self.scan, "POST"),
            route("/shelf", self.shelf),
            route("/shelf/expire", self.expire, "POST"),
            route("/shelf/cancel", self.cancel, "POST"),
        ]

    async def returns(self, ask: PageAsk) -> Response:
        """The field for barcodes, and the list of this session."""
        rows = await ask.do(queues.session, _RETURNS, ask.signed.first_event)
        closing = await ask.do(lambda _db, actor: queues.last_closing(actor))
        drop = ask.request.query_params.get("drop") == "1"
        return ask.page("returns.html.j2", rows=rows, closing=closing, drop=drop)

    async def take_back(self, ask: PageAsk) -> Response:
        """Take one item back, now or when it lay in the book drop."""
        ask.home = "/returns?drop=1" if ask.text("at") else "/returns"
        at = moment_of(ask, ask.text("at"))
        step = await ask.do(queues.returned, ask.text("item"), at)
        self._say(ask, step)
        return ask.back(ask.home)

    async def scans(self, ask: PageAsk) -> Response:
        """The field for barcodes of items that are not on loan."""
        rows = await ask.do(queues.session, _SCANS, ask.signed.first_event)
        return ask.page("scan.html.j2", rows=rows)

    async def scan(self, ask: PageAsk) -> Response:
        """One item has arrived, or is sent on."""
        self._say(ask, await ask.do(queues.arrived, ask.text("item")))
        return ask.back("/scan")

    async def shelf(self, ask: PageAsk) -> Response:
        """What waits on the hold shelf, and what is to be fetched for it."""
        return ask.page(
            "shelf.html.j2",
            shelf=await ask.do(queues.shelf),
            picks=await ask.do(queues.picks),
            today=ask.frame.house.now().date().isoformat(),
        )

    async def expire(self, ask: PageAsk) -> Response:
        """End the requests whose items were not fetched in time."""
        ask.home = "/shelf"
        count = await ask.do(queues.expire, ask.frame.house.now().date())
        return ask.back("/shelf", N_("Requests expired: {count}."), count=count)

    async def cancel(self, ask: PageAsk) -> Response:
        """Cancel one request."""
        ask.home = "/shelf"
        await ask.do(queues.cancel, ask.number("request"), ask.text("reason"))
        return ask.back(
            "/shelf", N_("The request is cancelled; the reader’s letter is in the out-box.")
        )

    def _say(self, ask: PageAsk, step: NextStep) -> None:
        texts = {
            ItemPlace.AVAILABLE: N_("{title}: put it back on its shelf."),
            ItemPlace.IN_TRANSIT: N_("{title}: send it to {library}."),
            ItemPlace.HOLD_SHELF_PROCESSING: N_(
                "{title}: for {reader}; scan it again, then shelf."
            ),
            ItemPlace.HOLD_SHELF: N_("{title}: on the hold shelf, for {reader}."),
        }
        sentence = _(texts[ItemPlace(step.place)]).format(
            title=step.title, library=step.library, reader=step.patron
        )
        if step.late:
            sentence = " ".join((sentence, _("It came back late.")))
        ask.signed.said.append(("done", sentence))
