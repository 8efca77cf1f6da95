"""What can be put away and what was, as one table in two groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from offcirc import words
from offcirc.i18n import _, ngettext
from offcirc.referent.background.afterwards import Shelf
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.listing import Listing
from offcirc.storage.ledger.closings import Closing, ClosingOutcome, Whose
from offcirc.upload.close import closingwords
from offcirc.upload.close.candidates import Candidate, Obstacle

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A file that can be put away, or that was.

    Attributes:
        candidate: the file as it is; ``None`` for one that was put away.
        closing: how it was put away; ``None`` for one that was not.
    """

    candidate: Candidate | None = None
    closing: Closing | None = None

    @property
    def ready(self) -> bool:
        """Whether it can be put away just so."""
        return self.candidate is not None and self.candidate.may_close(leave=False)

    @property
    def leaves(self) -> bool:
        """Whether it can be put away, if some lines stay behind."""
        return self.candidate is not None and self.candidate.may_close(leave=True)


class ShelfModel(Listing[ShelfRow]):
    """Files to put away above those that were put away."""

    FILE, STATE, WHOSE, LINES, UPLOAD, WHO = range(6)
    numbers = (LINES,)

    def __init__(self) -> None:
        super().__init__()
        self.group(lambda row: OPEN if row.candidate is not None else CLOSED)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show what there is."""
        self.show_things(_rows(shelf))

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (_("File"), _("Closing"), _("Kind"), _("Lines"), _("Upload"), _("By"))

    def cell(self, thing: ShelfRow, column: int) -> str:
        """What is said of a file in a column."""
        if thing.candidate is not None:
            return _candidate_cell(thing.candidate, column)
        assert thing.closing is not None
        return _closing_cell(thing.closing, column)

    def cell_mark(self, thing: ShelfRow, column: int) -> tuple[str, Tone] | None:
        """Where it stands."""
        if column != self.STATE:
            return None
        if thing.closing is not None:
            tone = Tone.GOOD if thing.closing.in_force else Tone.PLAIN
            return closingwords.outcome(thing.closing), tone
        if thing.ready and thing.candidate is not None and thing.candidate.gone:
            return _("file gone"), Tone.PLAIN
        if thing.ready:
            return _("ready"), Tone.GOOD
        return _("not yet"), Tone.LOOK

    def cell_tip(self, thing: ShelfRow, column: int) -> str:
        """Where the file is; else what the cell says."""
        if column != self.FILE:
            return self.cell(thing, column)
        if thing.candidate is not None:
            return str(thing.candidate.path)
        assert thing.closing is not None
        return str(thing.closing.facts.path)

    def key(self, thing: ShelfRow, column: int) -> Any:
        """Numbers and times by what they are."""
        if column == self.LINES:
            one = thing.candidate or (thing.closing and thing.closing.facts)
            return one.lines if one else 0
        if column == self.WHO:
            never = datetime.min.replace(tzinfo=UTC)
            return thing.closing.at if thing.closing is not None else never
        return super().key(thing, column)

    def make_heading(self, code: str, things: Sequence[ShelfRow]) -> Heading:
        """To put away, or put away."""
        count = len(things)
        if code == OPEN:
            return Heading(code, _("To put away"), "", "", count, Tone.LOOK)
        return Heading(code, _("Put away"), "", "", count, Tone.GOOD)

    def group_key(self, heading: Heading) -> Any:
        """What is to be done comes first."""
        return heading.code != OPEN


def _rows(shelf: Shelf) -> Iterator[ShelfRow]:
    for candidate in shelf.candidates:
        yield ShelfRow(candidate=candidate)
    for closing in shelf.closings:
        if closing.outcome is not ClosingOutcome.GIVEN_UP:
            yield ShelfRow(closing=closing)


def kind(whose: Whose) -> str:
    """Whose file it is, in words."""
    return {
        Whose.DESK: _("this desk’s own"),
        Whose.COPY: _("copy of a desk"),
        Whose.PLAIN: _("file alone"),
    }[whose]


def obstacle(candidate: Candidate, what: Obstacle) -> str:
    """Why a file is not put away just so, in a few words."""
    count = number(candidate.left_behind)
    if what is Obstacle.UNFINISHED:
        return _("the upload is not finished")
    if what is Obstacle.HELD_BACK:
        text = ngettext("{count} line held back", "{count} lines held back", candidate.left_behind)
        return text.format(count=count)
    if what is Obstacle.NEW_LINES:
        text = ngettext(
            "{count} line still to be uploaded",
            "{count} lines still to be uploaded",
            candidate.left_behind,
        )
        return text.format(count=count)
    return _("not there any more") if what is Obstacle.MISSING else _("never uploaded")


def _candidate_cell(one: Candidate, column: int) -> str:
    if column == ShelfModel.STATE:
        if one.gone and not one.obstacles:
            return _("The file is not there any more; the report is put away.")
        return ", ".join(obstacle(one, what) for what in one.obstacles)
    if column == ShelfModel.UPLOAD and one.upload is not None:
        return f"{words.when(one.upload.started.astimezone())} · {one.upload.id}"
    texts = {
        ShelfModel.FILE: one.name,
        ShelfModel.WHOSE: kind(one.whose),
        ShelfModel.LINES: number(one.lines),
    }
    return texts.get(column, "")


def _closing_cell(one: Closing, column: int) -> str:
    facts = one.facts
    texts = {
        ShelfModel.FILE: facts.path.name,
        ShelfModel.STATE: "",
        ShelfModel.WHOSE: kind(facts.whose),
        ShelfModel.LINES: number(facts.lines),
        ShelfModel.UPLOAD: str(facts.upload),
        ShelfModel.WHO: f"{one.who}, {words.when(one.at.astimezone())}",
    }
    return texts[column]
