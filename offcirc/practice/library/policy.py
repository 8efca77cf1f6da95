"""The circulation policy of a practice library: ``policy.toml`` as frozen dataclasses.

Every key is checked when the file is read, and a key nobody knows is an error as well: a mistyped
``grace_day`` would otherwise be a rule that silently does not exist.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

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


_MISSING: Any = object()
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]\d|2[0-3]):([0-5]\d)")


class TomlTable:
    """One table of a TOML file, and what has been asked of it.

    Args:
        file: the file's name, for the sentences.
        values: the table as :mod:`tomllib` gives it.
        path: the dotted key of the table, empty for the file itself.
    """

    def __init__(self, file: str, values: Mapping[str, Any], path: str = "") -> None:
        self._file = file
        self._values = values
        self._path = path
        self._asked: set[str] = set()

    def wrong(self, key: str, what: str) -> LibraryError:
        """The error that says what is wrong with a key; an empty key means the table itself."""
        full = ".".join(part for part in (self._path, key) if part)
        return LibraryError(
            _("{file}: the key '{key}' {what}.").format(file=self._file, key=full, what=what)
        )

    def finish(self) -> None:
        """Call when every known key has been asked for.

        Raises:
            LibraryError: the table has a key nobody asked for.
        """
        for key in self._values:
            if key not in self._asked:
                raise self.wrong(key, _("is not one the practice server knows"))

    def text(self, key: str, *, default: str = _MISSING) -> str:
        """A text that is not blank."""
        value = self._get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, _("must be a text in quotes"))
        return value.strip()

    def whole(self, key: str, least: int, most: int, *, default: int = _MISSING) -> int:
        """A whole number within bounds; the default is not held to them."""
        if default is not _MISSING and key not in self._values:
            self._asked.add(key)
            return default
        value = self._get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(
                key,
                _("must be a whole number from {least} to {most}").format(least=least, most=most),
            )
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, _("must be true or false"))
        return value

    def day(self, key: str) -> date:
        """A date, as TOML's own or in quotes, no later than the year 2999."""
        value = self._get(key)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, date) or isinstance(value, datetime) or value.year > 2999:
            raise self.wrong(key, _("must be a date such as 2018-02-24"))
        return value

    def hours(self, day: str) -> tuple[time, time] | None:
        """Opening and closing time of a weekday, ``None`` if the key is absent: closed all day."""
        value = self._get(day, None)
        if value is None:
            return None
        found = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is not None:
            first, second, third, fourth = (int(part) for part in found.groups())
            opens, closes = time(first, second), time(third, fourth)
            if opens < closes:
                return opens, closes
        raise self.wrong(day, _("must be opening and closing time such as 08:00-20:00"))

    def zone(self, key: str) -> ZoneInfo:
        """A time zone by its IANA name."""
        name = self.text(key)
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, LookupError):
            raise self.wrong(key, _("must be a time zone such as Europe/Paris")) from None

    def table(self, key: str) -> TomlTable:
        """A table below this one."""
        value = self._get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, _("must be a table"))
        return TomlTable(self._file, value, self._below(key))

    def tables(self, key: str, *, optional: bool = False) -> Iterator[tuple[str, TomlTable]]:
        """The tables below this one's table ``key``, with their names."""
        if optional and key not in self._values:
            return
        parent = self.table(key)
        for name in parent._values:
            yield name, parent.table(name)

    def array(self, key: str, *, optional: bool = False) -> Iterator[TomlTable]:
        """The tables of an array of tables, named by their number from 1."""
        value = self._get(key, [] if optional else _MISSING)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.wrong(key, _("must be a list of tables"))
        for number, each in enumerate(value, start=1):
            yield TomlTable(self._file, each, f"{self._below(key)}[{number}]")

    def _below(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _get(self, key: str, default: Any = _MISSING) -> Any:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is _MISSING:
            raise self.wrong(key, _("is missing"))
        return value
