"""What becomes of a line in the ledger, by what is known of it."""

from __future__ import annotations

from offcirc.core.answers import Note, is_expected
from offcirc.servers.protocol import Answer, Outcome
from offcirc.storage.ledger.ledgerrows import LineState, Settled
from offcirc.upload.base import reasons


def answered(line: int, answer: Answer, *, replayed: bool, operation: str = "") -> Settled:
    """What a server's answer makes of a line.

    Args:
        line: its id in the ledger.
        answer: recorded or rejected.
        replayed: an earlier upload had it judged; this one has changed nothing.
        operation: what the line says that happened.
    """
    due_at = answer.due_at.isoformat() if answer.due_at is not None else ""
    notes = answer.notes
    rejected = answer.outcome is Outcome.REJECTED
    if rejected and is_expected(operation, answer.reason):
        rejected, notes = False, tuple(dict.fromkeys((Note.IN_HOUSE_USE, *notes)))
    if rejected:
        state, reason = LineState.REJECTED, answer.reason.value
    elif replayed:
        state = LineState.SKIPPED
        reason = reasons.ALIKE if answer.alike else reasons.ALREADY_RECORDED
    else:
        state, reason = LineState.RECORDED, ""
    return Settled(line, state, reason, answer.message, replayed, due_at, notes)


def recorded_earlier(line: int, *, sure: bool) -> Settled:
    """An earlier upload has had it recorded, as the ledger remembers, or one that says the same."""
    reason = reasons.ALREADY_RECORDED if sure else reasons.ALIKE
    return Settled(line, LineState.SKIPPED, reason, replayed=True)


def rejected(line: int, reason: str, detail: str) -> Settled:
    """The server breaks down on it, or does not even look at it."""
    return Settled(line, LineState.REJECTED, reason, detail)


def lost(line: int) -> Settled:
    """It was sent, and no answer came."""
    return Settled(line, LineState.UNKNOWN, reasons.NO_ANSWER)


def to_be_sent(line: int) -> Settled:
    """The server has certainly not done anything with it."""
    return Settled(line, LineState.PLANNED)
