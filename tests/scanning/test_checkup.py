"""The scanner test: each way a scanner can be set wrongly is named by what it sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.barcodes.controlcards import TEST_TEXT, Card
from offcirc.core.barcodes.layouts import CAUSES, Cause
from offcirc.core.transaction import Source
from offcirc.scanning.checkup import Checkup, Examiner, ScannerFault, ScannerVerdict
from offcirc.scanning.decoder import Framing, Scan, Terminator
from offcirc.scanning.presets import preset

CR, LF, TAB = Terminator.CR, Terminator.LF, Terminator.TAB


def sent(text: str, pace: float = 0.004, examiner: Examiner | None = None) -> Checkup:
    """What is known in the end when a text is sent and then nothing for a second."""
    examiner = examiner or Examiner()
    now, found = 100.0, None
    for character in text:
        now += pace
        found = examiner.feed(character, now) or found
    return examiner.tick(now + 1.0) or found


@pytest.mark.parametrize(
    ("suffix", "named"),
    [("\r", (CR,)), ("\n", (LF,)), ("\r\n", (CR, LF)), ("\t", (TAB,)), ("\r\t", (CR, TAB))],
)
def test_a_scanner_set_well(suffix, named):
    found = sent(TEST_TEXT + suffix)
    assert (found.verdict, found.faults, found.causes) == (ScannerVerdict.GOOD, (), ())
    assert (found.text, found.suffix, found.test_card) == (TEST_TEXT, named, True)
    assert found.source is Source.SCAN
    assert found.pace == pytest.approx(0.004)
    assert "".join(key.character for key in found.keys) == TEST_TEXT + suffix
    assert found.keys[0].gap is None


def test_no_suffix_works_and_could_be_better():
    found = sent(TEST_TEXT)
    assert (found.verdict, found.faults, found.suffix) == (
        ScannerVerdict.NOTICE,
        (ScannerFault.NO_SUFFIX,),
        (),
    )


def test_a_suffix_that_the_settings_do_not_name():
    framing = Framing(suffixes=frozenset((CR, LF)))
    found = sent(TEST_TEXT + "\t", examiner=Examiner(framing))
    assert (found.verdict, found.faults) == (ScannerVerdict.WRONG, (ScannerFault.OTHER_SUFFIX,))
    assert sent(TEST_TEXT + "\r", examiner=Examiner(framing)).faults == ()
    assert sent(TEST_TEXT, examiner=Examiner(framing)).faults == (
        ScannerFault.NO_SUFFIX,
        ScannerFault.OTHER_SUFFIX,
    )


@pytest.mark.parametrize(
    ("cause", "arrived"),
    [
        (cause, arrived)
        for cause in CAUSES
        for aim in ("", "]C0")
        if (arrived := cause.garbled(aim + TEST_TEXT))
    ],
    ids=str,
)
def test_every_wrong_keyboard_is_named(cause, arrived):
    found = sent(arrived + "\r")
    assert found.test_card
    assert found.meant == TEST_TEXT
    if found.text == TEST_TEXT:  # nothing that the card holds is changed by it
        assert found.faults == ()
    else:
        assert found.faults == (ScannerFault.KEYBOARD,)
        assert cause in found.causes


def test_the_identifier_of_the_symbology():
    found = sent(f"]C0{TEST_TEXT}\r")
    assert (found.symbology, found.faults) == ("C0", ())


@pytest.mark.parametrize("gone", [(12,), (15, 16), (20,), (12, 17, 22, 27)])
@pytest.mark.parametrize("cause", [None, Cause("us", "fr")], ids=str)
def test_lost_characters_are_counted(gone, cause):
    arrived = cause.garbled(TEST_TEXT) if cause else TEST_TEXT
    rest = "".join(each for place, each in enumerate(arrived) if place not in gone)
    found = sent(rest + "\r")
    assert (found.verdict, found.faults, found.lost) == (
        ScannerVerdict.WRONG,
        (ScannerFault.LOST,),
        len(gone),
    )


def test_something_else_after_the_test_cards_beginning():
    found = sent(f"{Card.TEST.value}*****\r")
    assert found.faults == (ScannerFault.OTHER,)


def test_typing_is_told_from_scanning():
    found = sent("37000034179\r", pace=0.18)
    assert (found.source, found.faults, found.verdict) == (
        Source.TYPED,
        (ScannerFault.SLOW,),
        ScannerVerdict.NOTICE,
    )
    assert found.pace == pytest.approx(0.18)


def test_any_barcode_shows_a_wrong_keyboard():
    found = sent('"&é"\'ààààààà&è\r')
    assert found.faults == (ScannerFault.KEYBOARD,)
    assert found.causes[0] == Cause("us", "fr")
    assert (found.meant, found.test_card) == ("31234000000017", False)


def test_a_suspicion_is_enough_here():
    found = sent("!@#$%^&\r", examiner=Examiner(rules=preset("us-14")))
    assert found.faults == (ScannerFault.KEYBOARD,)


def test_a_book_on_the_keyboard():
    found = sent("x" * 2000)
    assert found.faults == (ScannerFault.FLOOD,)
    assert len(found.keys) <= 300


def test_scanners_of_different_kinds_one_after_the_other():
    examiner = Examiner()
    for suffix, faults in (("\r", ()), ("", (ScannerFault.NO_SUFFIX,)), ("\t", ())):
        assert sent(TEST_TEXT + suffix, examiner=examiner).faults == faults
    examiner.forget()
    assert examiner.keys == ()


def test_a_serial_scanner_has_no_pace():
    scan = Scan(TEST_TEXT, f"]C0{TEST_TEXT}", Source.SERIAL, Terminator.NONE, "C0")
    found = Examiner().serial(scan)
    assert (found.verdict, found.pace, found.symbology) == (ScannerVerdict.GOOD, None, "C0")


def test_each_scan_is_seen_alone():
    examiner = Examiner()
    sent(TEST_TEXT + "\r\n", examiner=examiner)
    now = 300.0
    for number, character in enumerate("370"):
        examiner.feed(character, now + number * 0.004)
    assert [key.character for key in examiner.keys] == ["3", "7", "0"]
    assert examiner.keys[0].gap is None


@given(st.text(max_size=40), st.sampled_from((0.0, 0.004, 0.2)))
def test_nothing_that_arrives_makes_it_fail(text, pace):
    sent(text, pace)
