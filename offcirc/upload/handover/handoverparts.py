"""Which lines go to Alma in which file, and which stay behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from offcirc.core.answers import Reason
from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import NotRecordableError, Operation, Record
from offcirc.servers import almafile
from offcirc.storage.copies.linetimes import ToldBy
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.alike import Found
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineRow, LineState
from offcirc.upload.base import reasons
from offcirc.upload.handover import split_by_desk
from offcirc.upload.handover.handovererrors import NoDeskError
from offcirc.upload.lines.plan import Plan

_ANSWERED = (Reason.NOT_ON_LOAN, Reason.LATER_ACTION)
"""Refusals after which Alma has nothing more to say of a line."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file to be written.

    Attributes:
        desk: the circulation desk.
        library: the library's name; may be empty.
        lines: the lines of the file, in its order.
        left_out: lines of the desk that are in none of its files; they are told of in the first.
    """

    desk: str
    library: str
    lines: tuple[LineFacts, ...]
    left_out: tuple[LineFacts, ...]

    @property
    def content(self) -> bytes:
        """The file."""
        return b"".join(encode(record_of(line)) for line in self.lines)


def parts_of(plan: Plan, ledger: Ledger, *, desk: str, again: bool) -> list[FilePart]:
    """The files to write; the lines left out are with the first file of their desk.

    A desk of which no line can be handed over has a part without lines if some are held back.
    """
    told = [identity_of(file) for file in plan.files]
    desks = [identity.circulation_desk or desk for identity in told]
    lines = _judged(list(plan.lines()), ledger, again=again)
    nobodys = {line.file for line in lines if not desks[line.file]}
    if nobodys:
        raise NoDeskError(", ".join(plan.files[file].name for file in sorted(nobodys)))
    to_write = [line for line in lines if line.state is LineState.PLANNED]
    left_out: dict[str, list[LineFacts]] = {}
    for line in lines:
        if line.state is not LineState.PLANNED:
            left_out.setdefault(desks[line.file], []).append(line)
    libraries = _libraries(told, desks)
    parts = []
    happenings = [split_by_desk.Happening(desks[line.file], line.item) for line in to_write]
    for part in split_by_desk.parts(happenings):
        chosen = tuple(to_write[place] for place in part.places)
        rest = tuple(left_out.pop(part.desk, ()))
        parts.append(FilePart(part.desk, libraries[part.desk], chosen, rest))
    parts += [
        FilePart(code, libraries[code], (), tuple(rest))
        for code, rest in left_out.items()
        if any(line.state is LineState.HELD for line in rest)
    ]
    return parts


def _judged(lines: Sequence[LineFacts], ledger: Ledger, *, again: bool) -> list[LineFacts]:
    """The lines, with those skipped that were handed over earlier."""
    keys = [line.key for line in lines if line.state is LineState.PLANNED]
    known = {} if again else handovers.known(ledger, almafile.IDENTITY, keys)
    judged = []
    for line in lines:
        if line.state is LineState.PLANNED:
            reason = _earlier(known, line.key)
            if reason:
                line = line._replace(state=LineState.SKIPPED, reason=reason)  # noqa: PLW2901
            elif problem := _unwritable(line):
                line = line._replace(state=LineState.HELD, reason=problem)  # noqa: PLW2901
        judged.append(line)
    return judged


def _earlier(known: Mapping[bytes, Found], key: bytes) -> str:
    """Why a line is not handed over once more; empty if it is."""
    if key not in known:
        return ""
    (state, reason), sure = known[key]
    if state is LineState.REJECTED and reason not in _ANSWERED:
        # Refused for want of its item or reader: there may be one by now.
        return ""
    if not sure:
        return reasons.ALIKE
    return reasons.ALREADY_RECORDED if state is LineState.RECORDED else reasons.ALREADY_HANDED_OVER


def _unwritable(line: LineFacts) -> str:
    """Why no file can state a line; empty if one can."""
    try:
        encode(record_of(line))
    except NotRecordableError as error:
        return error.problem.value
    return ""


def record_of(line: LineFacts | LineRow) -> Record:
    """The loan or return that a line states."""
    return Record(
        datetime.fromisoformat(line.minute), Operation(line.operation), line.item, line.patron
    )


def identity_of(file: FileFacts) -> DeskIdentity:
    """Whose desk a file comes from; empty when only its name gives it away.

    A guess would do for people who look at a list, not for choosing a circulation desk.
    """
    if file.told_by not in (ToldBy.MANIFEST, ToldBy.JOURNAL):
        return DeskIdentity()
    return DeskIdentity(file.library, file.circulation_desk, file.desk_name)


def _libraries(told: Sequence[DeskIdentity], desks: Sequence[str]) -> dict[str, str]:
    """The library's name that most files of each desk give."""
    names: dict[str, Counter[str]] = {}
    for identity, desk in zip(told, desks, strict=True):
        counted = names.setdefault(desk, Counter())
        if identity.library:
            counted[identity.library] += 1
    return {desk: next(iter(dict(of.most_common(1))), "") for desk, of in names.items()}
