"""What every door of the practice server shares: the library, its rules as they are, its clock."""

from __future__ import annotations

from datetime import datetime

from offcirc.core.rules.policy import Policy
from offcirc.practice.accounts import Doorman
from offcirc.practice.circulation import Circulation
from offcirc.practice.clock import Clock
from offcirc.practice.recording import Recorder
from offcirc.practice.store import Store
from offcirc.practice.web.bodies import Lines


class House:
    """One open practice library.

    Args:
        store: its database.
        policy: its policy.
        identity: the name of this very state of it.
        clock: the server's clock.
        tls: whether the server speaks HTTPS.
    """

    def __init__(
        self, store: Store, policy: Policy, identity: str, clock: Clock, *, tls: bool = False
    ) -> None:
        self.store = store
        self.identity = identity
        self.clock = clock
        self.tls = tls
        self.doorman = Doorman()
        self.adopt(policy)

    def adopt(self, policy: Policy) -> None:
        """From now on these rules hold: for what comes, not for what has been."""
        self.policy = policy
        self.circulation = Circulation(policy)
        self.recorder = Recorder(self.circulation)
        self.lines = Lines(policy.timezone)

    def now(self) -> datetime:
        """The time, in the library's zone."""
        return self.clock.now().astimezone(self.policy.timezone)
