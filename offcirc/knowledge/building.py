"""OffCirc.knowledge built from exports, nightly and unattended.

The new file takes the place of the old one only when it is whole; the old one stays when the new
one holds much less, as after an export that was cut off.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from offcirc.core.rules.policy import Policy
from offcirc.disk import durable
from offcirc.disk.errors import wording
from offcirc.i18n import _
from offcirc.knowledge import writing
from offcirc.knowledge.errors import BuildError, KnowledgeError
from offcirc.knowledge.keys import KnowledgeKey
from offcirc.knowledge.knowledgefile import KnowledgeFile
from offcirc.knowledge.known import KnowledgeFacts, KnowledgeLevel
from offcirc.knowledge.layout import NAMES_SUFFIX
from offcirc.knowledge.records import ItemRecord, PatronList, PatronRecord
from offcirc.knowledge.sources import practiceserver
from offcirc.knowledge.sources.columns import ExportReading
from offcirc.knowledge.sources.columns import items as item_records
from offcirc.knowledge.sources.lists import patron_records
from offcirc.knowledge.sources.practiceserver import Exporting
from offcirc.knowledge.sources.tables import SourceProblem

LOCK_NAME = "knowledge.lock"
_ENOUGH = 50
"""Blocked readers of whom a fifth does not go in one night by itself."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a file is built from.

    Attributes:
        policy: the library's rules, or ``None``.
        patrons: gone through once.
        items: gone through once.
        patrons_as_of: called once the readers were read: as of when, aware; ``None``: no readers.
        items_as_of: the same of items.
        problems: what was wrong in them, as far as they were read.
    """

    policy: Policy | None
    patrons: Iterable[PatronRecord]
    items: Iterable[ItemRecord]
    patrons_as_of: Callable[[], datetime | None]
    items_as_of: Callable[[], datetime | None]
    problems: list[SourceProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BuildWish:
    """What is wanted of a build.

    Attributes:
        output: the file.
        level: how much goes in.
        poorer: per cent by which it may hold less than the file it replaces; 100: any.
    """

    output: Path
    library: str
    level: KnowledgeLevel
    poorer: int = 20


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to."""

    facts: KnowledgeFacts
    patrons: int
    size: int
    problems: tuple[SourceProblem, ...]


def from_files(
    patrons: Sequence[Path],
    items: Sequence[Path],
    policy: Policy | None,
    reading: ExportReading,
    as_of: datetime | None = None,
) -> Sources:
    """Files as sources.

    Args:
        patrons: exports of readers; what they say of one reader is put together.
        items: exports of items.
        policy: the library's rules.
        reading: how they are read.
        as_of: as of when they hold, aware; by default as a file says, else when it was written.
    """

    def oldest(paths: Sequence[Path]) -> datetime | None:
        moments = [as_of or _moment(path, reading, policy) for path in paths]
        return min(moments, default=None)

    return Sources(
        policy,
        (record for path in patrons for record in patron_records(path, reading)),
        (record for path in items for record in item_records(path, reading)),
        lambda: oldest(patrons),
        lambda: oldest(items),
        reading.problems,
    )


def from_server(server: Exporting) -> Sources:
    """A practice server as a source, as of its own time.

    Raises:
        ServerError: it does not answer.
        LibraryError: its rules cannot be read.
    """
    policy, told = practiceserver.policy(server)
    at = told or datetime.now(UTC)
    patrons, items = practiceserver.patrons(server), practiceserver.items(server)
    return Sources(policy, patrons, items, lambda: at, lambda: at)


def _moment(path: Path, reading: ExportReading, policy: Policy | None) -> datetime:
    told = reading.as_of.get(path)
    if told is not None:
        return told.replace(tzinfo=policy.timezone) if policy else told.astimezone()
    with wording(path):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def build(sources: Sources, wish: BuildWish, key: KnowledgeKey, tell: writing.Tell) -> Built:
    """Build a file.

    Raises:
        BuildError: nothing is in the sources, or much less than in the file that is there, which
            stays.
        StorageError: it cannot be written; the file that is there stays.
    """
    patrons = PatronList()
    for record in sources.patrons:
        patrons.add(record)
    as_of = sources.patrons_as_of()
    output = wish.output.absolute()
    # Of this PC, where one build is at work at a time: what a killed one left is begun anew.
    draft = output.with_name(f".{output.name}.{platform.node()}.tmp")
    _clear(draft)
    contents = writing.Contents(
        wish.library,
        wish.level,
        sources.policy,
        patrons,
        sources.items,
        as_of,
        sources.items_as_of,
        datetime.now(UTC),
    )
    try:
        writing.write(draft, contents, key, tell)
        with KnowledgeFile(draft, key) as file:
            facts = file.facts
            missing = (as_of and not len(patrons)) or (facts.items_as_of and not facts.items)
            if missing or not (facts.patrons or facts.items):
                raise BuildError(_("There is no reader or no item in the exports."))
            _judge(file, wish, key)
        size = draft.stat().st_size
        _put(draft, output, facts.level)
    finally:
        _clear(draft)
    return Built(facts, len(patrons), size, tuple(sources.problems))


def _clear(draft: Path) -> None:
    for each in (draft, _names(draft)):
        with suppress(OSError):
            each.unlink(missing_ok=True)


def _judge(made: KnowledgeFile, wish: BuildWish, key: KnowledgeKey) -> None:
    """Refuse what holds much less than the file it would replace."""
    try:
        with KnowledgeFile(wish.output, key) as file:
            before, blocked = file.facts, file.count_blocked()
    except KnowledgeError:
        return  # there is none, or none that a desk would take
    facts = made.facts
    counts = [(_("items"), before.items, facts.items)]
    if (before.level > KnowledgeLevel.SAYABLE) == (facts.level > KnowledgeLevel.SAYABLE):
        counts.append((_("readers’ identifiers"), before.patrons, facts.patrons))
    if blocked >= _ENOUGH:
        counts.append((_("blocked readers’ identifiers"), blocked, made.count_blocked()))
    for what, old, new in counts:
        if new < old * (100 - wish.poorer) / 100:
            raise BuildError(
                _(
                    "Only {new} {what} where the file before has {old}: was an export cut off? The"
                    " file before stays. If it is right, build again with --even-if-poorer."
                ).format(new=new, what=what, old=old)
            )


def _put(draft: Path, output: Path, level: KnowledgeLevel) -> None:
    """Let a finished file take its place; its names go before it and never stay alone."""
    with wording(output):
        if level >= KnowledgeLevel.NAMES:
            os.replace(_names(draft), _names(output))  # noqa: PTH105 - as in durable
            durable.share(_names(output))
        durable.share(draft)
        os.replace(draft, output)  # noqa: PTH105
        if level < KnowledgeLevel.NAMES:
            _names(output).unlink(missing_ok=True)
        durable.flush_folder(output.parent)


def _names(path: Path) -> Path:
    return path.with_name(path.name + NAMES_SUFFIX)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One build at a time in a data folder.

    Raises:
        BuildError: another one is at work.
        StorageError: the lock cannot be written.
    """
    durable.private_folder(folder)
    lock = FileLock(folder / LOCK_NAME, timeout=0, mode=durable.file_mode(folder))
    with wording(folder / LOCK_NAME):
        try:
            lock.acquire()
        except Timeout:
            raise BuildError(_("Another build is at work on this data folder.")) from None
    try:
        yield
    finally:
        lock.release()
