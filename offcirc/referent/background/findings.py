"""Findings so short that a column has room for them; the panel tells the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from offcirc import words
from offcirc.core.checks.verdicts import Code, Finding
from offcirc.core.transaction import Problem
from offcirc.i18n import N_, _, ngettext
from offcirc.referent.kit.figures import number
from offcirc.upload.check import checkwords

_BRIEF: dict[str, str] = {
    Code.SAME_FILE: N_("Same content as {other}"),
    Code.EARLIER_COPY: N_("Earlier copy of {other}"),
    Code.CLOCK_WRONG: N_("Most of its times are wrong"),
    Code.SAME_LINE: N_("Also in {other}"),
    Code.SCANNED_TWICE: N_("Same minute: {other}"),
    Code.LENT_TWICE: N_("Lent before: {other}"),
    Code.LENT_AGAIN: N_("Lent before: {other}"),
    Code.RETURNED_TWICE: N_("Returned before: {other}"),
    Code.NOT_ON_LOAN: N_("Not on loan in the system"),
    Code.RETURNED_FIRST: N_("Returned before: {other}"),
    Code.UNCLEAR_ORDER: N_("Same minute: {other}"),
    Code.SWAPPED: N_("Each in the other’s place"),
    Code.READER_AS_ITEM: N_("A reader’s card as item"),
    Code.ITEM_AS_READER: N_("An item as borrower"),
    Code.ITEM_FORM: N_("Not an item barcode"),
    Code.READER_FORM: N_("Not a reader’s card"),
    Code.ISBN: N_("The ISBN of the cover"),
    Code.FUTURE: N_("Later than now"),
    Code.VERY_OLD: N_("More than a year ago"),
    Code.CLOSED: N_("The library was closed"),
    Code.ITEM_UNKNOWN: N_("Not in the library system"),
    Code.READER_UNKNOWN: N_("Not in the library system"),
    Code.READER_BLOCKED: N_("Blocked: {detail}"),
    Code.RECORDED_EARLIER: N_("By an earlier upload"),
    Code.REFUSED_EARLIER: N_("In an earlier upload"),
    Code.OPEN_EARLIER: N_("By an earlier upload"),
    Problem.TOO_SHORT: N_("Too short"),
    Problem.LINE_TOO_LONG: N_("Too long"),
    Problem.BAD_CHARACTERS: N_("Characters that cannot be"),
    Problem.IMPOSSIBLE_DATE: N_("No possible date and time"),
    Problem.UNKNOWN_OPERATION: N_("Neither loan nor return"),
    Problem.NO_ITEM: N_("No item"),
    Problem.NO_PATRON: N_("No borrower"),
    Problem.BLANK_IN_ITEM: N_("A blank in the item"),
}


def brief(found: Finding, desks: Sequence[str]) -> str:
    """A finding in some three words; where the other line is, is told by its desk."""
    code, other = found.code, _other(found, desks)
    if code in _SPECIAL:
        return _SPECIAL[code](found, other)
    if code not in _BRIEF:
        if code in Problem.__members__.values():
            return words.problem(Problem(code))
        return checkwords.finding_name(code)
    return _(_BRIEF[code]).format(other=other, detail=found.detail)


def _check_digit(found: Finding, _other: str) -> str:
    text = _("Should end in {digit}") if found.detail else _("Wrong check digit")
    return text.format(digit=found.detail)


def _copied(found: Finding, other: str) -> str:
    count = int(found.detail)
    text = ngettext("{count} line also in {other}", "{count} lines also in {other}", count)
    return text.format(count=number(count), other=other)


def _moved(found: Finding, _other: str) -> str:
    moved = checkwords.offset(float(found.detail))
    return _("Corrected by up to {offset}").format(offset=moved)


def _expired(found: Finding, _other: str) -> str:
    day = words.day(date.fromisoformat(found.detail))
    return _("Expired on {day}").format(day=day)


_SPECIAL: dict[str, Callable[[Finding, str], str]] = {
    Code.ITEM_CHECK_DIGIT: _check_digit,
    Code.READER_CHECK_DIGIT: _check_digit,
    Code.DESK_COPIED: _copied,
    Code.CLOCK_MOVED: _moved,
    Code.READER_EXPIRED: _expired,
}


def _other(found: Finding, desks: Sequence[str]) -> str:
    """The other line: its number, and its desk where that is another one."""
    if found.other_file < 0:
        return ""
    if found.other_file == found.file and found.other_number:
        return _("line {number}").format(number=found.other_number)
    desk = desks[found.other_file].split(" · ")[-1]
    return f"{desk} · {found.other_number}" if found.other_number else desk
