"""What the answers of SIP2 mean: reasons, notes, items and readers.

The standard has no codes for refusals, only texts for the screen of a self-check machine (AF). They
are known as Koha, Evergreen, FOLIO and PMB write them, in English and French; others are kept as
they are, for people.
"""

from __future__ import annotations

from collections.abc import Sequence

from offcirc.core.answers import Note, Reason
from offcirc.i18n import _
from offcirc.servers.protocol import ItemFound, PatronFound
from offcirc.servers.sip2 import codec
from offcirc.servers.sip2.codec import SipMessage

_REASONS = (
    (Reason.PATRON_UNKNOWN, ("invalid patron", "invalid cardnumber", "patron not found",
        "unknown patron", "user not found", "lecteur inconnu", "emprunteur inconnu")),
    (Reason.ITEM_UNKNOWN, ("invalid item", "item not found", "unknown item", "item does not exist",
        "exemplaire inconnu", "document inconnu", "inexistant")),
    (Reason.NOT_ON_LOAN, ("not checked out", "not on loan", "not currently checked out",
        "pas en prêt", "pas prêté", "pas emprunté")),
    (Reason.ON_LOAN_TO_ANOTHER, ("to another", "already checked out", "open circulation",
        "already on loan", "autre lecteur", "déjà prêté", "déjà emprunté")),
    (Reason.PATRON_BLOCKED, ("patron blocked", "blocked", "debarred", "expired", "suspended",
        "barred", "limit", "maximum", "too many", "fines block", "bloqué",
        "expiré", "suspendu", "quota")),
    (Reason.NOT_FOR_LOAN, ("not for loan", "not loanable", "reference", "non empruntable",
        "exclu du prêt", "non prêtable")),
    (Reason.NOT_PERMITTED, ("permission", "not permitted", "not allowed")),
)  # fmt: skip
_ON_LOAN = {"04", "05", "07", "11"}
_NOT_ON_LOAN = {"03", "06", "08", "09", "10"}
UNKNOWN_ITEM = "01"
_NO_TITLES = _REASONS[1][1]
"""What stands in the place of the title of an item that a system does not know."""
BARRED_AT = (0, 4)
"""Where the flags of a reader say: may not borrow, card lost."""
BARRED_AT_PMB = (*BARRED_AT, 3)
"""PMB says it in the place of holds."""
_ALERTS = {
    "01": Note.HOLD_SHELF_PROCESSING,
    "02": Note.REQUESTED_BY_OTHER,
    "04": Note.IN_TRANSIT,
}


def screen(answer: SipMessage) -> str:
    """The system's own words."""
    return " ".join(answer.all("AF")) or " ".join(answer.all("AG"))


def reason(answer: SipMessage) -> Reason:
    """Why a loan or a return was refused."""
    # Koha says some in its own codes, such as NOT_FOR_LOAN.
    said = screen(answer).casefold().replace("_", " ")
    for why, words in _REASONS:
        if any(word in said for word in words):
            return why
    return Reason.PATRON_UNKNOWN if answer.first("BL") == "N" else Reason.OTHER


def notes(answer: SipMessage) -> tuple[Note, ...]:
    """What a return tells of the item."""
    note = _ALERTS.get(answer.first("CV"))
    return (note,) if note is not None else ()


def item(barcode: str, answer: SipMessage) -> ItemFound:
    """What an answer (18) knows of an item."""
    code, title = answer.fixed["circulation"], answer.first("AJ")
    if code == UNKNOWN_ITEM and (not title or title.casefold().endswith(_NO_TITLES)):
        return ItemFound(barcode, False)
    on_loan = True if code in _ON_LOAN else False if code in _NOT_ON_LOAN else None
    if on_loan is None and answer.first("AH").strip():
        on_loan = True  # PMB says no more of it than that it is due
    holds = answer.first("CF").strip()
    return ItemFound(
        barcode,
        True,
        title,
        answer.first("AO"),
        _status(code),
        codec.read_moment(answer.first("AH")) if on_loan else None,
        on_loan,
        requested=code == "08" or (int(holds) > 0 if holds.isdecimal() else None),
    )


def _status(code: str) -> str:
    return {
        "02": _("on order"),
        "03": _("available"),
        "04": _("on loan"),
        "05": _("on loan"),
        "06": _("in process"),
        "07": _("recalled"),
        "08": _("on the hold shelf"),
        "10": _("in transit"),
        "11": _("claimed returned"),
        "12": _("lost"),
        "13": _("missing"),
    }.get(code, "")


def patron(
    identifier: str, answer: SipMessage, barred_at: Sequence[int] = BARRED_AT
) -> PatronFound:
    """What an answer (64) knows of a reader, whose flags at some places say that it is barred."""
    name = answer.first("AE")
    if answer.first("BL") == "N" or not (answer.first("BL") or name):
        return PatronFound(identifier, False)
    flags = answer.fixed["status"]
    blocked = any(flags[place] == "Y" for place in barred_at)
    counted = answer.fixed["charged"].strip()
    items = answer.all("AU")
    loans = int(counted) if counted.isdecimal() else len(items)
    expires = codec.read_moment(answer.first("PA"))
    return PatronFound(
        identifier,
        True,
        name,
        answer.first("PC") or answer.first("PT"),
        expires.date().isoformat() if expires is not None else "",
        (screen(answer) or _("may not borrow"),) if blocked else (),
        loans,
        # A list that was cut off says nothing of what it does not hold.
        items if len(items) >= loans else None,
        tuple(filter(None, (answer.first("AA"),))),
    )
