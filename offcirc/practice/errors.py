"""What can go wrong with a practice server that is the world's doing, said in a sentence."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

_log = logging.getLogger(__name__)


class PracticeError(Exception):
    """The practice server cannot start or go on; ``str`` is a sentence to show as it is."""


class LibraryError(PracticeError):
    """The library folder cannot be used; the sentence names the file and the line or key."""


class StateError(PracticeError):
    """The data folder cannot be used: other library, newer program, already in use."""


class ListenError(PracticeError):
    """The address or port cannot be listened on, most often because it is in use."""


class LibraryDiskError(PracticeError):
    """The disk refused to keep what was asked; nothing of it has been recorded."""


class ExposedError(PracticeError):
    """The network would reach what is not fit for it: no TLS, or passwords everybody knows."""


class ActError(Exception):
    """What was asked for cannot be done, and why; nothing has been changed.

    Args:
        sentence: in English, marked for the catalogue; worded in the reader's language later.
        fields: what its placeholders stand for.
    """

    def __init__(self, sentence: str, **fields: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fields = fields


class NotThereError(Exception):
    """There is nothing at this address, or no longer."""


def log_bug(error: BaseException) -> None:
    """Log where a mistake happened. Not its message: that may quote a reader's identifier."""
    places = " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in reversed(traceback.extract_tb(error.__traceback__))
    )
    _log.error("bug: %s at %s", type(error).__name__, places)
