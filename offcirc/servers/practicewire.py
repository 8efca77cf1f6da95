"""What is sent to a practice server, as its service reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from offcirc.core.registration import FIELDS
from offcirc.servers.protocol import Event, RegistrationSent


def transaction(event: Event, desks: Sequence[str]) -> dict[str, Any]:
    """An event as the service reads it.

    Args:
        event: the event.
        desks: where the account may upload; a line of another desk goes with the job's.
    """
    told: dict[str, Any] = {
        "key": event.key,
        "file": event.file,
        "line": event.line,
        "at": event.at.isoformat(timespec=_precision(event.at)),
        "operation": event.operation.value,
        "item": event.item,
    }
    if event.operation.lends:
        told["patron"] = event.patron
    if event.desk in desks:
        told["desk"] = event.desk
    return told


def registration(sent: RegistrationSent) -> dict[str, str]:
    """A registration as the service reads it: it takes nothing that cannot be printed."""
    about = sent.about
    told = {name: getattr(about, name) for name in ("card", "desk", *FIELDS)}
    told |= {"status": sent.status, "real_card": sent.real_card}
    shown = {
        name: "".join(one if one.isprintable() else " " for one in value)
        for name, value in told.items()
        if value
    }
    return {**shown, "at": about.at.isoformat(timespec="seconds")}


def _precision(at: datetime) -> str:
    """As much as is known: OffCirc.dat tells minutes, a desk's manifest milliseconds."""
    if at.microsecond:
        return "milliseconds"
    return "seconds" if at.second else "minutes"
