"""The messages of Alma's upload report, recognised by their beginning.

Four are known word for word from Ex Libris's documentation, and in French by what they must say.
Others exist; they stay as they are.
"""

from __future__ import annotations

import re

from offcirc.core.answers import Reason

_ITEM = r"(?:l[’'])?(?:exemplaire|article|document)"
_PATRON = r"(?:l[’']|le )?(?:utilisateur|usager|lecteur|emprunteur)"
_MISSING = r"(?: est)? (?:introuvable|non trouvée?|inconnu)| n[’']a pas été trouvé"
_NOT_LENT = r"n[’'](?:était|est) pas (?:en prêt|prêté|emprunté)"
_KNOWN = {
    Reason.ITEM_UNKNOWN: rf"item not found|{_ITEM}(?:{_MISSING})",
    Reason.PATRON_UNKNOWN: rf"(?:user|patron) not found|{_PATRON}(?:{_MISSING})",
    Reason.NOT_ON_LOAN: r"return item failed, item was not on loan"
    rf"|(?:échec du retour|le retour (?:de l[’']exemplaire )?a échoué)\W+{_ITEM} {_NOT_LENT}"
    rf"|{_ITEM} {_NOT_LENT}",
    Reason.LATER_ACTION: r"a later action on this item happened"
    r"|une action (?:ultérieure|postérieure|plus récente)\b[^.]{0,60}",
}
_MESSAGE = re.compile(
    "|".join(f"(?P<{code.name}>{words})" for code, words in _KNOWN.items()), re.IGNORECASE
)
_AFTER = re.compile(r"\s*(?:$|[.,:;!(|–—-]|barcode|code)", re.IGNORECASE)
"""What may follow: tables keep the barcode in another column, and the full stop goes with it."""


def reason(message: str) -> Reason:
    """Which of the known messages this is."""
    found = _MESSAGE.match(message.lstrip())
    if found is None or not _AFTER.match(found.string, found.end()):
        return Reason.OTHER
    return Reason[found.lastgroup or ""]


def mentions(text: str) -> bool:
    """Whether a known message stands anywhere in a text."""
    return _MESSAGE.search(text) is not None
