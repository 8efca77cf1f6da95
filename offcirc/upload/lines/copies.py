"""Whose copies files are: of a desk, by their names; of each other, so that one is uploaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from offcirc.core.fingerprint import content_of, has_identity
from offcirc.core.identity import DeskIdentity
from offcirc.storage.copies.linetimes import ToldBy
from offcirc.upload.lines.source import CollectedFile, FileNote

_CHUNK = 1 << 20
_COPY = re.compile(r"\b(copy|copie|kopie|copia)\b|\(\d+\)|~\d*\.|\.bak$", re.IGNORECASE)
"""Marks a file's name as that of a copy."""


def settle_copies(sources: Sequence[CollectedFile]) -> tuple[CollectedFile, ...]:
    """Of files that hold the same, or one the beginning of the other, have one taken.

    It is the longest; of equal ones, the one of which more is told, then the one of the plainer
    name, then the first. What is told beside an earlier copy holds for the beginning of the one
    that is taken. So what is taken does not depend on the order in which the files were given, but
    for the names of copies. Files of which it is told that two desks wrote them are no copies,
    whatever they hold.
    """
    settled = [_fresh(source) for source in sources]
    ready = [number for number, source in enumerate(settled) if source.ready]
    # Desks at which nothing was recorded are no copies of each other.
    ready = [number for number in ready if settled[number].size]
    best: dict[str, list[int]] = {}
    for number in sorted(ready, key=lambda number: _rank(settled[number])):
        equals = best.setdefault(settled[number].sha256, [])
        taken = next((one for one in equals if not _apart(settled[one], settled[number])), None)
        if taken is None:
            equals.append(number)
        else:
            settled[number] = _left_out(settled[number], settled[taken].name, FileNote.SAME_CONTENT)
    by_mark: dict[bytes, list[int]] = {}
    for number in ready:
        if settled[number].mark and not settled[number].same_as:
            by_mark.setdefault(content_of(settled[number].mark), []).append(number)
    for alike in by_mark.values():
        alike.sort(key=lambda number: -settled[number].size)
        for position, number in enumerate(alike):
            for longer in alike[:position]:
                if settled[longer].same_as or _apart(settled[longer], settled[number]):
                    continue
                if not _begins(settled[longer], settled[number]):
                    continue
                settled[longer] = _adopt(settled[longer], settled[number])
                name = settled[longer].name
                settled[number] = _left_out(settled[number], name, FileNote.EARLIER_COPY)
                break
    # The copy of an earlier copy names the file that is taken in the end.
    names = {source.name: source.same_as for source in settled if source.same_as}
    return tuple(
        _left_out(_fresh(source), names[source.same_as], FileNote.EARLIER_COPY)
        if source.same_as in names
        else source
        for source in settled
    )


def _fresh(source: CollectedFile) -> CollectedFile:
    """A file of which it is not known whether it is a copy."""
    copies = (FileNote.SAME_CONTENT, FileNote.EARLIER_COPY)
    notes = tuple(note for note in source.notes if note not in copies)
    return replace(source, same_as="", notes=notes)


def _left_out(source: CollectedFile, name: str, note: FileNote) -> CollectedFile:
    return replace(source, same_as=name, notes=(*source.notes, note))


def _adopt(longer: CollectedFile, shorter: CollectedFile) -> CollectedFile:
    """A file, knowing also what is told of its beginning beside an earlier copy of it."""
    if _knows(longer) >= _knows(shorter):
        return longer
    return replace(
        longer,
        identity=shorter.identity,
        mark=shorter.mark,
        computer=shorter.computer,
        told_by=shorter.told_by,
        times=shorter.times,
        exact=shorter.exact,
        corrections=shorter.corrections,
        notes=(*longer.notes, FileNote.MANIFEST_OLDER),
    )


def _apart(one: CollectedFile, other: CollectedFile) -> bool:
    """Whether two desks wrote the beginnings of two files, as far as that is told."""
    return one.mark != other.mark and has_identity(one.mark) and has_identity(other.mark)


def _rank(source: CollectedFile) -> tuple[bool | int, ...]:
    """Which of equal files is taken: the first by this, of several the one given first."""
    name = source.path.name
    times, desk = _knows(source)
    return (not times, not desk, _COPY.search(name) is not None, len(name))


def _knows(source: CollectedFile) -> tuple[bool, bool]:
    return source.times is not None, source.told_by in (ToldBy.MANIFEST, ToldBy.JOURNAL)


def _begins(longer: CollectedFile, shorter: CollectedFile) -> bool:
    """Whether a file begins with all lines of another one."""
    digest = hashlib.sha256()
    left = shorter.size
    last = b""
    try:
        with longer.path.open("rb") as stream:
            while left > 0 and (piece := stream.read(min(left, _CHUNK))):
                digest.update(piece)
                left -= len(piece)
                last = piece[-1:]
            ended = last == b"\n" or stream.read(1) in (b"\r", b"\n")
    except OSError:
        return False
    return ended and digest.hexdigest() == shorter.sha256


_PROGRAM = re.compile(r"(?i)\b(?:offcirc|offline|circulation|circ|files?|copie?|copy|de|of)\b")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}[-._ ]?\d{2}[-._ ]?\d{2}|\d{1,2}[-._ ]\d{1,2}[-._ ](?:19|20)?\d{2}"
    r"|\d{2}\d{2}(?:19|20)\d{2})(?:[-_ T]?\d{4,6})?(?:-\d+)?(?!\d)"
)
_TELLS_NOTHING = re.compile(
    r"(?i)(?:downloads?|t[ée]l[ée]chargements|desktop|bureau|documents?|files|data|temp|tmp|home"
    r"|users?|alma offline circulation|offcirc|[a-z]:|collect(?:ed|ion)?|outage|upload)?"
)


def guess(path: Path) -> tuple[DeskIdentity, str]:
    """The desk a file may come from, and the computer; all empty when the name tells nothing."""
    stem = path.stem
    parts = stem.split("_")
    if len(parts) == 4 and parts[0] == "OffCirc" and not _DATE.search(stem):
        _program, library, desk, computer = parts
        return DeskIdentity(_spaced(library), "", _spaced(desk)), computer
    name = _meaning(stem)
    if not name:
        folder = path.absolute().parent.name
        name = "" if _TELLS_NOTHING.fullmatch(folder) else _meaning(folder)
    return DeskIdentity(desk_name=name), ""


def _spaced(text: str) -> str:
    return text.replace("-", " ").strip()


def _meaning(text: str) -> str:
    """What a name says beyond the program and the date."""
    text = re.sub(r"\(\d+\)\s*$", " ", text)  # the browser's second copy
    text = _DATE.sub(" ", text)
    text = re.sub(r"[_.()\[\]\s]+", " ", text)
    text = _PROGRAM.sub(" ", text)
    text = re.sub(r"\s+", " ", text).strip(" -")
    return text if re.search(r"[^\W\d]|\d{1,3}$", text) else ""
