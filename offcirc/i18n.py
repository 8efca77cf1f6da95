"""The language of everything a person reads: one gettext catalogue for all doors.

Texts are written in English in the code and marked with ``_`` (or ``N_`` when they are only
named there and worded later). Values are filled in afterwards with ``str.format``, never inside
the call: the catalogue knows the text with its ``{fields}``, not the result.
"""

from __future__ import annotations

import gettext as _gettext
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from offcirc import resources

LANGUAGES = ("en", "fr")
DOMAIN = "offcirc"

_translations: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"
_spoken: ContextVar[str] = ContextVar("spoken", default="")
"""The language of whoever is answered just now, where one program answers many."""


def _(text: str) -> str:
    """``text`` in the active language."""
    return _active().gettext(text)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a text for the catalogue; ``_`` words it when it is shown."""
    return text


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form that goes with ``count`` in the active language."""
    return _active().ngettext(singular, plural, count)


def pgettext(context: str, text: str) -> str:
    """``text`` in the active language, where one English word has several translations."""
    return _active().pgettext(context, text)


def language() -> str:
    """The active language: ``en`` or ``fr``."""
    return _spoken.get() or _language


@cache
def texts(code: str) -> _gettext.NullTranslations:
    """The catalogue of a language."""
    folder = str(resources.path("locale"))
    return _gettext.translation(DOMAIN, folder, languages=[code], fallback=True)


def _active() -> _gettext.NullTranslations:
    spoken = _spoken.get()
    return texts(spoken) if spoken else _translations


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within this block, and where its context is carried to, this is the active language."""
    before = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(before)


def activate(code: str | None = None) -> str:
    """Make a language the active one and return it.

    Args:
        code: ``en``, ``fr``, a longer code such as ``fr_CA.UTF-8``, or ``None`` for the language
            of the system. An unknown language becomes English.
    """
    global _translations, _language  # noqa: PLW0603 - one program speaks one language at a time
    wanted = (code or system_language())[:2].lower()
    _language = wanted if wanted in LANGUAGES else "en"
    _translations = texts(_language)
    return _language


def system_language() -> str:
    """The language the system speaks to its user, as a two-letter code; English if unknown."""
    for name in ("OFFCIRC_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return value[:2].lower()
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows only
        import locale  # noqa: PLC0415

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return locale.windows_locale.get(number, "en")[:2].lower()
    if sys.platform == "darwin":
        import locale  # noqa: PLC0415

        return (locale.getlocale()[0] or "en")[:2].lower()
    return "en"
