"""The core's codes in words, for every door: what is wrong with a line, what to do about it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from offcirc.core.dat.datfile import Entry, NotThisFile, Status
from offcirc.core.dat.datline import Doubt
from offcirc.core.dat.datparts import named
from offcirc.core.transaction import ITEM_WIDTH, PATRON_LIMIT, Operation, Problem
from offcirc.i18n import N_, _, language, pgettext

if TYPE_CHECKING:
    from offcirc.core.barcodes.rules import BarcodeKind
    from offcirc.core.barcodes.ruletable import RuleComplaint

_PROBLEMS: dict[Problem, str] = {
    Problem.TOO_SHORT: N_("The line is too short to be a loan or a return."),
    Problem.LINE_TOO_LONG: N_("The line is far too long: this is not a loan or a return."),
    Problem.IMPOSSIBLE_DATE: N_("The line does not begin with a possible date and time."),
    Problem.UNKNOWN_OPERATION: N_("Neither a loan (L) nor a return (R) in column 13."),
    Problem.NO_ITEM: N_("The item barcode is missing."),
    Problem.ITEM_TOO_LONG: N_("The item barcode is longer than {item_width} characters."),
    Problem.BLANK_IN_ITEM: N_("There is a blank inside the item barcode."),
    Problem.NO_PATRON: N_("The loan names no borrower."),
    Problem.PATRON_TOO_LONG: N_(
        "The borrower’s identifier is longer than {patron_limit} characters."
    ),
    Problem.BAD_CHARACTERS: N_(
        "Characters that no barcode holds: accented letters, or control characters."
    ),
    Problem.JOINED: N_("Two loans or returns seem to have run together on this line."),
    Problem.ZERO_BYTES: N_(
        "Zero bytes, as a power cut leaves them: what was recorded here is lost or cut off."
    ),
}

_DOUBTS: dict[Doubt, str] = {
    Doubt.RETURN_WITH_PATRON: N_("A return that names a borrower: the borrower is ignored."),
    Doubt.FUTURE: N_("The time is in the future: was the PC’s clock wrong?"),
    Doubt.BACKWARDS: N_("Earlier than the line before it: was the PC’s clock changed?"),
    Doubt.VERY_OLD: N_("More than a year old: was the PC’s clock wrong, or the file forgotten?"),
    Doubt.DAMAGED_PADDING: N_(
        "The blanks between item and borrower were damaged; the line is read as it was meant."
    ),
    Doubt.BLANK_IN_PATRON: N_("There is a blank inside the borrower’s identifier."),
    Doubt.JOINED: N_("It stood on one line with another loan or return: read as the two they are."),
    Doubt.ZERO_BYTES: N_(
        "It stands behind zero bytes, as a power cut leaves them: what came before may be lost."
    ),
}

_NOT_THIS_FILE: dict[NotThisFile, str] = {
    NotThisFile.UTF16: N_(
        "This file was saved as Unicode (UTF-16) by an editor. Open it there again and save it"
        " as plain text (ANSI or ASCII)."
    ),
    NotThisFile.BINARY: N_("This is not an OffCirc.dat file: it holds no text."),
    NotThisFile.OTHER_TEXT: N_(
        "This is not an OffCirc.dat file: no line of it is a loan or return."
    ),
}


_OPERATIONS: dict[Operation, Callable[[Callable[[str, str], str]], str]] = {
    Operation.LOAN: lambda pgettext: pgettext("operation", "Loan"),
    Operation.RETURN: lambda pgettext: pgettext("operation", "Return"),
    Operation.IN_HOUSE: lambda pgettext: pgettext("operation", "In-house use"),
    Operation.RENEWAL: lambda pgettext: pgettext("operation", "Renewal"),
}


def problem(code: Problem) -> str:
    """Why a loan or return cannot be recorded or replayed, as a sentence."""
    return _(_PROBLEMS[code]).format(item_width=ITEM_WIDTH, patron_limit=PATRON_LIMIT)


def doubt(code: Doubt) -> str:
    """Why a line deserves a look, as a sentence."""
    return _(_DOUBTS[code])


def not_this_file(code: NotThisFile) -> str:
    """What a file is that is no OffCirc.dat, and what to do, in a sentence or two."""
    return _(_NOT_THIS_FILE[code])


def refusal(entry: Entry) -> str:
    """Why a line cannot be replayed; of several in one, all their barcodes."""
    assert entry.problem is not None
    if entry.problem is not Problem.JOINED:
        return problem(entry.problem)
    return _("{problem} In it: {barcodes}.").format(
        problem=problem(entry.problem), barcodes=", ".join(named(entry.raw))
    )


def verdict(entry: Entry) -> str:
    """All there is to say of a line; empty when it is fine."""
    if entry.problem is not None:
        return refusal(entry)
    return " ".join(doubt(code) for code in entry.doubts)


def operation(code: Operation, pgettext: Callable[[str, str], str] = pgettext) -> str:
    """What happened to the item, in a word or two.

    Args:
        code: the operation.
        pgettext: translates, where it is not into the active language.
    """
    return _OPERATIONS[code](pgettext)


def status(code: Status) -> str:
    """The verdict on a line in one word."""
    words = {Status.OK: _("fine"), Status.WARNING: _("warning"), Status.ERROR: _("error")}
    return words[code]


def when(moment: datetime) -> str:
    """A moment to the minute as people write it in the active language."""
    return f"{day(moment)} {moment:%H:%M}"


def day(moment: date) -> str:
    """A day as people write it in the active language: 09/05/2018, or 2018-05-09 in English.

    English readers disagree on what 09/05 means, so they get the form that cannot be misread.
    """
    if language() == "fr":
        return f"{moment.day:02}/{moment.month:02}/{moment.year:04}"
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"


def number(count: int) -> str:
    """A count, its thousands set apart: 2,914, or 2 914 in French."""
    return f"{count:,}".replace(",", pgettext("thousands", ","))


def zone(moment: datetime) -> str:
    """The time zone of a local moment, as short as library systems write it: ``CET``.

    Windows has long names instead, in its own language.
    """
    name = moment.tzname() or ""
    if re.fullmatch(r"[A-Z]{2,5}|[+-]\d{2,4}|", name):
        return name
    pair = _ZONES.get(_windows_zone())
    if pair is not None:
        return pair[time.localtime(moment.timestamp()).tm_isdst > 0]
    return f"UTC{moment:%z}"


def _windows_zone() -> str:
    """The zone's name in the registry, the same in every language."""
    if sys.platform != "win32":
        return ""
    import winreg  # noqa: PLC0415 - Windows only

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _ZONE_KEY) as key:
            return str(winreg.QueryValueEx(key, "TimeZoneKeyName")[0])
    except OSError:
        return ""


_ZONE_KEY = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation"
_ZONES = {
    **dict.fromkeys(
        (f"{name} Standard Time" for name in ("Romance", "W. Europe", "Central European")),
        ("CET", "CEST"),
    ),
    "Central Europe Standard Time": ("CET", "CEST"),
    "GMT Standard Time": ("GMT", "BST"),
    "Greenwich Standard Time": ("GMT", "GMT"),
    **dict.fromkeys(
        (f"{name} Standard Time" for name in ("GTB", "FLE", "E. Europe")), ("EET", "EEST")
    ),
    "Atlantic Standard Time": ("AST", "ADT"),
    "Eastern Standard Time": ("EST", "EDT"),
    "Central Standard Time": ("CST", "CDT"),
    "Mountain Standard Time": ("MST", "MDT"),
    "Pacific Standard Time": ("PST", "PDT"),
}
"""By Windows' own names, in winter and in summer."""


def sentence_begun(text: str) -> str:
    """``text`` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def rule_name(kind: BarcodeKind, number: int = 0, name: str = "") -> str:
    """A barcode rule by its list, and its number or name."""
    if name:
        if kind == "item":
            return _("item rule “{name}”").format(name=name)
        return _("reader rule “{name}”").format(name=name)
    if kind == "item":
        return _("item rule {number}").format(number=number)
    return _("reader rule {number}").format(number=number)


def rule_mistake(what: RuleComplaint) -> str:
    """A mistake in the barcode rules, naming the rule."""
    text = _rule_mistake(what)
    if what.suggestion:
        meant = _("Was “{suggestion}” meant?").format(suggestion=what.suggestion)
        text = f"{text} {meant}"
    if what.kind is None:
        return text
    place = rule_name(what.kind, what.number, what.name)
    return sentence_begun(_("{rule}: {mistake}").format(rule=place, mistake=text))


def _rule_mistake(what: RuleComplaint) -> str:
    # Read here and not above: the desk starts without the rules' reader.
    from offcirc.core.barcodes.ruletable import Mistake  # noqa: PLC0415

    if what.mistake is Mistake.UNKNOWN_KEY:
        return _("“{key}” is not known.").format(key=what.key)
    if what.mistake is Mistake.NOT_RULES:
        return _("“{key}” must be a list of rules, each beginning with [[{key}]].").format(
            key=what.key
        )
    if what.mistake is Mistake.NO_PATTERN:
        return _("“pattern” is missing.")
    if what.mistake is Mistake.NOT_TEXT:
        return _("“{key}” must be a text in quotes, not {value}.").format(
            key=what.key, value=what.value
        )
    if what.mistake is Mistake.WRONG_CHOICE:
        return _("“{key}” cannot be “{value}”; it can be: {choices}.").format(
            key=what.key, value=what.value, choices=", ".join(what.choices)
        )
    return _pattern_fault(what)


def _pattern_fault(what: RuleComplaint) -> str:
    from offcirc.core.barcodes.patternsyntax import PLACES_LIMIT, PatternFault  # noqa: PLC0415

    if what.fault is PatternFault.TOO_BIG:
        return _("the pattern is too big: it stands for more than {limit} characters.").format(
            limit=PLACES_LIMIT
        )
    if what.fault is PatternFault.UNSUPPORTED:
        text = _("the pattern uses “{piece}” at character {position}, which cannot be used here.")
    else:
        text = _("the pattern is written wrongly at character {position}: “{piece}”.")
    return text.format(piece=what.value, position=what.position)
