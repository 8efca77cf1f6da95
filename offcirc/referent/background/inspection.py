"""What is known of the files on the list, their lines and what was decided, in words to be shown.

Made by :mod:`offcirc.referent.background.inspecting` in another thread; nothing here takes long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.transaction import Operation
from offcirc.referent.day.daydata import DayData
from offcirc.referent.kit.cells import Tone

if TYPE_CHECKING:
    from offcirc.referent.background.inspecting import Wish
    from offcirc.upload.lines.kept import KeptFiles
    from offcirc.upload.lines.source import CollectedFile

RAW_SHOWN = 160
"""Characters of a line that are shown: enough to recognise it."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A file on the list.

    Attributes:
        path: where it is.
        name: the shortest name that tells it from the others.
        read: whether it has been read; else nothing but path and name is known.
        ready: whether it can be uploaded.
        taken: whether it is uploaded; a copy of another one is not.
        sha256: of its content, in hex.
        lines: those that are not blank.
        loans: lines that are loans.
        returns: lines that are returns.
        first: time of the earliest line that can be read, as recorded.
        last: time of the latest.
        desk: whose it is, in words.
        circulation_desk: the code of the circulation desk; empty when nobody says.
        desk_told: the desk itself says whose it is; else that is a guess, or not known.
        precision: how exactly its times are known, in words.
        clock: what is added to its times, in words; empty for nothing.
        verdict: how it stands, in a word or two.
        tone: the colour of that.
        text: all there is to say of it, in sentences.
        uploaded: every line of it has been uploaded before.
        mark: names the file in decisions.
        measured: what the desk itself has measured that is to be added, in seconds; 0 for nothing.
        added: what somebody said is to be added besides, in seconds.
        trust: which clock is believed where the desk noted a jump.
        clock_decision: the number of the decision about that; 0 when there is none.
    """

    path: Path
    name: str
    read: bool = False
    ready: bool = False
    taken: bool = False
    sha256: str = ""
    lines: int = 0
    loans: int = 0
    returns: int = 0
    first: datetime | None = None
    last: datetime | None = None
    desk: str = ""
    circulation_desk: str = ""
    desk_told: bool = False
    precision: str = ""
    clock: str = ""
    verdict: str = ""
    tone: Tone = Tone.PLAIN
    text: str = ""
    uploaded: bool = False
    mark: bytes = b""
    measured: float = 0.0
    added: float = 0.0
    trust: str = ""
    clock_decision: int = 0


class FindingWeight(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    DECIDED = "decided"


class Ask(StrEnum):
    """What a finding asks of the referent."""

    NOTHING = "nothing"
    LOOK = "look"
    CORRECT = "correct"
    SWAP = "swap"
    HOLD = "hold"
    DROP = "drop"
    CHOOSE = "choose"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as the referent sees it.

    Attributes:
        file: the file's name.
        number: its number there; 0 for the file as a whole.
        key: names it in decisions.
        at: when it happened, clock corrected; ``None`` when that cannot be read.
        operation: loan or return; ``None`` when that cannot be read.
        item: the item barcode.
        patron: the borrower's identifier.
        raw: the very bytes of the line.
        desk: the desk's name.
        damaged: it cannot be sent as it is; what is told of it is what can be read.
    """

    file: str
    number: int
    key: bytes = b""
    at: datetime | None = None
    operation: Operation | None = None
    item: str = ""
    patron: str = ""
    raw: bytes = b""
    desk: str = ""
    damaged: bool = False

    @property
    def shown(self) -> str:
        """The line as text, short enough to be shown."""
        return " ".join(self.raw.decode("ascii", "backslashreplace").split())[:RAW_SHOWN]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A finding, or a decision in force.

    Attributes:
        weight: how much it matters.
        code: what it is, for programs.
        name: what it is, in two or three words.
        text: what it is, in a sentence.
        ask: what it asks of the referent.
        act: the same in words; empty for nothing.
        other: the other line; ``None`` when there is none.
        decision: the number of the decision; 0 for a finding.
        who: who decided, and when, in words.
        brief: what it is, short enough for a column.
    """

    weight: FindingWeight
    code: str
    name: str
    text: str
    line: LineView
    ask: Ask = Ask.NOTHING
    act: str = ""
    other: LineView | None = None
    decision: int = 0
    who: str = ""
    brief: str = ""

    @property
    def question(self) -> bool:
        """Whether it ought to be decided before the upload."""
        return self.weight is FindingWeight.ERROR or self.ask in (Ask.CHOOSE, Ask.SWAP)


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything about the files on the list.

    Attributes:
        sources: the files, in the order in which they were given.
        rows: findings and decisions, gravest first.
        more: findings that are not among the rows, because there are too many.
        day: loans and returns over time.
    """

    sources: tuple[SourceRow, ...] = ()
    rows: tuple[CheckRow, ...] = ()
    more: int = 0
    day: DayData = field(default_factory=DayData)


@dataclass(slots=True)
class KnownBefore:
    """What the last inspection has found out, for the next one after a decision.

    Attributes:
        wish: what was inspected; ``None`` before it was to its end.
        sources: the files.
        kept: their lines.
    """

    wish: Wish | None = None
    sources: tuple[CollectedFile, ...] = ()
    kept: KeptFiles | None = None
