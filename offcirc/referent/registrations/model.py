"""The registrations as a table."""

from __future__ import annotations

from typing import Any

from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.figures import when
from offcirc.referent.kit.listing import Listing
from offcirc.storage.registrations.registry import RegistrationRow, RegistrationState
from offcirc.upload.registrations import registrationwords

_TONES = {
    RegistrationState.PENDING: Tone.LOOK,
    RegistrationState.VALIDATED: Tone.GOOD,
    RegistrationState.REFUSED: Tone.BAD,
}


def tone(row: RegistrationRow) -> Tone:
    """The colour of what was decided."""
    return _TONES[row.state]


class RegistrationsModel(Listing[RegistrationRow]):
    """The registrations, the oldest first."""

    STATE, NAME, BIRTH, CARD, MADE, DESK, REAL = range(7)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("State"),
            _("Name"),
            _("Born in"),
            _("Provisional card"),
            _("Registered"),
            _("Desk"),
            _("Real card"),
        )

    def cell(self, thing: RegistrationRow, column: int) -> str:
        """What is said of a registration in a column."""
        about = thing.about
        return {
            self.STATE: "",
            self.NAME: about.name if not thing.erased else _("(erased)"),
            self.BIRTH: about.birth_year,
            self.CARD: about.card,
            self.MADE: when(about.at.astimezone().replace(tzinfo=None), year=False),
            self.DESK: about.desk,
            self.REAL: thing.real_card,
        }[column]

    def cell_mark(self, thing: RegistrationRow, column: int) -> tuple[str, Tone] | None:
        """What was decided."""
        if column != self.STATE:
            return None
        return registrationwords.state(thing.state), tone(thing)

    def key(self, thing: RegistrationRow, column: int) -> Any:
        """Moments by what they are."""
        return thing.about.at if column == self.MADE else super().key(thing, column)

    def search_text(self, thing: RegistrationRow) -> str:
        """The address is looked for too."""
        about = thing.about
        return " ".join([super().search_text(thing), about.contact, about.group, about.note])
