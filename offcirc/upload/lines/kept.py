"""What was read of the files on a list, kept so that a decision need not have them read again.

A decision changes what becomes of lines, never the files. As long as those are what they were, all
that is known of them by themselves and of earlier uploads still holds; only their one order, and
what the lines say about each other, are looked at again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from offcirc.storage.copies.linetimes import LineTimes
from offcirc.storage.ledger.alike import Found
from offcirc.upload.lines.datread import Keyed
from offcirc.upload.lines.decided import Decided
from offcirc.upload.lines.plan import Plan, keyed_lines, times_of

LIMIT = 8 << 20
"""Bytes of files of which the lines are kept: some eighty thousand lines, in some 60 MB."""


class FileLines(NamedTuple):
    """The lines of a file, and what is told of them beside it."""

    keyed: Sequence[Keyed]
    times: LineTimes | None


@dataclass(slots=True)
class KeptFiles:
    """What is kept of a list of files; nothing to begin with.

    Attributes:
        plan: the plan of these files, its lines in memory; ``None`` when nothing is kept.
        earlier: what earlier uploads have done, by the lines' keys.
    """

    plan: Plan | None = None
    earlier: dict[bytes, Found | None] = field(default_factory=dict)
    _stamps: tuple[tuple[int, int], ...] = ()

    def forget(self) -> None:
        """Files, earlier uploads or what beside them have changed."""
        self.plan = None
        self.earlier = {}
        self._stamps = ()

    def keep(self, plan: Plan) -> Plan:
        """Keep the lines of a plan, unless there are too many; returns the plan to go on with.

        Raises:
            UnreadableFileError: a file cannot be read any more.
        """
        self.forget()
        if sum(file.size for file in plan.files if not file.same_as) > LIMIT:
            return plan
        stamps = _stamps(plan)
        lines: Mapping[int, FileLines] = {
            index: _read(plan, index) for index, file in enumerate(plan.files) if not file.same_as
        }
        self.plan, self._stamps = replace(plan, kept=lines), stamps
        return self.plan

    def with_decisions(self, decided: Decided) -> Plan | None:
        """The plan by other decisions; ``None`` when the files have to be read again."""
        if self.plan is None or _stamps(self.plan) != self._stamps:
            return None
        return replace(self.plan, decided=decided, pairs=[])


def _read(plan: Plan, index: int) -> FileLines:
    times = times_of(plan.sources[index])
    return FileLines(list(keyed_lines(plan, index, times)), times)


def _stamps(plan: Plan) -> tuple[tuple[int, int], ...]:
    """What shows that a file, or what is told beside it, was written to since."""
    paths = [source.path for source in plan.sources]
    paths += [source.times.path for source in plan.sources if source.times is not None]
    return tuple(map(_stamp, paths))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        told = path.stat()
    except (OSError, ValueError):
        return -1, -1
    return told.st_size, told.st_mtime_ns


@contextmanager
def quick() -> Iterator[None]:
    """Let Python not look for rubbish among the lines, of which there is none: a third of the time.

    For work of a second or two; whatever else makes rubbish meanwhile is found after it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
