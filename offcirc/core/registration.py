"""A reader who has no card or account yet, written down at the desk, and a card until there is one.

The provisional card is an identifier that no library issues: ``PROV``, eight letters or digits
without those that are mistaken for others (Crockford's base 32), a check character (Luhn over base
32, as ISO/IEC 7812 does over ten). Loans to it are recorded like any; the uploader puts the real
card in its place once the registration is validated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

PREFIX = "PROV"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BODY = 8
_CARD = re.compile(rf"{PREFIX}([{_LETTERS}]{{{_BODY}}})([{_LETTERS}])")
CARD_PATTERN = f"^{PREFIX}[{_LETTERS}]{{{_BODY + 1}}}$"
"""What a provisional card looks like; whether it is one, its check character tells."""
LIMIT = 200
"""Characters of a field."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a desk writes down of a new reader.

    Attributes:
        id: a random UUID.
        card: the provisional card.
        at: when; aware, UTC.
        desk: where, for people: library and desk.
        name: family name, first name.
        contact: e-mail address or telephone number.
        group: student, teacher …, in the library's own words.
        birth_year: four digits, or empty.
        note: anything else: papers seen, by whom.
    """

    id: str
    card: str
    at: datetime
    desk: str = ""
    name: str = ""
    contact: str = ""
    group: str = ""
    birth_year: str = ""
    note: str = ""


FIELDS = ("name", "contact", "group", "birth_year", "note")
"""What is personal in it, in the order of the form."""


def new_card() -> str:
    """A provisional card that nobody has: one of a million million, drawn at random."""
    import secrets  # noqa: PLC0415 - who only reads cards can do without

    body = "".join(secrets.choice(_LETTERS) for _ in range(_BODY))
    return f"{PREFIX}{body}{_check(body)}"


def is_provisional(identifier: str) -> bool:
    """Whether a reader's identifier is a provisional card, read without a mistake."""
    found = _CARD.fullmatch(identifier)
    return found is not None and _check(found[1]) == found[2]


def _check(body: str) -> str:
    """The Luhn check character over base 32."""
    total = 0
    for place, letter in enumerate(reversed(body)):
        value = _LETTERS.index(letter) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return _LETTERS[-total % 32]
