"""From keys and bytes to scans, without windows, ports or clocks.

Characters go in with the time they came; :class:`Scan`, :class:`Typed`, :class:`Unfinished` and
:class:`Overflow` come out. How the stream is cut and how it is delivered make no difference: a
chunk is the same as its characters one by one at the same time.

**What ends a scan.** CR, LF or Tab, whichever the scanner sends; of CR LF, or of an Enter pressed
twice, the second finds nothing to end and is silent. A scanner that sends none of them ends its
scans with a pause (:attr:`Framing.gap`). As it is not known beforehand which kind of scanner it
is, pauses count until a suffix was seen after a scan, and no longer after that: a pause in the
middle of a scan, on a busy PC, must not make two barcodes of one.

**Scanner or hand.** Of the times between the characters, two thirds or more are within
:attr:`Framing.pace`, and there are :attr:`Framing.min_scan` characters or more: that is a scanner.
Scanners take 0 to 20 ms from key to key, up to 50 when told to be slow; quick typists 80 and
more, though they strike pairs of keys faster, up to every second key (so the median would not
do). Or the scan begins with a prefix that the scanner was told to send.

**Half scans.** What stands there unfinished when something new begins after a long pause
(:attr:`Framing.stall`), or when a cable was pulled, is never taken for a barcode. Nor is what
comes after it, unless the whole begins with the half, which proves that it was scanned again: it
may be the other half. The same holds for a scan that a pause ended before a suffix was seen: the
first suffix tells that it was half a scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from offcirc.core.barcodes.symbology import split_aim
from offcirc.core.session import clean
from offcirc.core.transaction import Source

BUFFER_LIMIT = 512
"""Most characters kept of something that does not end: twice the longest identifier."""

_ERASE = "\b\x7f"


class Terminator(StrEnum):
    """What ended a text; the values are those of the settings."""

    CR = "cr"
    LF = "lf"
    TAB = "tab"
    NONE = "none"
    """A pause."""


_ENDS = {"\r": Terminator.CR, "\n": Terminator.LF, "\t": Terminator.TAB}


@dataclass(frozen=True, slots=True)
class Framing:
    """How scans are told from each other and from typing. Times are in seconds.

    Attributes:
        suffixes: what may end a text. With :attr:`Terminator.NONE` and others, a pause counts
            until a suffix was seen; with it alone, always. CR LF is CR and LF.
        prefix: what the scanner was told to send before each scan; empty when nothing. It should
            be no character of a barcode, best a control character such as STX.
        gap: a pause that ends a scan of a scanner without suffix.
        stall: a pause after which something new begins, where only suffixes end a scan.
        pace: a scanner's usual time from character to character, at most.
        min_scan: fewer characters than this are always typed, unless a prefix says otherwise.
        limit: most characters kept of something that does not end.
    """

    suffixes: frozenset[Terminator] = frozenset(Terminator)
    prefix: str = ""
    gap: float = 0.060
    stall: float = 0.5
    pace: float = 0.050
    min_scan: int = 4
    limit: int = BUFFER_LIMIT


@dataclass(frozen=True, slots=True)
class Scan:
    """A finished scan.

    Attributes:
        text: the barcode, without prefix, AIM identifier, and blanks and control characters
            around it.
        raw: everything that came but the terminator.
        source: keyboard (:attr:`Source.SCAN`) or serial port.
        terminator: what ended it.
        symbology: the AIM identifier without its bracket (``C1``); empty when none was sent.
        began: when its first character came, on the clock of the caller.
        ended: when its last character came.
    """

    text: str
    raw: str
    source: Source
    terminator: Terminator
    symbology: str = ""
    began: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Typed:
    """A text typed by hand and finished with Enter or Tab.

    Attributes:
        text: the text, without blanks and control characters around it.
        raw: the keys as they came, but for those erased again.
        terminator: what ended it.
        began: when its first character came.
        ended: when its last character came.
    """

    text: str
    raw: str
    terminator: Terminator
    began: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Something that was never finished and is no barcode.

    Attributes:
        raw: what there was.
        scanned: whether it came from a scanner: then half a scan was lost, and the staff must
            hear of it. Otherwise it is what stood typed when a scan began.
    """

    raw: str
    scanned: bool


@dataclass(frozen=True, slots=True)
class Overflow:
    """Far more came than any barcode holds, such as a book lying on the keyboard.

    The rest, up to the next terminator or pause, is dropped.

    Attributes:
        kept: the beginning of it.
    """

    kept: str


Event = Scan | Typed | Unfinished | Overflow


class Decoder:
    """Cuts a stream of characters into scans and typed texts.

    Attributes:
        framing: how.
        source: what the stream is: :attr:`Source.SCAN` for a keyboard, where scans and typing
            are mixed, or :attr:`Source.SERIAL`, where everything is scanned.
    """

    def __init__(self, framing: Framing | None = None, source: Source = Source.SCAN) -> None:
        self.framing = framing or Framing()
        self.source = source
        self._suffix_seen = False
        self._by_pause = Terminator.NONE in self.framing.suffixes
        self._half = ""  # of a scan that was not finished; what comes next may be the rest
        self._guess = ""  # a scan that a pause ended; a suffix tells that it was not finished
        self._clear()

    def _clear(self) -> None:
        # What was typed before a pause, and the run of characters since.
        self._hand: list[str] = []
        self._run: list[str] = []
        self._quick = 0  # of the run's pauses, those within a scanner's pace
        self._framed = False  # the run begins with the prefix
        self._flood = False  # too much came, the rest is being dropped
        self._began = self._run_began = self._last = 0.0

    @property
    def pending(self) -> str:
        """What has come and is not finished."""
        return "".join(self._hand) + "".join(self._run)

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` must be called, for a scan without suffix; ``None`` if it need not."""
        if self._pauses_end and (self._flood or self._scanned()):
            return self._last + self.framing.gap
        return None

    def under_way(self, now: float, pause: float) -> bool:
        """Whether the next character of a scan may come any moment, ``pause`` being none."""
        begun = len(self._run) == 1 or 2 * self._quick >= len(self._run) - 1
        return bool(self._run) and begun and now - self._last <= pause

    def feed(self, data: str | bytes, now: float) -> list[Event]:
        """Take what came.

        Args:
            data: characters, or bytes of a serial port (Latin-1, so that none is lost). Repeats
                of a key held down are not for here.
            now: when it came, in seconds of a steady clock.

        Returns:
            What is finished by it.
        """
        events: list[Event] = []
        suffixes = self.framing.suffixes
        for character in data if isinstance(data, str) else data.decode("latin-1"):
            end = _ENDS.get(character)
            if end is not None and end in suffixes:
                self._end(end, now, events)
            else:
                self._add(character, now, events)
        return events

    def tick(self, now: float) -> list[Event]:
        """Say that time has passed; ends a scan without suffix when :attr:`deadline` is over.

        Calling it more often, or not at all, changes when events come, not which.
        """
        events: list[Event] = []
        if self._pauses_end and now - self._last > self.framing.gap:
            self._pause(events)
        return events

    def reset(self) -> list[Event]:
        """Forget what is not finished: the connection was lost, or something else has begun.

        Returns:
            The half scan that is forgotten, if there is one to speak of.
        """
        events: list[Event] = []
        if self._scanned():
            self._unfinished(self._run, True, events)
        self._half = self._guess = ""
        self._clear()
        return events

    @property
    def _pauses_end(self) -> bool:
        return self._by_pause and not (self._suffix_seen and len(self.framing.suffixes) > 1)

    def _scanned(self) -> bool:
        """Whether the run was scanned: it has the prefix, or the pace of a scanner."""
        count = len(self._run)
        if self._framed or (self.source is Source.SERIAL and count):
            return True
        return count >= self.framing.min_scan and 3 * self._quick >= 2 * (count - 1)

    def _add(self, character: str, now: float, events: list[Event]) -> None:
        pause = now - self._last
        limit = self.framing.gap if self._pauses_end else self.framing.stall
        if pause > limit and (self._run or self._flood):
            self._pause(events)
        if self._flood:
            self._last = now
            return
        if character in _ERASE and self.source is not Source.SERIAL:
            self._erase()
            self._last = now
            return
        if len(self._hand) + len(self._run) >= self.framing.limit:
            kept = self.pending
            self._clear()
            self._flood = True
            self._last = now
            events.append(Overflow(kept))
            return
        if not self._run:
            self._run_began = now
            if not self._hand:
                self._began = now
        elif pause <= self.framing.pace:
            self._quick += 1
        self._run.append(character)
        self._last = now
        prefix = self.framing.prefix
        if prefix and not self._framed and character == prefix[-1]:
            self._find_prefix(prefix, now)

    def _find_prefix(self, prefix: str, now: float) -> None:
        before = len(self._run) - len(prefix)
        if "".join(self._run[max(before, 0) :]) == prefix:
            self._hand += self._run[:before]
            self._run = self._run[before:]
            self._framed = True
            self._run_began = now
            self._quick = 0

    def _erase(self) -> None:
        """Backspace: a hand is at work, so nothing here is a scan."""
        self._hand += self._run
        self._run = []
        self._quick = 0
        self._framed = False
        if self._hand:
            self._hand.pop()

    def _pause(self, events: list[Event]) -> None:
        """The run is over, without a terminator."""
        if self._flood:
            self._clear()
        elif self._scanned():
            if self._pauses_end:
                self._scan(Terminator.NONE, events)
            else:
                self._half = "".join(self._run)
                self._unfinished(self._hand, False, events)
                self._unfinished(self._run, True, events)
                self._clear()
        else:
            self._hand += self._run
            self._run = []
            self._quick = 0

    def _end(self, terminator: Terminator, now: float, events: list[Event]) -> None:
        if self._pauses_end and now - self._last > self.framing.gap:
            self._pause(events)
        if self._flood:
            self._clear()
        elif self._scanned():
            self._scan(terminator, events)
            self._suffix_seen = True
        elif self._hand or self._run:
            raw = self.pending
            text = clean(raw)
            if text:
                events.append(Typed(text, raw, terminator, self._began, self._last))
            self._half = ""
            self._clear()

    def _scan(self, terminator: Terminator, events: list[Event]) -> None:
        self._unfinished(self._hand, False, events)
        raw = "".join(self._run)
        half = self._half or ("" if terminator is Terminator.NONE else self._guess)
        self._half = self._guess = ""
        if half and not raw.startswith(half):
            self._unfinished(self._run, True, events)
            self._clear()
            return
        if terminator is Terminator.NONE and len(self.framing.suffixes) > 1:
            self._guess = raw
        body = raw[len(self.framing.prefix) :] if self._framed else raw
        symbology, rest = split_aim(clean(body))
        text = clean(rest)
        if text:
            events.append(
                Scan(text, raw, self.source, terminator, symbology, self._run_began, self._last)
            )
        self._clear()

    def _unfinished(self, characters: list[str], scanned: bool, events: list[Event]) -> None:
        raw = "".join(characters)
        if clean(raw):
            events.append(Unfinished(raw, scanned))
