"""Registrations on the list of a server that has one, and back what was decided there."""

from __future__ import annotations

from offcirc.core.registration import is_provisional
from offcirc.servers.protocol import RegistrationSent, TakesRegistrations
from offcirc.storage.registrations.registry import RegistrationState, Registry


def send(registry: Registry, server: TakesRegistrations) -> tuple[int, int]:
    """Send what can still be read, and take over what was decided there of those that wait here.

    Returns:
        How many are on the server's list, and how many were decided there by now.

    Raises:
        ServerError: it did not answer.
        StorageError: the registry cannot be written.
    """
    rows = [row for row in registry.rows() if not row.erased]
    sent = [RegistrationSent(row.about, row.state.value, row.real_card) for row in rows]
    decided = 0
    for row, there in zip(rows, server.register(sent) if sent else [], strict=True):
        if row.state is not RegistrationState.PENDING:
            continue
        card = there.real_card
        if there.status == RegistrationState.VALIDATED and card and not is_provisional(card):
            registry.validate(row.about.id, card, there.who)
            decided += 1
        elif there.status == RegistrationState.REFUSED:
            registry.refuse(row.about.id, there.who)
            decided += 1
    return len(rows), decided
