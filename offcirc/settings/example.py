"""A complete settings file to begin with: every option, explained, and switched off by ``#``."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator

from offcirc.i18n import _
from offcirc.settings import tomltext
from offcirc.settings.option import Option
from offcirc.settings.options import OPTIONS

_WIDTH = 96

_ON_WINDOWS = {
    "/srv/collected": r"\\server\offcirc\collected",
    "/srv/offcirc": r"D:\offcirc",
    "/media/stick": "E:",
    "/etc/ssl/certs": r"C:\ProgramData\OffCirc",
}
"""Where on Windows lies what the examples of our options name."""


def text() -> str:
    """The file, in the active language. With every ``#`` before a key taken away it is valid."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _comment(
        _(
            "Settings of OffCirc, as a file “site.toml” for the whole machine or “user.toml” for"
            " one account; “offcirc config path” tells where. Take the # before a line away to"
            " set it. The account’s file is stronger than the machine’s, environment variables"
            " are stronger than both."
        ),
        "##",
    )
    yield ""
    top = [option for option in OPTIONS if "." not in option.key]
    for option in top:
        yield from _option(option, option.key)
    yield from _comment(_("In site.toml only: what nobody else may change; options or sections."))
    yield '#locked = ["desk.library", "barcode"]'
    yield ""
    section = ""
    for option in OPTIONS:
        key = option.key.replace("*", "alma")
        head, dot, name = key.rpartition(".")
        if not dot:
            continue
        if head != section:
            section = head
            yield f"[{section}]"
            if option.is_pattern:
                yield from _comment(_("“alma” stands for a name of your own; several may follow."))
        yield from _option(option, name)


def _option(option: Option, name: str) -> Iterator[str]:
    yield from _comment(option.purpose)
    yield from _comment(_("Must be: {expected}.").format(expected=option.kind.words()))
    for value, _label in option.kind.choices:
        if option.kind.label(value) != value:
            yield from _comment(f"  {value} = {option.kind.label(value)}")
    if option.site_only:
        yield from _comment(_("In site.toml only."))
    if option.environment:
        yield from _comment(
            _("Environment variable: {variable}.").format(variable=option.environment)
        )
    if not option.default:
        yield from _comment(_("Not set unless set here; for example:"))
    given = option.default or place(option.example)
    value = tomltext.literal(option.kind, option.kind.read(given))
    first, *more = f"{name} = {value}".splitlines()
    yield f"#{first}"
    for line in more:
        yield f"#{line}"
    yield ""


def place(example: str, system: str = sys.platform) -> str:
    """An example as it looks on this system."""
    if system == "win32":
        for there, here in _ON_WINDOWS.items():
            if example.startswith(there):
                return here + example.removeprefix(there).replace("/", "\\")
    return example


def _comment(words: str, mark: str = "#") -> Iterator[str]:
    indent = " " * (len(words) - len(words.lstrip()))
    for line in textwrap.wrap(words.strip(), _WIDTH):
        yield f"{mark} {indent}{line}"
