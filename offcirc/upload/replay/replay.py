"""The replay engine: planned lines go to the server, each at most once, side by side if they may.

Lines about one item or one reader keep their order (:mod:`offcirc.upload.replay.chains`); others go
in several requests at once. One thread, the caller's, decides and writes the ledger; the lanes only
wait for answers. In each turn it takes in what has come, keeps that and what goes next in one
transaction, and only then lets it go: the ledger says ``sending`` before a line leaves, and what
came back before any line that follows it leaves.

**States of a line** (:class:`~offcirc.storage.ledger.ledgerrows.LineState`)::

    planned ──in the ledger first──► sending ──answer──► recorded | rejected | skipped
       │                                │
       ├─ decided, damaged ──► held     ├─ certainly not done ──► planned
       └─ known from earlier ► skipped  └─ no answer ──► unknown
                                                            │
              recorded | rejected | skipped | planned ◄──────┤ looked back
                                              sending ◄──────┤ sent again, where keys are known
                                                             └ nobody can tell: it stays

``skipped``: an earlier upload had it recorded. What is recorded never goes back. What is rejected
does in one case: a server that fails on one single line after another
(:data:`~offcirc.upload.replay.line_states.SUSPECTS`) is at fault itself, and what was put down to
those lines is planned again. A program that dies leaves ``sending``; who resumes takes such a line
as one that had no answer.

**What must never happen.** A line sent that the ledger does not call ``sending``. The same line
sent again while it is not known what became of it, except under a key by which the server
knows it again. A line that overtakes an earlier one about its item or reader. An answer
believed that is about something else.

What was sent and not answered is settled by looking back at the server, or by its key. Where
there is no looking back and the server knows no keys, such a line stays unknown for a person to
settle. Those that follow it are not held back for ever, because the library would miss the return
that came after a doubtful loan: they go once the server has had time to finish or to drop what it
was sent (:attr:`offcirc.upload.base.patience.Patience.quiet`).
"""

from __future__ import annotations

import time

from offcirc.servers.errors import (
    NoAnswerError,
    NotThisKindOfServerError,
    ServerError,
    ServerFailedError,
    ServerRefusedError,
    TryLaterError,
    UnreachableError,
)
from offcirc.servers.protocol import Answer, Outcome, Server, ServerJob
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import UploadRow
from offcirc.upload.base.control import Control
from offcirc.upload.base.patience import SLICE, CancelledError, Patience
from offcirc.upload.base.progress import Phase, ProgressTally
from offcirc.upload.replay.chains import Link
from offcirc.upload.replay.line_states import LineStates
from offcirc.upload.replay.pace import UploadPace, Wake
from offcirc.upload.replay.replayrequest import ReplayRequest, RequestKind, question
from offcirc.upload.replay.workers import Done, Lanes
from offcirc.upload.report import answered

LOOK_SIZE = 500
"""About how many lines a server is asked at once."""
TURN = 200
"""About how many lines are let go in one turn, so that the first need not wait for the last."""
CANCEL_SECONDS = 10.0
"""How long answers are waited for at the end; what has none by then is settled by resuming."""

_NOT_DONE = (UnreachableError, TryLaterError)
"""What says that certainly nothing was done."""
_ASK_AGAIN = (*_NOT_DONE, NoAnswerError, ServerFailedError, NotThisKindOfServerError)
"""What does not keep a mere question from being asked again."""


class Replay:
    """Sends the lines of one upload. Use it once."""

    def __init__(
        self,
        server: Server,
        ledger: Ledger,
        upload: UploadRow,
        *,
        tally: ProgressTally,
        control: Control,
        patience: Patience,
        width: int | None = None,
        wake: Wake | None = None,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            server: signed in.
            ledger: where the lines are; used by the thread that calls :meth:`run` alone.
            upload: which lines.
            tally: told how far it is.
            control: whether it is to stand still, or to end.
            patience: when to try again.
            width: how many requests go side by side; as many as the server bears if not given.
            wake: tells when the machine has been asleep.
        """
        self._server = server
        self._ledger = ledger
        self._upload = upload
        self._tally = tally
        self._control = control
        self._patience = patience
        self._wake = wake or Wake()
        self._size = max(1, server.abilities.batch_size)
        self._pace = UploadPace(patience, width or server.abilities.width)
        self._standing = LineStates(
            ledger,
            upload,
            server.abilities,
            tally=tally,
            clock=patience.clock,
            quiet=patience.quiet,
        )
        self._lanes: Lanes[ReplayRequest] = Lanes("upload")
        self._files = ledger.files(upload.id)
        self._job = upload.process_id
        self._job_lost = False
        self._reopened = False
        self._finished = False
        self._end: Exception | None = None

    def run(self) -> None:
        """Send what is left, then tell the server that this was all.

        Raises:
            CancelledError: cancelled.
            ServerError: the server is gone or refuses to go on. What is done is kept.
            StorageError: the ledger cannot be written. What was sent is settled by resuming.
        """
        self._tally.start(self._ledger.counts(self._upload))
        try:
            while not self._finished and self._end is None:
                self._turn()
            if self._end is not None:
                self._last_answers()
                raise self._end
        finally:
            self._lanes.close()

    # -- the turn ------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Keep what has come, let the next go, wait for something to happen."""
        if self._control.cancelled:
            self._stop(CancelledError())
            return
        requests = self._next()
        self._keep(requests)
        for request in requests:
            asked = question(request, self._server, self._upload, self._files)
            self._lanes.send(request, asked)
        self._show()
        more = bool(requests) and self._lanes.under_way < self._pace.allowed
        self._wait(0.0 if more else SLICE)
        if self._wake.slept():
            # The connections are as old as the sleep: nobody will ever answer on them.
            self._server.hang_up()

    def _next(self) -> list[ReplayRequest]:
        """What may go now."""
        requests: list[ReplayRequest] = []
        if self._control.paused or self._pace.seconds:
            return requests
        lines = 0
        while lines < TURN and self._lanes.under_way + len(requests) < self._pace.allowed:
            request = self._one(alone=not requests and not self._lanes.under_way)
            if request is None:
                break
            requests.append(request)
            lines += len(request.links)
        return requests

    def _one(self, *, alone: bool) -> ReplayRequest | None:
        """The next request; ``alone`` when nothing else is under way."""
        standing = self._standing
        if self._job_lost:
            return self._request(RequestKind.OPEN) if alone else None
        if links := standing.to_look(LOOK_SIZE):
            return self._request(RequestKind.LOOK, links)
        if standing.suspicious and not alone:
            return None
        if links := standing.to_send(self._size):
            standing.going(links)
            return self._request(RequestKind.SEND, links)
        if alone and not standing.unfinished:
            return self._request(RequestKind.FINISH)
        return None

    def _request(self, kind: RequestKind, links: list[Link] | None = None) -> ReplayRequest:
        return ReplayRequest(kind, links or [], self._job, self._pace.round)

    def _keep(self, requests: list[ReplayRequest]) -> None:
        """Have on the disk what has become of lines, and which ones go now."""
        outcomes = self._standing.outcomes()
        going = [
            link.line.id
            for request in requests
            if request.kind is RequestKind.SEND
            for link in request.links
        ]
        if outcomes or going:
            self._ledger.advance(outcomes, going)

    def _wait(self, seconds: float) -> None:
        """Wait for an answer, or where none is to come, for the time to go on."""
        if self._lanes.under_way:
            self._take_in(seconds)
            return
        left = SLICE if self._control.paused else self._pace.seconds or self._standing.seconds
        if left:
            self._patience.sleep(min(SLICE, left))

    def _show(self) -> None:
        pace, tally = self._pace, self._tally
        if self._control.paused:
            tally.phase(Phase.PAUSED)
        elif left := pace.seconds:
            tally.phase(Phase.WAITING, left, pace.problem.words() if pace.problem else "")
        elif not self._lanes.under_way and (left := self._standing.seconds or 0.0):
            tally.phase(Phase.WAITING, left)
        elif self._standing.unfinished:
            tally.phase(Phase.SENDING)
        else:
            tally.phase(Phase.FINISHING)
        tally.tell()

    def _last_answers(self) -> None:
        """Nothing goes any more; what is under way is waited for, though not for long."""
        hung_up = False
        until = time.monotonic() + CANCEL_SECONDS
        while self._lanes.under_way:
            self._take_in(SLICE)
            self._keep([])
            self._tally.tell()
            if time.monotonic() >= until:
                if hung_up:
                    break
                hung_up = True
                until += CANCEL_SECONDS
                self._server.hang_up()
        self._keep([])

    # -- what comes ----------------------------------------------------------------------------

    def _take_in(self, seconds: float) -> None:
        for done in self._lanes.collect(seconds):
            error = done.error
            if error is not None and not isinstance(error, ServerError):
                raise error
            try:
                self._take(done, error)
            except ServerError as reason:
                self._stop(reason)

    def _take(self, done: Done[ReplayRequest], error: ServerError | None) -> None:
        """Take in one answer, or that there is none.

        Raises:
            ServerError: there is no going on.
        """
        request = done.what
        match request.kind:
            case RequestKind.SEND if error is not None:
                self._send_failed(request, error)
            case RequestKind.SEND:
                self._sent(request, done.result)
            case RequestKind.LOOK if error is not None:
                self._standing.look_again(request.links)
                self._ask_again(request, error)
            case RequestKind.LOOK:
                self._looked(request, done.result)
            case _ if error is None:
                self._job_done(request, done.result)
            case RequestKind.FINISH if isinstance(error, ServerRefusedError):
                # A job that the server does not know any more is as finished as can be.
                self._finished = True
            case _:
                self._ask_again(request, error)

    def _sent(self, request: ReplayRequest, answers: list[Answer]) -> None:
        standing = self._standing
        lost: list[Link] = []
        later: list[Link] = []
        asked = 0.0
        for link, answer in zip(request.links, answers, strict=True):
            if answer.outcome is Outcome.UNKNOWN:
                lost.append(link)
            elif answer.outcome is Outcome.TRY_LATER:
                later.append(link)
                asked = max(asked, answer.retry_after or 0.0)
            else:
                standing.judged(link, answer, replayed=answer.replayed)
        if len(lost) + len(later) < len(answers):
            standing.progressed()
            self._pace.succeeded(request.went)
        standing.lost(lost)
        standing.not_done(later)
        if lost:
            self._pace.failed(NoAnswerError(self._server.url), request.went)
        elif later:
            error = TryLaterError(self._server.url, retry_after=asked or None)
            self._pace.failed(error, request.went)

    def _send_failed(self, request: ReplayRequest, error: ServerError) -> None:
        standing, links = self._standing, request.links
        if isinstance(error, ServerFailedError):
            otherwise = standing.failed_on(links, error)
            standing.lost(links)
            if not otherwise:
                self._pace.failed(error, request.went)
        elif isinstance(error, NoAnswerError | NotThisKindOfServerError):
            standing.lost(links)
            self._pace.failed(error, request.went)
        elif isinstance(error, ServerRefusedError):
            self._refused(request, error)
        else:
            standing.not_done(links)
            self._ask_again(request, error)

    def _refused(self, request: ReplayRequest, error: ServerRefusedError) -> None:
        """The server would not have the request: for its job, or for one of its lines?"""
        if error.status not in (404, 409):
            self._standing.refused(request.links, error)
            return
        self._standing.not_done(request.links)
        if self._job_lost or request.job != self._job:
            # Another request has found out already.
            return
        # The server does not know this job any more, or has closed it.
        self._job_lost = True
        if self._reopened:
            self._pace.failed(error, request.went)
        self._reopened = True

    def _looked(self, request: ReplayRequest, answers: list[Answer | None]) -> None:
        standing = self._standing
        found = False
        pairs = list(zip(request.links, answers, strict=True))
        absent = [link.line.id for link, answer in pairs if answer is None]
        for link, answer in pairs:
            if answer is None:
                standing.absent(link, absent)
            elif answer.outcome in (Outcome.RECORDED, Outcome.REJECTED):
                found = True
                standing.judged(link, answer, replayed=True)
            else:
                standing.hopeless(link)
        if found:
            standing.progressed()
            self._pace.succeeded(request.went)

    def _job_done(self, request: ReplayRequest, job: ServerJob) -> None:
        if request.kind is RequestKind.FINISH:
            answered.keep_times(self._ledger, self._upload, job)
            self._finished = True
            return
        self._ledger.add_job(self._upload.id, job.id, job.name)
        self._job = job.id
        self._job_lost = False

    def _ask_again(self, request: ReplayRequest, error: ServerError) -> None:
        """Go on with the same question after a while, if it is worth another try."""
        if not isinstance(error, _ASK_AGAIN):
            raise error
        self._pace.failed(error, request.went)

    def _stop(self, reason: Exception) -> None:
        self._end = self._end or reason
