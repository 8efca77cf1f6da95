"""Registrations in words for a referent."""

from __future__ import annotations

from offcirc.i18n import _, ngettext
from offcirc.storage.registrations.registry import RegistrationState
from offcirc.upload.registrations.gathering import Gathered


def state(of: RegistrationState) -> str:
    """What was decided, in a word or two."""
    return {
        RegistrationState.PENDING: _("To be validated"),
        RegistrationState.VALIDATED: _("Validated"),
        RegistrationState.REFUSED: _("Refused"),
    }[of]


def came(found: Gathered) -> list[str]:
    """What came with the files, a sentence each; nothing when nothing did."""
    told = []
    if found.new:
        text = ngettext(
            "{count} registration came with the files: validate it before the upload.",
            "{count} registrations came with the files: validate them before the upload.",
            found.new,
        )
        told.append(text.format(count=found.new))
    if found.unreadable:
        text = ngettext(
            "{count} registration was sealed with another key: give this PC the key of the desk "
            "PCs (registrations.key in the settings).",
            "{count} registrations were sealed with another key: give this PC the key of the desk "
            "PCs (registrations.key in the settings).",
            found.unreadable,
        )
        told.append(text.format(count=found.unreadable))
    told += [
        _("The registrations in {file} cannot be read.").format(file=one) for one in found.unread
    ]
    return told


def gone() -> str:
    """Why a registration cannot be decided."""
    return _(
        "There is no such registration, or it was decided more than a day ago: what was written "
        "down has been erased since."
    )


def no_provisional() -> str:
    """Why a card is not taken."""
    return _("This is a provisional card too. Give the real one, as the library system knows it.")


def wrong_key() -> str:
    """What to do about a key that is none."""
    return _(
        "registrations.key in the settings is no key. “offcirc registrations key” makes one; it "
        "is the same on every PC of the library."
    )
