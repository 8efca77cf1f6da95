"""What the pages ask of drills, which are another room's: whoever starts the server brings it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlayableDrill:
    """A drill that can be begun: its name, its title, what it is about."""

    name: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class BegunDrill:
    """A drill that has been begun.

    Attributes:
        key: names it in an address.
        title: the drill's.
        since: when it was begun, local, to the minute.
        desks: each desk's letter, circulation desk and library.
        commands: what is typed to play it, each in a window of its own.
        here: this very server is its practice server.
    """

    key: str
    title: str
    since: str
    desks: tuple[str, ...]
    commands: tuple[str, ...]
    here: bool


@dataclass(frozen=True, slots=True)
class ShownPart:
    """How a desk, the upload or the follow-up went; what was wrong, with its lines in words."""

    title: str
    right: int
    of: int
    findings: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A whole score."""

    percent: int
    parts: tuple[ShownPart, ...]


@dataclass(frozen=True, slots=True)
class DrillDoor:
    """The drills; texts are in the language that is spoken, faults are LibraryErrors.

    Attributes:
        kinds: which there are.
        begun: those that were begun, the latest first.
        start: begin one by its name and seed; its key is returned.
        paper: ``script`` or ``cards`` of a drill as a PDF; ``None``: there is no such drill.
        score: the score of a drill; ``None``: there is no such drill.
    """

    kinds: Callable[[], Sequence[PlayableDrill]]
    begun: Callable[[], Sequence[BegunDrill]]
    start: Callable[[str, int], str]
    paper: Callable[[str, str], bytes | None]
    score: Callable[[str], ShownScore | None]
