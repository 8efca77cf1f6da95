"""Closing in words: what is in the way, what was done."""

from __future__ import annotations

from pathlib import Path

from offcirc.i18n import _, ngettext
from offcirc.storage.ledger.closings import Closing, ClosingOutcome, Whose
from offcirc.upload.close.candidates import Candidate, Obstacle
from offcirc.upload.close.putaway import Closed


def obstacle(candidate: Candidate, what: Obstacle) -> str:
    """Why a file is not closed just so, and what to do."""
    name, count = candidate.name, candidate.left_behind
    job = candidate.upload.id if candidate.upload else 0
    match what:
        case Obstacle.MISSING:
            return _("{name}: there is no such file any more where it was uploaded from.").format(
                name=name
            )
        case Obstacle.NEVER_UPLOADED:
            return _(
                "{name} was never uploaded from here, so it stays where it is. Upload it first."
            ).format(name=name)
        case Obstacle.UNFINISHED:
            return _(
                "{name}: upload {job} is not finished. Resume it first; or close what is done, and "
                "leave the lines still to be uploaded behind in a clean file (--leave-behind)."
            ).format(name=name, job=job)
        case Obstacle.HELD_BACK:
            return ngettext(
                "{name}: {count} line was held back and not uploaded. Upload it first; or leave it "
                "behind in a clean file (--leave-behind).",
                "{name}: {count} lines were held back or added and not uploaded. Upload them "
                "first; or leave them behind in a clean file (--leave-behind).",
                count,
            ).format(name=name, count=count)
        case Obstacle.NEW_LINES:
            return ngettext(
                "{name}: {count} line has not been uploaded. Upload it first; or leave it behind "
                "in a clean file (--leave-behind).",
                "{name}: {count} lines have not been uploaded. Upload them first; or leave them "
                "behind in a clean file (--leave-behind).",
                count,
            ).format(name=name, count=count)


def closed(done: Closed) -> str:
    """What was done to a file."""
    facts = done.closing.facts
    name = facts.path.name
    if done.problem:
        return _("{name}: {text}").format(name=name, text=done.problem)
    match done.closing.outcome:
        case ClosingOutcome.DONE if not facts.stored:
            text = _("{name}: is not there any more; its upload is put away.")
        case ClosingOutcome.UNDONE if not facts.stored:
            text = _("{name}: was not there when its upload was put away.")
        case ClosingOutcome.UNDONE if done.told:
            text = _("{name}: taken back. The desk is told, and takes its closing back by itself.")
        case ClosingOutcome.UNDONE:
            text = _("{name}: brought back with all its lines.")
        case ClosingOutcome.GIVEN_UP | None:
            text = _("{name}: nothing was changed.")
        case ClosingOutcome.HANDED_OVER if facts.whose is Whose.DESK:
            text = _(
                "{name}: put away. The desk is at work: it closes its file by itself in a moment."
            )
        case ClosingOutcome.HANDED_OVER:
            text = _(
                "{name}: put away. A receipt is left in the folder: the desk closes its own file "
                "when it sees it."
            )
        case ClosingOutcome.DONE if facts.left_behind:
            text = ngettext(
                "{name}: put away. {count} line that is still to be uploaded stays in a clean "
                "file.",
                "{name}: put away. {count} lines that are still to be uploaded stay in a clean "
                "file.",
                facts.left_behind,
            )
        case ClosingOutcome.DONE:
            text = _("{name}: put away. The next line starts a clean file.")
    return text.format(name=name, count=facts.left_behind)


def outcome(closing: Closing) -> str:
    """Where a closing stands, in a few words."""
    return {
        ClosingOutcome.DONE: _("put away"),
        ClosingOutcome.HANDED_OVER: _("put away, desk told"),
        ClosingOutcome.UNDONE: _("brought back"),
        ClosingOutcome.GIVEN_UP: _("nothing changed"),
        None: _("interrupted"),
    }[closing.outcome]


def place(folder: Path) -> str:
    """Where things were put."""
    return _("Archive: {folder}").format(folder=folder)
