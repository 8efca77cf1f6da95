"""The circulation policy of a practice library: ``policy.toml`` as frozen dataclasses.

Every key is checked when the file is read, and a key nobody knows is an error as well: a mistyped
``grace_day`` would otherwise be a rule that silently does not exist.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from offcirc.core.rules.policy import (
    ANY,
    Closure,
    FixedReturn,
    Hours,
    ItemException,
    Library,
    Limit,
    Policy,
    Renewal,
    Terms,
)
from offcirc.i18n import _
from offcirc.practice.errors import LibraryError
from offcirc.practice.library.tables import TomlTable

FILE = "policy.toml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_LONGEST_LOAN = 1000
_LONGEST_CLOSURE = 400
_MOST_ITEMS = 10_000


def parse(text: str) -> Policy:
    """Read the text of a ``policy.toml``.

    Raises:
        LibraryError: something in it is wrong; the sentence names the key.
    """
    try:
        root = TomlTable(FILE, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LibraryError(
            _("{file} is not valid TOML: {reason}").format(file=FILE, reason=error)
        ) from None
    zone = root.zone("timezone")
    libraries = {code: _library(code, table) for code, table in root.tables("libraries")}
    if not libraries:
        raise root.wrong("libraries", _("names no library"))
    _check_desks(root, libraries)
    rules: dict[tuple[str, str], Terms] = {}
    for table in root.array("rules"):
        place = (table.text("location"), table.text("group"))
        if place in rules:
            raise table.wrong("location", _("repeats the location and group of another rule"))
        rules[place] = _rule(table)
    exceptions = {
        code: _exception(code, table) for code, table in root.tables("exceptions", optional=True)
    }
    limits = tuple(_limit(each) for each in root.array("limits", optional=True))
    name = root.text("name", default=", ".join(library.name for library in libraries.values()))
    renewal = root.text("renewal", default=Renewal.REMAINING_DAYS)
    if renewal not in list(Renewal):
        raise root.wrong("renewal", _("must be one of: {names}").format(names=", ".join(Renewal)))
    root.finish()
    return Policy(name, zone, libraries, rules, exceptions, Renewal(renewal), limits)


def _check_desks(root: TomlTable, libraries: Mapping[str, Library]) -> None:
    seen: dict[str, str] = {}
    for library in libraries.values():
        other = seen.setdefault(library.circ_desk, library.code)
        if other != library.code:
            key = f"libraries.{library.code}.circ_desk"
            raise root.wrong(key, _("is the circulation desk of {other} too").format(other=other))


def _library(code: str, table: TomlTable) -> Library:
    hours = table.table("hours")
    times = (hours.hours(day) for day in DAYS)
    week = tuple(None if each is None else Hours(*each) for each in times)
    if not any(week):
        raise table.wrong("hours", _("has no day on which the library is open"))
    hours.finish()
    closures = tuple(_closure(each) for each in table.array("closures", optional=True))
    fixed = tuple(_fixed_return(each) for each in table.array("fixed_returns", optional=True))
    library = Library(
        code=code,
        name=table.text("name"),
        circ_desk=table.text("circ_desk"),
        week=week,
        closures=closures,
        grace_days=table.whole("grace_days", 0, _LONGEST_LOAN),
        short_loan_grace_days=table.whole("short_loan_grace_days", 0, _LONGEST_LOAN),
        fixed_returns=fixed,
    )
    table.finish()
    return library


def _closure(table: TomlTable) -> Closure:
    closure = Closure(table.day("from"), table.day("to"))
    table.finish()
    # The calendar walks over closures day by day, so an endless one would have no next open day.
    if not 0 <= (closure.last - closure.first).days <= _LONGEST_CLOSURE:
        raise table.wrong(
            "to",
            _("must not be before 'from', nor more than {days} days after").format(
                days=_LONGEST_CLOSURE
            ),
        )
    return closure


def _fixed_return(table: TomlTable) -> FixedReturn:
    fixed = FixedReturn(table.day("from"), table.day("to"), table.day("due"))
    table.finish()
    if not fixed.first <= fixed.last < fixed.due:
        raise table.wrong("due", _("must be after 'to', and 'to' not before 'from'"))
    return fixed


def _limit(table: TomlTable) -> Limit:
    kinds = {key: table.text(key, default=ANY) for key in ("group", "library", "exception")}
    material = table.text("material_type", default=ANY)
    limit = Limit(table.whole("most", 0, _MOST_ITEMS), material=material, **kinds)
    table.finish()
    return limit


def _rule(table: TomlTable) -> Terms:
    days = table.whole("days", 1, _LONGEST_LOAN)
    longest = table.whole("max_days", 1, _LONGEST_LOAN, default=days)
    table.finish()
    if longest < days:
        raise table.wrong("max_days", _("is less than 'days'"))
    return Terms(days, None, longest)


def _exception(code: str, table: TomlTable) -> ItemException:
    excluded = table.flag("excluded", default=False)
    hours = table.whole("hours", 1, 24 * _LONGEST_LOAN, default=0) or None
    days = table.whole("days", 1, _LONGEST_LOAN, default=0) or None
    longest = table.whole("max_days", 1, _LONGEST_LOAN, default=0) or None
    renewable = table.flag("renewable", default=True)
    if [excluded, hours is not None, days is not None].count(True) != 1:
        raise table.wrong("", _("needs exactly one of 'excluded', 'hours' and 'days'"))
    if longest is not None and longest < (days or 0):
        raise table.wrong("max_days", _("is less than 'days'"))
    table.finish()
    return ItemException(code, days, hours, renewable, excluded, longest)
