"""SIP2 as bytes: vectors of a real Koha, and whatever others make of the standard."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from offcirc.servers.sip2.codec import (
    CHARSETS,
    FIXED,
    FRAME_LIMIT,
    CannotSayError,
    Frames,
    GarbledError,
    WrongSumError,
    decode,
    encode,
    moment,
    read_moment,
)

STAMP = "20261128    093000"


def filled(code: str) -> dict[str, str]:
    return {name: "0" * width for name, width in FIXED[code]}


def test_a_login_is_written_as_koha_takes_it() -> None:
    fields = [("CN", "sip"), ("CO", "secret"), ("CP", "CPL")]
    assert encode("93", filled("93"), fields) == b"9300CNsip|COsecret|CPCPL|AY0AZF5F4\r"
    status = {"status": "0", "width": "080", "version": "2.00"}
    assert encode("99", status, sequence=1) == b"9900802.00AY1AZFCA0\r"


def test_koha_s_answers_are_read() -> None:
    assert decode(b"941AY0AZFDFD").fixed["ok"] == "1"
    assert decode(b"96AZFEF6").code == "96"
    state = decode(f"98YYYYNY100005{STAMP}2.00AOCPL|AMCentre|BXYYY|".encode())
    assert (state.fixed["offline_ok"], state.first("AM")) == ("Y", "Centre")


@pytest.mark.parametrize("code", sorted(FIXED))
@pytest.mark.parametrize("charset", CHARSETS)
def test_every_message_comes_back_in_every_character_set(code: str, charset: str) -> None:
    fields = [("AA", "P1"), ("AJ", "Été à Évry"), ("AU", "1"), ("AU", "2")] if FIXED[code] else []
    frame = encode(code, filled(code), fields, sequence=7, charset=charset)
    read = decode(frame.rstrip(b"\r"), charset)
    assert (read.code, read.fixed, list(read.fields), read.sequence) == (
        code,
        filled(code),
        fields,
        "7",
    )


def test_a_message_that_changed_on_its_way_is_noticed_whichever_byte_it_is() -> None:
    frame = encode("12", filled("12"), [("AF", "é")], sequence=3).rstrip(b"\r")
    for place in range(len(frame) - len("AY3AZ0000")):
        changed = bytearray(frame)
        changed[place] ^= 1
        with pytest.raises(WrongSumError):
            decode(bytes(changed))


def test_sums_without_noughts_over_characters_and_none_at_all_are_read() -> None:
    content = b"121YUN" + STAMP.encode() + b"AFok|"
    assert decode(content).first("AF") == "ok"
    text = f"101NUN{STAMP}AJÉtés|AY4AZ"
    by_characters = f"{-sum(map(ord, text)) & 0xFFFF:04X}"
    assert decode((text + by_characters).encode()).first("AJ") == "Étés"
    start = b"18000000" + STAMP.encode() + b"CH" + b"\xff" * 238 + b"|AY0AZ"
    short = b"%X" % (-sum(start) & 0xFFFF)
    assert len(short) < 4
    assert decode(start + short, "latin-1").sequence == "0"


@pytest.mark.parametrize("bad", [b"", b"12", b"<html>", b"121YUN2026", b"77" + b"0" * 60])
def test_what_is_no_message_is_said_to_be_none(bad: bytes) -> None:
    with pytest.raises(GarbledError):
        decode(bad)


@pytest.mark.parametrize("value", ["a|b", "a\rb", "a\nb", "\x00"])
def test_nothing_can_be_slipped_into_a_message(value: str) -> None:
    with pytest.raises(CannotSayError):
        encode("17", filled("17"), [("AB", value)])


def test_what_a_character_set_does_not_have_is_not_sent_as_something_else() -> None:
    with pytest.raises(CannotSayError):
        encode("17", filled("17"), [("AB", "Ω€")], charset="latin-1")


def test_messages_are_cut_out_whatever_pieces_they_come_in() -> None:
    frames = Frames()
    stream = b"\n941AY0AZFDFD\r\n96AZFEF6\r\r\n98rest"
    found = [frame for byte in stream for frame in frames.feed(bytes([byte]))]
    assert found == [b"941AY0AZFDFD", b"96AZFEF6"]
    with pytest.raises(GarbledError):
        frames.feed(b"x" * FRAME_LIMIT)


def test_moments_are_read_as_systems_write_them() -> None:
    at = datetime(2026, 12, 4, 23, 59)
    assert moment(at) == "20261204    235900"
    assert read_moment("20261204    235900") == at
    assert read_moment("20261204   Z235900") == at.replace(tzinfo=UTC)
    assert read_moment("202612040100235900") == at
    assert read_moment("2026-12-04 23:59") == read_moment("2026-12-04T23:59:00") == at
    assert read_moment("20261204") == datetime(2026, 12, 4)
    assert [read_moment(text) for text in ("", "04/12/2026", "20261399    000000")] == [None] * 3
