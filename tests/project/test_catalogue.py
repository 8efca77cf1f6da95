"""The French catalogue: whole, in step with the code, and well set."""

from __future__ import annotations

import ast
import re
import string
from functools import cache

import catalogue
import pytest
from babel.messages.catalog import Catalog, Message
from helpers import project_files

from offcirc import i18n, resources

NO_BREAK_SPACE = "\u00a0"
# Babel's own note of what a text holds says nothing of braces; Python's parser does.
PERCENT = re.compile(r"%(?:\([a-z_]+\))?[-#0 +]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]\b")
# Texts of Python's argparse, which fills them in with percent signs whatever we prefer.
ARGPARSE = "offcirc/commandline.py"
# A plain, or no, space before a high mark: « est-ce vrai? ». Times (14:20), addresses and
# {fields:formats} are no prose.
BAD_MARK = re.compile(r"(?<=[^\W\d])[;:?!](?=\s|$)|(?<=[)»”])[;:?!]| [;:?!»%]|« |«(?!\u00a0)")
STRAIGHT_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@cache
def french() -> Catalog:
    return catalogue.load("fr")


def texts() -> list[Message]:
    return [message for message in french() if message.id]


def forms(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_catalogue_is_in_step_with_the_code():
    wanted = catalogue.to_bytes(catalogue.updated("fr")).decode()
    there = catalogue.po_path("fr").read_text(encoding="utf-8")
    assert there == wanted, "run: make catalogue"


def test_no_text_hides_in_an_f_string():
    """Babel finds a text inside an f-string only from Python 3.12 on; before, it is missed."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in project_files()
        if path.suffix == ".py"
        for joined in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in catalogue.KEYWORDS
    ]
    assert hidden == []


def test_every_text_is_translated():
    bare = [message.id for message in texts() if not all(forms(message.string))]
    assert texts()
    assert bare == []


def test_no_translation_is_a_guess():
    assert [message.id for message in texts() if message.fuzzy] == []


def test_both_languages_fill_in_the_same_fields():
    different = []
    for message in texts():
        english = forms(message.id)
        # In a singular, "one copy" may stand where the plural counts.
        allowed = set().union(*(fields(text) for text in english))
        needed = fields(english[-1])
        *singular, plural = forms(message.string)
        if fields(plural) != needed or any(not fields(text) <= allowed for text in singular):
            different.append((message.id, message.string))
    assert different == []


def test_fields_are_named():
    unnamed = [
        message.id
        for message in texts()
        if any(not name or name.isdigit() for text in forms(message.id) for name in fields(text))
    ]
    assert unnamed == []


def test_only_argparse_uses_percent_formats():
    others = [
        message.id
        for message in texts()
        if {place for place, _ in message.locations} != {ARGPARSE}
        and any(PERCENT.search(text) for text in forms(message.id))
    ]
    assert others == []
    different = [
        message.id
        for message in texts()
        for text in forms(message.string)
        if sorted(PERCENT.findall(text)) != sorted(PERCENT.findall(forms(message.id)[-1]))
    ]
    assert different == []


def test_french_is_set_as_french_printers_do():
    bad = []
    for message in texts():
        for text in forms(message.string):
            # What stands inside a {field} is Python's, what stands in `code` or <tags> is nobody's.
            prose = re.sub(r"\{[^}]*\}|`[^`]*`|<[^>]*>|&[a-z]+;|\w+://\S*", "x", text)
            prose = PERCENT.sub("x", prose)
            if BAD_MARK.search(prose) or STRAIGHT_APOSTROPHE.search(prose):
                bad.append(text)
    assert bad == []


@pytest.mark.parametrize(
    ("text", "well_set"),
    [
        ("Vrai ?", False),
        ("Vrai?", False),
        (f"Vrai{NO_BREAK_SPACE}?", True),
        ("Attention : fini", False),
        ("Attention: fini", False),
        ("(Attention): fini", False),
        ("«mot»", False),
        ("dix %", False),
        (f"Attention{NO_BREAK_SPACE}: fini à 14:20", True),
        ("« mot »", False),
        (f"«{NO_BREAK_SPACE}mot{NO_BREAK_SPACE}»", True),
    ],
)
def test_the_rule_for_high_marks(text, well_set):
    assert (BAD_MARK.search(text) is None) == well_set


def test_the_program_speaks_french():
    for source in resources.path("locale").glob("*/LC_MESSAGES/*.po"):
        assert source.with_suffix(".mo").stat().st_mtime >= source.stat().st_mtime - 1
    i18n.activate("fr")
    silent = []
    for message in texts():
        if isinstance(message.id, str):
            shown = (
                i18n.pgettext(message.context, message.id)
                if message.context
                else i18n._(message.id)
            )
        else:
            shown = i18n.ngettext(*message.id, 1)
        if shown != forms(message.string)[0]:
            silent.append(message.id)
    assert silent == []


def test_compiling_or_updating_twice_changes_nothing():
    once = catalogue.to_bytes(french())
    assert catalogue.to_bytes(catalogue.load("fr")) == once
    assert b"POT-Creation-Date" not in once
