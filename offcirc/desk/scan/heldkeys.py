"""Keys held down, told from keys that a scanner presses twice within a millisecond.

Under X, Qt takes a key for held down when its release and its next press bear the same
millisecond: a quick scanner does that with the zeros of a barcode.
"""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent

_FIRST_SECONDS = 0.15
"""No system repeats a key sooner after it went down."""

_NEXT_SECONDS = 0.012
"""Nor oftener than that."""


class HeldKey:
    """Watches the keys of one window."""

    def __init__(self) -> None:
        self._key = 0
        self._since = self._last = 0.0

    def repeats(self, event: QKeyEvent, now: float) -> bool:
        """Whether a key press is the repeat of a key that is held down.

        Args:
            event: the press.
            now: when, in seconds of a steady clock.
        """
        if not event.isAutoRepeat() or event.key() != self._key:
            self._key = event.key()
            self._since = self._last = now
            return False
        pause, self._last = now - self._last, now
        return now - self._since >= _FIRST_SECONDS and pause >= _NEXT_SECONDS
