"""A whole OffCirc.dat as a stream."""

import io
import tracemalloc
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.dat import datfile, datparts
from offcirc.core.dat.datfile import Audit, NotThisFile, Status, read, sniff
from offcirc.core.dat.datline import Doubt, encode
from offcirc.core.transaction import Operation, Problem, Record

NOW = datetime(2018, 5, 10, 9, 0)


def loan(minute, item="37000034179", patron="9921000000164"):
    return encode(Record(minute, Operation.LOAN, item, patron))


def entries(data, now=NOW):
    return list(read(io.BytesIO(data), now))


def audited(data, now=NOW):
    audit = Audit(io.BytesIO(data), now)
    return list(audit), audit


YESTERDAY = datetime(2018, 5, 9, 13, 48)
R = encode(Record(YESTERDAY, Operation.RETURN, "3709"))
A, B, C = (loan(YESTERDAY + timedelta(minutes=n), f"3700{n}") for n in range(3))


@pytest.mark.parametrize(
    "data",
    [
        A + B + C,
        (A + B + C).replace(b"\r\n", b"\n"),
        (A + B + C).removesuffix(b"\r\n"),
        (A + B + C).removesuffix(b"\n"),
        b"\xef\xbb\xbf" + A + B + C,
        A + B + C + b"\x1a",
        A + b"\x1a\r\n" + B + b"\xef\xbb\xbf" + C.removesuffix(b"\r\n") + b"\x1a",
        (A + B + C).replace(b"\r\n", b"\r\r\n"),
        (A + B + C).replace(b"\r\n", b"\r"),
        A + (B + C).replace(b"\r\n", b"\r"),
    ],
    ids=[
        "crlf",
        "lf",
        "no last line end",
        "cut before lf",
        "utf-8 mark",
        "dos end mark",
        "marks inside",
        "cr cr lf",
        "cr",
        "crlf and cr",
    ],
)
def test_line_ends_and_marks_make_no_difference(data):
    found = entries(data)
    assert [entry.record.item for entry in found] == ["37000", "37001", "37002"]
    assert {entry.status for entry in found} == {Status.OK}
    assert audited(data)[1].records == 3


def test_blank_lines_are_passed_over_but_counted():
    found = entries(A + b"\r\n   \r\n\n" + B)
    assert [entry.number for entry in found] == [1, 5]


def test_the_raw_bytes_of_a_refused_line_are_kept():
    (entry,) = entries(b"2018 caf\xe9\r\n")
    assert entry.raw == b"2018 caf\xe9"
    assert entry.problem is Problem.BAD_CHARACTERS
    assert entry.status is Status.ERROR


def test_time_going_backwards_is_said_once_where_it_happens():
    found = entries(B + A + A + C)
    assert [entry.doubts for entry in found] == [(), (Doubt.BACKWARDS,), (), ()]


def test_future_and_very_old_lines_are_doubted_but_kept():
    found = entries(loan(datetime(2016, 1, 1)) + A + loan(NOW + timedelta(hours=1)))
    assert [entry.doubts for entry in found] == [(Doubt.VERY_OLD,), (), (Doubt.FUTURE,)]
    assert {entry.status for entry in found} == {Status.OK, Status.WARNING}


def test_a_clock_two_minutes_ahead_is_nobodys_fault():
    assert audited(loan(NOW + timedelta(minutes=2)))[0] == []


def test_a_day_that_never_was_is_an_error_among_days_that_were():
    never = R.replace(b"20180509", b"20180230")
    found, audit = audited(never + A)
    assert [entry.problem for entry in found] == [Problem.IMPOSSIBLE_DATE]
    assert (audit.records, audit.errors) == (2, 1)


@pytest.mark.parametrize("stamp", ["201805091160", "201805092400", "201805100860"])
def test_a_minute_that_never_was_is_an_error_behind_one_of_its_day(stamp):
    fine = f"201805090800L{'TOTO1':<80}BOBO1\r\n".encode()
    wrong = f"{stamp}R{'TOTO1':<80}\r\n".encode()
    assert [entry.problem for entry in audited(fine + wrong)[0]] == [Problem.IMPOSSIBLE_DATE]
    assert [entry.problem for entry in entries(fine + wrong)] == [None, Problem.IMPOSSIBLE_DATE]


def test_an_audit_counts_all_and_tells_the_rest():
    damaged = A.replace(b" " * 70, b" ")
    found, audit = audited(A + damaged + b"rubbish\r\n" + C)
    assert [(entry.number, entry.status) for entry in found] == [
        (2, Status.WARNING),
        (3, Status.ERROR),
    ]
    assert (audit.records, audit.warnings, audit.errors) == (4, 1, 1)


pieces = st.one_of(
    st.sampled_from([A, B, C, A[:-2], A[:40], A.replace(b"  ", b""), b"\n", b"\r\n", b" \n"]),
    st.sampled_from([b"\r", b"\0", b"\0\0", b"\x1a", b"\xef\xbb\xbf", R, R.rstrip(), b"\t"]),
    st.binary(max_size=30),
    st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2020, 1, 1)).map(loan),
)


@given(st.lists(pieces, max_size=12).map(b"".join))
def test_the_fast_audit_says_what_the_reader_says(data):
    expected = [entry for entry in entries(data) if entry.status is not Status.OK]
    found, audit = audited(data)
    assert found == expected
    assert audit.records == len(entries(data))
    assert audit.errors == sum(entry.status is Status.ERROR for entry in expected)
    assert audit.warnings == len(expected) - audit.errors


@given(st.lists(pieces, max_size=12).map(b"".join))
def test_the_glance_says_what_the_reader_says(data):
    plain, others = [], []
    for lines, entries_of in datfile.glanced(io.BytesIO(data), NOW):
        plain += lines
        others += entries_of
    expected = entries(data)
    fine = [entry for entry in expected if entry not in others]
    assert [entry for entry in expected if entry in others] == others
    assert {entry.status for entry in fine} <= {Status.OK}
    assert [datfile.named(line) for line in plain] == [
        (entry.record.item, entry.record.patron) for entry in fine
    ]


def test_the_glance_dwells_on_what_is_not_plain_only():
    damaged = A.replace(b" " * 70, b" ")
    data = A + b"\r\n" + R + damaged + b"   \r\n" + b"rubbish\r\n" + C
    ((plain, others),) = datfile.glanced(io.BytesIO(data), NOW)
    assert plain == [line.decode().rstrip("\r\n") for line in (A, R, C)]
    assert [datfile.named(line) for line in plain] == [LENT[1:], BACK[1:], ("37002", LENT[2])]
    assert [(entry.number, entry.status) for entry in others] == [
        (4, Status.WARNING),
        (6, Status.ERROR),
    ]


def test_a_glance_at_nothing_plain_tells_of_no_line():
    ((plain, others),) = datfile.glanced(io.BytesIO(b"rubbish\r\n"), NOW)
    assert (plain, [entry.number for entry in others]) == ([], [1])


class Dribble(io.BytesIO):
    """A stream that gives a few bytes at a time, as a slow share does."""

    def __init__(self, data, size):
        super().__init__(data)
        self._size = size

    def read(self, size=-1, /):
        return super().read(min(size, self._size))


@given(st.lists(pieces, max_size=6).map(b"".join), st.integers(1, 7))
def test_where_the_chunks_are_cut_makes_no_difference(data, size):
    assert list(read(Dribble(data, size), NOW)) == entries(data)


class Endless:
    """So many bytes, with no line end and no memory behind them."""

    def __init__(self, size):
        self.left = size

    def read(self, size, /):
        size = min(size, self.left)
        self.left -= size
        return b"7" * size


def test_a_file_without_any_line_end_is_one_bad_line_in_constant_memory():
    tracemalloc.start()
    (entry,) = Audit(Endless(64 << 20), NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert entry.problem is Problem.LINE_TOO_LONG
    assert len(entry.raw) == 4096
    assert peak < 8 * datfile.CHUNK


def test_zeros_without_end_cost_no_memory():
    stream = io.BytesIO(bytes(1 << 20) + A)
    assert [(entry.number, entry.record.item) for entry in read(stream, NOW)] == [(1, "37000")]


LENT = ("L", "37000", "9921000000164")
BACK = ("R", "3709", "")


def told(data):
    """What each entry says, or why it does not."""
    return [
        (entry.problem.value,)
        if entry.problem
        else (entry.record.operation.value, entry.record.item, entry.record.patron)
        for entry in entries(data)
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (A.rstrip() + A, [LENT, LENT]),
        (A.rstrip() + R, [LENT, BACK]),
        (R.removesuffix(b"\r\n") + A, [BACK, LENT]),
        (R.removesuffix(b"\r\n") + R.rstrip(), [BACK, BACK]),
        (R.rstrip() + A, [BACK, LENT]),
        (A.rstrip() + R.removesuffix(b"\r\n") + A, [LENT, BACK, LENT]),
        (A.rstrip() + A.rstrip() + A, [LENT, LENT, LENT]),
        (A[:20] + A, [("no-patron",), LENT]),
        (A[:9] + A, [("too-short",), LENT]),
        (A.rstrip() + R.rstrip(), [("joined",)]),
        (R.rstrip() + R.rstrip(), [("joined",)]),
        (A.replace(b"  ", b"").rstrip() + A.replace(b"  ", b""), [("joined",)]),
    ],
)
def test_lines_that_ran_together_are_cut_where_it_is_proven_and_else_refused(data, said):
    assert told(data) == said
    found, _audit = audited(data)
    assert [entry.number for entry in found] == [1] * len(said)
    assert all(Doubt.JOINED in entry.doubts for entry in found if entry.record)


def test_a_line_of_several_names_all_barcodes():
    line = A.rstrip() + R.rstrip()
    assert datparts.named(line) == ("37000", "9921000000164", "3709")
    assert datparts.named(b"20180509 3700  99") == ("20180509", "3700", "99")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (A + bytes(5000), [LENT, ("zero-bytes",)]),
        (A + bytes(5000) + R, [LENT, BACK]),
        (A[:20] + bytes(600) + R, [("zero-bytes",), BACK]),
        (R.rstrip() + bytes(600) + A, [("zero-bytes",), LENT]),
        (A[:20] + bytes(3) + b"179   99\r\n", [("bad-characters",)]),
        (A + bytes(600) + R.removesuffix(b"\r\n") + A, [LENT, BACK, LENT]),
    ],
)
def test_zeros_of_a_power_cut_are_named_and_good_lines_behind_them_read(data, said):
    assert told(data) == said
    for entry in entries(data)[1:]:
        assert entry.problem or Doubt.ZERO_BYTES in entry.doubts


def test_many_lines_are_read_in_constant_memory():
    line = loan(YESTERDAY)
    stream = io.BytesIO(line * 100_000)
    tracemalloc.start()
    total = sum(1 for _ in read(stream, NOW))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 100_000
    assert peak < 8 * datfile.CHUNK


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        (b"", None),
        (b"\r\n\r\n", None),
        (A, None),
        (b"20180509 something else\r\n", None),
        (b"\x00" * 65536, NotThisFile.BINARY),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", NotThisFile.BINARY),
        (b"\xff\xfe" + A.decode().encode("utf-16-le"), NotThisFile.UTF16),
        (A.decode().encode("utf-16-be"), NotThisFile.BINARY),
        (b"<!DOCTYPE html><html>\n<body>\n", NotThisFile.OTHER_TEXT),
        (b"rubbish\r\n" + A, None),
        (b"\x00\x00\x00\r\n" + A, None),
    ],
)
def test_a_file_that_is_something_else_is_recognised(head, verdict):
    assert sniff(head) is verdict


@given(st.binary(max_size=300))
def test_no_bytes_make_the_recognition_raise(head):
    sniff(head)


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (b"201805091348L37000034179", ("L", "37000034179", "")),
        (b"201805091348L3700 34179" + b" " * 70 + b"9921", ("L", "3700 34179", "9921")),
        (b"201805091348L37000034179  99\xe921", ("L", "37000034179", "")),
        (b"201805091348L37000034179 9921 99", ("L", "37000034179", "9921 99")),
        (b"201802301348R37000034179", ("R", "37000034179", "")),
        (b"201805091348X37000034179 9921", (None, "37000034179", "9921")),
        (A.rstrip() + R.rstrip(), ("L", "37000", "9921000000164")),
        (b"201805091348R\x003709\x00", ("R", "", "")),
        (b"rubbish that says nothing", (None, "", "")),
        (b"", (None, "", "")),
    ],
)
def test_what_can_be_read_of_a_damaged_line(raw, seen):
    found = datparts.glimpse(raw)
    assert (found.operation, found.item, found.patron) == seen
    if raw.startswith(b"20180509"):
        assert found.at == YESTERDAY


@given(st.binary(max_size=300))
def test_no_bytes_make_a_glimpse_raise(raw):
    datparts.glimpse(raw)
    datparts.named(raw)
