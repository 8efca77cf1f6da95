"""What this program asks of a system that people carry files to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from offcirc.servers.protocol import Abilities, Event, PreflightItem


class Unfit(StrEnum):
    """Why a file for a library system cannot hold an event. The values are kept in ledgers."""

    TOO_LONG = "too-long-there"
    """A barcode or card is longer than what the system keeps of it."""
    COMMAND = "taken-for-a-command"
    """The system would take a barcode or card for one of its own commands."""
    IN_FUTURE = "future-dropped-there"
    """The system drops what has not happened yet, and says nothing."""
    CARD_UNPROVEN = "card-unproven"
    """Nobody has proved that the system knows the card, and it would lend to another reader."""
    RENEWAL = "not-renewed-there"
    """The reader has the item there already, and the system renews nothing from a file."""


@dataclass(frozen=True, slots=True)
class Known:
    """Which items and readers a library system was seen to know, and who had which (item, card)."""

    items: frozenset[str] = frozenset()
    patrons: frozenset[str] = frozenset()
    loans: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class TargetFile:
    """A file for a library system that takes files by hand.

    Attributes:
        content: what stands in it.
        events: the events in it, in its order.
    """

    content: bytes
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that a file cannot hold, and why."""

    event: Event
    why: Unfit


class FileFormat(Protocol):
    """A file that other programs take loans and returns from."""

    @property
    def format(self) -> str:
        """What the command line calls it (``offcirc export --to``)."""

    @property
    def suffix(self) -> str:
        """What its names end in."""

    def title(self) -> str:
        """What people choose it by."""

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """The files that hold these events, to be taken up in this order.

        The events of one such file give that file again.

        Args:
            events: in the one order of the day.
            known: what the system was seen to know; ``None`` when nobody has looked.
        """

    def limits(self) -> tuple[str, ...]:
        """What it does not keep, in sentences of the active language."""


class FileTarget(FileFormat, Protocol):
    """A library system that people carry files to."""

    @property
    def kind(self) -> str:
        """What the settings call it (``servers.NAME.kind``)."""

    @property
    def name(self) -> str:
        """Its name for people."""

    @property
    def identity(self) -> str:
        """What the ledger remembers lines by: whatever the folder, it is the library's one."""

    @property
    def abilities(self) -> Abilities:
        """What it can honour; only ``keeps_dates`` and ``overrides_blocks`` tell something."""

    @property
    def by_desk(self) -> bool:
        """Whether it takes a file for one circulation desk at a time."""

    @property
    def proves(self) -> bool:
        """Whether only items and readers that a look-up has found are written."""

    @property
    def reports(self) -> bool:
        """Whether it has a report that is read back; else lines are looked for in it."""

    def before(self) -> tuple[str, ...]:
        """What to do in the system before the first file, a sentence or two for each box."""

    def each(self) -> tuple[str, ...]:
        """What to do for each file, in the order of the files."""

    def after(self) -> tuple[str, ...]:
        """What to do after the last file."""

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """The same for a program that shows what to make sure of, like any server's.

        Args:
            desk: the circulation desk's code; empty when the files are for several.
        """
