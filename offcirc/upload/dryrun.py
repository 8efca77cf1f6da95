"""Asking a server what it would do: nothing is kept, neither there nor here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from offcirc.core.servermessages import reason as reason_of
from offcirc.core.transaction import Operation
from offcirc.servers.protocol import Answer, Outcome, Server
from offcirc.storage.ledgerrows import LineFacts, State
from offcirc.upload import words
from offcirc.upload.errors import NoDryRunError
from offcirc.upload.events import event_of
from offcirc.upload.history import readable, report_file
from offcirc.upload.progress import Phase, Tally
from offcirc.upload.report import JobReport, JobStatus, LineStatus, ReportLine
from offcirc.upload.uploadable import Uploadable


class DryRun:
    """What an upload of a plan would come to. The whole plan is held in memory."""

    def __init__(
        self, plan: Uploadable, server: Server, *, tally: Tally, cancelled: Callable[[], bool]
    ) -> None:
        """Read the plan.

        Raises:
            NoDryRunError: the server cannot tell.
            PlanError: a file cannot be read any more.
        """
        if not server.abilities.dry_run:
            raise NoDryRunError(server.url)
        self._plan = plan
        self._server = server
        self._tally = tally
        self._cancelled = cancelled
        self._started = datetime.now(UTC)
        self._names = [file.name for file in plan.files]
        self._lines = list(plan.lines())
        self._told: dict[int, ReportLine] = {}

    def run(self, desk: str, who: str) -> JobReport:
        """Ask the server and say what it said.

        Raises:
            ServerError: the server is gone or refuses.
        """
        to_ask = self._sift()
        self._tally.start({State.PLANNED: len(to_ask), **self._states()})
        self._tally.phase(Phase.SENDING)
        status = JobStatus.COMPLETED
        for part in self._parts(to_ask):
            if self._cancelled():
                status = JobStatus.CANCELLED
                break
            events = [event_of(self._lines[place], self._names) for place in part]
            for place, answer in zip(part, self._server.dry_run(desk, events), strict=True):
                line = self._judged(self._lines[place], answer)
                self._told[place] = line
                self._tally.move(State.PLANNED, State(line.status.value))
            self._tally.tell()
        self._tally.tell(now=True)
        return self._report(desk, who, status)

    def _sift(self) -> list[int]:
        """Tell of the lines about which there is nothing to ask; the places of the others."""
        seen: set[bytes] = set()
        to_ask = []
        for place, line in enumerate(self._lines):
            if line.state is State.HELD:
                self._told[place] = self._line(line, LineStatus.HELD, line.reason)
            elif line.key in seen:
                self._told[place] = self._line(line, LineStatus.SKIPPED, words.SAME_LINE)
            else:
                seen.add(line.key)
                to_ask.append(place)
        return to_ask

    def _parts(self, places: Sequence[int]) -> Iterator[list[int]]:
        """The places in requests, in order, all lines of one item in the same request.

        The server judges a line by those before it in the same request: a return needs its loan.
        """
        size = max(1, self._server.abilities.dry_run_size)
        by_item: dict[str, list[int]] = {}
        for place in places:
            by_item.setdefault(self._lines[place].item, []).append(place)
        part: list[int] = []
        for group in by_item.values():
            if part and len(part) + len(group) > size:
                yield sorted(part)
                part = []
            part += group
            while len(part) > size:
                yield part[:size]
                part = part[size:]
        if part:
            yield sorted(part)

    def _judged(self, line: LineFacts, answer: Answer) -> ReportLine:
        if answer.outcome is Outcome.REJECTED:
            reason = reason_of(answer.message).value
            return self._line(line, LineStatus.REJECTED, reason, answer)
        if answer.outcome is not Outcome.RECORDED:
            return self._line(line, LineStatus.UNKNOWN, words.NO_ANSWER, answer)
        if answer.replayed:
            return self._line(line, LineStatus.SKIPPED, words.ALREADY_RECORDED, answer)
        return self._line(line, LineStatus.RECORDED, "", answer)

    def _line(
        self, line: LineFacts, status: LineStatus, reason: str, answer: Answer | None = None
    ) -> ReportLine:
        answer = answer or Answer(Outcome.UNKNOWN)
        return ReportLine(
            file=self._names[line.file],
            line=line.number,
            status=status,
            message=answer.message or words.message_of(reason),
            reason=reason,
            at=datetime.fromisoformat(line.minute) if line.minute else None,
            operation=Operation(line.operation) if line.operation else None,
            item=line.item,
            patron=line.patron,
            raw=readable(line.raw),
            replayed=answer.replayed,
            due_at=answer.due_at,
            notes=answer.notes,
        )

    def _states(self) -> Counter[State]:
        return Counter(State(line.status.value) for line in self._told.values())

    def _report(self, desk: str, who: str, status: JobStatus) -> JobReport:
        counts = self._states()
        records = Counter(line.file for line in self._lines)
        finished = datetime.now(UTC)
        return JobReport(
            id=0,
            process_id="",
            name=words.dry_run_name(),
            server=self._server.url,
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
            records=len(self._lines),
            recorded=counts[State.RECORDED],
            rejected=counts[State.REJECTED],
            unknown=counts[State.UNKNOWN],
            held=counts[State.HELD],
            skipped=counts[State.SKIPPED],
            left=len(self._lines) - len(self._told),
            lines=tuple(
                line
                for line in (self._told[place] for place in sorted(self._told))
                if line.status is not LineStatus.RECORDED or words.needs_a_look(line.notes)
            ),
        )
