"""From the ledger into the chains: the lines of an upload, read as far ahead as is of use."""

from __future__ import annotations

from collections.abc import Callable

from offcirc.servers.protocol import Abilities
from offcirc.storage.ledger.alike import Found
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, Settled, UploadRow
from offcirc.upload.replay import settlements
from offcirc.upload.replay.chains import Chains, Link

CHUNK = 500
"""Lines read at once."""
LOOKAHEAD = 10_000
"""The most lines held in memory: with a reader who borrows a thousand items, far ahead is far."""


class Feeder:
    """Reads the lines that are still to be sent, or of which it is not known what became.

    Args:
        ledger: where they are.
        upload: whose they are.
        abilities: what the server can do decides what is asked first.
        chains: where they go.
        look: called with each line about which the server is to be asked before anything else.
        settle: called with each line that is settled without the server, and how.
    """

    def __init__(
        self,
        ledger: Ledger,
        upload: UploadRow,
        abilities: Abilities,
        chains: Chains,
        *,
        look: Callable[[Link], None],
        settle: Callable[[LineState, Settled], None],
    ) -> None:
        self._ledger = ledger
        self._upload = upload
        self._abilities = abilities
        self._chains = chains
        self._look = look
        self._settle = settle
        self._after = 0
        self.exhausted = False

    def fill(self, wanted: int) -> None:
        """Read until so many lines may go by themselves, or there is nothing more to read."""
        while not self.exhausted and self._chains.ready < wanted and len(self._chains) < LOOKAHEAD:
            self._read()

    def _read(self) -> None:
        lines = self._ledger.lines(
            self._upload,
            LineState.PLANNED,
            LineState.SENDING,
            LineState.UNKNOWN,
            after=self._after,
            limit=CHUNK,
        )
        self.exhausted = len(lines) < CHUNK
        if not lines:
            return
        self._after = lines[-1].id
        keys = [line.key for line in lines if line.state is LineState.PLANNED]
        known = self._ledger.known(self._upload.server, keys, self._upload.id)
        for line in lines:
            if line.state is not LineState.PLANNED:
                self._doubtful(line)
            elif line.key in known:
                self._known(line, known[line.key])
            else:
                self._chains.add(line)

    def _doubtful(self, line: LineRow) -> None:
        """An earlier run of this upload has sent it and heard nothing of it."""
        if self._abilities.look_back:
            link = self._chains.add(line, must_look=True)
            link.sent = True
            self._look(link)
        elif self._abilities.idempotent_keys:
            # The server settles it by itself when the line comes again.
            self._chains.add(line).sent = True
        else:
            self._settle(line.state, settlements.lost(line.id))

    def _known(self, line: LineRow, found: Found) -> None:
        """Another upload has dealt with it."""
        abilities = self._abilities
        recorded = found.value is LineState.RECORDED
        if abilities.look_back and (abilities.idempotent_keys or not recorded):
            # The server has the last word: it may have been set back since (practice servers
            # are), and then the line is not recorded there. One that knows no keys can only tell
            # what has become of item and reader: the ledger knows better.
            self._look(self._chains.add(line, must_look=True))
        elif recorded:
            self._settle(line.state, settlements.recorded_earlier(line.id, sure=found.sure))
        elif abilities.idempotent_keys:
            self._chains.add(line)
        else:
            self._settle(line.state, settlements.lost(line.id))
