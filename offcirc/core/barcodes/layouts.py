"""Scanners set for another keyboard than the PC's: what arrives, and what was meant.

A scanner that plays a keyboard presses keys by their place. If it believes that the PC has an
American keyboard (QWERTY, the setting of the factory) and the PC has a French one (AZERTY),
31234 arrives as ``"&é"'``. Caps Lock on the PC distorts in its own way: on Windows it turns the
whole upper row of an AZERTY keyboard round, elsewhere it only makes letters, É and È among them,
capitals.

A text is mended only when the result is proven (:func:`repair`). What is merely likely is for a
hint to the staff (:func:`suspect`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from offcirc.core.barcodes.rules import LENGTH_LIMIT, RuleSet, accepted, judge

MIN_DIGITS = 4
"""Without rules, fewer digits than this are no proof: they may have been typed."""

MIN_SIGNS = 3
"""So many changed ASCII signs are proof; fewer may be slips of the keyboard."""

SURVIVING = " BCDEFGHIJKLNOPRSTUVX"
"""The printable characters that every layout and Caps Lock leave alone, but for capitals and
small letters: no digit and no sign is among them, nor A, M, Q, W, Y, Z."""


class Caps(StrEnum):
    """What Caps Lock does on the PC."""

    OFF = "off"
    """Nothing: it is off."""

    LETTERS = "letters"
    """Letters become capitals, and with Shift small: Linux, macOS, and QWERTY on Windows."""

    SHIFT = "shift"
    """Every key acts as if Shift were held, and the other way round: AZERTY and QWERTZ on
    Windows."""


# Keys by place, as on an American keyboard: the row of digits from the key before 1, then the
# three rows of letters; the bottom row begins with the key that American keyboards do not have.
# First without, then with Shift. Written after the layouts of the systems themselves; dead keys
# stand for the accent they give before a digit. A blank is a place that gives nothing.
_ROWS = {
    "us": (
        ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", " zxcvbnm,./"),
        ("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', " ZXCVBNM<>?"),
    ),
    "fr": (
        ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
        (" 1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"),
    ),
    "be": (
        ("²&é\"'(§è!çà)-", "azertyuiop^$", "qsdfghjklmùµ", "<wxcvbn,;:="),
        ("³1234567890°_", "AZERTYUIOP¨*", "QSDFGHJKLM%£", ">WXCVBN?./+"),
    ),
    "de": (
        ("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
        ('°!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"),
    ),
    "ch": (
        ("§1234567890'^", "qwertzuiopè¨", "asdfghjkléà$", "<yxcvbnm,.-"),
        ('°+"*ç%&/()=?`', "QWERTZUIOPü!", "ASDFGHJKLöä£", ">YXCVBNM;:_"),
    ),
    "ca": (
        ("#1234567890-=", "qwertyuiop^¸", "asdfghjkl;`<", "«zxcvbnm,.é"),
        ('|!"/$%?&*()_+', "QWERTYUIOP ¨", "ASDFGHJKL: >", "»ZXCVBNM' É"),
    ),
    "csa": (
        ("/1234567890-=", "qwertyuiop^ç", "asdfghjkl;èà", "ùzxcvbnm,.é"),
        ("\\!@#$%?&*()_+", "QWERTYUIOP¨Ç", "ASDFGHJKL:ÈÀ", "ÙZXCVBNM'\"É"),
    ),
    "afnor": (
        ("@àéèê()‘’«»'^", "azertyuiop-+", "qsdfghjklm/*", "<wxcvbn.,:;"),
        ('#1234567890"¨', "AZERTYUIOP–±", "QSDFGHJKLM\\½", ">WXCVBN?!…="),
    ),
}
_KEYS = {name: ("".join(plain), "".join(shifted)) for name, (plain, shifted) in _ROWS.items()}

LAYOUTS = tuple(_KEYS)
"""Keyboards by country: American QWERTY, French and Belgian AZERTY (the Mac's French one has the
Belgian digits; that of the Maghreb and of West Africa is the French one), German QWERTZ, Swiss
French QWERTZ (Luxembourg's, too), Canadian French, the Canadian standard, the French standard."""

SCANNERS = LAYOUTS[:4]
"""Those a scanner may be set for. The others send what one of these does, as far as barcodes go."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why what arrives is not what was scanned.

    Attributes:
        scanner: the keyboard the scanner is set for, one of :data:`SCANNERS`.
        pc: the keyboard the PC is set for, one of :data:`LAYOUTS`.
        caps: what Caps Lock does on the PC.
    """

    scanner: str
    pc: str
    caps: Caps = Caps.OFF

    @property
    def code(self) -> str:
        """A short name for the journal, such as ``us-fr`` or ``us-fr-lock``."""
        parts = [self.scanner, self.pc]
        if self.caps is not Caps.OFF:
            parts.append(self.caps.value)
        return "-".join(parts)

    def garbled(self, text: str) -> str | None:
        """What arrives when ``text`` is scanned; ``None`` if the scanner has no key for it."""
        return _through(text, _tables(self)[0])

    def mended(self, raw: str) -> str | None:
        """What was scanned when ``raw`` arrives; ``None`` if nothing gives that."""
        return _through(raw, _tables(self)[1])


def _through(text: str, table: dict[str, str]) -> str | None:
    characters = []
    for character in text:
        other = table.get(character)
        if other is None:
            return None
        characters.append(other)
    return "".join(characters)


@cache
def _tables(cause: Cause) -> tuple[dict[str, str], dict[str, str]]:
    """From what is scanned to what arrives, and back."""
    there = {" ": " "}
    for shift in (0, 1):
        plain = zip(_KEYS[cause.scanner][shift], *_KEYS[cause.pc], strict=True)
        for sent, low, high in plain:
            arrives = _on_pc(low, high, shift, cause.caps)
            if sent != " " and arrives != " ":
                there[sent] = arrives
    back = {arrives: sent for sent, arrives in there.items()}
    return there, back


def _on_pc(low: str, high: str, shift: int, caps: Caps) -> str:
    """The character of a key of the PC, given its plain and its shifted one."""
    if caps is Caps.SHIFT:
        return low if shift else high
    given = high if shift else low
    if caps is Caps.OFF or not given.isalpha() or len(given.upper()) > 1:
        return given
    return low if shift and low.upper() == high else given.upper()


_PCS = ("fr", "us", "be", "de", "ch", "ca", "csa", "afnor")


def _causes() -> tuple[Cause, ...]:
    """Everything that can be wrong, the likely before the unlikely."""
    found = []
    for caps in Caps:
        for scanner in SCANNERS:
            for pc in _PCS:
                if (scanner == pc and caps is Caps.OFF) or (pc == "us" and caps is Caps.SHIFT):
                    continue
                found.append(Cause(scanner, pc, caps))
    # One mistake is likelier than two at once: the wrong country and Caps Lock.
    return tuple(sorted(found, key=lambda c: c.caps is not Caps.OFF and c.scanner != c.pc))


CAUSES = _causes()
"""Every cause known here, the likely before the unlikely."""


@dataclass(frozen=True, slots=True)
class MendedText:
    """A text that was mended.

    Attributes:
        raw: what arrived.
        text: what was scanned, with AIM identifier and the like if they were sent.
        causes: every cause that explains it, the likeliest first.
    """

    raw: str
    text: str
    causes: tuple[Cause, ...]

    @property
    def cause(self) -> Cause:
        """The likeliest cause."""
        return self.causes[0]


def repair(
    text: str,
    rules: RuleSet,
    *,
    pc: str | None = None,
    caps_lock: bool | None = None,
    proven: tuple[Cause, ...] = (),
) -> MendedText | None:
    """Mend a text that a scanner set for another keyboard garbled, when that can be proven.

    It is proven when

    - no rule fits the text as it is, whatever its check digit, and
    - all causes together allow exactly one other text that a rule accepts, check digit included
      (unless the rule does not mind it), and
    - at least one character that no barcode holds (é, è, ç, à and the like) was changed for it,
      or :data:`MIN_SIGNS` signs.

    Where a list has no rules, digits are accepted too, but only digits (:data:`MIN_DIGITS` or
    more), and only if a character outside ASCII was changed: OffCirc.dat could not have held the
    text as it came, so nothing that is right is lost. Letters are not: without rules nothing
    tells a capital letter scanned on the wrong keyboard from a small one under Caps Lock. They
    are once scans before have proven the cause, if it allows one text of letters and digits alone.

    Under Caps Lock, letters alone are turned when a rule accepts them only so.

    Args:
        text: what arrived.
        rules: the library's rules.
        pc: the PC's keyboard, one of :data:`LAYOUTS`, when it is known.
        caps_lock: whether Caps Lock is on, when it is known. Letters are often proven only then.
        proven: the causes that explain every scan mended so far, if some were.
    """
    plain = text.isascii() and text.isalnum()
    if (plain and not caps_lock) or len(text) > LENGTH_LIMIT or judge(text, rules).kinds:
        return None
    if plain:
        return _turned(text, rules)
    anything = not (rules.items and rules.patrons)
    found: dict[str, list[Cause]] = {}
    for cause in _possible(pc, caps_lock):
        mended = cause.mended(text)
        if mended is None or mended == text:
            continue
        if accepted(mended, rules) or (anything and _only_digits(text, mended)):
            found.setdefault(mended, []).append(cause)
    if len(found) != 1:
        found = _as_before(text, proven, caps_lock)
    if len(found) != 1:
        return None
    mended, causes = found.popitem()
    return MendedText(text, mended, tuple(causes)) if _proof(text, mended) else None


def _turned(text: str, rules: RuleSet) -> MendedText | None:
    """Letters whose case Caps Lock turned, when a rule accepts them only the other way round.

    Only those that stand at the same place of every keyboard: else it may be two faults at once.
    """
    other = text.swapcase()
    letters = filter(str.isalpha, text.upper())
    if (
        other == text
        or not all(letter in SURVIVING for letter in letters)
        or not accepted(other, rules)
    ):
        return None
    plain = Cause("us", "us", Caps.LETTERS)
    # Other keyboards may stand behind it as well: nothing in the text tells.
    causes = (each for each in _possible(None, True) if each.mended(text) == other)
    return MendedText(text, other, (plain, *(each for each in causes if each != plain)))


def _as_before(
    text: str, proven: tuple[Cause, ...], caps_lock: bool | None
) -> dict[str, list[Cause]]:
    """What the causes of earlier scans make of a text, if letters and digits are what they make."""
    found: dict[str, list[Cause]] = {}
    for cause in _possible(None, caps_lock):
        mended = cause.mended(text) if cause in proven else None
        if mended is not None and mended.isascii() and mended.isalnum():
            found.setdefault(mended, []).append(cause)
    return found


def suspect(
    text: str, rules: RuleSet, *, pc: str | None = None, caps_lock: bool | None = None
) -> Cause | None:
    """The likeliest cause of a text that looks garbled, proven or not: for a hint, no more.

    A text looks garbled when no rule fits it and one cause turns :data:`MIN_SIGNS` or more of
    its signs into nothing but letters and digits.

    Args:
        text: what arrived.
        rules: the library's rules.
        pc: the PC's keyboard, when it is known.
        caps_lock: whether Caps Lock is on, when it is known.
    """
    if len(text) > LENGTH_LIMIT or (text.isascii() and text.isalnum()):
        return None
    if judge(text, rules).kinds:
        return None
    for cause in _possible(pc, caps_lock):
        mended = cause.mended(text)
        if mended is None or not (mended.isascii() and mended.isalnum()):
            continue
        if len(_changed(text, mended)) >= MIN_SIGNS and any(map(str.isdigit, mended)):
            return cause
    return None


def diagnose(expected: str, arrived: str) -> tuple[Cause, ...]:
    """Every cause that makes ``arrived`` of ``expected``, the likeliest first.

    For the scanner test: the barcode on the test card is known. Nothing is wrong, or nothing
    known here is, when there is no cause.
    """
    if expected == arrived:
        return ()
    return tuple(cause for cause in CAUSES if cause.garbled(expected) == arrived)


def _possible(pc: str | None, caps_lock: bool | None) -> Iterable[Cause]:
    for cause in CAUSES:
        if pc is not None and cause.pc != pc:
            continue
        if caps_lock is None or caps_lock == (cause.caps is not Caps.OFF):
            yield cause


def _changed(raw: str, mended: str) -> list[str]:
    """The signs and foreign letters of ``raw`` that stand for something else."""
    return [
        before
        for before, after in zip(raw, mended, strict=True)
        if before != after and not (before.isascii() and before.isalnum())
    ]


def _proof(raw: str, mended: str) -> bool:
    changed = _changed(raw, mended)
    return len(changed) >= MIN_SIGNS or any(not character.isascii() for character in changed)


def _only_digits(raw: str, mended: str) -> bool:
    digits = mended.isascii() and mended.isdigit() and len(mended) >= MIN_DIGITS
    return digits and any(not character.isascii() for character in _changed(raw, mended))
