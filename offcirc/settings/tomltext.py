"""Changing single values in a TOML text that a person may have written, comments kept.

A change is made to the lines of its key alone. The result is read again and compared with what it
should say; a text too clever for that is written anew, without its comments.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping

from offcirc.settings.files import leaves
from offcirc.settings.kinds import Form, ValueKind, parts, rules

_HEADER = re.compile(r"\s*\[(\[?)\s*([^\[\]]+?)\s*\]")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def literal(kind: ValueKind, value: str) -> str:
    """A value of an option as TOML writes it."""
    if kind.form in (Form.SWITCH, Form.NUMBER):
        return value
    if kind.form in (Form.LIST, Form.SEVERAL):
        return _of_list([_of_text(part) for part in parts(value)])
    if kind.form is Form.RULES:
        tables = [_of_table(table) for table in rules(value)]
        return "[\n" + "".join(f"  {table},\n" for table in tables) + "]" if tables else "[]"
    return _of_text(value)


def _of_text(text: str) -> str:
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"  # patterns and Windows paths stay readable
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _of_list(entries: list[str]) -> str:
    return "[" + ", ".join(entries) + "]"


def _of_table(table: Mapping[str, object]) -> str:
    def value(given: object) -> str:
        return (
            _of_list([_of_text(str(each)) for each in given])
            if isinstance(given, list)
            else (_of_text(str(given)))
        )

    return "{ " + ", ".join(f"{key} = {value(given)}" for key, given in table.items()) + " }"


def changed(text: str, changes: Mapping[str, str | None]) -> str:
    """A TOML text with other values.

    Args:
        text: the text; it must be TOML.
        changes: literals by dotted key; ``None`` takes a key away.

    Raises:
        tomllib.TOMLDecodeError: the text is no TOML, nor can it be changed.
    """
    wanted = dict(leaves(tomllib.loads(text)))
    for key, new in changes.items():
        wanted.pop(key, None)
        if new is not None:
            wanted[key] = tomllib.loads(f"x = {new}")["x"]
    lines = text.splitlines()
    for key, new in changes.items():
        lines = _change(lines, key, new)
    result = "\n".join(lines).strip("\n") + "\n" if lines else ""
    try:
        good = dict(leaves(tomllib.loads(result))) == wanted
    except tomllib.TOMLDecodeError:
        good = False
    if good:
        return result
    return _anew(text, changes)


def _anew(text: str, changes: Mapping[str, str | None]) -> str:
    """The same without the old text's shape and comments."""
    literals = {key: _of_any(value) for key, value in leaves(tomllib.loads(text))}
    for key, new in changes.items():
        literals.pop(key, None)
        if new is not None:
            literals[key] = new
    lines: list[str] = []
    for key in sorted(literals, key=lambda key: key.rpartition(".")[0]):
        lines = _change(lines, key, literals[key])
    return "\n".join(lines).strip("\n") + "\n"


def _of_any(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return _of_list([_of_any(each) for each in value])
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(name)} = {_of_any(each)}" for name, each in value.items())
        return "{ " + inner + " }"
    return _of_text(value) if isinstance(value, str) else str(value)


def _change(lines: list[str], key: str, new: str | None) -> list[str]:
    section, _dot, name = key.rpartition(".")
    lines = _without_tables(lines, key)
    found = _place(lines, section, name)
    if found is not None:
        start, end = found
        if new is None:
            return lines[:start] + lines[end:]
        before = lines[start].partition("=")[0].rstrip()
        comment = _comment(lines[start]) if end == start + 1 else ""
        return [*lines[:start], f"{before} = {new}{comment}", *lines[end:]]
    if new is None:
        return lines
    return _added(lines, section, f"{_key(name)} = {new}")


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _sections(lines: list[str]) -> list[tuple[int, str, bool]]:
    """The line, name and kind (whether one of several) of every header, the top first."""
    found = [(-1, "", False)]
    for number, line in enumerate(lines):
        if header := _HEADER.match(line):
            found.append((number, header.group(2).replace('"', ""), bool(header.group(1))))
    return found


def _without_tables(lines: list[str], key: str) -> list[str]:
    """The lines without ``[[key]]`` and what belongs to it."""
    headers = _sections(lines)
    ends = [start for start, _name, _many in headers[1:]] + [len(lines)]
    gone: set[int] = set()
    for (start, name, many), end in zip(headers, ends, strict=True):
        if many and name == key:
            gone.update(range(start, end))
    return [line for number, line in enumerate(lines) if number not in gone]


def _place(lines: list[str], section: str, name: str) -> tuple[int, int] | None:
    """The lines from the key to the end of its value."""
    spelled = re.compile(rf'\s*"?{re.escape(name)}"?\s*=')
    dotted = re.compile(rf'\s*"?{re.escape(section)}"?\s*\.\s*"?{re.escape(name)}"?\s*=')
    headers = _sections(lines)
    ends = [start for start, _name, _many in headers[1:]] + [len(lines)]
    for (start, title, many), end in zip(headers, ends, strict=True):
        wanted = spelled if title == section else dotted if not title and section else None
        if many or wanted is None:
            continue
        for number in range(start + 1, end):
            if wanted.match(lines[number]):
                return number, _end_of_value(lines, number)
    return None


def _end_of_value(lines: list[str], start: int) -> int:
    first = lines[start].partition("=")[2]
    for end in range(start + 1, len(lines) + 1):
        value = "\n".join([first, *lines[start + 1 : end]])
        try:
            tomllib.loads(f"x = {value}")
        except tomllib.TOMLDecodeError:
            continue
        return end
    return start + 1


def _comment(line: str) -> str:
    """The comment at the end of a key's line, with the blanks before it."""
    value = line.partition("=")[2]
    for found in re.finditer(r"\s*#", value):
        try:
            tomllib.loads(f"x = {value[: found.start()]}")
        except tomllib.TOMLDecodeError:
            continue
        return value[found.start() :]
    return ""


def _added(lines: list[str], section: str, line: str) -> list[str]:
    headers = _sections(lines)
    ends = [start for start, _name, _many in headers[1:]] + [len(lines)]
    for (start, title, many), end in zip(headers, ends, strict=True):
        if title != section or many:
            continue
        last = _last_of_section(lines, start, end)
        return [*lines[:last], line, *lines[last:]]
    gap = [""] if lines else []
    return [*lines, *gap, f"[{'.'.join(map(_key, section.split('.')))}]", line]


def _last_of_section(lines: list[str], start: int, end: int) -> int:
    """Where a section's text ends: blanks, and comments right above the next header, come after."""
    last = end
    if end < len(lines):
        while last > start + 1 and lines[last - 1].lstrip().startswith("#"):
            last -= 1
    while last > start + 1 and not lines[last - 1].strip():
        last -= 1
    return last
