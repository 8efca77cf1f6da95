"""What stays of an OffCirc.dat when its uploaded part is put away.

Identical lines of one minute are told apart by how many of them came before in their file (see
:mod:`offcirc.core.fingerprint`). So a line that stays takes along the identical ones that stood
before it: they were uploaded and are recognised as such, and without them the line itself would be
taken for one of them and never go up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from offcirc.core.dat.datfile import LINE_END
from offcirc.core.dat.datline import decode
from offcirc.core.dat.datparts import BLANK
from offcirc.core.fingerprint import content


@dataclass(frozen=True, slots=True)
class Split:
    """A file divided.

    Attributes:
        lead: lines of the uploaded part that stay, as they are in the file.
        rest: what comes after the uploaded part.
        kept: how many lines of the uploaded part stay because they were not dealt with.
        new: how many lines there are in the rest.
    """

    lead: bytes
    rest: bytes
    kept: int
    new: int

    @property
    def clean(self) -> bytes:
        """The file that stays; empty when nothing does."""
        return self.lead + self.rest

    @property
    def left_behind(self) -> int:
        """How many lines stay because they are still to be uploaded."""
        return self.kept + self.new


def split(data: bytes, size: int, kept: Collection[int] = ()) -> Split:
    """Divide a file.

    Args:
        data: its content.
        size: the length of the uploaded part.
        kept: numbers, from 1, of the lines in it that stay.
    """
    rest = data[size:]
    if rest and not data[:size].endswith(b"\n"):
        # The part ends inside a line end; what follows begins with the other half of it.
        rest = rest.lstrip(b"\r\n")
    new = [line for line in lines(rest) if not is_blank(line)]
    if not new:
        rest = b""
    if not (new or kept):
        return Split(b"", rest, 0, 0)
    staying = {identity(line) for line in new}
    lead: list[bytes] = []
    numbered = list(enumerate(lines(data[:size]), 1))
    count, held = 0, frozenset(kept)
    for number, line in reversed(numbered):
        if is_blank(line):
            continue
        stays = number in held
        if stays or (staying and identity(line) in staying):
            staying.add(identity(line))
            lead.append(line if line.endswith(b"\n") else line + b"\r\n")
            count += stays
    return Split(b"".join(reversed(lead)), rest, count, len(new))


def lines(data: bytes) -> Iterator[bytes]:
    """The lines of a file, each with its end."""
    start = 0
    for end in LINE_END.finditer(data):
        yield data[start : end.end()]
        start = end.end()
    if start < len(data):
        yield data[start:]


def is_blank(line: bytes) -> bool:
    """Whether a line holds nothing."""
    return not line.strip(BLANK + b"\n")


def identity(line: bytes) -> bytes:
    """What makes a line the same as another one."""
    raw = line.rstrip(b"\r\n")
    record = decode(raw).record
    return raw if record is None else content(record)
