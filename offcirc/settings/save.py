"""Writing settings files: the account's ``user.toml``, and a machine's, checked and kept whole."""

from __future__ import annotations

import errno
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from offcirc.disk import durable
from offcirc.settings import files, tomltext
from offcirc.settings.complaints import Complaint
from offcirc.settings.load import Settings, load, reload
from offcirc.settings.options import declared, option_for
from offcirc.settings.sense import contradictions


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
        changes: values as :meth:`offcirc.settings.kinds.Kind.read` takes them, by key; ``None``
            takes the account's own value away, so that the weaker layers' holds.

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


BEFORE = "site.before.toml"
"""The name under which the file that was there is kept."""


class FaultySettingsError(Exception):
    """A settings file is not in order; nothing was put in place.

    Attributes:
        complaints: what is wrong with it.
    """

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        super().__init__(f"{len(complaints)} complaints")
        self.complaints = complaints


def judge(file: Path) -> tuple[Complaint, ...]:
    """What is wrong with a file that shall become a ``site.toml``; nothing when it is in order.

    Raises:
        FileNotFoundError: there is no such file.
    """
    if not file.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file))
    settings = load(environment={}, site=file, user=file.with_name("no such file.toml"))
    settings.barcodes()
    return settings.complaints + contradictions(settings, here=False)


def install(source: Path | None, values: Mapping[str, str], target: Path | None = None) -> Path:
    """Make the machine's settings file of another one and of values for this PC alone.

    The file that was there is kept beside it. Everybody may read it: it holds no secrets.

    Args:
        source: the file to take; without one, the machine's own is changed.
        values: by key, as a person types them; empty ones are passed over.
        target: where to put it; the machine's own place when not given.

    Returns:
        Where it was put.

    Raises:
        FileNotFoundError: there is no such source.
        FaultySettingsError: it is not in order.
        WrongValueError: a value is none.
        OSError: it cannot be written.
    """
    target = target or files.place_to_install()
    if source is not None and (complaints := judge(source)):
        raise FaultySettingsError(complaints)
    old = target.read_bytes() if target.exists() else b""
    base = source.read_bytes() if source is not None else old
    literals: dict[str, str | None] = {}
    for key, value in values.items():
        if value:
            kind = declared(key).kind
            literals[key] = tomltext.literal(kind, kind.read(value))
    text = tomltext.changed(base.decode("utf-8-sig"), literals)
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if old and old != text.encode():
        _put(target.with_name(BEFORE), old)
    _put(target, text.encode())
    return target


def _put(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.chmod(0o644)
    durable.move_over(temporary, path)
