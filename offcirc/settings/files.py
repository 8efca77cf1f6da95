"""The settings files: where they are, and what is written in them.

Two files in TOML: ``site.toml`` for the whole machine, put there by the administrator, and
``user.toml`` for one account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from offcirc.settings.complaints import Code, Complaint

SIZE_LIMIT = 1 << 20
"""Bytes; a settings file has a few hundred, so anything larger is another file by mistake."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one settings file says.

    Attributes:
        path: the file.
        exists: whether it is there; not being there is fine.
        values: its options by dotted key, as TOML gives them.
        lines: the line of each key, from 1, where it could be found; of a list of tables also
            that of each table (``barcode.item#2``) and of each key in one
            (``barcode.item#2.pattern``).
        complaints: what keeps it, or a part of it, from being used.
    """

    path: Path
    exists: bool = False
    values: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()


def site_file() -> Path:
    """The machine's settings file, for example ``/etc/xdg/offcirc/site.toml``.

    On Windows it is ``site.toml`` in the folder ``OffCirc`` of ``%ProgramData%``.
    """
    import platformdirs  # noqa: PLC0415 - only who asks for the files needs it

    return platformdirs.site_config_path(_folder_name(), appauthor=False) / "site.toml"


def user_file() -> Path:
    """The account's settings file, for example ``~/.config/offcirc/user.toml``."""
    import platformdirs  # noqa: PLC0415 - only who asks for the files needs it

    return platformdirs.user_config_path(_folder_name(), appauthor=False) / "user.toml"


def _folder_name() -> str:
    import sys  # noqa: PLC0415 - one use

    return "offcirc" if sys.platform.startswith("linux") else "OffCirc"


def read(path: Path) -> Written:
    """Read one settings file. Never raises: what is wrong with it is in its complaints."""
    try:
        with path.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Written(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _refused(path, Complaint(Code.UNREADABLE, path, detail=reason))
    if len(content) > SIZE_LIMIT:
        return _refused(path, Complaint(Code.NOT_TOML, path))
    try:
        text = content.decode("utf-8-sig")  # Notepad's mark in front is no fault
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _refused(path, Complaint(Code.NOT_TEXT, path, line=line))
    import tomllib  # noqa: PLC0415 - most PCs have at most one of the two files

    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _refused(path, Complaint(Code.NOT_TOML, path, line=_line_in(str(error))))
    return Written(path, True, dict(leaves(table)), lines_of_keys(text))


def _refused(path: Path, complaint: Complaint) -> Written:
    return Written(path, exists=True, complaints=(complaint,))


def _line_in(message: str) -> int | None:
    found = re.search(r"at line (\d+)", message)
    return int(found.group(1)) if found else None


def leaves(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a TOML table that is no table itself, by dotted key."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from leaves(value, f"{key}.")
        else:
            yield key, value


def lines_of_keys(text: str) -> dict[str, int]:
    """Where each key is written; good enough for plain files, silent about clever ones."""
    lines: dict[str, int] = {}
    tables: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[\s*([^\[\]]+?)\s*\]\]", line):
            name = header.group(1).replace('"', "")
            tables[name] = tables.get(name, 0) + 1
            section = f"{name}#{tables[name]}."
            lines.setdefault(name, number)
            lines[section[:-1]] = number
        elif header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            section = header.group(1).replace('"', "") + "."
        elif found := re.match(r"\s*([\w.\"-]+)\s*=", line):
            lines.setdefault(section + found.group(1).replace('"', ""), number)
    return lines
