"""Whose desk this is, by the settings, and by the computer's name where a pattern tells.

One ``site.toml`` goes onto fifty PCs. With ``desk.computer = "BU-{library}-PRET{number}"``, the PC
``BU-MIRAIL-PRET2`` gives ``{library}`` the value ``MIRAIL`` and ``{number}`` the value ``2``, which
``desk.library``, ``desk.circulation_desk`` and ``desk.name`` may use; ``{computer}`` is the whole
name. A name that does not fit the pattern leaves empty what would need it.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from offcirc.core.identity import PRACTICE, DeskIdentity

if TYPE_CHECKING:
    from offcirc.settings.load import Settings

NAMES = ("desk.library", "desk.circulation_desk", "desk.name")
"""The options that may use parts of the computer's name."""

_HOLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def desk_identity(settings: Settings, computer: str | None = None) -> DeskIdentity:
    """Whose desk this is.

    Args:
        settings: the settings in force.
        computer: the computer's name; this one's when not given.
    """
    texts = [settings.text(key) for key in NAMES]
    if any("{" in text for text in texts):
        known = parts_of(computer or platform.node(), settings.text("desk.computer"))
        texts = [_filled(text, known) for text in texts]
    if settings.switch("desk.practice"):
        texts[0] = PRACTICE + texts[0]
    return DeskIdentity(*texts)


def holes(text: str) -> set[str]:
    """The names of the parts in a pattern, or in a text that uses them."""
    return {hole[1] for hole in _HOLE.finditer(text)}


def misfit(settings: Settings, computer: str | None = None) -> str:
    """The computer's name when it does not fit the pattern that this desk is named by; else empty.

    Args:
        settings: the settings in force.
        computer: the computer's name; this one's when not given.
    """
    pattern = settings.text("desk.computer")
    computer = computer or platform.node()
    used = set().union(*(holes(settings.text(key)) for key in NAMES)) & holes(pattern)
    return computer if used - parts_of(computer, pattern).keys() else ""


def parts_of(computer: str, pattern: str) -> dict[str, str]:
    """What a computer's name tells, by a pattern with ``{parts}``; capitals do not matter.

    A part takes as little as it can. The whole name is always told, as ``computer``.
    """
    # A domain, if there is one, says nothing of the desk.
    computer = computer.split(".", 1)[0]
    expression = ""
    last = 0
    for hole in _HOLE.finditer(pattern):
        expression += re.escape(pattern[last : hole.start()])
        name = hole[1]
        expression += f"(?P={name})" if f"(?P<{name}>" in expression else f"(?P<{name}>.+?)"
        last = hole.end()
    expression += re.escape(pattern[last:])
    found = re.fullmatch(expression, computer, re.IGNORECASE)
    return {**(found.groupdict() if found else {}), "computer": computer}


def _filled(text: str, known: Mapping[str, str]) -> str:
    """A text with its parts filled in; empty when one is not known."""
    if any(hole[1] not in known for hole in _HOLE.finditer(text)):
        return ""
    return _HOLE.sub(lambda hole: known[hole[1]], text)
