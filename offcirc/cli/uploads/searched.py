"""What a search of all uploads found, as the commands show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.upload.search.search import AnswerPage, Hit


def show(page: AnswerPage, limit: int) -> None:
    """Print a page of answers: each line, and below it all that happened to it."""
    if not page.hits:
        output.say(_("No line of any upload from this data folder fits."))
        return
    if page.anywhere:
        output.say(_("Nothing begins like that; these hold it somewhere:"))
    columns = (
        output.PrintedColumn(_("When"), 16),
        output.PrintedColumn(_("Operation"), 9),
        output.PrintedColumn(_("Item"), 14),
        output.PrintedColumn(_("Borrower"), 14),
        output.PrintedColumn(_("Job"), 5, right=True),
        output.PrintedColumn(_("Status"), 16),
        output.PrintedColumn(_("What happened"), 0),
    )
    with output.Table(columns) as table:
        for hit in page.hits:
            for row in _rows(hit):
                table.add([output.visible(cell) for cell in row])
    if page.next is not None:
        output.say(
            ngettext(
                "The newest {count} line; there are more (--limit).",
                "The newest {count} lines; there are more (--limit).",
                limit,
            ).format(count=limit)
        )


def _rows(hit: Hit) -> list[list[str]]:
    from offcirc.upload.followup.followupwords import when
    from offcirc.upload.search import searchwords as words

    first = words.whereabouts(hit)
    rows = [
        [
            when(hit),
            words.operation(hit),
            hit.item or hit.raw[:80],
            hit.patron,
            str(hit.upload.id),
            words.state(hit.state),
            first,
        ]
    ]
    rows += [["", "", "", "", "", "", told] for told in words.story(hit)]
    return rows


def facts(hit: Hit) -> dict[str, object]:
    """A line as JSON values; the history's times are UTC, the line's own is naive local time."""
    return {
        "job": hit.upload.id,
        "server": hit.upload.url,
        "desk": hit.upload.desk,
        "who": hit.upload.who,
        "uploaded": hit.upload.started.isoformat(timespec="seconds"),
        "file": hit.file,
        "line": hit.number,
        "recorded_at": hit.origin or None,
        "timestamp": hit.at.isoformat(timespec="minutes") if hit.at else None,
        "operation": hit.operation.value if hit.operation else None,
        "item": hit.item,
        "patron": hit.patron,
        "status": hit.state.value,
        "message": hit.message,
        "raw": hit.raw,
        "due": hit.due_at.isoformat() if hit.due_at else None,
        "history": [
            {
                "at": change.at.isoformat(timespec="milliseconds"),
                "status": change.state.value,
                "message": change.message,
            }
            for change in hit.history
        ],
        "decision": (
            {
                "act": hit.decision.act.value,
                "who": hit.decision.who,
                "at": hit.decision.at.isoformat(timespec="seconds"),
            }
            if hit.decision
            else None
        ),
        "archive": hit.archive or None,
    }
