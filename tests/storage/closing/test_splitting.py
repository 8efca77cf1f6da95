"""What stays of a file when its uploaded part is put away keeps every key it had."""

from __future__ import annotations

import io
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.dat.datfile import read
from offcirc.core.dat.datline import decode
from offcirc.core.fingerprint import KeyMaker
from offcirc.storage.closing.splitting import lines, split

LINES = st.sampled_from(
    [
        b"201801150914L" + b"I1".ljust(80) + b"P1",
        b"201801150914L" + b"I1".ljust(80) + b"P2",
        b"201801150914RI1",
        b"201801150914R" + b"I1".ljust(80),
        b"201801150915RI1",
        b"broken",
        b"",
    ]
)


def keys(data: bytes) -> list[tuple[bytes, bytes]]:
    """Each line that is not blank, with its key."""
    maker = KeyMaker()
    found = []
    for line in lines(data):
        raw = line.rstrip(b"\r\n")
        if raw:
            record = decode(raw).record
            found.append((raw, maker.raw_key(raw) if record is None else maker.key(record)))
    return found


@given(st.lists(LINES, max_size=12), st.integers(0, 12), st.sets(st.integers(1, 12)), st.booleans())
def test_lines_that_stay_keep_their_keys_and_no_line_is_lost(all_lines, cut, kept, unix):
    end = b"\n" if unix else b"\r\n"
    data = b"".join(line + end for line in all_lines)
    size = sum(map(len, list(lines(data))[:cut]))
    parts = split(data, size, kept)
    before, after = keys(data), keys(parts.clean)
    uploaded = len(keys(data[:size]))
    numbers = [
        number for number, line in enumerate(lines(data), 1) if line.rstrip(b"\r\n")
    ]  # of the lines in ``before``
    staying = [
        pair for place, pair in enumerate(before) if place >= uploaded or numbers[place] in kept
    ]
    assert set(staying) <= set(after)
    assert [pair for pair in after if pair in staying] == staying
    assert set(after) <= set(before), "what else stays is known to the ledger under its own key"
    assert parts.left_behind == len(staying)
    assert data[size:].endswith(parts.rest)


def test_a_line_end_cut_in_two_makes_no_line():
    data = b"201801150914RI1\r\n"
    parts = split(data, len(data) - 1)
    assert parts.clean == b""
    parts = split(b"201801150914RI1\r\n201801150915RI2\r\n", len(b"201801150914RI1"))
    assert parts.clean == b"201801150915RI2\r\n"


def test_blank_lines_alone_do_not_stay():
    assert split(b"201801150914RI1\r\n\r\n\x1a", 17).clean == b""


def test_lines_are_counted_as_the_reader_counts_them():
    data = b"a\r\r\nb\rc\r\n\r\nd"
    assert list(lines(data)) == [b"a\r\r\n", b"b\r", b"c\r\n", b"\r\n", b"d"]
    numbers = [entry.number for entry in read(io.BytesIO(data), datetime(2018, 1, 1))]
    assert numbers == [1, 2, 3, 5]
