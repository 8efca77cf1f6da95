"""Putting a machine's settings file in place, checked before and kept whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from offcirc.disk import durable
from offcirc.settings import files, tomltext
from offcirc.settings.complaints import Complaint
from offcirc.settings.load import load
from offcirc.settings.options import declared
from offcirc.settings.sense import contradictions

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
