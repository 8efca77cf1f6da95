"""Evergreen's log of pending transactions, which its offline page exports and takes in again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.servers.files.byhand import one_file, sieved
from offcirc.servers.files.target import Known, LeftOut, TargetFile, Unfit
from offcirc.servers.protocol import Event


def _now() -> datetime:
    return datetime.now()  # noqa: DTZ005 - lines have this PC's local time


class PendingTransactions:
    """One JSON object a line: checkouts, renewals, check-ins.

    Args:
        now: this PC's local time.
    """

    format = "evergreen"
    suffix = ".xacts"

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now

    def title(self) -> str:
        """What it is for people."""
        return _("Evergreen, pending transactions")

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """One file. A loan to who has the item already, as far as the log tells, is a renewal."""
        now = self._now()
        held, left = sieved(events, lambda event: Unfit.IN_FUTURE if event.at > now else None)
        rows = []
        holders: dict[str, str] = {}
        for event in held:
            rows.append(_row(event, renewal=holders.get(event.item) == event.patron != ""))
            holders[event.item] = event.patron
        content = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
        return one_file(content.encode(), held), left

    def limits(self) -> tuple[str, ...]:
        """What to know before."""
        return (
            _(
                "Evergreen keeps the day of a return, and puts the hour at which the item was due. "
                "Upload one file for each workstation and session."
            ),
        )


def _row(event: Event, *, renewal: bool) -> dict[str, object]:
    local = event.at.astimezone()
    row: dict[str, object] = {"timestamp": int(local.timestamp()), "delta": 0}
    at = local.isoformat(timespec="seconds")
    if event.operation is Operation.IN_HOUSE:
        return row | {"type": "in_house_use", "barcode": event.item, "count": 1, "use_time": at}
    if not event.operation.lends:
        return row | {"type": "checkin", "barcode": event.item, "backdate": at}
    return row | {
        "type": "renew" if renewal or event.operation is Operation.RENEWAL else "checkout",
        "patron_barcode": event.patron,
        "barcode": event.item,
        "checkout_time": at,
        # Empty: Evergreen's own rules count from the time of the loan.
        "due_date": "",
    }
