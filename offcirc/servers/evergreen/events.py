"""Evergreen's events in this program's terms, and the lines of its offline scripts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Operation
from offcirc.servers.protocol import Answer, Event, Outcome
from offcirc.servers.values import readable, text

_REASONS = {
    "ASSET_COPY_NOT_FOUND": Reason.ITEM_UNKNOWN,
    "ACTOR_CARD_NOT_FOUND": Reason.PATRON_UNKNOWN,
    "ACTOR_USER_NOT_FOUND": Reason.PATRON_UNKNOWN,
    "NO_CHANGE": Reason.NOT_ON_LOAN,
    "OPEN_CIRCULATION_EXISTS": Reason.ON_LOAN_TO_ANOTHER,
    "SKIP_ASSET_CHANGED": Reason.LATER_ACTION,
    "PATRON_INACTIVE": Reason.PATRON_BLOCKED,
    "PATRON_BARRED": Reason.PATRON_BLOCKED,
    "PATRON_ACCOUNT_EXPIRED": Reason.PATRON_BLOCKED,
    "PATRON_CARD_INACTIVE": Reason.PATRON_BLOCKED,
    "COPY_CIRC_NOT_ALLOWED": Reason.NOT_FOR_LOAN,
    "COPY_IS_REFERENCE": Reason.NOT_FOR_LOAN,
    "COPY_NOT_AVAILABLE": Reason.NOT_FOR_LOAN,
    "PERM_FAILURE": Reason.NOT_PERMITTED,
}
_DONE = {"ROUTE_ITEM": (Note.IN_TRANSIT,)}
"""Events that are no refusals: the line was recorded."""
OPEN_CIRCULATION = "OPEN_CIRCULATION_EXISTS"
_NOT_HIS = "ACTION_CIRCULATION_NOT_FOUND"
_KEPT_AS_IT_WAS = {
    "MAX_RENEWALS_REACHED": Note.RENEWAL_MAXIMUM,
    "COPY_NEEDED_FOR_HOLD": Note.NOT_RENEWABLE,
    "CIRC_EXCEEDS_COPY_RANGE": Note.NOT_RENEWABLE,
}
RENEW = "renew"
TITLE = "OffCirc"
"""How the description of each of our sessions begins."""
MARK = 8
"""Digits of a key that make a mark."""


def code_of(event: object) -> str:
    """The name of an event; of several, of the first that is not a success."""
    if isinstance(event, list):
        return next(filter(None, map(code_of, event)), "")
    if not isinstance(event, dict) or str(event.get("ilsevent")) == "0":
        return ""
    return text(event, "textcode") or f"ilsevent {event.get('ilsevent')}"


def words_of(event: object) -> str:
    """What Evergreen says to an event: its name, which staff know, and its sentence."""
    if isinstance(event, list):
        return "; ".join(filter(None, map(words_of, event)))
    said = text(event, "desc") if isinstance(event, dict) else ""
    return readable(f"{code_of(event)} {said}".strip())


def answer_of(event: object, command: str) -> Answer:
    """What an exception makes of a line."""
    code, words = code_of(event), words_of(event)
    if code in _DONE:
        return Answer(Outcome.RECORDED, words, notes=_DONE[code])
    if command == RENEW and code in _KEPT_AS_IT_WAS:
        return Answer(Outcome.RECORDED, words, notes=(Note.RENEWAL, _KEPT_AS_IT_WAS[code]))
    if command == RENEW and code == _NOT_HIS:
        return Answer(Outcome.REJECTED, words, reason=Reason.ON_LOAN_TO_ANOTHER)
    found = _REASONS.get(code)
    if found is None and code.startswith("PATRON_"):
        found = Reason.PATRON_BLOCKED
    return Answer(Outcome.REJECTED, words, reason=found or Reason.OTHER)


def mark_of(event: Event) -> str:
    """What tells a line from the others of an evening: the beginning of its key."""
    return event.key[:MARK]


def description_of(events: Sequence[Event], renewals: Collection[int]) -> str:
    """What a session is called: how many lines, which, and which of them are renewals."""
    marks = [mark_of(event) for event in events]
    renewed = [mark for place, mark in enumerate(marks) if place in renewals]
    return " ".join((TITLE, str(len(marks)), "".join(marks), "".join(renewed))).rstrip()


def marks_in(description: str) -> tuple[set[str], set[str]]:
    """The marks in the description of a session, and those among them of renewals."""
    found = description.split()
    if found[:1] != [TITLE]:
        return set(), set()
    lines, renewed = ([*found[2:], "", ""])[:2]
    return _parts(lines), _parts(renewed)


def _parts(marks: str) -> set[str]:
    return {marks[start : start + MARK] for start in range(0, len(marks), MARK)}


def stamps(times: Sequence[datetime]) -> list[float]:
    """What a script is sorted by, in milliseconds of their own: lines of one minute keep order."""
    found: list[float] = []
    for at in times:
        stamp = round(at.timestamp(), 3)
        found.append(max(stamp, round(found[-1] + 0.001, 3)) if found else stamp)
    return found


def command_of(event: Event, at: datetime, stamp: float, *, renew: bool) -> dict[str, Any]:
    """A line of a script; its mark comes back with an exception, as all of it does."""
    command: dict[str, Any] = {"timestamp": stamp, "delta": 0, "barcode": event.item}
    command["mark"] = mark_of(event)
    if event.operation is Operation.IN_HOUSE:
        used = at.isoformat(timespec="seconds")
        return command | {"type": "in_house_use", "count": 1, "use_time": used}
    if not event.operation.lends:
        return command | {"type": "checkin", "backdate": at.isoformat(timespec="seconds")}
    kind = RENEW if renew else "checkout"
    moment = at.isoformat(timespec="seconds")
    # Without a due date, Evergreen's own rules give one.
    return command | {"type": kind, "patron_barcode": event.patron, "checkout_time": moment}


def script_of(commands: Sequence[Mapping[str, Any]]) -> bytes:
    """A script: one JSON object a line."""
    return "".join(json.dumps(command) + "\n" for command in commands).encode()
