"""The drills there are, each a script written with a cast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from offcirc.drill.cast import DrillCast
from offcirc.drill.errors import DrillError
from offcirc.drill.truth import ActKind, Truth
from offcirc.i18n import _
from offcirc.practice.library.generate import MadeLibrary

_UNKNOWN_ITEM = "item-not-found"
_UNKNOWN_PATRON = "user-not-found"


def _half_day(cast: DrillCast, desk: str = "") -> None:
    desk = desk or cast.desk("A")
    cast.take_back(desk, cast.lent(), cast.lent())
    cast.lend(desk, cast.patron(), cast.item(), cast.item(), cast.item())
    _left_over(cast, desk)
    cast.lend(desk, cast.patron(), cast.item())


def _left_over(cast: DrillCast, desk: str) -> None:
    """Three lines that leave work: an item nobody knows, one not for loan, one asked for."""
    puzzled, patron = cast.patron(), cast.patron()
    unknown, excluded, wanted = (
        cast.unknown_item(),
        cast.item(exception="EXCLU"),
        cast.lent(wanted=True),
    )
    cast.lend(desk, puzzled, cast.item())
    cast.lend(desk, puzzled, unknown, status=_UNKNOWN_ITEM)
    cast.lend(desk, patron, excluded, cast.item())
    cast.take_back(desk, wanted)
    cast.act(ActKind.ITEM_UNKNOWN, unknown, patron=puzzled)
    cast.act(ActKind.DUE_DATE, excluded)
    cast.act(ActKind.SECOND_SCAN, wanted)


def _two_days(cast: DrillCast) -> None:
    first, second = cast.desk("A"), cast.desk("B")
    third, fourth = cast.desk("C", "SCI"), cast.desk("D", "SCI")
    here, there = [cast.lent() for _each in range(2)], [cast.lent("SCI") for _each in range(2)]
    cast.take_back(first, *here)
    cast.take_back(third, *there)
    cast.lend(second, cast.patron(), cast.item(), cast.item())
    cast.lend(fourth, cast.patron(), cast.item("SCI"))
    # On the second day, the other desk of each library lends what came back on the first.
    cast.lend(second, cast.patron(), *here, part=2)
    cast.lend(fourth, cast.patron(), *there, part=2)
    cast.lend(first, cast.patron(), cast.item(), part=2)
    cast.lend(third, cast.patron(), cast.item("SCI"), cast.item("SCI"), part=2)


def _wrong_clock(cast: DrillCast, right: str = "", wrong: str = "") -> None:
    right, wrong = right or cast.desk("A"), wrong or cast.desk("B", clock=60)
    back = [cast.lent() for _each in range(3)]
    cast.take_back(wrong, *back)
    cast.lend(wrong, cast.patron(), cast.item(), cast.item())
    cast.lend(right, cast.patron(), cast.item())
    cast.lend(right, cast.patron(), *back, part=2)


def _other_network(cast: DrillCast, desk: str = "") -> None:
    desk = desk or cast.desk("A")
    cast.lend(desk, cast.patron(), cast.item(), cast.item())
    for count in (2, 1):
        stranger = cast.stranger()
        items = [cast.item() for _each in range(count)]
        cast.lend(desk, stranger, *items, status=_UNKNOWN_PATRON)
        cast.act(ActKind.PATRON_UNKNOWN, *items, patron=stranger)
    cast.lend(desk, cast.patron(), cast.item())


def _book_drop(cast: DrillCast, desk: str = "") -> None:
    desk = desk or cast.desk("A")
    back = [cast.lent(days=-1) for _each in range(4)]
    cast.take_back(desk, *back, cast.lent(), box=True)
    cast.lend(desk, cast.patron(), back[0], cast.item())
    cast.lend(desk, cast.patron(), back[1])


def _everything(cast: DrillCast) -> None:
    first, second = cast.desk("A"), cast.desk("B", clock=60)
    third = cast.desk("C")
    _book_drop(cast, first)
    _wrong_clock(cast, first, second)
    _other_network(cast, third)
    _half_day(cast, third)


DRILLS: dict[str, Callable[[DrillCast], None]] = {
    "half-day": _half_day,
    "two-days": _two_days,
    "wrong-clock": _wrong_clock,
    "other-network": _other_network,
    "book-drop": _book_drop,
    "everything": _everything,
}


def compose(name: str, seed: int, now: datetime) -> tuple[Truth, MadeLibrary]:
    """A drill and its library.

    Args:
        name: of the drill.
        seed: the same one gives the same drill.
        now: local time.

    Raises:
        DrillError: there is no such drill.
    """
    if name not in DRILLS:
        raise DrillError(
            _("There is no drill “{name}”. There are: {names}.").format(
                name=name, names=", ".join(DRILLS)
            )
        )
    cast = DrillCast(seed, now)
    DRILLS[name](cast)
    return cast.truth(name)
