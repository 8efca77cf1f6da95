"""Clocks that nobody can set: how long the PC has been running, and whether it slept.

``time.monotonic`` stands still while a Linux PC is suspended or hibernated (``CLOCK_MONOTONIC``),
so it would take the morning's sleep for a jump of the clock. ``CLOCK_BOOTTIME`` counts it. On
Windows the monotonic clock counts sleep by itself; on macOS the one that Python takes does not, but
``CLOCK_MONOTONIC`` there does.
"""

from __future__ import annotations

import sys
import time

from offcirc.core.clockwatch import ClockFault, ClockTrouble
from offcirc.i18n import _, ngettext


def since_boot() -> float:
    """Seconds since some moment before the program began, sleep included as far as is known."""
    if sys.platform == "win32":
        return time.monotonic()
    sleepless = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(time.CLOCK_MONOTONIC if sleepless is None else sleepless)


def describe_clock(trouble: ClockTrouble) -> str:
    """One or two sentences for the person at the desk: what is wrong with the clock, what to do."""
    shown = trouble.wall.astimezone().strftime("%Y-%m-%d %H:%M")
    match trouble.fault:
        case ClockFault.EARLIER_THAN_LAST:
            last = trouble.reference.astimezone().strftime("%Y-%m-%d %H:%M")
            return _(
                "This PC’s clock says {time}, but the last transaction was recorded at {last}. "
                "Please set the clock right; recording goes on meanwhile."
            ).format(time=shown, last=last)
        case ClockFault.BEFORE_BUILD:
            return _(
                "This PC’s clock says {time}, which cannot be: OffCirc is newer than that. Please "
                "set the clock right; recording goes on meanwhile."
            ).format(time=shown)
        case ClockFault.FAR_AHEAD:
            return _(
                "This PC’s clock says {time}, which can hardly be: OffCirc was made in {year}. "
                "Please set the clock right; recording goes on meanwhile."
            ).format(time=shown, year=trouble.reference.year)
        case ClockFault.JUMPED:
            return _jump(trouble, shown)


def _jump(trouble: ClockTrouble, shown: str) -> str:
    minutes = max(1, round(abs(trouble.seconds) / 60))
    if trouble.seconds > 0:
        text = ngettext(
            "This PC’s clock has just moved forward by {minutes} minute, to {time}. Is that the "
            "right time? The true time between transactions is kept too.",
            "This PC’s clock has just moved forward by {minutes} minutes, to {time}. Is that the "
            "right time? The true time between transactions is kept too.",
            minutes,
        )
    else:
        text = ngettext(
            "This PC’s clock has just moved back by {minutes} minute, to {time}. Is that the "
            "right time? The true time between transactions is kept too.",
            "This PC’s clock has just moved back by {minutes} minutes, to {time}. Is that the "
            "right time? The true time between transactions is kept too.",
            minutes,
        )
    return text.format(minutes=minutes, time=shown)
