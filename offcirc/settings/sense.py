"""What settings say together that cannot work, though each of them is as it should be."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from offcirc.settings import deskname
from offcirc.settings.complaints import Complaint, SettingFault
from offcirc.settings.kinds import Form
from offcirc.settings.load import Layer, Settings
from offcirc.settings.options import SYSTEM_OPTIONS, option_for
from offcirc.settings.places import default_data_dir
from offcirc.systems import system_of

_NEEDED_THERE = ("collection", "mail.ca_file", "followup.readers")
"""Paths of what others make: the program makes the other folders itself."""
_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def contradictions(settings: Settings, *, here: bool = True) -> tuple[Complaint, ...]:
    """What cannot work.

    Args:
        settings: the settings in force.
        here: whether they are those of this PC, so that its disks are looked at.
    """
    found = [*_servers(settings), *_mail(settings), *_names(settings)]
    if here:
        found += _paths(settings)
    return tuple(found)


def _servers(settings: Settings) -> Iterator[Complaint]:
    names = dict.fromkeys(
        key.split(".")[1] for key in settings.values if key.startswith("servers.")
    )
    for name in names:
        start = f"servers.{name}"
        system = system_of(_text(settings, f"{start}.kind"))
        needed = ["folder" if system is not None and system.by_hand else "url"]
        needed += [system.needs] if system is not None and system.needs else []
        missing = next((part for part in needed if not _text(settings, f"{start}.{part}")), None)
        if missing:
            told = next(part for part in _PARTS if f"{start}.{part}" in settings.values)
            yield _about(
                settings, f"{start}.{told}", SettingFault.INCOMPLETE, f"{start}.{missing}", start
            )
        other = _text(settings, f"{start}.look_up")
        if other and other not in settings.servers():
            key = f"{start}.look_up"
            yield _about(settings, key, SettingFault.NOT_THERE, key, other)


_PARTS = ("kind", "url", "folder", "desk", "user", "width", "plain_http", *SYSTEM_OPTIONS)


def _mail(settings: Settings) -> Iterator[Complaint]:
    by_itself = settings.switch("mail.after_upload")
    wanted = [("mail.after_upload", "mail.server")] if by_itself else []
    if settings.text("mail.server"):
        wanted.append(("mail.server", "mail.from"))
        if by_itself:
            wanted.append(("mail.after_upload", "mail.to"))
    for key, needed in wanted:
        if not settings.text(needed):
            yield _about(settings, key, SettingFault.INCOMPLETE, needed, key)


def _names(settings: Settings) -> Iterator[Complaint]:
    known = deskname.holes(settings.text("desk.computer")) | {"computer"}
    for key in deskname.NAMES:
        for part in sorted(deskname.holes(settings.text(key)) - known):
            yield _about(settings, key, SettingFault.NO_SUCH_PART, key, f"{{{part}}}")


def _paths(settings: Settings) -> Iterator[Complaint]:
    for key, found in settings.values.items():
        option = option_for(key)
        if option is None or option.kind.form not in (Form.FOLDER, Form.FILE) or not found.value:
            continue
        foreign = sys.platform != "win32" and _DRIVE.match(found.value)
        typed = found.layer is Layer.COMMAND_LINE  # means the folder it was typed in
        if foreign or not (typed or Path(found.value).is_absolute()):
            yield _about(settings, key, SettingFault.NOT_ABSOLUTE, key, found.value)
        elif key in _NEEDED_THERE and not Path(found.value).exists():
            yield _about(settings, key, SettingFault.NOT_THERE, key, found.value)
    data = _real(settings.folder("data_dir") or default_data_dir())
    for key in ("fallback", "collection"):
        folder = settings.folder(key)
        if folder is not None and _real(folder) == data:
            yield _about(settings, key, SettingFault.SAME_FOLDER, key, str(folder))


def _real(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _text(settings: Settings, key: str) -> str:
    found = settings.values.get(key)
    return found.value if found else ""


def _about(settings: Settings, at: str, code: SettingFault, key: str, detail: str) -> Complaint:
    """A complaint that stands where ``at`` is set."""
    source = settings.values[at].source
    written = next((each for each in settings.sources if str(each.path) == source), None)
    line = written.lines.get(at) if written else None
    return Complaint(code, written.path if written else source, key, line, detail)
