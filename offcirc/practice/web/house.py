"""What every door of the practice server shares: the library, its rules as they are, its clock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from offcirc.core.rules.policy import Policy
from offcirc.practice.accounts import Doorman, Sessions, SignedIn
from offcirc.practice.circulation import Circulation
from offcirc.practice.clock import Clock
from offcirc.practice.recording import Recorder
from offcirc.practice.store import Store
from offcirc.practice.web.bodies import Lines


class House:
    """One open practice library.

    Args:
        store: its database.
        identity: the name of this very state of it.
        clock: the server's clock.
        place: where its state lives, and the folder it was begun with.
        tls: whether the server speaks HTTPS.
        exposed: whether it answers others than this machine.
    """

    def __init__(
        self,
        store: Store,
        policy: Policy,
        identity: str,
        clock: Clock,
        *,
        place: tuple[Path, Path | None] = (Path(), None),
        tls: bool = False,
        exposed: bool = False,
    ) -> None:
        self.store = store
        self.identity = identity
        self.clock = clock
        self.data_dir, self.source = place
        self.tls = tls
        self.exposed = exposed
        self.doorman = Doorman()
        self.uploaders: Sessions[SignedIn] = Sessions()
        """Who has signed in at the service, by token."""
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
