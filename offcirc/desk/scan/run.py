"""The run of keys: the one place that knows what a scanner pressed, to be held against a field.

**Why.** A barcode is read from a field, and much can happen to a field while its keys arrive: a
click selects what stands there and the next key replaces it, another window takes some of the
keys, a scan stalls half-way. What is left looks like a barcode and is none. So every key is noted
here on its way to the field, and at the end the field must hold what the keys brought. Green means
that it does.

**States.** *Idle* until a character comes. *Running* while characters follow each other within
:data:`PAUSE_SECONDS`; they make a piece. *Stalled* after a longer pause with no end: the next
character begins another piece, the ones before are remembered. An end (Enter, LF, Tab, or a pause
of a scanner that sends none) leads to :class:`Ended` and back to idle; so do emptying by hand and,
after :data:`FORGET_SECONDS`, an emptied field. An end that comes :data:`STALL_SECONDS` after a scan
was pressed by a hand, which saw what stood there. And if Enter comes after a scan that a pause has
ended, before it was known that this scanner sends it, what it ends is the other part of that scan:
:mod:`offcirc.desk.scan.keys` refuses it.

**At the end.** The last piece is judged by its pace. A hand's is what the field holds: whoever
types sees it. A scanner's is taken alone, and only if

- the field holds all of it (else its beginning was lost);
- no other key came in the middle (a key pressed together with Ctrl or Alt writes nothing, and a
  control character is in no barcode);
- no key was held down, and no window came or went in the middle;
- nothing at a scanner's pace, nor a single key, stands unfinished before it. What a hand typed, or
  what was pasted, is left out and said; half a scan is left out if the whole begins with it, which
  proves that it was scanned again. Otherwise these may be two parts of one barcode or one each of
  two: both are refused.

**What must never happen.** Part of a barcode is recorded, or two things as one. What is not proven
whole is refused, named and scanned again.

While a run is under way (:meth:`KeyRun.under_way`) clicks wait at the gate
(:mod:`offcirc.desk.scan.gate`) and no shortcut acts: that spares most refusals. This comparison
finds the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.core.transaction import Source
from offcirc.desk.flaw import Flaw

SCAN_GAP_SECONDS = 0.06
"""Hands take longer than this from key to key on average, keyboard scanners do not."""

PAUSE_SECONDS = 0.3
"""A scanner's keys come sooner one after the other, also when a PC or a radio link is busy; after
such a pause another piece begins."""

BUSY_SECONDS = 0.15
"""So long after a key a click waits for the next one: too short for a hand to notice."""

STALL_SECONDS = 0.5
"""After so long a scan without its end is named as half a scan."""

FORGET_SECONDS = 2.0
"""So long after its last key, half a scan that is in the field no more is forgotten."""

SHORTEST_SCAN = 4
"""Fewer characters behind something else are never taken for a scan of their own."""

_STARTS = frozenset("\x01\x02\x16\x1c\x1d\x1e\x1f")
_ENDS = frozenset("\x03\x04\x1c\x1d\x1e\x1f")
"""Control characters that scanners send around a barcode; they are no part of it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run was, at its end.

    Attributes:
        text: what is to be taken from the field.
        source: scanner or hand.
        stood: what the field held before its first character.
        left_out: what the field holds besides and is not part of it.
        flaw: why it is not to be taken at all; ``None`` when it is whole.
        late: whether it is a scanner's and its end came so late that a hand has pressed it.
        began: when its first character came, in seconds of the keys' clock.
        last: when its last character came.
    """

    text: str
    source: Source
    stood: str = ""
    left_out: str = ""
    flaw: Flaw | None = None
    began: float = 0.0
    last: float = 0.0
    late: bool = False


class KeyRun:
    """The keys since the last end."""

    def __init__(self, prefix: str = "") -> None:
        """Begin with nothing.

        Args:
            prefix: what the scanner was told to send before a barcode.
        """
        self.prefix = prefix
        self.clear()

    def clear(self) -> None:
        """Forget everything: it was dealt with, or a hand took it away."""
        self._text = self._before = self._stood = ""
        self._began = self._last = self._came = 0.0
        self._quick = 0
        self._earlier = ""
        self._earlier_quick = 0
        self._flaw: Flaw | None = None
        self._odds: list[tuple[float, float, Flaw, str]] = []

    @property
    def text(self) -> str:
        """The characters of the last piece."""
        return self._text

    @property
    def last(self) -> float:
        """When the last character was pressed."""
        return self._last

    @property
    def lost(self) -> bool:
        """Whether keys came that should have written something and did not."""
        return self._flaw is Flaw.ALT

    def busy(self, now: float) -> bool:
        """Whether the next key may come any moment, be it a scanner's or a hand's.

        Args:
            now: in seconds of the clock by which keys arrive.
        """
        return bool(self._text) and now - self._came <= BUSY_SECONDS

    def under_way(self, now: float) -> bool:
        """Whether it may, and may be a scanner's."""
        return self.busy(now) and (len(self._text) == 1 or self._scanned())

    def key(self, at: float, came: float, character: str, stood: str, *, moved: bool) -> None:
        """A character is on its way to a field.

        Args:
            at: when it was pressed.
            came: when it arrived here; later than it was pressed when the PC is busy.
            character: the character.
            stood: what the field holds before it.
            moved: whether it goes to another field than the character before.
        """
        pause = at - self._last
        odds = self._odds
        if not stood and came - self._came > FORGET_SECONDS:
            self.clear()
        if self._text and (pause > PAUSE_SECONDS or moved):
            if pause <= PAUSE_SECONDS:
                self._flaw = self._flaw or Flaw.BEHEADED
            self._earlier += self._text
            self._earlier_quick += self._quick
            self._text = ""
        self._weigh(odds, at, came)
        self._odds = []
        if not self._text:
            if not self._earlier:
                self._stood = stood
            self._before, self._began, self._quick = stood, at, 0
        elif pause <= SCAN_GAP_SECONDS:
            self._quick += 1
        self._text += character
        self._last, self._came = at, came

    def odd(self, at: float, came: float, flaw: Flaw, text: str) -> None:
        """A key came that writes nothing.

        Args:
            at: when it was pressed.
            came: when it arrived.
            flaw: what it is in the middle of a scan.
            text: the control character it stands for, if it does.
        """
        if flaw is Flaw.ALT:
            self._flaw, self._came = flaw, came
            return
        self._odds = [each for each in self._odds if came - each[1] <= PAUSE_SECONDS]
        self._odds.append((at, came, flaw, text))

    def _weigh(self, odds: list[tuple[float, float, Flaw, str]], at: float, came: float) -> None:
        """Whether odd keys before a character were in the middle of a scan, or its beginning."""
        for odd_at, odd_came, flaw, text in odds:
            near = at - odd_at <= SCAN_GAP_SECONDS or came - odd_came <= SCAN_GAP_SECONDS
            inside = bool(self._text) and odd_at - self._last <= PAUSE_SECONDS
            harmless = not inside and text and (text in _STARTS or text in self.prefix)
            if (near or inside) and not harmless:
                self._flaw = self._flaw or flaw

    def held(self, at: float, came: float) -> None:
        """The repeat of a key that is held down came; it is in the field and not in the run."""
        self._flaw = Flaw.HELD
        self._last, self._came = at, came

    def broke(self) -> None:
        """Keys may have gone elsewhere: a window came or went."""
        self._flaw = self._flaw or Flaw.BEHEADED

    def stalled(self) -> bool:
        """Whether half a scan stands here, and something must be said about it."""
        return len(self._text) >= SHORTEST_SCAN and self._scanned()

    def alone(self, stands: str) -> bool:
        """Whether the field holds one scan and nothing else, all of it at a scanner's pace."""
        return self._text == stands and not self._earlier and not self._flaw and self._scanned()

    def end(self, now: float | None, stands: str) -> Ended:
        """The end has come.

        Args:
            now: when Enter, LF or Tab arrived; ``None`` when a pause is the end.
            stands: what the field holds.
        """
        flaw, text = self._judge(stands)
        typed = flaw is None and text is None
        taken = stands if text is None else text
        late = not typed and now is not None and now - self._came > STALL_SECONDS
        ended = Ended(
            taken,
            Source.TYPED if typed or late else Source.SCAN,
            self._stood if typed else self._before,
            stands.replace(taken, "", 1) if flaw is None else "",
            flaw,
            self._began,
            self._last,
            late,
        )
        self.clear()
        return ended

    def _judge(self, stands: str) -> tuple[Flaw | None, str | None]:
        """What is wrong, if anything, and the scan; ``None`` when all of it is a hand's."""
        self._weigh([odd for odd in self._odds if odd[3] not in _ENDS], self._last, self._came)
        text = self._text
        if not self._scanned():
            if self._flaw is Flaw.ALT or (self._flaw is Flaw.HELD and self._after_held()):
                return self._flaw, None
            return (Flaw.PARTS, text) if self._mostly_quick() else (None, None)
        if self._flaw is not None:
            return self._flaw, text
        whole = len(text) >= SHORTEST_SCAN
        if self._earlier and not (whole and self._is_apart()):
            half = self._earlier_scanned() and (whole or self._mostly_quick())
            return (Flaw.PARTS, text) if half else (None, None)
        if text not in stands:
            return (Flaw.BEHEADED if len(stands) < len(text) else Flaw.CHANGED), text
        return (None, text) if whole or stands == text else (None, None)

    def _is_apart(self) -> bool:
        """Whether what came before is a hand's, or half of the scan that is now whole."""
        return not self._earlier_scanned() or self._text.startswith(self._earlier)

    def _scanned(self) -> bool:
        """Whether the last piece came at a scanner's pace."""
        steps = len(self._text) - 1
        return steps > 0 and (self._last - self._began) / steps <= SCAN_GAP_SECONDS

    def _earlier_scanned(self) -> bool:
        """Whether what stands before may be half a scan; a single key may be its beginning."""
        steps = len(self._earlier) - 1
        return steps == 0 or 2 * self._earlier_quick >= steps

    def _after_held(self) -> bool:
        """Whether a scan came right after a key was held down, which made the piece look slow."""
        return len(self._text) > SHORTEST_SCAN and 2 * self._quick >= len(self._text) - 1

    def _mostly_quick(self) -> bool:
        """Whether all pieces together are more a scanner's than a hand's."""
        steps = len(self._earlier) + len(self._text) - 1
        quick = self._earlier_quick + self._quick
        return len(self._earlier) >= SHORTEST_SCAN and 3 * quick >= 2 * steps
