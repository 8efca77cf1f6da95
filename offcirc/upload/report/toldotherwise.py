"""What desks said to readers, held against what the library system computed once it was back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from offcirc.core.told import parse_told
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, UploadRow
from offcirc.upload.base.reasons import DESK_TOLD, SAID, TOLD_OTHERWISE
from offcirc.upload.lines.plan import Plan, times_of


def note_what_was_told(ledger: Ledger, upload: UploadRow, plan: object) -> int:
    """Note beside recorded lines what the desk was told, and where a reader was told another date.

    Args:
        ledger: where the lines are kept.
        upload: it.
        plan: the files; of lists and reports, which tell nothing of that kind, nothing is noted.

    Returns:
        How many loans have another due date than the reader was told.
    """
    if not isinstance(plan, Plan):
        return 0
    told = {
        (index, number): text
        for index, source in enumerate(plan.sources)
        if (times := times_of(source)) is not None
        for number, text in times.told.items()
    }
    if not told:
        return 0
    found = [
        (row.id, note)
        for row in ledger.lines(upload, LineState.RECORDED)
        if not {DESK_TOLD, TOLD_OTHERWISE}.intersection(row.notes)
        for note in _notes(row, told.get((row.file, row.number), ""))
    ]
    ledger.remark(found)
    return sum(note == TOLD_OTHERWISE for _line, note in found)


def _notes(row: LineRow, text: str) -> Iterator[str]:
    told = parse_told(text)
    if told.what:
        yield DESK_TOLD
    due = datetime.fromisoformat(row.due_at).date() if row.due_at else None
    if told.due is not None and due not in (None, told.due):
        yield TOLD_OTHERWISE
        yield f"{SAID}{told.due.isoformat()}"
