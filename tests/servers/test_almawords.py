"""Known messages are recognised by their beginning, unknown ones are left alone."""

import pytest

from offcirc.core.answers import Reason
from offcirc.servers.almawords import reason

KNOWN = [
    ("Item not found. Barcode: TOTO31400", Reason.ITEM_UNKNOWN),
    ("User not found. Barcode: 9900452388527", Reason.PATRON_UNKNOWN),
    ("Return item failed, item was not on loan. Barcode: OTOLO104602", Reason.NOT_ON_LOAN),
    ("A later action on this item happened. Barcode: 37012238159", Reason.LATER_ACTION),
]


@pytest.mark.parametrize(("message", "code"), KNOWN)
def test_the_four_messages_of_the_documentation(message: str, code: Reason) -> None:
    assert reason(message) is code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Item not found", Reason.ITEM_UNKNOWN),
        ("item not found – 31400", Reason.ITEM_UNKNOWN),
        ("User not found", Reason.PATRON_UNKNOWN),
        ("Return item failed, item was not on loan", Reason.NOT_ON_LOAN),
        ("A later action on this item happened", Reason.LATER_ACTION),
        ("Exemplaire introuvable. Code-barres : TOTO31400", Reason.ITEM_UNKNOWN),
        ("L’exemplaire est introuvable", Reason.ITEM_UNKNOWN),
        ("Utilisateur introuvable. Code-barres : TOTO31400", Reason.PATRON_UNKNOWN),
        ("Lecteur inconnu", Reason.PATRON_UNKNOWN),
        ("Échec du retour, l’exemplaire n’était pas en prêt.", Reason.NOT_ON_LOAN),
        ("Le retour de l'exemplaire a échoué, l'exemplaire n'était pas prêté", Reason.NOT_ON_LOAN),
        ("Une action ultérieure sur cet exemplaire a eu lieu.", Reason.LATER_ACTION),
        ("Item not founded", Reason.OTHER),
        ("Item not found in this location of the library", Reason.OTHER),
    ],
)
def test_without_full_stop_and_in_french_too(message: str, code: Reason) -> None:
    assert reason(message) is code


def test_a_known_beginning_is_enough() -> None:
    assert reason("Item not found. It was withdrawn.") is Reason.ITEM_UNKNOWN


@pytest.mark.parametrize("message", ["", "Barcode: 12", "Loan limit reached. Barcode: 12"])
def test_other_messages_have_no_known_reason(message: str) -> None:
    assert reason(message) is Reason.OTHER
