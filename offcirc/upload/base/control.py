"""The hand on an upload: pause, go on, cancel, from whatever thread."""

from __future__ import annotations

import threading


class Control:
    """What whoever watches an upload may do to it. Safe for every thread; one for each upload."""

    def __init__(self) -> None:
        self._paused = threading.Event()
        self._cancelled = threading.Event()

    def pause(self) -> None:
        """Let no further request go; those under way are answered, and the answers kept."""
        self._paused.set()

    def resume(self) -> None:
        """Go on after a pause."""
        self._paused.clear()

    def cancel(self) -> None:
        """End after the requests under way, paused or not. What is left can be sent later."""
        self._cancelled.set()

    @property
    def paused(self) -> bool:
        """Whether it is to stand still."""
        return self._paused.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether it is to end."""
        return self._cancelled.is_set()
