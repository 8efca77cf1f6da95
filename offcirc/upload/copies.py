"""Files that hold the same, or one the beginning of the other: only one of them is uploaded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from offcirc.storage.linetimes import ToldBy
from offcirc.upload.source import Note, Source

_CHUNK = 1 << 20


def settle_copies(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Of files that hold the same, or one the beginning of the other, have one taken.

    It is the longest; of equal ones, the one of which more is told, then the first. What is told
    beside an earlier copy holds for the beginning of the one that is taken. So what is taken does
    not depend on the order in which the files were given, but for the names of copies.
    """
    settled = [_fresh(source) for source in sources]
    ready = [number for number, source in enumerate(settled) if source.ready]
    best: dict[str, int] = {}
    # Desks at which nothing was recorded are no copies of each other.
    ready = [number for number in ready if settled[number].size]
    for number in ready:
        known = best.get(settled[number].sha256)
        if known is None or _knows(settled[number]) > _knows(settled[known]):
            best[settled[number].sha256] = number
    for number in ready:
        taken = best[settled[number].sha256]
        if taken != number:
            settled[number] = _left_out(settled[number], settled[taken].name, Note.SAME_CONTENT)
    by_mark: dict[bytes, list[int]] = {}
    for number in ready:
        if settled[number].mark and not settled[number].same_as:
            by_mark.setdefault(settled[number].mark, []).append(number)
    for alike in by_mark.values():
        alike.sort(key=lambda number: -settled[number].size)
        for position, number in enumerate(alike):
            for longer in alike[:position]:
                if settled[longer].same_as or not _begins(settled[longer], settled[number]):
                    continue
                settled[longer] = _adopt(settled[longer], settled[number])
                name = settled[longer].name
                settled[number] = _left_out(settled[number], name, Note.EARLIER_COPY)
                break
    # The copy of an earlier copy names the file that is taken in the end.
    names = {source.name: source.same_as for source in settled if source.same_as}
    return tuple(
        _left_out(_fresh(source), names[source.same_as], Note.EARLIER_COPY)
        if source.same_as in names
        else source
        for source in settled
    )


def _fresh(source: Source) -> Source:
    """A file of which it is not known whether it is a copy."""
    copies = (Note.SAME_CONTENT, Note.EARLIER_COPY)
    notes = tuple(note for note in source.notes if note not in copies)
    return replace(source, same_as="", notes=notes)


def _left_out(source: Source, name: str, note: Note) -> Source:
    return replace(source, same_as=name, notes=(*source.notes, note))


def _adopt(longer: Source, shorter: Source) -> Source:
    """A file, knowing also what is told of its beginning beside an earlier copy of it."""
    if _knows(longer) >= _knows(shorter):
        return longer
    return replace(
        longer,
        identity=shorter.identity,
        computer=shorter.computer,
        told_by=shorter.told_by,
        times=shorter.times,
        exact=shorter.exact,
        corrections=shorter.corrections,
        notes=(*longer.notes, Note.MANIFEST_OLDER),
    )


def _knows(source: Source) -> tuple[bool, bool]:
    return source.times is not None, source.told_by in (ToldBy.MANIFEST, ToldBy.JOURNAL)


def _begins(longer: Source, shorter: Source) -> bool:
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
