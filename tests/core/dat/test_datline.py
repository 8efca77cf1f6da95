"""One line of OffCirc.dat: every form listed in the module, written and read."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.dat.datline import Decoded, Doubt, decode, encode, minute, plain_line
from offcirc.core.transaction import (
    WRITTEN,
    NotRecordableError,
    Operation,
    Problem,
    Record,
    check_patron,
    check_recordable,
)

MINUTE = datetime(2018, 5, 9, 13, 48)
LOAN = Record(MINUTE, Operation.LOAN, "37000034179", "9921000000164")
RETURN = Record(MINUTE, Operation.RETURN, "37000034179")
STAMP = b"201805091348"

visible = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
items = st.text(visible, min_size=1, max_size=80)
patrons = (
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
minutes = st.datetimes(min_value=datetime(1, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
records = st.one_of(
    st.builds(Record, minutes, st.just(Operation.LOAN), items, patrons),
    st.builds(Record, minutes, st.just(Operation.RETURN), items, st.just("")),
)


def test_a_loan_is_written_in_fixed_columns_with_crlf():
    expected = STAMP + b"L37000034179" + b" " * 69 + b"9921000000164\r\n"
    assert encode(LOAN) == expected
    assert expected.index(b"9921000000164") == 93


def test_a_return_is_padded_to_the_patron_column():
    assert encode(RETURN) == STAMP + b"R37000034179" + b" " * 69 + b"\r\n"


@given(records)
def test_what_is_written_reads_back_the_same(record):
    line = encode(record)
    assert line.endswith(b"\r\n")
    decoded = decode(line[:-2])
    assert decoded.record == record
    assert decoded.doubts == ((Doubt.BLANK_IN_PATRON,) if " " in record.patron else ())


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise(raw):
    decode(raw)


near_lines = st.builds(
    lambda stamp, flag, item, gap, patron, end: stamp + flag + item + b" " * gap + patron + end,
    st.sampled_from([STAMP, b"201802301348", b"2018050913", b"000000000000"]),
    st.sampled_from([b"L", b"R", b"X", b""]),
    st.one_of(items, st.just("A" * 79), st.just("A" * 80), st.just("A" * 81)).map(str.encode),
    st.integers(0, 90),
    st.one_of(patrons, st.just(""), st.just("9" * 256)).map(str.encode),
    st.sampled_from([b"", b"\r", b" ", b"\xe9", b"\t", b"201805091349ROTOLO709751"]),
)


@given(st.one_of(near_lines, records.map(encode), st.binary(max_size=200)))
def test_the_fast_pattern_never_accepts_what_the_reader_would_not(raw):
    if plain_line(raw) and minute(raw[:12].decode()):
        decoded = decode(raw.removesuffix(b"\r"))
        assert decoded.record is not None
        assert decoded.doubts == ()


@given(records)
def test_the_fast_pattern_knows_ordinary_lines(record):
    if record.patron and " " in record.patron:
        return
    assert plain_line(encode(record)[:-1])


@pytest.mark.parametrize(
    ("raw", "record"),
    [
        (STAMP + b"R37000034179", RETURN),
        (STAMP + b"R37000034179     ", RETURN),
        (STAMP + b"L37000034179" + b" " * 69 + b"   9921000000164", LOAN),
        (STAMP + b"L37000034179" + b" " * 69 + b"9921000000164  ", LOAN),
        (
            STAMP + b"L" + b"A" * 80 + b"9921000000164",
            Record(MINUTE, Operation.LOAN, "A" * 80, "9921000000164"),
        ),
        (
            STAMP + b"Labc-1" + b" " * 75 + b"ut1.lecteur000",
            Record(MINUTE, Operation.LOAN, "abc-1", "ut1.lecteur000"),
        ),
        (STAMP + b"R" + b"A" * 80, Record(MINUTE, Operation.RETURN, "A" * 80)),
    ],
    ids=[
        "unpadded return",
        "return padded a little",
        "blanks before the patron",
        "blanks after the patron",
        "item fills its column",
        "identifiers that are no digits",
        "return whose item fills its column",
    ],
)
def test_forms_that_are_read_without_a_word(raw, record):
    assert decode(raw) == Decoded(record)


@pytest.mark.parametrize(
    "gap", [b" ", b"          ", b" " * 40], ids=["one blank", "ten blanks", "forty blanks"]
)
def test_a_loan_that_lost_its_padding_is_read_as_meant_with_a_doubt(gap):
    raw = STAMP + b"L37000034179" + gap + b"9921000000164"
    assert decode(raw) == Decoded(LOAN, None, (Doubt.DAMAGED_PADDING,))


@pytest.mark.parametrize("width", [1, 60, 65, 68])
@pytest.mark.parametrize("patron", ["bm", "9921000000164", "jean-baptiste.de-la-salle@u.example"])
def test_lost_padding_is_treated_alike_whatever_the_readers_length(width, patron):
    raw = STAMP + b"L37000034179" + b" " * width + patron.encode()
    expected = Record(MINUTE, Operation.LOAN, "37000034179", patron)
    assert decode(raw) == Decoded(expected, None, (Doubt.DAMAGED_PADDING,))
    back = decode(raw.replace(b"L", b"R", 1))
    if width == 1:
        assert back.problem is Problem.BLANK_IN_ITEM
    else:
        assert back.record == Record(MINUTE, Operation.RETURN, "37000034179", patron)
        assert back.doubts == (Doubt.DAMAGED_PADDING, Doubt.RETURN_WITH_PATRON)


@pytest.mark.parametrize("gap", [b"\t", b" \t ", b"\t" * 9])
def test_tabs_are_read_as_the_padding_they_stand_for(gap):
    raw = STAMP + b"L37000034179" + gap + b"9921000000164"
    assert decode(raw) == Decoded(LOAN, None, (Doubt.DAMAGED_PADDING,))
    assert decode(STAMP + b"R37000034179\t") == Decoded(RETURN)


@pytest.mark.parametrize(
    "tail",
    [
        b"L37000034179" + b" " * 69 + b"9921000000164201805091349ROTOLO709751",
        b"R37000034179201805091349ROTOLO709751",
        b"L37000034179" + b" " * 69 + b"9921000000164  37073113780",
    ],
)
def test_what_may_be_two_lines_is_never_read_as_one(tail):
    assert decode(STAMP + tail) == Decoded(None, Problem.JOINED)
    assert plain_line(STAMP + tail) is None


def test_a_blank_inside_a_reader_is_doubted():
    raw = STAMP + b"L37000034179" + b" " * 69 + b"9921 000000164"
    assert decode(raw).doubts == (Doubt.BLANK_IN_PATRON,)


def test_a_return_whose_item_fills_its_column_may_name_a_patron_behind_a_blank():
    item = Record(MINUTE, Operation.RETURN, "A" * 80, "9921000000164")
    raw = STAMP + b"R" + b"A" * 80 + b" 9921000000164"
    assert decode(raw) == Decoded(item, None, (Doubt.RETURN_WITH_PATRON,))
    # A character more leaves no blank: where the barcode ends, nobody can tell.
    assert decode(raw.replace(b" ", b"A")) == Decoded(None, Problem.ITEM_TOO_LONG)


def test_an_item_that_slid_to_the_right_is_read_with_a_doubt():
    raw = STAMP + b"L  37000034179" + b" " * 67 + b"9921000000164"
    assert decode(raw) == Decoded(LOAN, None, (Doubt.DAMAGED_PADDING,))


def test_a_return_that_names_a_patron_is_read_with_a_doubt():
    raw = STAMP + b"R37000034179" + b" " * 69 + b"9921000000164"
    expected = Record(MINUTE, Operation.RETURN, "37000034179", "9921000000164")
    assert decode(raw) == Decoded(expected, None, (Doubt.RETURN_WITH_PATRON,))


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"20180509", Problem.TOO_SHORT),
        (STAMP, Problem.TOO_SHORT),
        (b"201802301348R37000034179", Problem.IMPOSSIBLE_DATE),
        (b"201805092448R37000034179", Problem.IMPOSSIBLE_DATE),
        (b"201805091360R37000034179", Problem.IMPOSSIBLE_DATE),
        (b"2018-05-0913R37000034179", Problem.IMPOSSIBLE_DATE),
        (b"2018 5091348R37000034179", Problem.IMPOSSIBLE_DATE),
        (STAMP + b"R" + b"A" * 81 + b" 9921000000164", Problem.ITEM_TOO_LONG),
        (STAMP + b"X37000034179", Problem.UNKNOWN_OPERATION),
        (STAMP + b"l37000034179 9921", Problem.UNKNOWN_OPERATION),
        (STAMP + b"L", Problem.NO_ITEM),
        (STAMP + b"R" + b" " * 80, Problem.NO_ITEM),
        (STAMP + b"L" + b" " * 80 + b"9921000000164", Problem.NO_ITEM),
        (STAMP + b"R" + b"A" * 81, Problem.ITEM_TOO_LONG),
        (STAMP + b"R3700 0034179", Problem.BLANK_IN_ITEM),
        (STAMP + b"L3700 0034179 9921000000164", Problem.BLANK_IN_ITEM),
        (STAMP + b"L3700 0034179" + b" " * 68 + b"9921000000164", Problem.BLANK_IN_ITEM),
        (STAMP + b"L37000034179", Problem.NO_PATRON),
        (STAMP + b"L37000034179" + b" " * 200, Problem.NO_PATRON),
        (STAMP + b"L" + b"A" * 80, Problem.NO_PATRON),
        (STAMP + b"L" + b"A" * 80 + b"   ", Problem.NO_PATRON),
        (STAMP + b"L37000034179" + b" " * 69 + b"9" * 256, Problem.PATRON_TOO_LONG),
        (STAMP + b"R37000034179" + b" " * 69 + b"9" * 256, Problem.PATRON_TOO_LONG),
        (STAMP + b"R37000034179" + b" " * 69 + b"9921  37073113780", Problem.JOINED),
        (STAMP + b"L37000034179" + b" " * 69 + b"9921\xe9", Problem.BAD_CHARACTERS),
        (STAMP + b"R3700\x0034179", Problem.BAD_CHARACTERS),
        (STAMP + b"R3700 34179", Problem.BLANK_IN_ITEM),
        (STAMP + b"R" + b"3" * 5000, Problem.LINE_TOO_LONG),
    ],
)
def test_each_refusal_has_its_own_code(raw, problem):
    assert decode(raw) == Decoded(None, problem)


@pytest.mark.parametrize("operation", WRITTEN)
def test_a_reader_of_255_characters_and_a_line_of_4096_are_read(operation):
    begin = STAMP + operation.value.encode() + b"37000034179" + b" " * 69
    record = decode(begin + b"9" * 255).record
    assert record is not None
    assert record.patron == "9" * 255
    line = begin + b"9921"
    assert decode(line.ljust(4096)).record is not None
    assert decode(line.ljust(4097)).problem is Problem.LINE_TOO_LONG


@pytest.mark.parametrize(
    ("item", "patron", "problem"),
    [
        ("", "9921", Problem.NO_ITEM),
        ("3700 0034179", "9921", Problem.BLANK_IN_ITEM),
        ("A" * 81, "9921", Problem.ITEM_TOO_LONG),
        ("livré", "9921", Problem.BAD_CHARACTERS),
        ("3700\r\n", "9921", Problem.BAD_CHARACTERS),
        ("37000034179", " ", Problem.NO_PATRON),
        ("37000034179", "9" * 256, Problem.PATRON_TOO_LONG),
        ("37000034179", " 9921", Problem.BAD_CHARACTERS),
        ("37000034179", "é", Problem.BAD_CHARACTERS),
        ("37000034179", "9921  37073113780", Problem.JOINED),
        ("37000034179", "9921201805091349ROTOLO709751", Problem.JOINED),
        ("37201805091349ROTOLO709751", "9921", Problem.JOINED),
    ],
)
def test_what_the_file_cannot_state_is_not_written(item, patron, problem):
    with pytest.raises(NotRecordableError) as caught:
        encode(Record(MINUTE, Operation.LOAN, item, patron))
    assert caught.value.problem is problem


@given(st.text(max_size=90), st.text(max_size=260))
def test_whatever_may_be_recorded_can_be_written_and_read(item, patron):
    try:
        check_recordable(Operation.LOAN, item, patron)
        check_patron(patron)
    except NotRecordableError:
        return
    record = Record(MINUTE, Operation.LOAN, item, patron)
    assert decode(encode(record)[:-2]).record == record
