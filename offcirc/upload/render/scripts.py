"""Arabic and Hebrew on a page that knows only left to right.

A small part of Unicode's rules (UAX #9 and the joining of Arabic letters): enough for a title
among Latin text. What is searched and copied elsewhere stays as it is; only drawing uses this.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_RIGHT = ("R", "AL")
_NUMBERS = ("EN", "AN")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def in_reading_order(text: str) -> str:
    """The characters from left to right as they are to be seen; Arabic letters joined."""
    # The first sign that is written from right to left is the Hebrew alef.
    if text.isascii() or max(text) < "\u05d0":
        return text
    if not any(unicodedata.bidirectional(sign) in _RIGHT for sign in text):
        return text
    text = joined(text)
    kinds = [unicodedata.bidirectional(sign) for sign in text]
    seen: list[str] = []
    place = 0
    while place < len(text):
        if kinds[place] not in _RIGHT:
            seen.append(text[place])
            place += 1
            continue
        end = _end_of_run(kinds, place)
        seen.append(_turned(text[place:end]))
        place = end
    return "".join(seen)


def _end_of_run(kinds: list[str], start: int) -> int:
    """Where text from right to left ends: after the last such letter or number before a Latin one.

    Blanks and signs between two words of it belong to it.
    """
    end = start + 1
    for place in range(start, len(kinds)):
        if kinds[place] == "L":
            break
        if kinds[place] in (*_RIGHT, *_NUMBERS, "NSM"):
            end = place + 1
    return end


def _turned(text: str) -> str:
    """A run from right to left as it is to be seen; numbers in it keep their own direction."""
    pieces: list[str] = []
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        follows = kind in _NUMBERS and pieces and pieces[-1][-1].isdigit()
        if pieces and (follows or unicodedata.combining(sign)):
            pieces[-1] += sign
        else:
            pieces.append(sign.translate(_MIRRORED))
    return "".join(reversed(pieces))


def joined(text: str) -> str:
    """Arabic letters in the form that their neighbours ask for."""
    forms = _forms()
    letters = [place for place, sign in enumerate(text) if not unicodedata.combining(sign)]
    shown = list(text)
    for number, place in enumerate(letters):
        own = forms.get(text[place])
        if own is None:
            continue
        before = forms.get(text[letters[number - 1]]) if number else None
        after = forms.get(text[letters[number + 1]]) if number + 1 < len(letters) else None
        joins_before = before is not None and "initial" in before and "final" in own
        joins_after = after is not None and "initial" in own and "final" in after
        name = {
            (False, False): "isolated",
            (False, True): "initial",
            (True, False): "final",
            (True, True): "medial",
        }[joins_before, joins_after]
        shown[place] = own.get(name, text[place])
    return "".join(shown)


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Each Arabic letter's forms by name, as Unicode lists them for older programs."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEF5)):
        kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1 and kind.startswith("<"):
            letter = chr(int(letters[0], 16))
            forms.setdefault(letter, {}).setdefault(kind.strip("<>"), chr(code))
    return forms
