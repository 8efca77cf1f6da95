"""Evergreen's offline sessions: prepared, executed, watched, found again."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from offcirc.core.answers import Note
from offcirc.servers.errors import (
    NoAnswerError,
    NotThisKindOfServerError,
    ServerError,
    ServerFailedError,
    TryLaterError,
    UnreachableError,
)
from offcirc.servers.evergreen.desk import EvergreenDesk, payload_text
from offcirc.servers.evergreen.events import (
    answer_of,
    code_of,
    command_of,
    description_of,
    mark_of,
    marks_in,
    script_of,
    stamps,
)
from offcirc.servers.protocol import Answer, Event, Outcome
from offcirc.servers.values import aware, inner, number, text

STILL = 120
"""How often in a row a session is looked at that does not get on, before it is left alone."""
_LOST = (NoAnswerError, NotThisKindOfServerError, ServerFailedError)
_EXECUTED = ("OFFLINE_SESSION_ACTIVE", "OFFLINE_SESSION_COMPLETE")
"""What is answered to whoever executes a session a second time: the first time counts."""
MOVING = 20
"""How often exceptions are asked for of a session that is over."""


class EvergreenSessions:
    """The sessions of one workstation, one at a time."""

    def __init__(self, desk: EvergreenDesk, zone: str, poll_seconds: float) -> None:
        """Prepare.

        Args:
            desk: what is asked.
            zone: the time zone of the desks; empty: this PC's.
            poll_seconds: how long to wait between two looks at a session.
        """
        self._desk = desk
        self._zone = zone
        self._poll = poll_seconds
        self._hung_up = threading.Event()
        self._waiting: dict[str, str] = {}

    def stop(self) -> None:
        """Wait no longer for what is being processed."""
        self._hung_up.set()

    def go_on(self) -> None:
        """Wait again."""
        self._hung_up.clear()

    def process(self, events: Sequence[Event], renewals: Collection[int]) -> list[Answer]:
        """Have lines processed in a session of their own; whatever it raises, nothing was done."""
        described = description_of(events, renewals)
        key = self._waiting.pop(described, "") or self._prepared(events, renewals, described)
        lost = [Answer(Outcome.UNKNOWN)] * len(events)
        try:
            self._told("execute", _EXECUTED, seskey=key)
        except _LOST:
            return lost
        except ServerError:
            self._waiting[described] = key
            raise
        judged = self._judged(key) if self._is_done(key) else None
        return [
            self._answer(event, judged, renewal=place in renewals)
            for place, event in enumerate(events)
        ]

    def _prepared(self, events: Sequence[Event], renewals: Collection[int], described: str) -> str:
        """A new session with the lines in its script; nothing of it is done yet."""
        times = [self._at(event) for event in events]
        commands = [
            command_of(event, at, stamp, renew=place in renewals)
            for place, (event, at, stamp) in enumerate(
                zip(events, times, stamps(times), strict=True)
            )
        ]
        try:
            key = payload_text(self._told("create", desc=described))
            if not key:
                raise NotThisKindOfServerError(self._desk.url)
            self._told("load", file=script_of(commands), seskey=key, delta="0")
        except _LOST as error:
            raise UnreachableError(self._desk.url, error.detail) from None
        return key

    def _told(
        self, action: str, done: Collection[str] = (), file: bytes | None = None, **more: str
    ) -> dict[str, Any]:
        """The event that an action answers with, a success or one of those that are as good.

        Raises:
            TryLaterError: it is any other: nothing was done.
        """
        body = self._desk.ask(action, file, **more)
        if not isinstance(body, dict):
            raise NotThisKindOfServerError(self._desk.url)
        code = code_of(body)
        if code and code not in done:
            raise TryLaterError(self._desk.url, code)
        return body

    def _is_done(self, key: str) -> bool:
        """Wait while a session gets on; whether it is over."""
        last, still = -1, 0
        while still < STILL:
            try:
                body = self._desk.ask("status", status_type="summary", seskey=key)
            except ServerError:
                # The lines are being processed all the same.
                body = {}
            row = body if isinstance(body, dict) else {}
            total, now = number(row, "total"), number(row, "num_complete")
            if total and now >= total:
                return True
            still = 0 if now > last else still + 1
            last = max(last, now)
            if self._hung_up.wait(self._poll):
                break
        return False

    def _judged(self, key: str) -> dict[str, Any] | None:
        """The exceptions of a session that is over, by their marks; ``None``: it does not tell.

        For a moment, while Evergreen puts the session's files away, it cannot read them.
        """
        for _try in range(MOVING):
            try:
                body = self._desk.ask("status", status_type="exceptions", seskey=key)
            except ServerError:
                # The lines are being processed all the same.
                body = {}
            if isinstance(body, list) and all(isinstance(row, dict) for row in body):
                commands = [(inner(row, "command"), row.get("event")) for row in body]
                return {text(command, "mark"): (command, event) for command, event in commands}
            if self._hung_up.wait(self._poll):
                break
        return None

    def _answer(self, event: Event, judged: Mapping[str, Any] | None, *, renewal: bool) -> Answer:
        if judged is None:
            return Answer(Outcome.UNKNOWN)
        if mark_of(event) in judged:
            command, exception = judged[mark_of(event)]
            return answer_of(exception, text(command, "type"))
        notes: tuple[Note, ...] = (Note.RENEWAL,) if renewal else ()
        clock = self._desk.client.clock
        if clock is not None and self._at(event) > clock:
            notes += (Note.IN_FUTURE,)
            if not event.operation.lends:
                # Evergreen drops such a date without a word.
                notes += (Note.DATE_NOT_KEPT,)
        return Answer(Outcome.RECORDED, notes=notes)

    def found(self, events: Sequence[Event]) -> list[Answer | None]:
        """What became of events, by the sessions that hold their marks; the last one counts."""
        sessions = self._desk.ask("status", status_type="sessions")
        if not isinstance(sessions, list):
            raise NotThisKindOfServerError(self._desk.url)
        found: list[Answer | None] = [None] * len(events)
        for session in (each for each in sessions if isinstance(each, dict)):
            described = text(session, "description")
            marks, renewed = marks_in(described)
            places = [place for place, one in enumerate(events) if mark_of(one) in marks]
            if not places:
                continue
            key = text(session, "key")
            if not (session.get("start_time") or session.get("in_process")):
                # Never executed: its lines are still to be sent, best in this very session.
                if _loaded(session) == len(marks):
                    self._waiting[described] = key
                continue
            judged = self._judged(key) if self._is_done(key) else None
            for place in places:
                event = events[place]
                renewal = mark_of(event) in renewed
                found[place] = self._answer(event, judged, renewal=renewal)
        return found

    def _at(self, event: Event) -> datetime:
        return aware(event.at, self._zone)


def _loaded(session: Mapping[str, Any]) -> int:
    scripts = session.get("scripts")
    rows = scripts if isinstance(scripts, list) else []
    return sum(number(row, "count") for row in rows if isinstance(row, dict))
