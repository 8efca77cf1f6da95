"""The settings files: where they are, and what is written in them.

Two files in TOML: ``site.toml`` for the whole machine, put there by the administrator, and
``user.toml`` for one account.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offcirc.settings.complaints import Complaint, SettingFault

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


SITE_NAME = "site.toml"

VARIABLE = "OFFCIRC_SITE_DIR"
"""Environment variable that names a folder with one more ``site.toml``, weaker than the machine's:
for portable use and for trials."""


FOLDER_VARIABLE = "OFFCIRC_SETTINGS_DIR"
"""Environment variable that names the folder of ``user.toml``, and of that ``site.toml`` where
:data:`VARIABLE` names no other: all that one account sets, on a stick or in a trial."""


def site_file() -> Path:
    """The machine's settings file: one place for each system, which no variable moves.

    ``/etc/xdg/offcirc/site.toml``; on Windows ``site.toml`` in the folder ``OffCirc`` of
    ``%ProgramData%``, as the system knows it.
    """
    if sys.platform == "win32":
        return _program_data() / "OffCirc" / SITE_NAME
    if sys.platform == "darwin":
        return Path("/Library/Application Support/OffCirc", SITE_NAME)
    return Path("/etc/xdg/offcirc", SITE_NAME)


def additional_site_file() -> Path | None:
    """One more ``site.toml`` that is read, weaker than the machine's; ``None`` when there is none.

    That of ``OFFCIRC_SITE_DIR`` or ``OFFCIRC_SETTINGS_DIR``; else the first in the folders of
    ``XDG_CONFIG_DIRS``, where desktops let a library put settings for their own sessions
    (``/etc/xdg/xdg-ubuntu``).
    """
    if folder := _named(VARIABLE) or _named(FOLDER_VARIABLE):
        return folder / SITE_NAME
    if not sys.platform.startswith("linux"):
        return None
    folders = filter(os.path.isabs, os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep))
    files = (Path(folder, "offcirc", SITE_NAME) for folder in folders)
    return next((file for file in files if file != site_file() and file.exists()), None)


def place_to_install() -> Path:
    """Where the machine's settings are put: its own place, or the one somebody chose instead."""
    named = os.environ.get(VARIABLE) or os.environ.get(FOLDER_VARIABLE)
    return (additional_site_file() if named else None) or site_file()


def _named(variable: str) -> Path | None:
    folder = os.environ.get(variable)
    return Path(os.path.abspath(folder)) if folder else None  # noqa: PTH100 - keeps a mapped drive


def _program_data() -> Path:
    import ctypes  # noqa: PLC0415 - on Windows only

    # Not by %ProgramData%, nor by what platformdirs lets stand in for it: accounts set those.
    buffer = ctypes.create_unicode_buffer(260)
    shell: Any = getattr(ctypes, "windll").shell32  # noqa: B009 - not there on other systems
    shell.SHGetFolderPathW(None, _COMMON_APPDATA, None, 0, buffer)
    return Path(buffer.value or r"C:\ProgramData")


_COMMON_APPDATA = 0x23


def user_file() -> Path:
    """The account's settings file, for example ``~/.config/offcirc/user.toml``."""
    if folder := _named(FOLDER_VARIABLE):
        return folder / "user.toml"
    import platformdirs  # noqa: PLC0415 - only who asks for the files needs it

    return platformdirs.user_config_path(_folder_name(), appauthor=False) / "user.toml"


def _folder_name() -> str:
    return "offcirc" if sys.platform.startswith("linux") else "OffCirc"


def read(path: Path) -> Written:
    """Read one settings file. Never raises: what is wrong with it is in its complaints."""
    try:
        with path.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        # A link to nowhere is not "not there": somebody has put settings there.
        if missing and not path.is_symlink():
            return Written(path)
        from offcirc.disk.reasons import why  # noqa: PLC0415 - seldom needed

        return _refused(path, Complaint(SettingFault.UNREADABLE, path, detail=why(error, path)))
    if len(content) > SIZE_LIMIT:
        return _refused(path, Complaint(SettingFault.NOT_TOML, path))
    try:
        text = content.decode("utf-8-sig")  # Notepad's mark in front is no fault
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _refused(path, Complaint(SettingFault.NOT_TEXT, path, line=line))
    import tomllib  # noqa: PLC0415 - most PCs have at most one of the two files

    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _refused(path, Complaint(SettingFault.NOT_TOML, path, line=_line_in(str(error))))
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
