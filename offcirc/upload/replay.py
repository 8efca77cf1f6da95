"""The replay engine: planned lines go to the server, in order, each at most once.

The ledger says ``sending`` before a line leaves and what came back before the next one does. What
was sent and not answered is settled by looking back at the server; where that is impossible it
stays unknown. It is never sent again blindly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from offcirc.core.servermessages import reason as reason_of
from offcirc.servers.errors import (
    NoAnswerError,
    NotThisKindOfServerError,
    ServerError,
    ServerFailedError,
    ServerRefusedError,
    TryLaterError,
    UnreachableError,
)
from offcirc.servers.protocol import Answer, Outcome, Server
from offcirc.storage.ledger import Ledger
from offcirc.storage.ledgerrows import LineRow, Settled, State, UploadRow
from offcirc.upload import words
from offcirc.upload.events import event_of
from offcirc.upload.patience import CancelledError, Patience
from offcirc.upload.progress import Phase, Tally

T = TypeVar("T")

FAILED_TRIES = 3
"""How often lines are sent on which the server breaks down, before they are sent one by one."""
SUSPECTS = 3
"""How many single lines in a row a server may fail on or refuse before it is the server's fault."""
_ASK_AGAIN = (
    UnreachableError,
    TryLaterError,
    NoAnswerError,
    ServerFailedError,
    NotThisKindOfServerError,
)
"""What does not keep a mere question from being asked again."""


class Replay:
    """Sends the lines of one upload. Use it once."""

    def __init__(
        self,
        server: Server,
        ledger: Ledger,
        upload: UploadRow,
        *,
        tally: Tally,
        cancelled: Callable[[], bool],
        patience: Patience,
    ) -> None:
        self._server = server
        self._ledger = ledger
        self._upload = upload
        self._tally = tally
        self._cancelled = cancelled
        self._patience = patience
        self._files = [file.name for file in ledger.files(upload.id)]
        self._job = upload.process_id
        self._reopened = False
        self._suspects: list[LineRow] = []
        self._sent: set[int] = set()

    def run(self) -> None:
        """Send what is left, in order, then tell the server that this was all.

        Raises:
            CancelledError: cancelled between two requests.
            ServerError: the server is gone or refuses to go on. What is done is kept.
            StorageError: the ledger cannot be written. What was sent is settled by resuming.
        """
        self._tally.start(self._ledger.counts(self._upload))
        self._tally.phase(Phase.SENDING)
        size = max(1, self._server.abilities.batch_size)
        self._settle_open(size)
        after = 0
        while lines := self._ledger.lines(self._upload, State.PLANNED, after=after, limit=size):
            after = lines[-1].id
            self._send(self._not_known(lines))
            self._tally.tell()
        self._tally.phase(Phase.FINISHING)
        self._finish()

    # -- settling without sending ------------------------------------------------------------

    def _settle_open(self, size: int) -> None:
        """Settle the lines that an earlier run of this upload has sent and heard nothing of."""
        lines = self._ledger.lines(self._upload, State.SENDING, State.UNKNOWN)
        self._sent.update(line.id for line in lines)
        for start in range(0, len(lines), size):
            self._settle_lost(lines[start : start + size])

    def _settle_lost(self, lines: list[LineRow]) -> list[LineRow]:
        """Settle lines that were sent and not answered; returns those to be sent again."""
        abilities = self._server.abilities
        if abilities.look_back:
            answers = self._ask_back(lines)
            self._keep(
                lines,
                [
                    Settled(line.id, State.PLANNED)
                    if answer is None
                    else self._settled(line, answer)
                    for line, answer in zip(lines, answers, strict=True)
                ],
            )
            return [line for line, answer in zip(lines, answers, strict=True) if answer is None]
        # A server that knows keys settles it by itself when the line comes again.
        state = State.PLANNED if abilities.idempotent_keys else State.UNKNOWN
        reason = words.NO_ANSWER if state is State.UNKNOWN else ""
        self._keep(lines, [Settled(line.id, state, reason) for line in lines])
        return lines if abilities.idempotent_keys else []

    def _not_known(self, lines: list[LineRow]) -> list[LineRow]:
        """Settle the lines that earlier uploads have dealt with; returns those to be sent."""
        keys = [line.key for line in lines]
        known = self._ledger.known(self._upload.server, keys, self._upload.id)
        if not known:
            return lines
        earlier = [line for line in lines if line.key in known]
        if self._server.abilities.look_back:
            # The server has the last word: it may have been set back since (practice servers
            # are), and then the line is not recorded there.
            judged = [
                None if answer is None else self._settled(line, answer, replayed=True)
                for line, answer in zip(earlier, self._ask_back(earlier), strict=True)
            ]
        else:
            judged = [self._remembered(line, known[line.key]) for line in earlier]
        self._keep(earlier, [one for one in judged if one is not None])
        dealt_with = {one.line for one in judged if one is not None}
        return [line for line in lines if line.id not in dealt_with]

    def _remembered(self, line: LineRow, state: State) -> Settled | None:
        if state is State.RECORDED:
            return Settled(line.id, State.SKIPPED, words.ALREADY_RECORDED, replayed=True)
        if self._server.abilities.idempotent_keys:
            return None
        return Settled(line.id, State.UNKNOWN, words.NO_ANSWER)

    def _ask_back(self, lines: Sequence[LineRow]) -> list[Answer | None]:
        events = [event_of(line, self._files) for line in lines]
        return self._ask(lambda: self._server.look_back(events))

    # -- sending -------------------------------------------------------------------------------

    def _send(self, lines: list[LineRow]) -> None:
        """Send lines, in order and together, again and again until each of them is settled."""
        failures = failed = 0
        while lines:
            self._check_cancelled()
            self._mark(lines, State.PLANNED, State.SENDING)
            trouble: ServerError | None = None
            try:
                answers = self._server.submit(
                    self._job, [event_of(line, self._files) for line in lines]
                )
            except ServerFailedError as error:
                trouble = error
                failed += 1
                answers = [Answer(Outcome.UNKNOWN)] * len(lines)
            except ServerError as error:
                # Nothing was done.
                self._mark(lines, State.SENDING, State.PLANNED)
                if isinstance(error, ServerRefusedError):
                    self._refused(lines, error)
                    return
                if not isinstance(error, UnreachableError | TryLaterError):
                    raise
                failures += 1
                self._pause(failures, error)
                continue
            left = self._take(lines, answers)
            if len(left) < len(lines):
                failures = failed = 0
            lines = left
            if not lines:
                return
            if failed >= FAILED_TRIES and trouble is not None:
                self._one_by_one(lines, trouble, words.SERVER_FAILED)
                return
            failures += 1
            self._pause(failures, trouble or self._trouble(answers))

    def _take(self, lines: list[LineRow], answers: list[Answer]) -> list[LineRow]:
        """Keep the answers; returns the lines that must be sent again, in their order."""
        settled, lost, later = [], [], []
        for line, answer in zip(lines, answers, strict=True):
            if answer.outcome is Outcome.UNKNOWN:
                lost.append(line)
                settled.append(Settled(line.id, State.UNKNOWN, words.NO_ANSWER))
            elif answer.outcome is Outcome.TRY_LATER:
                later.append(line)
                settled.append(Settled(line.id, State.PLANNED))
            else:
                settled.append(self._settled(line, answer))
        if len(lost) + len(later) < len(lines):
            self._suspects.clear()
        sending = [line._replace(state=State.SENDING) for line in lines]
        self._keep(sending, settled)
        if lost:
            self._sent.update(line.id for line in lost)
            unknown = [line._replace(state=State.UNKNOWN) for line in lost]
            lost = [line._replace(state=State.PLANNED) for line in self._settle_lost(unknown)]
        return sorted(lost + later)

    def _refused(self, lines: list[LineRow], error: ServerRefusedError) -> None:
        """The server would not have the request: find out whether a single line is to blame."""
        if error.status in (404, 409) and not self._reopened:
            # The server does not know this job any more, or has closed it.
            self._reopened = True
            self._open_job()
            self._send(lines)
            return
        self._one_by_one(lines, error, words.REFUSED)

    def _one_by_one(self, lines: list[LineRow], error: ServerError, reason: str) -> None:
        """Send lines apart that cannot be sent together; a line at fault by itself is rejected."""
        if len(lines) > 1:
            half = len(lines) // 2
            self._send(lines[:half])
            self._send(lines[half:])
            return
        if len(self._suspects) + 1 >= SUSPECTS:
            # Not the lines, the server is at fault: they are still to be sent.
            suspects = [line._replace(state=State.REJECTED) for line in self._suspects]
            self._keep(suspects, [Settled(line.id, State.PLANNED) for line in suspects])
            raise error
        self._keep(lines, [Settled(lines[0].id, State.REJECTED, reason, error.detail)])
        self._suspects.append(lines[0])

    # -- the server's job ----------------------------------------------------------------------

    def _open_job(self) -> None:
        job = self._ask(lambda: self._server.open_job(self._upload.desk, self._files))
        self._job = job.id
        self._ledger.add_job(self._upload.id, job.id, job.name)

    def _finish(self) -> None:
        try:
            self._ask(lambda: self._server.finish_job(self._job))
        except ServerRefusedError:
            # A job that the server does not know any more is as finished as can be.
            return

    # -- details -------------------------------------------------------------------------------

    def _settled(self, line: LineRow, answer: Answer, *, replayed: bool = False) -> Settled:
        """What an answer makes of a line.

        A server that has seen the key before has done nothing: an earlier upload had the line
        recorded, unless it was this one, which sent it and lost the answer.
        """
        replayed = replayed or (answer.replayed and line.id not in self._sent)
        due_at = answer.due_at.isoformat() if answer.due_at is not None else ""
        if answer.outcome is Outcome.RECORDED:
            state = State.SKIPPED if replayed else State.RECORDED
            reason = words.ALREADY_RECORDED if replayed else ""
        elif answer.outcome is Outcome.REJECTED:
            state = State.REJECTED
            reason = reason_of(answer.message).value
        else:
            state = State.UNKNOWN
            reason = words.NO_ANSWER
        return Settled(line.id, state, reason, answer.message, replayed, due_at, answer.notes)

    def _mark(self, lines: list[LineRow], before: State, after: State) -> None:
        self._ledger.mark([line.id for line in lines], after)
        self._tally.move(before, after, len(lines))

    def _keep(self, lines: Iterable[LineRow], settled: list[Settled]) -> None:
        """Keep what became of lines, given in the state they were in."""
        if not settled:
            return
        self._ledger.settle(settled)
        before = {line.id: line.state for line in lines}
        for one in settled:
            self._tally.move(before[one.line], one.state)

    def _ask(self, question: Callable[[], T]) -> T:
        """Ask until there is an answer: asking twice does no harm."""
        failures = 0
        while True:
            self._check_cancelled()
            try:
                return question()
            except _ASK_AGAIN as error:
                failures += 1
                self._pause(failures, error)

    def _pause(self, failures: int, error: ServerError) -> None:
        """Wait before the next try, or give up after too many.

        Raises:
            ServerError: given up.
            CancelledError: cancelled.
        """
        if failures >= self._patience.tries:
            raise error
        asked = error.retry_after if isinstance(error, TryLaterError) else None
        self._tally.phase(Phase.WAITING)
        self._patience.wait(self._patience.seconds(failures, asked), self._cancelled)
        self._tally.phase(Phase.SENDING)

    def _trouble(self, answers: Iterable[Answer]) -> ServerError:
        """What to call it when lines are left over."""
        waits = [
            answer.retry_after or 0.0 for answer in answers if answer.outcome is Outcome.TRY_LATER
        ]
        if waits:
            return TryLaterError(self._server.url, retry_after=max(waits))
        return NoAnswerError(self._server.url)

    def _check_cancelled(self) -> None:
        if self._cancelled():
            raise CancelledError
