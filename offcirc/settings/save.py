"""Writing the account's settings file, ``user.toml``."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from offcirc.disk import durable
from offcirc.settings import tomltext
from offcirc.settings.load import Settings, reload
from offcirc.settings.options import option_for


class LockedOptionError(Exception):
    """The library has set this option for the whole machine.

    Attributes:
        key: the option.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def store(settings: Settings, changes: Mapping[str, str | None]) -> Settings:
    """Write changes into ``user.toml`` and return the settings that are in force then.

    The file is replaced in one piece: after a failure it says what it said before. Its comments
    are kept. A file that cannot be understood is put aside under another name.

    Args:
        settings: the settings the changes are made to; they name the file.
        changes: values as :meth:`offcirc.settings.kinds.ValueKind.read` takes them, by key;
            ``None`` takes the account's own value away, so that the weaker layers' holds.

    Raises:
        LockedError: an option is locked; nothing is written.
        WrongValueError: a value is none; nothing is written.
        OSError: the file cannot be written.
    """
    settings = reload(settings)  # the library may have locked something meanwhile
    literals: dict[str, str | None] = {}
    for key, value in changes.items():
        option = option_for(key)
        if option is None:
            raise KeyError(key)
        if key in settings.values and settings.values[key].locked:
            raise LockedOptionError(key)
        given = None if value is None else tomltext.literal(option.kind, option.kind.read(value))
        literals[key] = given
    path = settings.sources[-1].path
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_bytes() if path.exists() else b""
    try:
        text = tomltext.changed(old.decode("utf-8-sig"), literals)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        _put_aside(path, old)
        text = tomltext.changed("", literals)
    _replace(path, text.encode())
    return reload(settings)


def _put_aside(path: Path, content: bytes) -> None:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}-{stamp}{path.suffix}")
    _replace(aside, content)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        durable.move_over(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
