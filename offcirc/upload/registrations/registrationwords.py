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


def sent(there: int, decided: int) -> str:
    """What is on a server's list, and what was decided there."""
    first = ngettext(
        "{count} registration is on the server’s list.",
        "{count} registrations are on the server’s list.",
        there,
    )
    second = ngettext(
        "{count} has been decided there since: taken over.",
        "{count} have been decided there since: taken over.",
        decided,
    )
    none = _("None has been decided there since.")
    told = second.format(count=decided) if decided else none
    return (
        f"{first.format(count=there)} {told}" if there else _("There is no registration to send.")
    )


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
