"""What a setting's value can be: how it is read from a file or a text, and how it is worded.

Inside the program every value is a text in one spelling of many ("on", "yes" and TOML's ``true``
are all ``true``): so values from files, the environment and the command line are compared, shown
and handed on in the same way. :class:`offcirc.settings.load.Settings` gives them out as what they
mean.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.pairs import pairs
from offcirc.i18n import LANGUAGES, N_, _

if TYPE_CHECKING:
    from offcirc.core.barcodes.ruletable import RuleComplaint


class WrongValueError(ValueError):
    """A value that an option cannot have; the message is worded by the option's kind.

    Attributes:
        mistakes: of barcode rules, what exactly is wrong.
    """

    def __init__(self, value: object, mistakes: Sequence[RuleComplaint] = ()) -> None:
        super().__init__(without_login(value if isinstance(value, str) else _shown(value)))
        self.mistakes = tuple(mistakes)


def without_login(text: str) -> str:
    """A text that may be an address, without the user name and password it may begin with."""
    if "://" in text:
        return re.sub(r"://.*@", "://…@", text, flags=re.DOTALL)
    return re.sub(r"^[^@\s]*:.*@", "…@", text, flags=re.DOTALL)


def _shown(value: object) -> str:
    """A value of a TOML file much as it was written there."""
    return json.dumps(value, ensure_ascii=False, default=str)


class NotATextError(WrongValueError):
    """The value of a settings file must stand between quotes and does not."""


class Form(StrEnum):
    """How a value is chosen: what a settings window offers for it."""

    TEXT = "text"
    FOLDER = "folder"
    FILE = "file"
    SWITCH = "switch"
    NUMBER = "number"
    CHOICE = "choice"
    SEVERAL = "several"
    """Any of the choices; at least one."""

    LIST = "list"
    RULES = "rules"
    """A list of barcode rules, see :mod:`offcirc.core.barcodes.ruletable`."""


_TEXTUAL = (Form.TEXT, Form.FOLDER, Form.FILE, Form.CHOICE)


@dataclass(frozen=True, slots=True)
class ValueKind:
    """What a value must be.

    Attributes:
        expected: the same in words, to finish the sentence "must be ..."; with fields for
            ``low`` and ``high``.
        read: turns the text of the environment, the command line or a window into the value to
            use (also a text), or raises :class:`WrongValueError`.
        form: how it is chosen.
        choices: of a choice, each value and its words.
        low: the smallest number.
        high: the greatest number.
        unit: what a number counts.
    """

    expected: str
    read: Callable[[str], str]
    form: Form = Form.TEXT
    choices: tuple[tuple[str, str], ...] = ()
    low: int = 0
    high: int = 0
    unit: str = ""

    def words(self) -> str:
        """What a value must be, in the active language."""
        values = ", ".join(f"“{value}”" for value, _label in self.choices)
        return _(self.expected).format(low=self.low, high=self.high, values=values)

    def label(self, value: str) -> str:
        """One of the choices in the active language; the value itself if it has no words."""
        for name, words in self.choices:
            if name == value:
                return _(words)
        return value

    def take(self, value: object) -> str:
        """The value to use for what a TOML file says.

        Raises:
            NotATextError: it is no text and must be one.
            WrongValueError: it is nothing that this option can have.
        """
        if isinstance(value, str):
            return self.read(value)
        if self.form in _TEXTUAL:
            raise NotATextError(value)
        if isinstance(value, bool):
            if self.form is Form.SWITCH:
                return "true" if value else "false"
        elif isinstance(value, int) and self.form is Form.NUMBER:
            return self.read(str(value))
        elif isinstance(value, list) and self.form is Form.RULES:
            return self.read(_as_json(value))
        elif self.form in (Form.LIST, Form.SEVERAL) and _is_list_of_words(value):
            return self.read(", ".join(value))  # type: ignore[arg-type]
        raise WrongValueError(value)


def _is_list_of_words(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, str) and "," not in entry for entry in value
    )


def _as_json(tables: list[object]) -> str:
    try:
        return json.dumps(tables, ensure_ascii=False)
    except TypeError as error:  # a date, of all things
        raise WrongValueError(tables) from error


def parts(value: str) -> tuple[str, ...]:
    """The entries of a list in its spelling here, with commas between them."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def rules(value: str) -> list[Mapping[str, object]]:
    """The tables of a list of barcode rules in its spelling here."""
    return list(json.loads(value))


def control_text(value: str) -> str:
    r"""A text that may hold control characters, from its spelling here (``\x02`` for STX)."""
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found.group(1), 16)), value)


# Readers


def _text(value: str) -> str:
    if not value.isprintable():
        raise WrongValueError(value)
    return value.strip()


def _naming(value: str) -> str:
    """A text with ``{parts}``: each brace belongs to one."""
    if "{" in (rest := re.sub(r"\{[A-Za-z_][A-Za-z0-9_]*\}", "", value)) or "}" in rest:
        raise WrongValueError(value)
    return _text(value)


def _path(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise WrongValueError(value)
    path = Path(os.path.expandvars(value.strip()))
    try:
        return str(path.expanduser())
    except RuntimeError as error:  # ~name of somebody unknown
        raise WrongValueError(value) from error


def _language(value: str) -> str:
    code = value.strip().lower().replace("-", "_")
    if re.fullmatch(r"[a-z]{2}(_\w+)?(\.[\w-]+)?", code, re.ASCII) and code[:2] in LANGUAGES:
        return code[:2]
    raise WrongValueError(value)


_SCHEMES = ("http", "https", "sip2", "sip2s", "sip2+http", "sip2+https")


def _address(value: str) -> str:
    """An address of a server; a password in it would end up in logs and reports."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - the desk knows no addresses

    text = value.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise WrongValueError(value) from error
    plain = text.isprintable() and " " not in text and "@" not in parts.netloc and port != 0
    if plain and parts.scheme in _SCHEMES and parts.hostname:
        return text
    raise WrongValueError(value)


def _host(value: str) -> str:
    text = value.strip()
    if re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", text, re.ASCII) and "://" not in text:
        return text
    raise WrongValueError(value)


def _mailbox(value: str) -> str:
    text = value.strip()
    if re.fullmatch(r"[^@\s,;:<>()\"]+@[A-Za-z0-9._\[\]:-]+", text) and text.isascii():
        return text
    raise WrongValueError(value)


def _mailboxes(value: str) -> str:
    return ", ".join(dict.fromkeys(map(_mailbox, parts(value))))


def _switch(value: str) -> str:
    word = value.strip().lower()
    if word in ("true", "on", "yes", "1"):
        return "true"
    if word in ("false", "off", "no", "0"):
        return "false"
    raise WrongValueError(value)


def _prefix(value: str) -> str:
    text = control_text(value)
    if not 0 < len(text) <= _PREFIX_LIMIT or not text.isascii() or text.isspace():
        raise WrongValueError(value)
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


_PREFIX_LIMIT = 8

# The spelling of offcirc.scanning.serialids.ScannerId, which a test compares with this one.
_SCANNER = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}(:[^,\s]+)?", re.IGNORECASE)


def _hours(value: str) -> str:
    from offcirc.core.openinghours import HoursError, parse_hours  # noqa: PLC0415 - rarely given

    try:
        parse_hours(value)
    except HoursError as error:
        raise WrongValueError(value) from error
    return value.strip()


def _scanners(value: str) -> str:
    found = parts(value)
    if not all(_SCANNER.fullmatch(each) for each in found):
        raise WrongValueError(value)
    return ", ".join(dict.fromkeys(found))


def _mapping(value: str) -> str:
    found = pairs(value)
    if not found or len(found) != len(parts(value)) or not all((*found, *found.values())):
        raise WrongValueError(value)
    return ", ".join(f"{key}={code}" for key, code in found.items())


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - rarely given

    try:
        return ZoneInfo(value.strip()).key
    except (ValueError, OSError, LookupError) as error:
        raise WrongValueError(value) from error


def choice(*choices: tuple[str, str]) -> ValueKind:
    """One of some values; each is given with its words."""

    def read(value: str) -> str:
        word = value.strip().lower()
        if word in dict(choices):
            return word
        raise WrongValueError(value)

    return ValueKind(N_("one of {values}"), read, Form.CHOICE, choices)


def several(*choices: tuple[str, str]) -> ValueKind:
    """At least one of some values; each is given with its words."""
    known = dict(choices)

    def read(value: str) -> str:
        words = {word.lower() for word in parts(value)}
        if not words or not words <= known.keys():
            raise WrongValueError(value)
        return ", ".join(word for word in known if word in words)

    return ValueKind(N_("a list of some of {values}"), read, Form.SEVERAL, choices)


def number(low: int, high: int, unit: str) -> ValueKind:
    """A whole number between two others, both included."""

    def read(value: str) -> str:
        text = value.strip()
        if re.fullmatch(r"\d{1,9}", text, re.ASCII) and low <= int(text) <= high:
            return str(int(text))
        raise WrongValueError(value)

    return ValueKind(
        N_("a whole number from {low} to {high}"), read, Form.NUMBER, (), low, high, unit
    )


def rule_list(of: str) -> ValueKind:
    """A list of barcode rules, ``item`` or ``patron``."""

    def read(value: str) -> str:
        from offcirc.core.barcodes import ruletable  # noqa: PLC0415 - most desks have no rules of their own

        try:
            tables = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise WrongValueError(value) from error
        try:
            ruletable.parse({of: tables})
        except ruletable.RulesError as error:
            raise WrongValueError(value, error.complaints) from error
        return json.dumps(tables, ensure_ascii=False)

    return ValueKind(N_("a list of barcode rules"), read, Form.RULES)


TEXT = ValueKind(N_("a text on one line"), _text)
NAMING = ValueKind(
    N_("a text on one line, where each opening brace, a name and a closing brace belong together"),
    _naming,
)
FOLDER = ValueKind(N_("the path of a file or folder"), _path, Form.FOLDER)
FILE = ValueKind(N_("the path of a file or folder"), _path, Form.FILE)
LANGUAGE = ValueKind(
    N_("“en” or “fr”"),
    _language,
    Form.CHOICE,
    (("en", N_("English")), ("fr", N_("French"))),
)
ADDRESS = ValueKind(
    N_("an address such as https://library.example:8080, without user name or password"),
    _address,
)
SWITCH = ValueKind(N_("true or false"), _switch, Form.SWITCH)
PREFIX = ValueKind(N_("one to eight characters; a control character is written as \\x02"), _prefix)
HOURS = ValueKind(N_("opening hours such as Mon-Fri 08:30-19:00, Sat 09:00-12:30"), _hours)
SCANNERS = ValueKind(
    N_("a list of scanners such as 0c2e:0b6a or 0c2e:0b6a:SERIALNUMBER"), _scanners, Form.LIST
)
HOST = ValueKind(N_("the name of a computer such as smtp.library.example"), _host)
MAILBOX = ValueKind(N_("a mail address such as circulation@library.example"), _mailbox)
MAILBOXES = ValueKind(
    N_("a list of mail addresses such as circulation@library.example"), _mailboxes, Form.LIST
)
MAPPING = ValueKind(N_("a list of pairs such as BUC_PRET=cd1, each desk once"), _mapping, Form.LIST)
ZONE = ValueKind(N_("a time zone such as Europe/Paris"), _zone)
KEYS = ValueKind(N_("a list of options and sections"), _text, Form.LIST)
"""What ``locked`` in ``site.toml`` is; no option."""
