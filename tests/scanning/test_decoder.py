"""From keys and bytes to scans: nothing lost, nothing doubled, nothing made up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.transaction import Source
from offcirc.scanning.decoder import (
    Decoder,
    Framing,
    Overflow,
    Scan,
    Terminator,
    Typed,
    Unfinished,
)

ITEM = "30234000517861"
CARD = "23529001000463"
SCANNER = 0.004
HAND = 0.15

SUFFIXED = Framing(frozenset((Terminator.CR, Terminator.LF, Terminator.TAB)))
UNSUFFIXED = Framing(frozenset((Terminator.NONE,)))


class Keyboard:
    """Keys pressed one after the other on a clock of its own."""

    def __init__(self, framing=None, source=Source.SCAN, *, ticking=False):
        self.decoder = Decoder(framing, source)
        self.now = 100.0
        self.ticking = ticking
        self.events = []

    def keys(self, text, pace):
        for character in text:
            self.wait(pace)
            self.events += self.decoder.feed(character, self.now)
        return self

    def scan(self, text):
        return self.keys(text, SCANNER)

    def type(self, text):
        return self.keys(text, HAND)

    def wait(self, seconds):
        """Let time pass, with a timer that keeps the decoder's deadlines if there is one."""
        until = self.now + seconds
        deadline = self.decoder.deadline
        if self.ticking and deadline is not None and deadline < until:
            self.events += self.decoder.tick(deadline + 0.001)
        self.now = until
        return self

    @property
    def said(self):
        return [
            (type(event).__name__, getattr(event, "text", None) or getattr(event, "raw", ""))
            for event in self.events
        ]


@pytest.fixture(params=[False, True], ids=["untimed", "timed"])
def keyboard(request):
    return Keyboard(ticking=request.param)


@pytest.mark.parametrize(
    ("suffix", "terminator"),
    [
        ("\r", Terminator.CR),
        ("\n", Terminator.LF),
        ("\r\n", Terminator.CR),
        ("\n\r", Terminator.LF),
        ("\t", Terminator.TAB),
        ("\r\t", Terminator.CR),
        ("\r\r", Terminator.CR),
    ],
    ids=repr,
)
def test_every_suffix_ends_a_scan_once(keyboard, suffix, terminator):
    keyboard.scan(ITEM + suffix).wait(1).scan(CARD + suffix).wait(1)
    assert keyboard.said == [("Scan", ITEM), ("Scan", CARD)]
    assert {event.terminator for event in keyboard.events} == {terminator}


def test_a_scan_without_suffix_ends_with_a_pause():
    keyboard = Keyboard(ticking=True).scan(ITEM).wait(0.1)
    assert keyboard.said == [("Scan", ITEM)]
    assert keyboard.events[0].terminator is Terminator.NONE
    keyboard.scan(CARD)
    assert keyboard.decoder.deadline == pytest.approx(keyboard.now + 0.06)
    keyboard.wait(0.1)
    assert keyboard.said == [("Scan", ITEM), ("Scan", CARD)]


def test_without_a_timer_the_next_key_ends_it():
    keyboard = Keyboard().scan(ITEM).wait(0.3).scan(CARD)
    assert keyboard.said == [("Scan", ITEM)]


def test_enter_by_hand_after_a_scan_without_suffix_does_nothing_more(keyboard):
    keyboard.scan(ITEM).wait(0.8).type("\r")
    assert keyboard.said == [("Scan", ITEM)]


def test_once_a_suffix_was_seen_a_pause_in_mid_scan_does_not_make_two(keyboard):
    keyboard.scan(CARD + "\r").wait(2)
    keyboard.scan(ITEM[:7]).wait(0.2).scan(ITEM[7:] + "\r")
    assert keyboard.said == [("Scan", CARD), ("Scan", ITEM)]


def test_a_typed_text_teaches_nothing_about_the_scanner():
    keyboard = Keyboard(ticking=True).type("12345\r").wait(1).scan(ITEM).wait(0.1)
    assert keyboard.said == [("Typed", "12345"), ("Scan", ITEM)]


@pytest.mark.parametrize("framing", [SUFFIXED, UNSUFFIXED, None], ids=["suffix", "gap", "both"])
def test_what_is_typed_is_typed(framing):
    keyboard = Keyboard(framing).type(ITEM)
    keyboard.events += keyboard.decoder.feed("\r", keyboard.now + HAND)
    keyboard.now += 5
    keyboard.type("1\r")
    if framing is UNSUFFIXED:
        assert keyboard.said == [], "Enter is no end where only pauses are"
    else:
        assert keyboard.said == [("Typed", ITEM), ("Typed", "1")]


@pytest.mark.parametrize(
    ("pace", "scanned"), [(0.0, True), (0.02, True), (0.05, True), (0.055, False), (0.12, False)]
)
def test_the_pace_tells_a_scanner_from_a_hand(pace, scanned):
    keyboard = Keyboard(SUFFIXED).keys(ITEM + "\r", pace)
    assert keyboard.said == [("Scan" if scanned else "Typed", ITEM)]


def test_single_hiccups_of_the_pc_do_not_matter():
    keyboard = Keyboard(SUFFIXED)
    for place in range(0, 14, 3):
        keyboard.scan(ITEM[place : place + 3]).wait(0.15)
    keyboard.scan("\r")
    assert keyboard.said == [("Scan", ITEM)]


def test_a_hand_s_quick_pairs_of_keys_make_no_scan():
    keyboard = Keyboard(SUFFIXED)
    for place in range(0, 14, 2):
        keyboard.wait(0.13).keys(ITEM[place : place + 2], 0.03)
    keyboard.type("\r")
    assert keyboard.said == [("Typed", ITEM)]


def test_few_characters_are_typed_however_quick():
    assert Keyboard().scan("123\r").said == [("Typed", "123")]
    assert Keyboard(replace(SUFFIXED, min_scan=3)).scan("123\r").said == [("Scan", "123")]


def test_erased_keys_do_not_count(keyboard):
    keyboard.type("31x\b2\x7f3\r")
    assert keyboard.said == [("Typed", "313")]
    assert keyboard.events[0].raw == "313"
    assert Keyboard().type("\b\b1\r").said == [("Typed", "1")]


@pytest.mark.parametrize("blank", ["", " ", "   ", "\x00", "\u200b"], ids=repr)
def test_an_empty_enter_makes_no_action(keyboard, blank):
    keyboard.type(f"{blank}\r\n").wait(1).scan(f"{blank}\r\n\t")
    assert keyboard.said == []
    keyboard.scan(ITEM + "\r")
    assert keyboard.said[-1] == ("Scan", ITEM)


def test_a_scan_that_is_nothing_but_blanks_makes_no_action(keyboard):
    keyboard.scan("        \r")
    assert keyboard.said == []


def test_what_stood_typed_when_a_scan_begins_does_not_get_into_it(keyboard):
    keyboard.type("31").wait(1).scan(ITEM + "\r")
    assert keyboard.said == [("Unfinished", "31"), ("Scan", ITEM)]
    assert keyboard.events[0] == Unfinished("31", scanned=False)


def test_a_blank_in_a_scan_is_kept_and_those_around_it_are_not(keyboard):
    keyboard.scan(" 310 00 \r")
    assert keyboard.said == [("Scan", "310 00")]
    assert keyboard.events[0].raw == " 310 00 "


@pytest.mark.parametrize("text", ['"&é"\'ààààààà&è', "élève-7", "A1B", "x" * 200])
def test_every_character_is_kept_whatever_it_is(text):
    keyboard = Keyboard(replace(SUFFIXED, min_scan=2)).scan(text + "\r")
    assert keyboard.said == [("Scan", text)]


def test_tab_is_a_character_where_it_is_no_suffix():
    framing = Framing(frozenset((Terminator.CR,)))
    assert Keyboard(framing).scan("39001\tEVIL\r").said == [("Scan", "39001\tEVIL")]


class TestSymbology:
    """AIM identifiers name the symbology and are taken off."""

    def test_is_kept_beside_the_text(self, keyboard):
        keyboard.scan(f"]C1{ITEM}\r").wait(1).scan(f"{ITEM}\r")
        first, second = keyboard.events
        assert (first.text, first.symbology, first.raw) == (ITEM, "C1", f"]C1{ITEM}")
        assert (second.text, second.symbology) == (ITEM, "")

    def test_with_nothing_behind_it_it_is_the_text(self):
        assert Keyboard().scan("]C1\r").said == [("Typed", "]C1")]

    def test_a_typed_one_stays(self):
        assert Keyboard().type(f"]C1{ITEM}\r").said == [("Typed", f"]C1{ITEM}")]


class TestPrefix:
    """A prefix says that it is a scan, however it comes."""

    FRAMING = replace(SUFFIXED, prefix="\x02")

    def test_is_taken_off(self):
        keyboard = Keyboard(self.FRAMING).scan(f"\x02]C1{ITEM}\r")
        assert keyboard.said == [("Scan", ITEM)]
        assert keyboard.events[0].raw == f"\x02]C1{ITEM}"

    def test_makes_slow_and_short_scans_scans(self):
        assert Keyboard(self.FRAMING).type("\x0212\r").said == [("Scan", "12")]

    def test_divides_typing_from_scan(self):
        keyboard = Keyboard(self.FRAMING).type("31").scan(f"\x02{ITEM}\r")
        assert keyboard.said == [("Unfinished", "31"), ("Scan", ITEM)]

    def test_longer_prefixes_and_texts_that_hold_them(self):
        keyboard = Keyboard(replace(SUFFIXED, prefix="~S"))
        keyboard.scan(f"~S{ITEM}~S1\r").type("a~b\r").type("~~S7\r")
        assert keyboard.said == [
            ("Scan", f"{ITEM}~S1"),
            ("Typed", "a~b"),
            ("Unfinished", "~"),
            ("Scan", "7"),
        ]

    def test_scans_without_it_are_told_by_their_pace(self):
        assert Keyboard(self.FRAMING).scan(f"{ITEM}\r").said == [("Scan", ITEM)]

    def test_ends_with_a_pause_where_there_is_no_suffix(self):
        framing = replace(UNSUFFIXED, prefix="\x02")
        keyboard = Keyboard(framing, ticking=True).scan("\x0212").wait(0.1)
        assert keyboard.said == [("Scan", "12")]


class TestOverflow:
    """A book on the keyboard."""

    def test_is_one_event_and_memory_does_not_grow(self, keyboard):
        keyboard.keys("x" * 5000, 0.001)
        assert keyboard.events == [Overflow("x" * 512)]
        assert keyboard.decoder.pending == ""

    @pytest.mark.parametrize("end", ["\r", "\r\n", "\t"], ids=repr)
    def test_ends_silently_and_the_next_scan_is_whole(self, keyboard, end):
        keyboard.keys("x" * 600 + end, 0.001).scan(ITEM + "\r")
        assert keyboard.said[1:] == [("Scan", ITEM)]

    def test_a_pause_ends_it_too(self, keyboard):
        keyboard.keys("x" * 600, 0.001).wait(1).scan(ITEM + "\r")
        assert keyboard.said[1:] == [("Scan", ITEM)]

    def test_slow_keys_are_bounded_as_well(self):
        keyboard = Keyboard(replace(SUFFIXED, limit=20)).keys("x" * 50, 0.7)
        assert {type(event) for event in keyboard.events} == {Overflow}
        assert len(keyboard.decoder.pending) <= 20

    def test_what_fits_exactly_is_no_overflow(self):
        text = "1" * 512
        assert Keyboard().keys(text + "\r", 0.001).said == [("Scan", text)]


class TestHalfScans:
    """Never taken for barcodes."""

    def test_one_that_stopped_is_told_of_when_the_next_begins(self):
        keyboard = Keyboard(SUFFIXED).scan(ITEM[:7]).wait(2).scan(ITEM + "\r")
        assert keyboard.events[0] == Unfinished(ITEM[:7], scanned=True)
        assert keyboard.said[1:] == [("Scan", ITEM)]

    def test_a_late_enter_ends_it_all_the_same(self):
        assert Keyboard(SUFFIXED).scan(ITEM).wait(5).type("\r").said == [("Scan", ITEM)]

    def test_a_pulled_cable_drops_it(self):
        keyboard = Keyboard(source=Source.SERIAL).scan("302")
        assert keyboard.decoder.reset() == [Unfinished("302", scanned=True)]
        keyboard.scan(ITEM + "\r")
        assert keyboard.said == [("Scan", ITEM)]

    def test_forgetting_nothing_or_typing_says_nothing(self):
        assert Keyboard().decoder.reset() == []
        assert Keyboard().type("31").decoder.reset() == []
        assert Keyboard().keys("x" * 600, 0.001).decoder.reset() == []


class TestSerial:
    """Everything is scanned, in whatever pieces it comes."""

    def test_bytes_are_text(self):
        (scan,) = Decoder(None, Source.SERIAL).feed(f"{ITEM}\r\n".encode(), 1.0)
        assert scan == Scan(ITEM, ITEM, Source.SERIAL, Terminator.CR, "", 1.0, 1.0)

    def test_no_byte_is_lost(self):
        raw = bytes(code for code in range(1, 256) if code not in b"\t\r\n")
        (scan,) = Decoder(None, Source.SERIAL).feed(raw + b"\r", 1.0)
        assert scan.raw.encode("latin-1") == raw

    def test_short_and_slow_scans_are_scans(self):
        assert Keyboard(source=Source.SERIAL).keys("7\r", 0.04).said == [("Scan", "7")]
        assert Keyboard(SUFFIXED, Source.SERIAL).type("12\r").said == [("Scan", "12")]

    def test_several_scans_in_one_piece(self):
        events = Decoder(None, Source.SERIAL).feed(f"{ITEM}\r\n{CARD}\r\n\r\n7\n".encode(), 1.0)
        assert [event.text for event in events] == [ITEM, CARD, "7"]

    @given(
        st.lists(st.text("0123456789AB\b ]C\x02", max_size=20), max_size=5),
        st.sampled_from(["\r", "\n", "\r\n", "\t"]),
        st.data(),
    )
    def test_any_cutting_gives_the_same(self, scans, suffix, data):
        stream = "".join(text + suffix for text in scans).encode()
        whole = Decoder(None, Source.SERIAL).feed(stream, 1.0)
        cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
        decoder, pieces = Decoder(None, Source.SERIAL), []
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            pieces += decoder.feed(stream[start:end], 1.0)
        assert pieces == whole
        assert decoder.pending == ""


pauses = st.sampled_from([0.0, 0.004, 0.03, 0.059, 0.061, 0.1, 0.3, 0.49, 0.51, 2.0])
strokes = st.lists(st.tuples(st.sampled_from("12A]C \b\r\n\t\x02"), pauses), max_size=60)
framings = st.builds(
    Framing,
    st.sets(st.sampled_from(Terminator), min_size=1).map(frozenset),
    st.sampled_from(["", "\x02", "A2"]),
    limit=st.sampled_from([8, 512]),
)
sources = st.sampled_from([Source.SCAN, Source.SERIAL])


class TestAnyStream:
    """Whatever comes, however it comes."""

    @given(strokes, framings, sources)
    def test_chunks_are_the_same_as_their_characters(self, keys, framing, source):
        single, chunked = Decoder(framing, source), Decoder(framing, source)
        one, many, now, chunk = [], [], 0.0, ""
        for character, pause in keys:
            if pause and chunk:
                many += chunked.feed(chunk, now)
                chunk = ""
            now += pause
            chunk += character
            one += single.feed(character, now)
        many += chunked.feed(chunk, now)
        assert one == many

    @given(strokes, framings, sources)
    def test_ticking_changes_when_not_which(self, keys, framing, source):
        quiet, ticked = Decoder(framing, source), Decoder(framing, source)
        one, many, now = [], [], 0.0
        for character, pause in keys:
            for part in range(1, 4):
                many += ticked.tick(now + pause * part / 4)
            now += pause
            one += quiet.feed(character, now)
            many += ticked.feed(character, now)
        one += quiet.tick(now + 9)
        many += ticked.tick(now + 9)
        assert one == many

    @given(strokes, framings, sources)
    def test_no_event_is_empty_and_no_buffer_grows(self, keys, framing, source):
        decoder, now = Decoder(framing, source), 0.0
        for character, pause in keys:
            now += pause
            for event in decoder.feed(character, now):
                assert getattr(event, "text", "x")
                assert getattr(event, "raw", "x").strip()
            assert len(decoder.pending) <= framing.limit

    @given(st.lists(st.text("0123456789", min_size=4, max_size=14), max_size=6))
    def test_scans_in_a_row_come_out_in_order(self, codes):
        keyboard = Keyboard()
        for code in codes:
            keyboard.scan(code + "\r\n").wait(0.7)
        assert keyboard.said == [("Scan", code) for code in codes]

    def test_the_times_are_those_of_the_first_and_last_character(self):
        keyboard = Keyboard().type("1").wait(1).scan("23456\r")
        scan = keyboard.events[-1]
        assert scan.began == pytest.approx(100 + HAND + 1 + SCANNER)
        assert scan.ended == pytest.approx(scan.began + 4 * SCANNER)
        typed = Keyboard().type("123\r").events[0]
        assert isinstance(typed, Typed)
        assert (typed.began, typed.ended) == (pytest.approx(100.15), pytest.approx(100.45))


@pytest.mark.parametrize("source", [Source.SERIAL, Source.SCAN])
def test_the_rest_of_half_a_scan_is_none(source):
    keyboard = Keyboard(SUFFIXED, source).scan("SER00004").scan("\r")
    keyboard.wait(0.2).scan("SER000").wait(2).scan("04XY\r")
    assert [type(event) for event in keyboard.events] == [Scan, Unfinished, Unfinished]
    assert keyboard.scan("SER00005\r").events[-1].text == "SER00005"


def test_half_a_scan_and_then_the_whole_is_the_whole():
    keyboard = Keyboard(SUFFIXED, Source.SERIAL).scan("SER000").wait(2).scan("SER00004\r")
    assert [type(event) for event in keyboard.events] == [Unfinished, Scan]
    assert keyboard.events[-1].text == "SER00004"


def test_the_first_suffix_tells_that_a_pause_was_no_end():
    keyboard = Keyboard(Framing(), Source.SERIAL, ticking=True).scan("SER000").wait(2)
    keyboard.scan("04\r")
    assert [type(event) for event in keyboard.events] == [Scan, Unfinished]
    keyboard.wait(1).scan("SER00005\r")
    assert keyboard.events[-1].text == "SER00005"


def test_whether_a_scan_is_under_way():
    keyboard = Keyboard(SUFFIXED)
    assert not keyboard.decoder.under_way(keyboard.now, 0.15)
    keyboard.scan("370")
    assert keyboard.decoder.under_way(keyboard.now, 0.15)
    assert not keyboard.decoder.under_way(keyboard.now + 0.2, 0.15)
