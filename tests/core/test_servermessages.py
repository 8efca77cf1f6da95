"""Known messages are recognised by their beginning, unknown ones are left alone."""

import pytest

from offcirc.core.servermessages import Reason, barcode, reason

KNOWN = [
    ("Item not found. Barcode: TOTO31400", Reason.ITEM_UNKNOWN, "TOTO31400"),
    ("User not found. Barcode: 9900452388527", Reason.PATRON_UNKNOWN, "9900452388527"),
    (
        "Return item failed, item was not on loan. Barcode: OTOLO104602",
        Reason.NOT_ON_LOAN,
        "OTOLO104602",
    ),
    (
        "A later action on this item happened. Barcode: 37012238159",
        Reason.LATER_ACTION,
        "37012238159",
    ),
]


@pytest.mark.parametrize(("message", "code", "named"), KNOWN)
def test_the_four_messages_of_the_documentation(message: str, code: Reason, named: str) -> None:
    assert reason(message) is code
    assert barcode(message) == named


def test_a_known_beginning_is_enough() -> None:
    assert reason("Item not found. It was withdrawn.") is Reason.ITEM_UNKNOWN
    assert barcode("Item not found. It was withdrawn.") == ""


@pytest.mark.parametrize("message", ["", "Barcode: 12", "Loan limit reached. Barcode: 12"])
def test_other_messages_have_no_known_reason(message: str) -> None:
    assert reason(message) is Reason.OTHER
    assert barcode(message) == ""
