"""Text of others in a cell: all of it to be seen, none of it at work."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.upload.base.celltext import begins_a_formula, cleaned, defused, legible
from offcirc.upload.render.pdftext import in_reading_order, joined

ANY = st.text(st.characters(), max_size=60)


@given(ANY)
def test_whatever_it_is_it_can_be_seen(text: str) -> None:
    shown = legible(text)
    for sign in shown:
        assert sign.isprintable() or unicodedata.category(sign) == "Zs"
    assert legible(shown) == shown
    printable = "".join(sign for sign in text if sign.isprintable())
    assert all(sign in shown for sign in printable)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Élodie\xa0: «\xa0Œuvre\xa0»", "Élodie\xa0: «\xa0Œuvre\xa0»"),
        ("a\tb\r\nc\u2028d", "a b  c d"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x1b[31m\x00", "\\x1b[31m\\x00"),
        ("\ud800", "\\ud800"),
    ],
)
def test_how_it_is_seen(text: str, shown: str) -> None:
    assert legible(text) == shown


@given(ANY)
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    cell = defused(text)
    assert not begins_a_formula(cell)
    assert cell.removeprefix("'") == text or cell == text


@given(ANY, st.integers(1, 30))
def test_a_title_is_visible_and_of_bearable_length(text: str, most: int) -> None:
    title = cleaned(text, most)
    assert len(title) <= most
    assert title.isprintable()
    assert title == title.strip()


@given(st.text(st.characters(max_codepoint=0x58F), max_size=40))
def test_what_is_written_from_left_to_right_stays(text: str) -> None:
    assert in_reading_order(text) == text


@given(st.text(st.sampled_from("abc אבג 123 («عربي» é"), max_size=30))
def test_no_sign_is_lost_in_the_other_direction(text: str) -> None:
    seen = in_reading_order(text)
    assert len(seen) == len(text)

    def plain(shown: str) -> list[str]:
        mirrored = shown.translate(str.maketrans(")«", "(»"))
        return sorted(unicodedata.normalize("NFKC", sign) for sign in mirrored)

    assert plain(seen) == plain(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a אבג b", "a גבא b"),
        ("אבג דה", "הד גבא"),
        ("אבג 1948 דה", "הד 1948 גבא"),
        ("(אבג) x", "(גבא) x"),
        ("אבג (דה) ו", "ו (הד) גבא"),
        ("שָׁלוֹם", "םוֹלשָׁ"),
    ],
)
def test_hebrew_is_seen_from_the_right(text: str, seen: str) -> None:
    assert in_reading_order(text) == seen


def test_arabic_letters_join() -> None:
    # kaf, ta, alif, ba: initial, medial, final (an alif joins nothing after it), isolated.
    assert joined("كتاب") == "\ufedb\ufe98\ufe8e\ufe8f"
    assert joined("ab") == "ab"
    # A vowel sign on a letter does not part it from its neighbour.
    assert joined("كَتاب") == "\ufedb\u064e\ufe98\ufe8e\ufe8f"
