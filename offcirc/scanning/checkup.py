"""How a scanner is set, told from what arrives: for the scanner test, without windows or clocks.

Any barcode shows suffix, pace and AIM identifier. The scanner's test card
(:data:`offcirc.core.barcodes.controlcards.TEST_TEXT`) shows besides whether the scanner and the PC
agree on the keyboard, and whether characters get lost on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from offcirc.core.barcodes.controlcards import TEST_TEXT, Card, card_of
from offcirc.core.barcodes.layouts import CAUSES, Cause, diagnose
from offcirc.core.barcodes.rules import ANY, RuleSet
from offcirc.core.transaction import Source
from offcirc.scanning.decoder import (
    Decoder,
    Event,
    Framing,
    Overflow,
    Scan,
    Terminator,
    Typed,
    Unfinished,
)
from offcirc.scanning.reading import read

TAIL_SECONDS = 0.15
"""An Enter, LF or Tab so soon after another belongs to the same suffix."""

KEYS_LIMIT = 300
"""Most keys that are kept to be shown."""

_ENDS = {"\r": Terminator.CR, "\n": Terminator.LF, "\t": Terminator.TAB}
_AIM_LENGTH = 3


class ScannerVerdict(StrEnum):
    """How it stands with the scanner."""

    GOOD = "good"
    NOTICE = "notice"
    """It works, and could be set better."""

    WRONG = "wrong"


class ScannerFault(StrEnum):
    """What is wrong, or could be better, the worst first."""

    KEYBOARD = "keyboard"
    """:attr:`Checkup.causes` says which keyboard, or Caps Lock."""

    LOST = "lost"
    """Characters of the test card did not arrive: :attr:`Checkup.lost`."""

    OTHER = "other"
    """It began like the test card and is neither that nor anything known."""

    FLOOD = "flood"
    """Far more came than any barcode holds."""

    SLOW = "slow"
    """It came as slowly as typing."""

    NO_SUFFIX = "no-suffix"
    """The scanner sends nothing after the barcode."""

    OTHER_SUFFIX = "other-suffix"
    """The settings do not name the suffix that came."""


_NOTICES = (ScannerFault.SLOW, ScannerFault.NO_SUFFIX)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that arrived.

    Attributes:
        character: what it gave.
        gap: seconds since the key before; ``None`` for the first.
    """

    character: str
    gap: float | None


@dataclass(frozen=True, slots=True)
class Checkup:
    """What one scan says about its scanner.

    Attributes:
        keys: every key of it, the suffix included.
        text: the barcode as it arrived, without prefix, AIM identifier and suffix.
        meant: the barcode as it was printed, where that is known.
        source: keyboard (:attr:`Source.SCAN`), serial port, or typed by hand.
        suffix: what came after it; empty when nothing did.
        symbology: the AIM identifier without its bracket; empty when none was sent.
        pace: seconds from key to key, on average; ``None`` for a serial scanner.
        test_card: whether it was the scanner's test card.
        faults: what is wrong, the worst first.
        causes: why it arrived garbled, the likeliest first.
        lost: how many characters of the test card did not arrive.
    """

    keys: tuple[Key, ...]
    text: str = ""
    meant: str = ""
    source: Source = Source.SCAN
    suffix: tuple[Terminator, ...] = ()
    symbology: str = ""
    pace: float | None = None
    test_card: bool = False
    faults: tuple[ScannerFault, ...] = ()
    causes: tuple[Cause, ...] = ()
    lost: int = 0

    @property
    def verdict(self) -> ScannerVerdict:
        """How it stands with the scanner, all in all."""
        if any(fault not in _NOTICES for fault in self.faults):
            return ScannerVerdict.WRONG
        return ScannerVerdict.NOTICE if self.faults else ScannerVerdict.GOOD


class Examiner:
    """Takes what arrives and says what it shows."""

    def __init__(self, framing: Framing | None = None, rules: RuleSet = ANY) -> None:
        """Prepare.

        Args:
            framing: how the desk tells scans apart, to be compared with what comes.
            rules: the library's barcode rules.
        """
        self._framing = framing or Framing()
        self._rules = rules
        self._decoder: Decoder
        self._keys: list[Key] = []
        self._last: float | None = None
        self._found: Checkup | None = None
        self._begin()

    @property
    def keys(self) -> tuple[Key, ...]:
        """What has arrived of a scan so far."""
        return tuple(self._keys)

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` must be called; ``None`` if it need not."""
        return self._decoder.deadline

    def feed(self, character: str, now: float) -> Checkup | None:
        """Take a key.

        Args:
            character: what it gave.
            now: when, in seconds of a steady clock.

        Returns:
            What a scan that is finished by it shows; what is known better, for the second half
            of a suffix.
        """
        gap = None if self._last is None else now - self._last
        end = _ENDS.get(character)
        if self._found is not None:
            if end and gap is not None and gap < TAIL_SECONDS and self._found.suffix:
                self._last = now
                self._decoder.feed(character, now)
                keys = (*self._found.keys, Key(character, gap))
                self._found = replace(self._found, keys=keys, suffix=(*self._found.suffix, end))
                return self._found
            if (
                ScannerFault.FLOOD in self._found.faults
                and gap is not None
                and gap < self._framing.stall
            ):
                self._last = now  # it is still coming
                return None
            self._begin()
            gap = None
        if len(self._keys) < KEYS_LIMIT:
            self._keys.append(Key(character, gap))
        self._last = now
        return self._finished(self._decoder.feed(character, now))

    def tick(self, now: float) -> Checkup | None:
        """Say that time has passed; ends the scan of a scanner without suffix."""
        return self._finished(self._decoder.tick(now))

    def serial(self, scan: Scan) -> Checkup:
        """What a scan from a serial port shows."""
        self._begin()
        self._found = self._of_scan(scan, tuple(Key(each, None) for each in scan.raw))
        return self._found

    def forget(self) -> None:
        """Begin anew."""
        self._begin()

    def _begin(self) -> None:
        # Whatever ends a scan is recognised here, or the test could not name it; and nothing is
        # remembered of the scanner before, so that a missing suffix is noticed each time.
        self._decoder = Decoder(replace(self._framing, suffixes=frozenset(Terminator)))
        self._keys.clear()
        self._last = None
        self._found = None

    def _finished(self, events: list[Event]) -> Checkup | None:
        for event in events:
            self._found = self._of(event)
        return self._found if events else None

    def _of(self, event: Event) -> Checkup:
        keys = tuple(self._keys)
        if isinstance(event, Overflow):
            return Checkup(keys, event.kept, faults=(ScannerFault.FLOOD,))
        if isinstance(event, Unfinished):  # typed before a scan, which follows
            return Checkup(keys, event.raw)
        return self._of_scan(event, keys)

    def _of_scan(self, event: Scan | Typed, keys: tuple[Key, ...]) -> Checkup:
        source = event.source if isinstance(event, Scan) else Source.TYPED
        none = event.terminator is Terminator.NONE
        gaps = [key.gap for key in keys if key.gap is not None and key.character not in _ENDS]
        base = Checkup(
            keys=keys,
            text=event.text,
            source=source,
            suffix=() if none else (event.terminator,),
            symbology=event.symbology if isinstance(event, Scan) else "",
            pace=sum(gaps) / len(gaps) if gaps else None,
        )
        faults = []
        if source is Source.TYPED:
            faults.append(ScannerFault.SLOW)
        if source is not Source.SERIAL:
            if none:
                faults.append(ScannerFault.NO_SUFFIX)
            if event.terminator not in self._framing.suffixes:
                faults.append(ScannerFault.OTHER_SUFFIX)
        judged = self._as_test_card(base) or self._as_barcode(base, event)
        order = list(ScannerFault)
        return replace(judged, faults=tuple(sorted((*judged.faults, *faults), key=order.index)))

    def _as_test_card(self, base: Checkup) -> Checkup | None:
        if card_of(base.text) is not Card.TEST:
            return None
        found = replace(base, test_card=True, meant=TEST_TEXT)
        # A garbled AIM identifier still stands before the text: no decoder could know it.
        for start in (0, _AIM_LENGTH):
            arrived = base.text[start:]
            if arrived == TEST_TEXT and not start:
                return found
            sent = TEST_TEXT
            if arrived == TEST_TEXT:  # on some keyboards only the identifier's bracket suffers
                sent, arrived = f"]{base.text[1:start]}{sent}", base.text
            if causes := diagnose(sent, arrived):
                return replace(found, text=arrived, causes=causes, faults=(ScannerFault.KEYBOARD,))
        if lost := _lost(base.text):
            return replace(found, lost=lost, faults=(ScannerFault.LOST,))
        return replace(found, faults=(ScannerFault.OTHER,))

    def _as_barcode(self, base: Checkup, event: Scan | Typed) -> Checkup:
        first = read(event, self._rules)[0]
        if first.repair is not None:
            return replace(
                base,
                meant=first.judgement.text,
                causes=first.repair.causes,
                faults=(ScannerFault.KEYBOARD,),
            )
        if first.suspected is not None:
            meant = first.suspected.mended(base.text) or ""
            return replace(
                base, meant=meant, causes=(first.suspected,), faults=(ScannerFault.KEYBOARD,)
            )
        return replace(base, meant=first.judgement.text)


def _lost(arrived: str) -> int:
    """How many characters of the test card are missing, when the rest is all there in order."""
    garbled = (cause.garbled(TEST_TEXT) for cause in CAUSES)
    for expected in (TEST_TEXT, *filter(None, garbled)):
        rest = iter(expected)
        if len(arrived) < len(expected) and all(each in rest for each in arrived):
            return len(expected) - len(arrived)
    return 0
