"""Files put away, and what stood in the way."""

from __future__ import annotations

from offcirc.upload.close.closing import close, look_at, look_at_job
from offcirc.upload.close.reopening import undo


def put_away(ledger, *paths, leave=False):
    folder = ledger.path.parent
    candidates = [look_at(ledger, path, folder=folder) for path in paths]
    return close(ledger, candidates, folder=folder, who="Lou", leave=leave)


def undone(ledger, number=1):
    return undo(ledger, ledger.upload(number), folder=ledger.path.parent, who="Lou")


def close_job(ledger, leave=False):
    folder = ledger.path.parent
    candidates = look_at_job(ledger, ledger.upload(1), folder=folder)
    return close(ledger, candidates, folder=folder, who="Lou", leave=leave)
