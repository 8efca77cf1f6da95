"""Destiny: the text file of its remote circulation.

It has no times: the day is set in the form when a file is uploaded. So each day has a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from offcirc.i18n import _
from offcirc.servers.files.byhand import ByHand, blocks, carried, sieved
from offcirc.servers.files.target import Known, LeftOut, TargetFile, Unfit
from offcirc.servers.protocol import Event

CHECK_OUT = "%C123H"
CHECK_IN = "%C127L"


class Destiny(ByHand):
    """Destiny's page for remote circulation files."""

    kind = "destiny"
    name = "Destiny"
    identity = kind
    format = "destiny"
    suffix = ".txt"
    abilities = carried(overrides_blocks=False)

    def title(self) -> str:
        """What it is for people."""
        return _("Destiny, a file for each day")

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """A file for each day, oldest first."""
        held, left = sieved(events, _unfit)
        held.sort(key=lambda event: event.at.date())
        files = []
        for _day, of_day in groupby(held, lambda event: event.at.date()):
            day = tuple(of_day)
            files.append(TargetFile(blocks(day, CHECK_OUT, CHECK_IN), day))
        return files, left

    def limits(self) -> tuple[str, ...]:
        """What to know before."""
        return (
            _(
                "Destiny keeps the day that is set when a file is uploaded, and no time of day: "
                "each day has a file of its own."
            ),
        )

    def each(self) -> tuple[str, ...]:
        """What to do for each file."""
        return (
            _(
                "Open the upload of circulation files in Destiny. Set the day that stands beside "
                "the file, pick the file, and start."
            ),
            _(
                "Wait for the job, open its summary, and write down what it refuses. Only then go "
                "on with the next file: the oldest day comes first."
            ),
        )

    def after(self) -> tuple[str, ...]:
        """What to do last."""
        return (_("Upload no file twice."),)


def _unfit(event: Event) -> Unfit | None:
    command = event.item.startswith("%") or event.patron.startswith("%")
    return Unfit.COMMAND if command else None
