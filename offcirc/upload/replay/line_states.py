"""Where each line of an upload stands while it is replayed: ready, under way, lost, settled.

What becomes of a line is noted here and handed to the ledger with everything else of the same turn
(:meth:`LineStates.outcomes`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from offcirc.servers.errors import ServerError
from offcirc.servers.protocol import Abilities, Answer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState, Settled, UploadRow
from offcirc.storage.ledger.linesearch import overtaken
from offcirc.upload.base import reasons
from offcirc.upload.base.progress import ProgressTally
from offcirc.upload.replay import settlements
from offcirc.upload.replay.chains import Chains, Link
from offcirc.upload.replay.feeder import Feeder

FAILED_TRIES = 3
"""How often a line is sent on which the server breaks down, before it is sent with fewer others."""
SUSPECTS = 3
"""How many single lines in a row a server may fail on or refuse before it is the server's fault."""


class LineStates:
    """The lines of one upload, from the ledger to their outcomes.

    Args:
        ledger: where they are read; nothing is written from here.
        upload: which.
        abilities: what the server can do.
        tally: told of every line that changes its state.
        clock: seconds, ever rising.
        quiet: see :attr:`offcirc.upload.base.patience.Patience.quiet`.
    """

    def __init__(
        self,
        ledger: Ledger,
        upload: UploadRow,
        abilities: Abilities,
        *,
        tally: ProgressTally,
        clock: Callable[[], float],
        quiet: float,
    ) -> None:
        self._overtaken = partial(overtaken, ledger, upload)
        self._abilities = abilities
        self._tally = tally
        self._clock = clock
        self._quiet = quiet
        self._chains = Chains()
        self._intake = Feeder(
            ledger, upload, abilities, self._chains, look=self._found_in_doubt, settle=self._unsent
        )
        self._outcomes: list[Settled] = []
        self._doubts: deque[Link] = deque()
        self._looks: deque[tuple[float, Link]] = deque()
        self._resting: deque[tuple[float, Link]] = deque()
        self._suspects: list[int] = []

    # -- what is next ------------------------------------------------------------------------

    @property
    def unfinished(self) -> bool:
        """Whether a line is left that is not settled for good."""
        return not self._intake.exhausted or len(self._chains) > len(self._resting)

    @property
    def suspicious(self) -> bool:
        """Whether it is open if some lines or the server are at fault: then one line at a time."""
        return bool(self._suspects)

    @property
    def seconds(self) -> float | None:
        """How long until lines that are waiting may move by themselves; ``None`` if none are."""
        moments = [waiting[0][0] for waiting in (self._looks, self._resting) if waiting]
        return max(0.0, min(moments) - self._clock()) if moments else None

    def to_send(self, size: int) -> list[Link]:
        """Lines to be sent together, in their order; empty when none may go now."""
        while self._resting and self._resting[0][0] <= self._clock():
            self._chains.settle(self._resting.popleft()[1])
        self._intake.fill(size)
        return self._chains.take(1 if self._suspects else size)

    def to_look(self, size: int) -> list[Link]:
        """Lines of which the server is to be asked what became of them."""
        while self._looks and self._looks[0][0] <= self._clock():
            self._doubts.append(self._looks.popleft()[1])
        return [self._doubts.popleft() for _link in range(min(size, len(self._doubts)))]

    def outcomes(self) -> list[Settled]:
        """What has become of lines since this was asked last: to be kept."""
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    # -- what becomes of them ------------------------------------------------------------------

    def going(self, links: Iterable[Link]) -> None:
        """These are about to be sent."""
        for link in links:
            self._count(link, LineState.SENDING)

    def not_done(self, links: Iterable[Link]) -> None:
        """The server has certainly done nothing with these: they are still to be sent."""
        for link in links:
            self._note(link, settlements.to_be_sent(link.line.id))
            link.must_look = False
            self._chains.put_back([link])

    def judged(self, link: Link, answer: Answer, *, replayed: bool) -> None:
        """The server has recorded or rejected a line.

        One that has seen the key before has done nothing now: an earlier upload had the line
        recorded, unless it was this one, which sent it and lost the answer.
        """
        one = settlements.answered(
            link.line.id,
            answer,
            replayed=replayed and not link.sent,
            operation=link.line.operation,
        )
        self._note(link, one)
        self._chains.settle(link)

    def progressed(self) -> None:
        """The server has judged lines: it works, and those it failed on are at fault."""
        self._suspects.clear()

    def lost(self, links: Iterable[Link]) -> None:
        """These were sent, and no answer came."""
        abilities = self._abilities
        when = self._clock() + self._quiet
        for link in links:
            link.sent = True
            one = settlements.lost(link.line.id)
            if abilities.look_back:
                self._outcomes.append(one)
                link.must_look = True
                self._look_later(link, when)
            elif abilities.idempotent_keys and link.fault is None:
                # The server settles it by itself when the line comes again.
                self._outcomes.append(one)
                self._chains.put_back([link])
            else:
                self.hopeless(link)

    def look_again(self, links: Sequence[Link]) -> None:
        """The server has not told what became of these."""
        self._doubts.extendleft(reversed(links))

    def absent(self, link: Link, besides: Sequence[int]) -> None:
        """The server has never seen this line.

        Args:
            link: which.
            besides: the ids of lines of which it was asked at once and that it has not seen either.

        Raises:
            ServerError: it has failed on so many lines that it must be at fault itself.
        """
        if link.fault is not None:
            self._suspect(link, reasons.SERVER_FAILED, link.fault)
        elif not self._abilities.idempotent_keys and self._overtaken(link.line, besides):
            # Sent now, it would undo what a later line has done since.
            self.hopeless(link)
        else:
            self.not_done([link])

    def hopeless(self, link: Link) -> None:
        """Even the server does not know what became of a line that was sent."""
        self._note(link, settlements.lost(link.line.id))
        self._resting.append((self._clock() + self._quiet, link))

    def failed_on(self, links: Sequence[Link], error: ServerError) -> bool:
        """The server has broken down on these lines; whether that changes how they are sent."""
        for link in links:
            link.failures += 1
        if max(link.failures for link in links) < FAILED_TRIES:
            return False
        if len(links) > 1:
            self._set_apart(links)
        else:
            links[0].fault = error
        return True

    def refused(self, links: Sequence[Link], error: ServerError) -> None:
        """The server does not even look at these lines together.

        Raises:
            ServerError: it refuses so many lines that it must be at fault itself.
        """
        if len(links) == 1:
            self._suspect(links[0], reasons.REFUSED, error)
            return
        self._set_apart(links)
        self.not_done(links)

    # -- details -------------------------------------------------------------------------------

    def _set_apart(self, links: Sequence[Link]) -> None:
        for link in links:
            link.most = len(links) // 2

    def _suspect(self, link: Link, reason: str, error: ServerError) -> None:
        link.fault = None
        if len(self._suspects) + 1 < SUSPECTS:
            self._suspects.append(link.line.id)
            self._note(link, settlements.rejected(link.line.id, reason, error.detail))
            self._chains.settle(link)
            return
        # Not the lines, the server is at fault: they are still to be sent.
        for line in self._suspects:
            self._tally.move(LineState.REJECTED, LineState.PLANNED)
            self._outcomes.append(settlements.to_be_sent(line))
        self._suspects.clear()
        self.not_done([link])
        raise error

    def _found_in_doubt(self, link: Link) -> None:
        if link.sent:
            self._count(link, LineState.SENDING)
        # What is read at one time is looked at in one request.
        step = self._quiet / 10 or 1.0
        self._look_later(link, math.ceil((self._clock() + self._quiet) / step) * step)

    def _look_later(self, link: Link, when: float) -> None:
        """Have the server asked about a line that was sent, once it makes sense to."""
        if self._abilities.idempotent_keys:
            self._doubts.append(link)
        else:
            # Looking back too early would find nothing of what is about to be recorded.
            self._looks.append((when, link))

    def _unsent(self, before: LineState, one: Settled) -> None:
        self._tally.move(before, one.state)
        self._outcomes.append(one)

    def _note(self, link: Link, one: Settled) -> None:
        self._outcomes.append(one)
        self._count(link, one.state)

    def _count(self, link: Link, state: LineState) -> None:
        """Until it is settled, a line that was sent counts as being sent, whatever is in doubt."""
        self._tally.move(link.state, state)
        link.state = state
