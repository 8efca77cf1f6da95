"""SIP2 2.00 as bytes: no sockets, no clock.

Theory of operation. We ask, the system answers, one question at a time. A message is a code of two
digits, fixed fields of known widths, then fields ``IDvalue|``; a carriage return ends it. Both
sides may end a message with ``AY<digit>AZ<sum>``: a number that the answer repeats, and the
complement of the sum of all bytes before the sum. So the sum depends on the character set, of which
no message tells: cp850 by the standard, latin-1 or UTF-8 as often.

We write strictly and read generously: line ends of every kind, fields that are no fields, sums
without their leading zeros or over characters instead of bytes, no sum at all. A sum that is wrong
is the one thing not forgiven: the answer is asked for again (97), which repeats nothing but the
answer. A 96 says that the system could not read us and has done nothing: the same bytes go again.
After silence nothing goes again from here; see :mod:`offcirc.servers.settling`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

CHARSETS = ("cp850", "latin-1", "utf-8")
FRAME_LIMIT = 1 << 16
"""Bytes of one message: a reader with a thousand loans has some 20,000."""
ASK_AGAIN = b"97AZFEF5\r"

_DATE = ("date", 18)
_LOANED = (("ok", 1), ("renewal_ok", 1), ("magnetic", 1), ("desensitize", 1), _DATE)
_LENDING = ("no_block", 1), _DATE, ("due", 18)
_COUNTS = tuple((name, 4) for name in ("holds", "overdue", "charged", "fines", "recalls", "away"))

FIXED: Mapping[str, tuple[tuple[str, int], ...]] = {
    "93": (("uid_algorithm", 1), ("password_algorithm", 1)),
    "94": (("ok", 1),),
    "99": (("status", 1), ("width", 3), ("version", 4)),
    "98": (
        ("online", 1),
        ("checkin_ok", 1),
        ("checkout_ok", 1),
        ("renewal_policy", 1),
        ("status_update_ok", 1),
        ("offline_ok", 1),
        ("timeout", 3),
        ("retries", 3),
        _DATE,
        ("version", 4),
    ),
    "23": (("language", 3), _DATE),
    "24": (("status", 14), ("language", 3), _DATE),
    "63": (("language", 3), _DATE, ("summary", 10)),
    "64": (("status", 14), ("language", 3), _DATE, *_COUNTS),
    "11": (("renewal_policy", 1), *_LENDING),
    "12": _LOANED,
    "09": (("no_block", 1), _DATE, ("return_date", 18)),
    "10": (("ok", 1), ("resensitize", 1), ("magnetic", 1), ("alert", 1), _DATE),
    "17": (_DATE,),
    "18": (("circulation", 2), ("security", 2), ("fee", 2), _DATE),
    "29": (("third_party", 1), *_LENDING),
    "30": _LOANED,
    "35": (_DATE,),
    "36": (("ended", 1), _DATE),
    "97": (),
    "96": (),
}
"""The fixed fields of every message, in order, with their widths."""
ANSWERS = {
    "93": "94", "99": "98", "23": "24", "63": "64", "11": "12", "09": "10", "17": "18",
    "29": "30", "35": "36",
}  # fmt: skip
_TRAILER = re.compile(rb"(?:AY(\d))?AZ([0-9A-Fa-f]{1,4})\s*\Z")
_ENDS = re.compile(rb"[\r\n]")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(.{4})(\d\d)(\d\d)(\d\d)")
_WRITTEN = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[ T]+(\d\d):?(\d\d)(?::?(\d\d))?)?")


class CannotSayError(ValueError):
    """A value holds what no message of this character set can carry."""


class GarbledError(Exception):
    """What came is no message, or not as it was sent: somebody else's fault."""


class WrongSumError(GarbledError):
    """It is a message that has changed on its way: it can be asked for again."""


@dataclass(frozen=True, slots=True)
class SipMessage:
    """A message that was read.

    Attributes:
        code: its two digits.
        fixed: its fixed fields by name.
        fields: the others as they came, each with its two letters; several may share them.
        sequence: the digit after ``AY``; empty if it has none.
    """

    code: str
    fixed: Mapping[str, str]
    fields: Sequence[tuple[str, str]] = field(default=(), repr=False)
    sequence: str = ""

    def first(self, letters: str) -> str:
        """The first field of these letters; empty if there is none."""
        return next((value for name, value in self.fields if name == letters), "")

    def all(self, letters: str) -> tuple[str, ...]:
        """Every field of these letters that holds something."""
        return tuple(value for name, value in self.fields if name == letters and value)


def encode(
    code: str,
    fixed: Mapping[str, str],
    fields: Sequence[tuple[str, str]] = (),
    *,
    sequence: int | None = 0,
    charset: str = "utf-8",
) -> bytes:
    """A message as bytes, its end included.

    Args:
        code: which.
        fixed: its fixed fields by name, each as wide as it must be.
        fields: the others in order.
        sequence: the digit for error detection; ``None``: without.
        charset: one of :data:`CHARSETS`.

    Raises:
        CannotSayError: a value holds a delimiter, a control character or one not in the set.
    """
    parts = [code]
    for name, width in FIXED[code]:
        value = fixed[name]
        if len(value) != width:
            raise CannotSayError(name)
        parts.append(value)
    for letters, value in fields:
        if "|" in value or any(ord(sign) < 32 for sign in value):
            raise CannotSayError(letters)
        parts.append(f"{letters}{value}|")
    try:
        content = "".join(parts).encode(charset)
    except UnicodeEncodeError as error:
        raise CannotSayError(code) from error
    if sequence is not None:
        content += b"AY%dAZ" % (sequence % 10)
        content += b"%04X" % (-sum(content) & 0xFFFF)
    return content + b"\r"


def decode(frame: bytes, charset: str = "utf-8") -> SipMessage:
    """A message from its bytes, without its end.

    Raises:
        WrongSumError: its sum is not that of its bytes.
        GarbledError: it is no message, or a part of one.
    """
    trailer = _TRAILER.search(frame)
    content, sequence = frame, ""
    if trailer is not None:
        content, sequence = frame[: trailer.start()], (trailer[1] or b"").decode()
        _check(frame[: trailer.start(2)], int(trailer[2], 16), charset)
    text = content.decode(charset, "replace").lstrip()
    code = text[:2]
    if code not in FIXED:
        raise GarbledError
    place, fixed = 2, {}
    for name, width in FIXED[code]:
        fixed[name] = text[place : place + width]
        place += width
    if len(text) < place:
        raise GarbledError
    found = [part for part in text[place:].split("|") if len(part) >= 2]
    return SipMessage(code, fixed, tuple((part[:2], part[2:]) for part in found), sequence)


def _check(summed: bytes, told: int, charset: str) -> None:
    # Some add up characters where the standard has bytes.
    by_characters = sum(map(ord, summed.decode(charset, "replace")))
    if (sum(summed) + told) & 0xFFFF and (by_characters + told) & 0xFFFF:
        raise WrongSumError


class Frames:
    """Cuts what comes over a wire into messages."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that have become whole.

        Raises:
            GarbledError: far too much came without an end.
        """
        *whole, self._rest = _ENDS.split(self._rest + data)
        if max(map(len, (*whole, self._rest))) > FRAME_LIMIT:
            raise GarbledError
        return [frame for frame in whole if frame.strip()]


def moment(at: datetime) -> str:
    """A moment by the library's clock, as messages have it."""
    return f"{at:%Y%m%d}    {at:%H%M%S}"


def read_moment(text: str) -> datetime | None:
    """A moment as a system writes it: as the standard has it, or nearly ISO; aware only for UTC.

    Of days such as 04/12/2026 nobody knows which is the month: they are none.
    """
    found = _MOMENT.match(text)
    zone = UTC if found is not None and found[4].strip() == "Z" else None
    numbers = [each for each in found.groups() if each.isdigit()] if found is not None else []
    if found is None and (written := _WRITTEN.match(text.strip())):
        numbers = [each or "0" for each in written.groups()]
    if found is not None and len(numbers) == 7:  # an offset in figures, which no standard has
        del numbers[3]
    try:
        return datetime(*map(int, numbers), tzinfo=zone) if numbers else None  # type: ignore[arg-type,misc]
    except ValueError:
        return None
