"""What becomes of a line in the ledger, by what is known of it."""

from __future__ import annotations

from offcirc.core.servermessages import reason as reason_of
from offcirc.servers.protocol import Answer, Outcome
from offcirc.storage.ledgerrows import Settled, State
from offcirc.upload import words


def answered(line: int, answer: Answer, *, replayed: bool) -> Settled:
    """What a server's answer makes of a line.

    Args:
        line: its id in the ledger.
        answer: recorded or rejected.
        replayed: an earlier upload had it judged; this one has changed nothing.
    """
    due_at = answer.due_at.isoformat() if answer.due_at is not None else ""
    if answer.outcome is Outcome.REJECTED:
        state, reason = State.REJECTED, reason_of(answer.message).value
    elif replayed:
        state = State.SKIPPED
        reason = words.ALIKE if answer.alike else words.ALREADY_RECORDED
    else:
        state, reason = State.RECORDED, ""
    return Settled(line, state, reason, answer.message, replayed, due_at, answer.notes)


def recorded_earlier(line: int, *, sure: bool) -> Settled:
    """An earlier upload has had it recorded, as the ledger remembers, or one that says the same."""
    reason = words.ALREADY_RECORDED if sure else words.ALIKE
    return Settled(line, State.SKIPPED, reason, replayed=True)


def rejected(line: int, reason: str, detail: str) -> Settled:
    """The server breaks down on it, or does not even look at it."""
    return Settled(line, State.REJECTED, reason, detail)


def lost(line: int) -> Settled:
    """It was sent, and no answer came."""
    return Settled(line, State.UNKNOWN, words.NO_ANSWER)


def to_be_sent(line: int) -> Settled:
    """The server has certainly not done anything with it."""
    return Settled(line, State.PLANNED)
