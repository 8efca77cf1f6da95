"""The drills there are, each a script written with a cast."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from offcirc.drill.truth import ActKind, DrillAct, DrillDesk, DrillError, DrillLine, Truth
from offcirc.i18n import _
from offcirc.practice.library import generate
from offcirc.practice.library.generate import MadeLibrary, MadeLoan
from offcirc.practice.library.library import Item, Patron

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


_PATRONS = 40
_OTHER_NETWORK = "UN"
_NOT_IN_THE_CATALOGUE = "39"
DESKS = {"BUC": "BUC_PRET", "SCI": "SCI_PRET"}


class DrillCast:
    """A small library, and the script that is written with what is in it.

    Nobody plays two parts: each item and each reader is handed out once.

    Args:
        seed: the same one gives the same drill.
        now: local time, when the drill begins.
    """

    def __init__(self, seed: int, now: datetime) -> None:
        self.seed = seed
        self._now = now
        self._made = generate.make(_PATRONS, seed, today=now.date())
        self._chance = random.Random(seed)  # noqa: S311 - nothing is secret
        lent = {loan.item_barcode for loan in self._made.loans}
        self._free = [i for i in self._made.items if i.barcode not in lent and not i.exception]
        self._patrons = [*self._made.patrons]
        self._chance.shuffle(self._free)
        self._chance.shuffle(self._patrons)
        self._loans = [*self._made.loans]
        self._changed: dict[str, Item] = {}
        self._desks: list[DrillDesk] = []
        self._lines: list[DrillLine] = []
        self._acts: list[DrillAct] = []
        self._labels: dict[str, str] = {}

    def desk(self, letter: str, library: str = "BUC", *, clock: int = 0) -> str:
        """A desk plays too; its letter."""
        self._desks.append(DrillDesk(letter, DESKS[library], library, clock))
        return letter

    def patron(self) -> str:
        """A reader; his card."""
        patron: Patron = self._patrons.pop()
        self._labels[patron.barcode] = patron.name
        return patron.barcode

    def stranger(self) -> str:
        """A reader of another network, whom nobody knows here; his card."""
        card = f"{_OTHER_NETWORK}{self._chance.randint(10**7, 10**8 - 1)}"
        self._labels[card] = ""
        return card

    def item(self, library: str = "BUC", *, exception: str = "", wanted: bool = False) -> str:
        """An item of a library; its barcode.

        Args:
            library: its owner.
            exception: the exception that is put on it.
            wanted: a reader has asked for it.
        """
        found = next(each for each in self._free if each.library == library)
        self._free.remove(found)
        requested_by = self._patrons.pop().primary_id if wanted else ""
        self._changed[found.barcode] = replace(
            found, exception=exception, requested_by=requested_by
        )
        self._labels[found.barcode] = found.title
        return found.barcode

    def lent(self, library: str = "BUC", *, days: int = 7, wanted: bool = False) -> str:
        """An item that is on loan, due in some days; its barcode."""
        barcode = self.item(library, wanted=wanted)
        due = self._now.replace(hour=18, minute=0) + timedelta(days=days)
        at = due - timedelta(days=14)
        patron = self._patrons[0].barcode
        self._loans.append(
            MadeLoan(
                barcode,
                patron,
                at.isoformat(timespec="minutes"),
                due.isoformat(timespec="minutes"),
            )
        )
        return barcode

    def unknown_item(self) -> str:
        """An item that is in no catalogue; its barcode."""
        barcode = generate.code(
            _NOT_IN_THE_CATALOGUE, self._chance.randint(1, 10**8 - 1), 10, luhn=True
        )
        self._labels[barcode] = ""
        return barcode

    def lend(self, desk: str, patron: str, *items: str, part: int = 1, status: str = "") -> None:
        """The script has a desk lend these to a reader."""
        for item in items:
            self._lines.append(
                DrillLine(desk, part, "L", item, patron, status=status or "recorded")
            )

    def take_back(self, desk: str, *items: str, part: int = 1, box: bool = False) -> None:
        """The script has a desk take these back."""
        self._lines += [DrillLine(desk, part, "R", item, box=box) for item in items]

    def act(self, kind: ActKind, *items: str, patron: str = "") -> None:
        """Something is to be done by hand afterwards."""
        self._acts.append(DrillAct(kind, items, patron))

    def truth(self, drill: str) -> tuple[Truth, MadeLibrary]:
        """The drill, and its library."""
        items = [self._changed.get(each.barcode, each) for each in self._made.items]
        made = MadeLibrary(items, self._made.patrons, self._loans)
        return (
            Truth(
                drill,
                self.seed,
                tuple(self._desks),
                tuple(self._lines),
                tuple(self._acts),
                self._labels,
            ),
            made,
        )
