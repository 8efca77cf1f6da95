"""What the project tells people: the README and the manuals, in each language."""

from __future__ import annotations

from pathlib import Path

from helpers.checkout import TOP
from offcirc import i18n

README = TOP / "README.md"
PAGES = ("desk", "referent", "admin")


def manual(page: str, language: str) -> Path:
    """The source of one manual."""
    return TOP / "resources" / "help" / language / f"{page}.html"


SOURCES = [README, *(manual(page, language) for page in PAGES for language in i18n.LANGUAGES)]
