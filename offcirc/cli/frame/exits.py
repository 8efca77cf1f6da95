"""What the command's exit code says; scripts depend on it."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """An exit code of ``offcirc``."""

    FINE = 0
    """Everything is as it should be."""
    EXCEPTIONS = 1
    """Done, and something deserves attention: lines refused, a check that failed."""
    NOT_DONE = 2
    """Not done, or not finished: wrong words, unreadable file, server away, interrupted."""
    BUG = 70
    """A mistake of the program itself."""


class Stop(Exception):  # noqa: N818 - reads as what it does: raise Stop(sentence)
    """Something outside this program keeps a command from doing its work.

    The message is one for a librarian, in the active language: what happened, what to do next.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
