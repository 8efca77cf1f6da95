"""The check digits that library barcodes end with: compute one, verify a code.

A check digit is always the last character. Code 128 carries its own inside the symbol and never
hands it over, so it does not appear here.
"""

from __future__ import annotations

from enum import StrEnum

CODE39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""The characters of Code 39 in the order of their values (ISO/IEC 16388)."""

_DOUBLED = tuple(sum(divmod(2 * digit, 10)) for digit in range(10))


class Check(StrEnum):
    """A way to compute the check digit; the values are those of the settings."""

    NONE = "none"
    """There is none."""

    LUHN_LTR = "luhn-ltr"
    """Modulus 10 of Luhn, weights 2, 1, 2, 1... starting at the *left*: the 14-digit library
    barcodes of North America. Equal to :attr:`LUHN_RTL` when the code has an even length."""

    LUHN_RTL = "luhn-rtl"
    """Modulus 10 of Luhn, weights 2, 1, 2, 1... starting at the *right*, beside the check digit:
    bank cards (ISO/IEC 7812), and library systems that check any length."""

    MOD11 = "mod11"
    """Modulus 11 with the weights 2, 3, 4, 5... from the right, not capped and not repeated, as
    in ISBN-10; a remainder of 10 is written X. The tenth digit from the right of the body has
    weight 11 and is not protected."""

    MOD43 = "mod43"
    """Modulus 43 over the characters of Code 39, letters included."""

    EAN13 = "ean13"
    """Modulus 10 with the weights 1, 3, 1, 3... of EAN-13 (GS1): exactly 13 digits."""


def compute(check: Check, body: str) -> str:
    """The check digit that belongs after ``body``; empty for :attr:`Check.NONE`.

    Raises:
        ValueError: the body is empty, has the wrong length, or characters that this check digit
            cannot be computed over. The message does not repeat the body.
    """
    if check is Check.NONE:
        return ""
    if not body:
        raise ValueError("a check digit needs something to check")
    if check is Check.MOD43:
        return CODE39[sum(map(_code39_value, body)) % 43]
    if not (body.isascii() and body.isdigit()):
        raise ValueError(f"{check.value} is computed over digits only")
    digits = [int(digit) for digit in body]
    if check is Check.MOD11:
        total = sum(weight * digit for weight, digit in enumerate(reversed(digits), 2))
        return "0123456789X"[-total % 11]
    if check is Check.EAN13:
        if len(digits) != 12:
            raise ValueError("EAN-13 has 12 digits before the check digit")
        return str(-(sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10)
    if check is Check.LUHN_RTL:
        digits.reverse()
    total = sum(_DOUBLED[digit] for digit in digits[0::2]) + sum(digits[1::2])
    return str(-total % 10)


def verify(check: Check, code: str) -> bool:
    """Whether ``code`` ends with its check digit; always so for :attr:`Check.NONE`.

    A code that the check digit cannot be computed over does not have it: the answer is no.
    """
    if check is Check.NONE:
        return True
    try:
        return compute(check, code[:-1]) == code[-1:]
    except ValueError:
        return False


def _code39_value(character: str) -> int:
    value = CODE39.find(character)
    if value < 0:
        raise ValueError("mod43 is computed over the characters of Code 39 only")
    return value
