"""Taking registrations in: they lie beside the desks' files of lines, sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from offcirc.core.registration import is_provisional
from offcirc.disk.errors import StorageError
from offcirc.servers.protocol import RegistrationSent, TakesRegistrations
from offcirc.storage.registrations import deskbook
from offcirc.storage.registrations.registry import REGISTRY_NAME, RegistrationState, Registry
from offcirc.storage.registrations.seal import seal_of
from offcirc.storage.stamps import utc_now


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came with the desks' files.

    Attributes:
        new: how many registrations had not been known.
        unreadable: how many were sealed with another key.
        unread: files that could not be read.
    """

    new: int = 0
    unreadable: int = 0
    unread: tuple[Path, ...] = ()


def gather(files: Iterable[Path], data_dir: Path, key: str) -> Gathered:
    """Take in what lies beside these files; nothing is made where no registration ever was.

    Args:
        files: the desks' files of lines.
        data_dir: the uploader's data folder.
        key: the library's key; empty when it has none.

    Raises:
        WrongKeyError: the key is none.
        StorageError: the registry cannot be opened or written.
    """
    lines: list[bytes] = []
    unread = []
    for path in dict.fromkeys(place for file in files for place in deskbook.beside(file)):
        try:
            lines += deskbook.sealed_lines(path)
        except StorageError:
            unread.append(path)
    known = (data_dir / REGISTRY_NAME).exists()
    if not lines and not known:
        return Gathered(unread=tuple(unread))
    with Registry(data_dir, seal_of(data_dir, key)) as registry:
        new, unreadable = registry.take(lines)
        registry.erase(utc_now())
    return Gathered(new, unreadable, tuple(unread))


def send(registry: Registry, server: TakesRegistrations) -> tuple[int, int]:
    """Send what can still be read, and take over what was decided there of those that wait here.

    Returns:
        How many are on the server's list, and how many were decided there by now.

    Raises:
        ServerError: it did not answer.
        StorageError: the registry cannot be written.
    """
    rows = [row for row in registry.rows() if not row.erased]
    sent = [RegistrationSent(row.about, row.state.value, row.real_card) for row in rows]
    decided = 0
    for row, there in zip(rows, server.register(sent) if sent else [], strict=True):
        if row.state is not RegistrationState.PENDING:
            continue
        card = there.real_card
        if there.status == RegistrationState.VALIDATED and card and not is_provisional(card):
            registry.validate(row.about.id, card, there.who)
            decided += 1
        elif there.status == RegistrationState.REFUSED:
            registry.refuse(row.about.id, there.who)
            decided += 1
    return len(rows), decided
