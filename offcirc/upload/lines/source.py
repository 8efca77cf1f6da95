"""A desk's file as the referent has collected it: whose it is, what it holds, how exact it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from offcirc.core.identity import DeskIdentity
from offcirc.core.order.clockfix import ClockCorrection
from offcirc.storage.copies.linetimes import TimesPlace, ToldBy
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts


class SourceState(StrEnum):
    """Whether a file can be uploaded."""

    READY = "ready"
    NOT_OFFCIRC = "not-offcirc"
    UNREADABLE = "unreadable"


class Precision(StrEnum):
    """How exactly the times of a file's lines are known."""

    EXACT = "exact"
    """To the millisecond."""
    PARTLY = "partly"
    """Some to the millisecond, the others to the minute."""
    MINUTES = "minutes"


class UploadedBefore(StrEnum):
    """How much of a file has been uploaded before, under whatever name."""

    NEW = "new"
    PARTLY = "partly"
    ALL = "all"


class FileNote(StrEnum):
    """Something to know about a file."""

    EMPTY = "empty"
    """Nothing was recorded in it."""
    SAME_CONTENT = "same-content"
    """Another file has the very same content; that one is taken."""
    EARLIER_COPY = "earlier-copy"
    """Another file begins with all of its lines and goes on; that one is taken."""
    MANIFEST_OLDER = "manifest-older"
    """The file has grown since its manifest was written: later lines have minutes only."""
    MANIFEST_MISMATCH = "manifest-mismatch"
    """The manifest is not that of this content, and ignored."""
    MANIFEST_DAMAGED = "manifest-damaged"
    JOURNAL_UNUSABLE = "journal-unusable"
    CLOCK_MOVED = "clock-moved"
    """The desk's clock was moved while it recorded; its lines are corrected by as much."""


@dataclass(frozen=True, slots=True)
class CollectedFile:
    """A file on the list.

    Attributes:
        path: where it is.
        name: the shortest name that tells it from the others.
        state: whether it can be uploaded.
        reason: why not, as a sentence in the language of the moment; empty when it can.
        size: in bytes.
        sha256: of its content, in hex; empty when it could not be read.
        mark: key of its first line that can be read; names the file for decisions, however it
            grows. Empty when there is none.
        computer: the PC's own name; may be empty.
        told_by: who says so; ``NAME`` is a guess.
        times: where the exact times of its lines, or of its first ones, are told; ``None`` where
            they are not.
        lines: those that are not blank.
        loans: lines that are loans.
        returns: lines that are returns.
        damaged: lines that cannot be replayed.
        doubtful: lines that can, but deserve a look.
        first: time of the earliest line that can be replayed, as recorded, naive local time.
        last: time of the latest.
        exact: how many lines have a time to the millisecond.
        corrections: what the desk has measured that is to be added to which lines' times.
        same_as: name of the file that is taken instead of this one; empty when this one is.
        recorded: lines that an earlier upload had recorded.
        refused: lines that a server has refused.
        open: lines that were sent or handed over and of which it is not known what became.
        dropped: lines that somebody decided never to send.
        notes: what else to know.
    """

    path: Path
    name: str
    state: SourceState = SourceState.READY
    reason: str = ""
    size: int = 0
    sha256: str = ""
    mark: bytes = b""
    identity: DeskIdentity = field(default_factory=DeskIdentity)
    computer: str = ""
    told_by: ToldBy = ToldBy.NOBODY
    times: TimesPlace | None = None
    lines: int = 0
    loans: int = 0
    returns: int = 0
    damaged: int = 0
    doubtful: int = 0
    first: datetime | None = None
    last: datetime | None = None
    exact: int = 0
    corrections: tuple[ClockCorrection, ...] = ()
    same_as: str = ""
    recorded: int = 0
    refused: int = 0
    open: int = 0
    dropped: int = 0
    notes: tuple[FileNote, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it can be uploaded."""
        return self.state is SourceState.READY

    @property
    def guessed(self) -> bool:
        """Whether the desk is a guess from the file's name."""
        return self.told_by is ToldBy.NAME

    @property
    def readable(self) -> int:
        """Lines that can be replayed."""
        return self.loans + self.returns

    @property
    def precision(self) -> Precision:
        """How exactly its times are known."""
        if not self.exact:
            return Precision.MINUTES
        return Precision.EXACT if self.exact >= self.readable else Precision.PARTLY

    @property
    def offset(self) -> float:
        """The greatest correction that the desk has measured, in seconds; 0 when there is none."""
        return max((one.seconds for one in self.corrections), key=abs, default=0.0)

    @property
    def standing(self) -> UploadedBefore:
        """How much of it has been uploaded before."""
        done = self.recorded + self.refused + self.open
        if not done:
            return UploadedBefore.NEW
        return UploadedBefore.ALL if done + self.dropped >= self.readable else UploadedBefore.PARTLY


def short_names(paths: Sequence[Path]) -> list[str]:
    """Names for people: without folders, unless several files have the same name then.

    Eleven desks make eleven files called ``OffCirc.dat``; they are told apart by as many folders
    as it takes. Names that differ by capitals only are the same to people.
    """
    parts = [path.parts for path in paths]
    endings: dict[str, set[tuple[str, ...]]] = {}
    for path in parts:
        for length in range(1, len(path) + 1):
            endings.setdefault("/".join(path[-length:]).casefold(), set()).add(path)
    names = []
    for path in parts:
        length = 1
        while length < len(path) and len(endings["/".join(path[-length:]).casefold()]) > 1:
            length += 1
        names.append("/".join(path[-length:]))
    return names


class Uploadable(Protocol):
    """A plan, whatever it is made of."""

    @property
    def files(self) -> tuple[FileFacts, ...]:
        """The files, an index into which names a line's file."""

    def lines(self) -> Iterator[LineFacts]:
        """Every line, in the order in which they are to be sent."""
