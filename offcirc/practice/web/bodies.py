"""What clients send: read, bounded and checked, each fault a sentence that names the field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from starlette.requests import Request

from offcirc.core.registration import FIELDS, LIMIT, Registration, is_provisional
from offcirc.core.transaction import OPERATIONS
from offcirc.practice import clock
from offcirc.practice.circulation import CirculationLine

T = TypeVar("T")

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of a request; a thousand transactions with every field at its longest are below it."""
MOST_TRANSACTIONS = 1000
MOST_LOOKUPS = 1000
REGISTRATION_STATUSES = ("pending", "validated", "refused")
_DRAIN_LIMIT = 256 * 1024 * 1024
LARGEST_NUMBER = 2**53 - 1

UNPRINTABLE = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
)
"""What no text may hold, inside the brackets of a pattern: controls, marks that turn the writing
round, what nobody sees."""
_MARK = f"[^{UNPRINTABLE}]"
PRINTED = f"^{_MARK}*$"
FILLED = rf"^{_MARK}*[^\s{UNPRINTABLE}]{_MARK}*$"
"""Not blank either."""
_FOURTH = "(0[48]|[2468][048]|[13579][26])"


def _day_and_time(years: str, leap_years: str) -> str:
    return (
        f"^(({leap_years})-02-29|({years})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
        "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])))"
        "T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
        "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$"
    )


DAY_AND_TIME = _day_and_time(
    "[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9]", f"[0-9]{{2}}{_FOURTH}|{_FOURTH}00"
)
DAY_AND_TIME_OPENED = _day_and_time("(19|2[0-9])[0-9]{2}", f"(19|2[0-9]){_FOURTH}|2[048]00")
"""On a day on which a library can have been open."""

_UNPRINTABLE = re.compile(rf"[{UNPRINTABLE}\ud800-\udfff]")
_AT = re.compile(DAY_AND_TIME)


class ApiError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: the HTTP status.
        code: what is wrong, for programs.
        sentence: what is wrong, for people; holds no identifier of a reader.
        headers: further headers of the answer.
    """

    def __init__(
        self, status: int, code: str, sentence: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.headers = headers or {}


def bad_request(sentence: str) -> ApiError:
    """The error of a body that is not as it should be."""
    return ApiError(400, "bad-request", sentence)


async def body(request: Request) -> dict[str, Any]:
    """The JSON object in a request.

    Raises:
        ApiError: 413 if it is too large, 400 if it is no JSON object.
    """
    raw = await whole(request, BODY_LIMIT)
    if raw is None:
        raise ApiError(
            413,
            "too-large",
            f"The request is larger than {BODY_LIMIT // 1024} KB; send fewer transactions at once.",
        )
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise bad_request("The body of the request is not valid JSON in UTF-8.") from None
    if not isinstance(value, dict):
        raise bad_request("The body of the request must be a JSON object.")
    return value


async def whole(request: Request, limit: int) -> bytes | None:
    """What a request sends, or ``None`` if that is more than ``limit`` bytes."""
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        # What is too large is still read, up to a point: a client that is cut off while it sends
        # sees a broken connection and not the answer.
        if size > _DRAIN_LIMIT:
            break
        if size <= limit:
            parts.append(chunk)
    return None if size > limit else b"".join(parts)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def text(
    source: dict[str, Any], field: str, longest: int, *, where: str = "", empty: bool = False
) -> str:
    """A field that must be a text of printable characters.

    Raises:
        ApiError: it is not.
    """
    value = source.get(field)
    full = where + field
    if not isinstance(value, str):
        raise bad_request(f"{full} must be a text.")
    if not value.strip() and not empty:
        raise bad_request(f"{full} must not be empty.")
    if len(value) > longest:
        raise bad_request(f"{full} is longer than {longest} characters.")
    # Lone surrogates are no text, and no database takes them.
    if _UNPRINTABLE.search(value):
        raise bad_request(f"{full} has characters that cannot be printed.")
    return value


def optional_text(source: dict[str, Any], field: str, longest: int, where: str = "") -> str | None:
    """A field that may be absent or null, else a text.

    Raises:
        ApiError: it is something else.
    """
    if source.get(field) is None:
        return None
    return text(source, field, longest, where=where, empty=True)


def listed(
    source: dict[str, Any], field: str, most: int, read: Callable[[Any, str], T], *, least: int = 1
) -> list[T]:
    """A field that must be a list, each element read by ``read(value, its name)``.

    Raises:
        ApiError: it is no list, or too short or too long.
    """
    values = source.get(field)
    if not isinstance(values, list) or not least <= len(values) <= most:
        raise bad_request(f"{field} must be a list of {least} to {most} elements.")
    return [read(value, f"{field}[{index}]") for index, value in enumerate(values)]


def texts(source: dict[str, Any], field: str, most: int, longest: int, least: int = 1) -> list[str]:
    """A field that must be a list of texts.

    Raises:
        ApiError: it is not.
    """

    def read(value: Any, name: str) -> str:
        return text({name: value}, name, longest)

    return listed(source, field, most, read, least=least)


def optional_number(source: dict[str, Any], field: str, where: str = "") -> int | None:
    """A field that may be absent or null, else a whole number from 0.

    Raises:
        ApiError: it is something else.
    """
    value = source.get(field)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_NUMBER:
        raise bad_request(f"{where}{field} must be a whole number.")
    return value


@dataclass(frozen=True, slots=True)
class Lines:
    """Reads transactions; times without offset are local to ``zone``."""

    zone: tzinfo

    def read(self, source: dict[str, Any]) -> Sequence[CirculationLine]:
        """The field ``transactions`` of a request.

        Raises:
            ApiError: one of them is not as it should be.
        """
        return listed(source, "transactions", MOST_TRANSACTIONS, self._line)

    def registrations(self, source: dict[str, Any]) -> Sequence[tuple[Registration, str, str]]:
        """The field ``registrations``: what was written down, what was decided, the real card.

        Raises:
            ApiError: one of them is not as it should be.
        """
        return listed(source, "registrations", MOST_LOOKUPS, self._registration)

    def _registration(self, value: Any, name: str) -> tuple[Registration, str, str]:
        if not isinstance(value, dict):
            raise bad_request(f"{name} must be an object.")
        where = f"{name}."
        card = text(value, "card", 20, where=where)
        if not is_provisional(card):
            raise bad_request(f"{where}card must be a provisional card.")
        status = optional_text(value, "status", 20, where) or "pending"
        if status not in REGISTRATION_STATUSES:
            raise bad_request(f"{where}status must be one of {', '.join(REGISTRATION_STATUSES)}.")
        real_card = optional_text(value, "real_card", 255, where) or ""
        if (status == "validated") != bool(real_card.strip()) or is_provisional(real_card):
            raise bad_request(f"{where}real_card goes with a status of validated, and is no other.")
        at, _minute = self._moment(value.get("at"), where)
        if at is None:
            raise bad_request(f"{where}at is no time of the library's clock.")
        kept = (optional_text(value, field, LIMIT, where) or "" for field in ("desk", *FIELDS))
        return Registration("", card, at, *kept), status, real_card

    def _line(self, value: Any, name: str) -> CirculationLine:
        if not isinstance(value, dict):
            raise bad_request(f"{name} must be an object.")
        where = f"{name}."
        operation = value.get("operation")
        if not isinstance(operation, str) or operation not in OPERATIONS:
            raise bad_request(f"{where}operation must be one of {', '.join(OPERATIONS)}.")
        if OPERATIONS[operation].lends:
            patron = text(value, "patron", 255, where=where)
        else:
            patron = optional_text(value, "patron", 255, where) or ""
        at, minute = self._moment(value.get("at"), where)
        return CirculationLine(
            key=text(value, "key", 200, where=where),
            line=optional_number(value, "line", where),
            file=optional_text(value, "file", 255, where),
            at=at,
            minute=minute,
            operation=operation,
            item=text(value, "item", 255, where=where),
            patron=patron,
            desk=optional_text(value, "desk", 100, where) or "",
        )

    def _moment(self, value: Any, where: str) -> tuple[datetime | None, str]:
        found = _AT.fullmatch(value) if isinstance(value, str) else None
        try:
            if found is None:
                raise ValueError
            moment = datetime.fromisoformat(found[0])
        except ValueError:
            raise bad_request(
                f"{where}at must be a time such as 2018-01-15T14:20, with or without seconds "
                "and offset."
            ) from None
        return clock.wall_clock(moment, self.zone)
