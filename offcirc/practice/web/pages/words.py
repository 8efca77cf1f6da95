"""The words of the pages: kinds of events, blocks, places and notes; days, times and numbers."""

from __future__ import annotations

import gettext
from datetime import date, datetime, tzinfo
from typing import Any

from offcirc import rulewords
from offcirc.core.rules.lending import Step
from offcirc.core.transaction import OPERATIONS
from offcirc.i18n import N_
from offcirc.practice import clock
from offcirc.practice.acts.letters import KINDS as LETTERS
from offcirc.practice.acts.patrons import BLOCK_KINDS
from offcirc.practice.messages import Refusal
from offcirc.words import operation

REASONS = {
    Refusal.ITEM_NOT_FOUND: N_("Unknown item"),
    Refusal.USER_NOT_FOUND: N_("Unknown reader"),
    Refusal.NOT_ON_LOAN: N_("Was not on loan"),
    Refusal.LATER_ACTION: N_("Later action"),
    Refusal.INVALID_DATE: N_("Impossible date"),
    Refusal.UNREADABLE: N_("Unreadable line"),
}
HARMLESS = {Refusal.NOT_ON_LOAN, Refusal.LATER_ACTION}
"""Nothing to be done about these: staff may look at the others first."""

EVENTS = {
    "loan": N_("Loan"),
    "return": N_("Return"),
    "renewal": N_("Renewal"),
    "in-house-use": N_("In-house use"),
    "due-changed": N_("Due date changed"),
    "loan-deleted": N_("Loan deleted"),
    "lost": N_("Lost"),
    "found": N_("Found again"),
    "claimed-returned": N_("Claimed returned"),
    "scanned-in": N_("Scanned in"),
    "sent-on": N_("Sent on"),
    "requested": N_("Requested"),
    "request-cancelled": N_("Request cancelled"),
    "request-expired": N_("Request expired"),
    "added": N_("Added by hand"),
}
PLACES = {
    "available": N_("In place"),
    "on-loan": N_("On loan"),
    "in-transit": N_("In transit"),
    "hold-shelf-processing": N_("Hold shelf processing"),
    "hold-shelf": N_("On the hold shelf"),
    "missing": N_("Missing"),
    "lost": N_("Lost"),
    "claimed-returned": N_("Claimed returned"),
}
STATUSES = {
    "pending": N_("Pending"),
    "validated": N_("Validated"),
    "refused": N_("Refused"),
    "waiting": N_("Waiting"),
    "on-shelf": N_("On the hold shelf"),
    "filled": N_("Filled"),
    "cancelled": N_("Cancelled"),
    "expired": N_("Expired"),
}
ROLES = {
    "limited": N_("Circulation desk operator – limited"),
    "operator": N_("Circulation desk operator"),
    "manager": N_("Circulation desk manager"),
}


class Said:
    """How a page says things in one language.

    Args:
        texts: the catalogue.
        language: its code.
        zone: of the library.
    """

    def __init__(self, texts: gettext.NullTranslations, language: str, zone: tzinfo) -> None:
        self._texts = texts
        self._language = language
        self._zone = zone

    def names(self) -> dict[str, Any]:
        """What every template may use."""
        return {
            "_": self._texts.gettext,
            "ngettext": self._texts.ngettext,
            "language": self._language,
            "operation": self.operation,
            "moment": self.moment,
            "minute": self.minute,
            "when": self.when,
            "day": self.day,
            "number": self.number,
            "word": self.word,
            "reasons": REASONS,
            "harmless": HARMLESS,
            "block_kinds": BLOCK_KINDS,
            "letter_kinds": LETTERS,
            "roles": ROLES,
            "step": self.step,
        }

    def operation(self, code: str) -> str:
        """What a line did, or a dash for one that nobody can read."""
        return operation(OPERATIONS[code], self._texts.pgettext) if code else "—"

    def step(self, what: Step) -> str:
        """A step by which the rules came to a due date."""
        shown = self._minute(what.to) if isinstance(what.to, datetime) else self.day(what.to)
        return rulewords.worded(what, shown, self._texts.gettext, self._texts.ngettext)

    def moment(self, value: datetime) -> str:
        """A moment to the second, with its zone."""
        french = self._language == "fr"
        return value.strftime("%d/%m/%Y %H:%M:%S %Z" if french else "%Y-%m-%d %H:%M:%S %Z")

    def minute(self, text: str) -> str:
        """A minute as the database keeps a line's, or a dash."""
        if "T" not in text:
            return "—"
        return self._minute(datetime.fromisoformat(text))

    def when(self, text: str | datetime | None) -> str:
        """A moment out of the database, local, to the minute, or a dash."""
        if not text:
            return "—"
        if isinstance(text, str):
            text = clock.read(text, self._zone)
        return self._minute(text)

    def _minute(self, value: datetime) -> str:
        return value.strftime("%d/%m/%Y %H:%M" if self._language == "fr" else "%Y-%m-%d %H:%M")

    def day(self, value: date | str | None) -> str:
        """A day, or a dash."""
        if not value:
            return "—"
        found = date.fromisoformat(value) if isinstance(value, str) else value
        return found.strftime("%d/%m/%Y" if self._language == "fr" else "%Y-%m-%d")

    def number(self, value: int) -> str:
        """A number; a narrow no-break space groups digits in French, a comma in English."""
        return f"{value:,}".replace(",", "\u202f" if self._language == "fr" else ",")

    def word(self, code: str) -> str:
        """The word for a code of ours; the code itself where there is none."""
        for table in (EVENTS, PLACES, STATUSES, BLOCK_KINDS, ROLES):
            if code in table:
                return self._texts.gettext(table[code])
        return code
