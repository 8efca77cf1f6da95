"""What can go wrong with a practice server that is the world's doing, said in a sentence."""

from __future__ import annotations


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
