"""Reading what can be read of a damaged SQLite file, page by page, without its indexes or trees.

A table's rows lie in leaf pages; each page that is still whole tells its own, whatever became of
the others. Pages of the write-ahead log count where its transactions were ended. The format is that
of https://www.sqlite.org/fileformat2.html; numbers in comments are its sections.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

Value = str | int | float | bytes | None

_USUAL = 4096
_LEAF = 0x0D
_LOG_HEADER, _FRAME_HEADER = 32, 24
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def records(data: bytes, log: bytes = b"") -> Iterator[tuple[int, tuple[Value, ...]]]:
    """The rows of all tables in one stream: each with its number, and its columns' values.

    Args:
        data: the database's content.
        log: that of its write-ahead log.
    """
    size = _page_size(data, log)
    reserved = data[20] if data[:16] == b"SQLite format 3\x00" and data[20] <= 32 else 0
    pages = {n + 1: data[at : at + size] for n, at in enumerate(range(0, len(data), size))}
    pages |= _logged(log, size)
    for number in sorted(pages):
        yield from _rows(pages, number, size - reserved)


def _page_size(data: bytes, log: bytes) -> int:
    candidates = [int.from_bytes(log[8:12], "big"), int.from_bytes(data[16:18], "big")]
    for size in candidates:
        if size >= 512 and size & (size - 1) == 0 and size <= 65536:
            return size
    return _USUAL


def _logged(log: bytes, size: int) -> dict[int, bytes]:
    """The newest ended content of each page in a write-ahead log (4.1)."""
    ended: dict[int, bytes] = {}
    running: dict[int, bytes] = {}
    salts = log[_LOG_HEADER + 8 : _LOG_HEADER + 16]
    for at in range(_LOG_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        page, end = struct.unpack_from(">II", log, at)
        if log[at + 8 : at + 16] != salts or not page:
            break
        running[page] = log[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        if end:
            ended |= running
            running = {}
    return ended


def _rows(
    pages: dict[int, bytes], number: int, usable: int
) -> Iterator[tuple[int, tuple[Value, ...]]]:
    """The rows of a leaf page (1.6); none of another page."""
    page, start = pages[number], 100 if number == 1 else 0
    if len(page) < usable or page[start] != _LEAF:
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for cell in range(count):
        at = start + 8 + 2 * cell
        try:
            place = int.from_bytes(page[at : at + 2], "big")
            length, place = _varint(page, place)
            row, place = _varint(page, place)
            yield row - (row >> 63 << 64), _values(_payload(pages, page, place, length, usable))
        except (IndexError, ValueError, KeyError, struct.error):
            continue


def _payload(pages: dict[int, bytes], page: bytes, at: int, length: int, usable: int) -> bytes:
    """A row's bytes, of which long ones continue on overflow pages (1.6, 1.7)."""
    if length <= usable - 35:
        return page[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    if local > usable - 35:
        local = least
    found = page[at : at + local]
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    while len(found) < length and following:
        more = pages[following]
        found += more[4:usable]
        if len(found) > length + usable:
            raise ValueError
        following = int.from_bytes(more[:4], "big")
    return found[:length]


def _values(payload: bytes) -> tuple[Value, ...]:
    """A row's columns (2.1)."""
    end, at = _varint(payload, 0)
    place, found = end, []
    while at < end:
        kind, at = _varint(payload, at)
        value, width = _value(payload, place, kind)
        found.append(value)
        place += width
    if place != len(payload):
        raise ValueError
    return tuple(found)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in {0, 8, 9}:
        return (None if kind == 0 else kind - 8), 0
    if kind in _INTEGERS:
        width = _INTEGERS[kind]
        return int.from_bytes(payload[at : at + width], "big", signed=True), width
    if kind == 7:
        return struct.unpack_from(">d", payload, at)[0], 8
    if kind < 12:
        raise ValueError
    width = (kind - 12) // 2
    content = payload[at : at + width]
    return (content.decode() if kind % 2 else content), width


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends (1.6)."""
    value = 0
    for count in range(9):
        byte = data[at + count]
        if count == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at + count + 1
