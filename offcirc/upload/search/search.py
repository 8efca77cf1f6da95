"""What happened to this barcode, this reader, on that day: all uploads of the library, searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from offcirc.core.transaction import Operation
from offcirc.storage.ledger import linesearch
from offcirc.storage.ledger.closings import closings
from offcirc.storage.ledger.decisions import Decision, DecisionBook
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState, UploadRow
from offcirc.storage.ledger.linesearch import FoundLine, SearchPlace, StateChange
from offcirc.upload.report import words
from offcirc.upload.report.history import readable

LIMIT = 100


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    Attributes:
        text: an item barcode or a reader's identifier, whole or its beginning; empty for all.
        day: the day on which it happened; ``None`` for all.
        job: one upload only, by its number in the ledger; 0 for all.
    """

    text: str = ""
    day: date | None = None
    job: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A line, and all that is known about it.

    Attributes:
        id: its number in the ledger.
        file: its file's name.
        number: its number there, from 1.
        origin: the desk at which it was recorded, in words; empty when not known.
        at: when it happened, naive local time; ``None`` when unreadable.
        operation: loan or return; ``None`` when unreadable.
        item: the item barcode.
        patron: the reader; empty on a return.
        state: where it stands.
        reason: the code of the reason; empty when there is none.
        message: the server's words, or ours.
        raw: the line as its file has it.
        due_at: the due date the server gave.
        history: every state it came into, oldest first; empty for one that is still to be sent.
        decision: what somebody decided about it before it was sent; ``None`` if nobody did.
        archive: the name of the archive folder in which its file is; empty when not closed.
    """

    id: int
    upload: UploadRow
    file: str
    number: int
    origin: str
    at: datetime | None
    operation: Operation | None
    item: str
    patron: str
    state: LineState
    reason: str
    message: str
    raw: str
    due_at: datetime | None
    history: tuple[StateChange, ...]
    decision: Decision | None
    archive: str


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """A page of answers, newest first.

    Attributes:
        hits: the lines.
        next: where the next page begins, for :func:`search`; ``None`` when this is the last one.
        anywhere: nothing begins with the text: these hold it somewhere.
    """

    hits: tuple[Hit, ...]
    next: SearchPlace | None = None
    anywhere: bool = False


def search(
    ledger: Ledger,
    query: Query,
    *,
    limit: int = LIMIT,
    after: SearchPlace | None = None,
    anywhere: bool = False,
) -> AnswerPage:
    """Search all uploads.

    What is or begins with the text is found at once, however many lines there are. When there is
    nothing, lines that hold it anywhere are looked for, which takes a moment.

    Args:
        ledger: where the uploads are kept.
        query: what is looked for.
        limit: how many lines a page has.
        after: where the page before has ended.
        anywhere: as the page before says.
    """
    text = query.text.strip()
    day = query.day.isoformat() if query.day is not None else ""

    def ask(*, within: bool) -> list[FoundLine]:
        return linesearch.matching(
            ledger,
            text,
            anywhere=within,
            day=day,
            upload=query.job,
            after=after,
            limit=limit + 1,
        )

    found = ask(within=anywhere)
    if not found and text and not anywhere and after is None:
        found, anywhere = ask(within=True), True
    more = found[limit:]
    found = found[:limit]
    last = SearchPlace(found[-1].line.minute, found[-1].line.id) if more else None
    return AnswerPage(tuple(_hits(ledger, found)), last, anywhere)


def _hits(ledger: Ledger, found: list[FoundLine]) -> Iterable[Hit]:
    uploads: dict[int, UploadRow | None] = {}
    book = DecisionBook(ledger)
    histories = linesearch.histories(ledger, [each.line.id for each in found])
    archives = {
        (one.facts.upload, one.facts.file): one.facts.archive
        for one in reversed(closings(ledger))
        if one.in_force
    }
    for each in found:
        row = each.line
        if each.upload not in uploads:
            uploads[each.upload] = ledger.upload(each.upload)
        upload = uploads[each.upload]
        assert upload is not None, "a line has its upload"
        yield Hit(
            id=row.id,
            upload=upload,
            file=each.file,
            number=row.number,
            origin=" · ".join(filter(None, (each.library, each.desk_name))),
            at=datetime.fromisoformat(row.exact or row.minute) if row.minute else None,
            operation=Operation(row.operation) if row.operation else None,
            item=row.item,
            patron=row.patron,
            state=row.state,
            reason=row.reason,
            message=row.message or words.message_of(row.reason),
            raw=readable(row.raw),
            due_at=datetime.fromisoformat(row.due_at) if row.due_at else None,
            history=tuple(histories.get(row.id, ())),
            decision=book.get(row.decision) if row.decision else None,
            archive=archives.get((each.upload, row.file), ""),
        )
