"""What an upload would come to, line by line, whoever foretells it: nothing is kept anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from offcirc.servers.protocol import Event
from offcirc.storage.ledger.decisions import DecisionBook
from offcirc.storage.ledger.ledgerrows import LineRow, LineState
from offcirc.upload.base.progress import ProgressTally
from offcirc.upload.lines.events import event_of
from offcirc.upload.lines.source import Uploadable
from offcirc.upload.report import uploadwords, words
from offcirc.upload.report.history import line_of, report_file
from offcirc.upload.report.report import JobReport, JobStatus, LineStatus, ReportLine


class Forecast:
    """The lines of a plan and what has been foretold of them. The whole plan is held in memory.

    Attributes:
        lines: every line, in the order in which they would be sent; a place is an index into it.
        to_ask: the places of the lines about which there is something to ask.
    """

    def __init__(
        self, plan: Uploadable, tally: ProgressTally, book: DecisionBook | None = None
    ) -> None:
        """Read the plan, and tell of the lines about which there is nothing to ask.

        Args:
            plan: what would be uploaded.
            tally: counts.
            book: what was decided about its lines, if anybody could decide.

        Raises:
            PlanError: a file cannot be read any more.
        """
        self._plan = plan
        self._tally = tally
        self._book = book
        self._started = datetime.now(UTC)
        self._files = plan.files
        self._told: dict[int, ReportLine] = {}
        self._overdue: set[int] = set()
        self.lines = list(plan.lines())
        self.to_ask: list[int] = []
        self._sift()
        tally.start({LineState.PLANNED: len(self.to_ask), **self._states()})

    def event(self, place: int) -> Event:
        """What the server would be sent."""
        return event_of(self.lines[place], self._files)

    def tell(
        self,
        place: int,
        status: LineStatus,
        reason: str = "",
        message: str = "",
        *,
        replayed: bool = False,
        due_at: datetime | None = None,
        notes: tuple[str, ...] = (),
        overdue: bool = False,
    ) -> None:
        """What would become of a line.

        Args:
            place: which line.
            status: what would become of it.
            reason: why, as a code.
            message: the server's words; ours for the reason when it has none.
            replayed: an earlier upload has had it recorded.
            due_at: the due date it would get, if that is known.
            notes: what staff should know about it.
            overdue: it would be overdue at once.
        """
        line = self.lines[place]
        row = LineRow(
            *(0, *line[:8], LineState(status.value), reason, message, replayed),
            due_at.isoformat() if due_at is not None else "",
            *(notes, line.exact, line.decision),
        )
        self._told[place] = line_of(row, self._files, self._book)
        if overdue:
            self._overdue.add(place)
        self._tally.move(LineState.PLANNED, LineState(status.value))

    def overdue(self) -> list[ReportLine]:
        """The loans that would be overdue at once, those excepted that end within the upload."""
        last = {line.item: place for place, line in enumerate(self.lines) if line.item}
        return [
            self._told[place]
            for place in sorted(self._overdue)
            if last[self.lines[place].item] == place
        ]

    def notes(self) -> list[tuple[str, int]]:
        """The notes on lines that would be recorded and how many lines have each, most first."""
        counts = Counter(
            note
            for line in self._told.values()
            if line.status is LineStatus.RECORDED
            for note in line.notes
        )
        return counts.most_common()

    def report(self, server: str, desk: str, who: str, status: JobStatus) -> JobReport:
        """All of it, as the report of an upload would say it."""
        counts = self._states()
        records = Counter(line.file for line in self.lines)
        finished = datetime.now(UTC)
        return JobReport(
            id=0,
            process_id="",
            name=uploadwords.dry_run_name(),
            server=server,
            desk=desk,
            who=who,
            started=self._started,
            finished=finished,
            run_seconds=(finished - self._started).total_seconds(),
            status=status,
            dry_run=True,
            files=tuple(
                report_file(file._replace(records=records[index]))
                for index, file in enumerate(self._plan.files)
            ),
            records=len(self.lines),
            recorded=counts[LineState.RECORDED],
            rejected=counts[LineState.REJECTED],
            unknown=counts[LineState.UNKNOWN],
            held=counts[LineState.HELD],
            skipped=counts[LineState.SKIPPED],
            left=len(self.lines) - len(self._told),
            lines=tuple(
                line
                for line in (self._told[place] for place in sorted(self._told))
                if line.status is not LineStatus.RECORDED or words.needs_a_look(line.notes)
            ),
        )

    def _sift(self) -> None:
        for place, line in enumerate(self.lines):
            if line.state is LineState.HELD:
                self.tell(place, LineStatus.HELD, line.reason)
            elif line.state is LineState.SKIPPED:
                self.tell(place, LineStatus.SKIPPED, line.reason)
            else:
                self.to_ask.append(place)

    def _states(self) -> Counter[LineState]:
        return Counter(LineState(line.status.value) for line in self._told.values())


def by_item(forecast: Forecast) -> list[Sequence[int]]:
    """The places to be asked about, those of one item together, in order."""
    groups: dict[str, list[int]] = {}
    for place in forecast.to_ask:
        groups.setdefault(forecast.lines[place].item, []).append(place)
    return list(groups.values())
