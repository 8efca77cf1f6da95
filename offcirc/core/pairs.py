"""Pairs in one text, as settings have them: ``BUC_PRET=cd1, SCI_PRET=cd2``."""

from __future__ import annotations


def pairs(text: str) -> dict[str, str]:
    """The pairs, in their order; a part without ``=`` has an empty value."""
    found = (part.partition("=") for part in text.split(",") if part.strip())
    return {key.strip(): value.strip() for key, _equals, value in found}
