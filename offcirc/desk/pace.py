"""Scanner or hand: told by the time between the characters of a field."""

from __future__ import annotations

from offcirc.core.transaction import Source

SCAN_GAP_SECONDS = 0.06
"""Hands take longer than this from key to key on average, keyboard scanners do not."""

STALL_SECONDS = 0.5
"""After such a pause a new run of characters begins."""

SHORTEST_SCAN = 6
"""Fewer characters after a pause are never a scan that came behind something typed."""


class Pace:
    """Tells a scanner from a hand by the time between characters.

    Attributes:
        started: when the first character of the present text came; ``None`` when there is none.
        last: when its last character came.
    """

    def __init__(self) -> None:
        self.started: float | None = None
        self.last = 0.0
        self._keys = 0
        self._by_hand = 0

    def key(self, now: float) -> None:
        """A character came, ``now`` in seconds of any steady clock."""
        if self.started is None:
            self.started = now
            self._keys = self._by_hand = 0
        elif now - self.last > STALL_SECONDS:
            # One key alone, or quick ones, may be the beginning of a scan that was held up.
            slow = self._keys > 1 and self._gap() > SCAN_GAP_SECONDS
            self._by_hand = self._by_hand + self._keys if slow and self._by_hand >= 0 else -1
            self.started = now
            self._keys = 0
        self.last = now
        self._keys += 1

    def spoil(self) -> None:
        """A key is held down: no scanner does that."""
        self._by_hand = -1
        self.started = None

    def alone(self, text: str) -> bool:
        """Whether a scanner brought all of ``text``, and nothing stood there before."""
        return self._by_hand == 0 and self._keys == len(text) and self.source(text) is Source.SCAN

    def _gap(self) -> float:
        assert self.started is not None
        return (self.last - self.started) / (self._keys - 1)

    def source(self, text: str) -> Source:
        """How ``text`` came: characters that no key brought were pasted, which counts as typed."""
        if self.started is None or self._keys < max(len(text), 2):
            return Source.TYPED
        return Source.SCAN if self._gap() <= SCAN_GAP_SECONDS else Source.TYPED

    def typed_before(self, text: str) -> int:
        """How many characters of ``text`` a hand had typed when the scan behind them came."""
        whole = self._by_hand > 0 and self._by_hand + self._keys == len(text)
        if self.started is None or not whole or self._keys < SHORTEST_SCAN:
            return 0
        return self._by_hand if self._gap() <= SCAN_GAP_SECONDS else 0

    def reset(self) -> None:
        """The text was dealt with."""
        self.started = None
