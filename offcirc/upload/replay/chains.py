"""Which lines may go now: those whose items and readers wait for no earlier line.

Lines are added in the order of the day. A line follows the last line before it about its item,
about its reader and, where an earlier line of the same upload says who has the item, about that
reader too: a late return may block him. A line may go once every line it follows is settled, or
together with them, in the same request, behind them. So the order of each item and of each reader
is kept, and through all that follows from it, however many requests are under way.

**States of a line here.** ::

    waiting ──what it follows is settled, or goes with it──► under way ──settle──► gone
       ▲                                                         │
       └──────────────────────── put back ◄──────────────────────┘

``open`` counts the unsettled lines that it follows; ``free`` says that it is neither under way nor
gone. A line that has to be looked up first (``must_look``) is not offered until that is done, and
all that follow it wait with it.

**Why nobody waits for ever.** A line follows earlier ones only, so the first that is not gone
follows nothing: it is under way, being looked up, or ready. An entry in a heap is a hint, looked at
again when it is taken out: lines also go with others, and become ready more than once.

**What must never happen.** A line in two requests at once. A line that goes before, or in another
request than, one that it follows and that is not settled. A line settled twice: its followers would
count too low, and overtake.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from offcirc.servers.errors import ServerError
from offcirc.storage.ledger.ledgerrows import LineRow


class Link:
    """A line in its chains.

    Attributes:
        line: the line, as the ledger had it when it was read.
        state: the state it is in now, by the ledger.
        must_look: it may be on the server already, which has to be asked before it is sent.
        sent: this upload has sent it before and lost the answer.
        failures: how often the server broke down on it.
        fault: with what it broke down on this line alone, ``None`` if it did not.
        most: the largest batch it may be in; 0 if any. Lines that a server fails on together are
            sent in ever smaller company until the one at fault is alone.
        subjects: what it is about.
        open: how many unsettled lines it follows.
        followers: the lines that follow it.
        leads: the lines it follows; settled ones among them do not matter any more.
        free: it is neither under way nor settled.
    """

    __slots__ = (
        "failures",
        "fault",
        "followers",
        "free",
        "leads",
        "line",
        "most",
        "must_look",
        "open",
        "sent",
        "state",
        "subjects",
    )

    def __init__(self, line: LineRow, subjects: Iterable[tuple[str, str]]) -> None:
        self.line = line
        self.state = line.state
        self.must_look = False
        self.sent = False
        self.failures = 0
        self.fault: ServerError | None = None
        self.most = 0
        self.subjects = subjects
        self.open = 0
        self.followers: list[Link] = []
        self.leads: list[Link] = []
        self.free = True


_Heap = list[tuple[int, Link]]

FAR = 50
"""Lines looked at to find what else has to go before a line can; on a busy day all hangs together.
"""
ROOM = 20
"""One part in so many of a batch is left for what hangs together with the lines in it."""


class Chains:
    """The lines of an upload that have been read and are not settled yet."""

    def __init__(self) -> None:
        self._ready: _Heap = []
        self._last: dict[tuple[str, str], Link] = {}
        self._holders: dict[str, str] = {}
        self._size = 0

    def __len__(self) -> int:
        """How many there are: waiting, ready or under way."""
        return self._size

    @property
    def ready(self) -> int:
        """How many may go now by themselves."""
        return len(self._ready)

    def add(self, line: LineRow, *, must_look: bool = False) -> Link:
        """Put a line behind those it follows. Call it in the order of the day."""
        link = Link(line, self._subjects(line))
        link.must_look = must_look
        for subject in link.subjects:
            before = self._last.get(subject)
            if before is not None and link not in before.followers[-1:]:
                before.followers.append(link)
                link.leads.append(before)
                link.open += 1
            self._last[subject] = link
        self._size += 1
        self._offer(link)
        return link

    def take(self, most: int) -> list[Link]:
        """Lines to be sent together, in order, at most so many; empty when none may go now.

        They are under way from now on: settle them or put them back. What hangs together goes
        together as far as possible, so that no other request has to wait for this one.
        """
        batch: list[Link] = []
        related: _Heap = []
        within: dict[Link, int] = {}
        while len(batch) < most:
            link = _pop(related, within)
            if link is None and len(batch) < most - most // ROOM:
                link = _pop(self._ready, within)
            if link is None:
                break
            if link.most:
                if len(batch) >= link.most:
                    self._offer(link)
                    break
                most = min(most, link.most)
            link.free = False
            batch.append(link)
            if most > 1:
                _relate(link, related, within)
        batch.sort(key=_place)
        return batch

    def put_back(self, links: Iterable[Link]) -> None:
        """These are not under way any more and are to be sent, or sent again."""
        for link in links:
            link.free = True
            self._offer(link)

    def settle(self, link: Link) -> None:
        """A line needs no more sending: those that follow it need not wait for it any more."""
        self._size -= 1
        link.free = False
        for subject in link.subjects:
            if self._last.get(subject) is link:
                del self._last[subject]
        for follower in link.followers:
            follower.open -= 1
            self._offer(follower)
        link.followers.clear()
        link.leads.clear()

    def _offer(self, link: Link) -> None:
        if link.free and not link.open and not link.must_look:
            heapq.heappush(self._ready, (link.line.id, link))

    def _subjects(self, line: LineRow) -> tuple[tuple[str, str], ...]:
        """What a line is about; notes who has its item from now on."""
        holder = self._holders.pop(line.item, "")
        if line.patron:
            self._holders[line.item] = line.patron
        patrons = {line.patron, holder} - {""}
        return (("item", line.item), *(("patron", patron) for patron in patrons))


def _relate(link: Link, related: _Heap, within: dict[Link, int]) -> None:
    """Note what follows a line of a batch, and what has to be in it for that to follow."""
    for follower in link.followers:
        within[follower] = within.get(follower, 0) + 1
        missing = [follower]
        seen: set[Link] = set()
        while missing and len(seen) < FAR:
            other = missing.pop()
            if other in seen:
                continue
            seen.add(other)
            if _may_go(other, within):
                heapq.heappush(related, (other.line.id, other))
            elif other.free:
                missing += [lead for lead in other.leads if lead.free]


def _may_go(link: Link, within: dict[Link, int]) -> bool:
    """Whether nothing that a line follows is missing in the batch, nor it there already."""
    return link.free and not link.must_look and link.open == within.get(link, 0)


def _pop(heap: _Heap, within: dict[Link, int]) -> Link | None:
    """The first line that may go; what is in the heap may have gone in another way."""
    while heap:
        link = heapq.heappop(heap)[1]
        if _may_go(link, within):
            return link
    return None


def _place(link: Link) -> int:
    return link.line.id
