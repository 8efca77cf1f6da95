"""What happened to a line, in words."""

from __future__ import annotations

from offcirc import words as core_words
from offcirc.i18n import _
from offcirc.storage.ledger.decisions import DecisionKind
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.celltext import legible
from offcirc.upload.report import reportview as view
from offcirc.upload.search.search import Hit


def operation(hit: Hit) -> str:
    """Loan, Return, or nothing when the line cannot be read."""
    return core_words.operation(hit.operation) if hit.operation is not None else ""


def state(code: LineState) -> str:
    """Where a line stands, in a word or two."""
    words = {
        LineState.PLANNED: _("to be sent"),
        LineState.SENDING: _("on its way"),
        LineState.RECORDED: _("recorded"),
        LineState.REJECTED: _("rejected"),
        LineState.UNKNOWN: _("unknown"),
        LineState.HELD: _("held back"),
        LineState.SKIPPED: _("already recorded"),
    }
    return words.get(code) or _("handed over")


def whereabouts(hit: Hit) -> str:
    """Where a line comes from and went to."""
    return _("{file}, line {line}; uploaded at {desk} on {when} by {who}").format(
        file=hit.file,
        line=hit.number,
        desk=hit.upload.desk,
        when=view.stamp(hit.upload.started),
        who=hit.upload.who,
    )


def story(hit: Hit) -> list[str]:
    """All that happened to a line, one sentence each, oldest first."""
    told = []
    if hit.origin:
        told.append(_("recorded at {desk}").format(desk=hit.origin))
    if hit.decision is not None:
        told.append(
            _("{when}, {who}: {what}").format(
                when=view.stamp(hit.decision.at), who=hit.decision.who, what=_act(hit.decision.act)
            )
        )
    told += [
        _("{when}: {state}").format(when=view.stamp(change.at), state=state(change.state))
        + (f" – {legible(change.message)}" if change.message else "")
        for change in hit.history
    ]
    if hit.message and not any(change.message == hit.message for change in hit.history):
        told.append(legible(hit.message))
    if hit.due_at is not None:
        told.append(_("due {when}").format(when=core_words.when(hit.due_at)))
    if hit.archive:
        told.append(_("put away in {archive}").format(archive=hit.archive))
    return told


def _act(act: DecisionKind) -> str:
    return {
        DecisionKind.CORRECT: _("corrected"),
        DecisionKind.SWAP: _("item and borrower swapped"),
        DecisionKind.HOLD: _("held back"),
        DecisionKind.DROP: _("dropped"),
        DecisionKind.LATER: _("left for later"),
    }.get(act, act.value)
