"""Check digits against published numbers, and what they notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.barcodes.checkdigits import CODE39, Check, compute, verify

digits = st.text("0123456789", min_size=1, max_size=30)
LUHN = (Check.LUHN_LTR, Check.LUHN_RTL)

PUBLISHED = [
    # 14-digit library barcodes found in print.
    (Check.LUHN_LTR, "30234000517861"),
    (Check.LUHN_LTR, "33191000105864"),
    (Check.LUHN_LTR, "23529001000463"),
    (Check.LUHN_RTL, "30234000517861"),
    # The usual example of Luhn's formula: ten digits before the check digit, so the direction
    # matters.
    (Check.LUHN_RTL, "79927398713"),
    (Check.LUHN_RTL, "17893729974"),
    (Check.MOD11, "0306406152"),
    (Check.MOD11, "080442957X"),
    (Check.MOD11, "2070360024"),
    (Check.MOD43, "123XYZM"),
    (Check.MOD43, "258-416J"),
    (Check.EAN13, "9780306406157"),
    (Check.EAN13, "4006381333931"),
    (Check.EAN13, "9782070360024"),
]


@pytest.mark.parametrize(("check", "code"), PUBLISHED)
def test_published_numbers_have_their_check_digit(check, code):
    assert compute(check, code[:-1]) == code[-1]
    assert verify(check, code)


@pytest.mark.parametrize(
    ("code", "right"), [("31000000123456", "8"), ("35555000012349", "6")], ids=["readme", "manual"]
)
def test_published_numbers_that_are_wrong(code, right):
    assert not verify(Check.LUHN_LTR, code)
    assert compute(Check.LUHN_LTR, code[:-1]) == right


@given(digits)
def test_the_two_directions_agree_when_the_body_is_odd_and_only_then_for_certain(body):
    if len(body) % 2:
        assert compute(Check.LUHN_LTR, body) == compute(Check.LUHN_RTL, body)
    assert compute(Check.LUHN_LTR, body) == compute(Check.LUHN_RTL, body[::-1])


def test_the_direction_matters_on_the_usual_example():
    assert compute(Check.LUHN_LTR, "7992739871") == "4"
    assert compute(Check.LUHN_RTL, "7992739871") == "3"


def test_the_tenth_digit_from_the_right_is_not_protected_by_mod11():
    assert compute(Check.MOD11, "1" + "0" * 9) == compute(Check.MOD11, "7" + "0" * 9)


def test_no_check_digit_is_always_right():
    assert compute(Check.NONE, "abc") == ""
    assert verify(Check.NONE, "anything")


numeric = st.sampled_from([Check.LUHN_LTR, Check.LUHN_RTL])


@given(numeric, digits)
def test_what_is_computed_verifies(check, body):
    assert verify(check, body + compute(check, body))


@given(st.text(CODE39, min_size=1, max_size=30))
def test_what_is_computed_verifies_mod43(body):
    assert verify(Check.MOD43, body + compute(Check.MOD43, body))


@given(st.text("0123456789", min_size=12, max_size=12))
def test_what_is_computed_verifies_ean13(body):
    assert verify(Check.EAN13, body + compute(Check.EAN13, body))


@given(digits, st.data())
def test_luhn_notices_every_wrong_digit(body, data):
    for check in LUHN:
        code = body + compute(check, body)
        place = data.draw(st.integers(0, len(code) - 1))
        other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
        assert not verify(check, code[:place] + other + code[place + 1 :])


@given(st.text("0123456789", min_size=1, max_size=9), st.data())
def test_mod11_notices_every_wrong_digit_of_an_isbn(body, data):
    code = body + compute(Check.MOD11, body)
    place = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    assert not verify(Check.MOD11, code[:place] + other + code[place + 1 :])


def test_luhn_misses_the_swaps_of_09_and_90_and_no_others():
    missed = {
        one + two
        for one in "0123456789"
        for two in "0123456789"
        if one != two
        and compute(Check.LUHN_LTR, "31" + one + two) == compute(Check.LUHN_LTR, "31" + two + one)
    }
    assert missed == {"09", "90"}


@pytest.mark.parametrize(
    ("check", "body"),
    [
        (Check.LUHN_LTR, "31A"),
        (Check.LUHN_RTL, ""),
        (Check.LUHN_RTL, "³¹"),
        (Check.MOD11, "X"),
        (Check.MOD43, "é"),
        (Check.MOD43, "a"),
        (Check.EAN13, "97803064061"),
    ],
)
def test_what_cannot_be_computed_is_refused_and_does_not_verify(check, body):
    with pytest.raises(ValueError, match=check.value.split("-")[0] + "|something|EAN"):
        compute(check, body)
    assert not verify(check, body + "0")


def test_the_error_does_not_repeat_the_code():
    with pytest.raises(ValueError, match="digits only") as caught:
        compute(Check.LUHN_LTR, "2123456789012X")
    assert "2123" not in str(caught.value)


@given(st.sampled_from(Check), st.text(max_size=40))
def test_no_text_makes_verify_raise(check, text):
    verify(check, text)
