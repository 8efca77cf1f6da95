"""Reading a TOML table key by key, each wrong value a sentence that names file and key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from offcirc.i18n import _
from offcirc.practice.errors import LibraryError

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
