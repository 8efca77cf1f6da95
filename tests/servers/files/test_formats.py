"""Files for other systems, each read as its system reads it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.files.readers import (
    Shelf,
    destiny,
    evergreen,
    koha_queue,
    model,
    pmb_check,
    pmb_run,
    table,
)

from offcirc import resources
from offcirc.core.transaction import Operation
from offcirc.servers.files.csvfile import CsvTable
from offcirc.servers.files.destiny import Destiny
from offcirc.servers.files.koc import KohaQueue
from offcirc.servers.files.pending import PendingTransactions
from offcirc.servers.files.pmb import Pmb
from offcirc.servers.files.target import Known, TargetFile, Unfit
from offcirc.servers.protocol import Event
from offcirc.servers.registry import formats
from offcirc.upload.lines.events import event_of
from offcirc.upload.lines.plan import make_plan

START = datetime(2018, 1, 15, 9)
LATER = datetime(2018, 3, 7, 9)
TOULOUSE = resources.path("practice/toulouse")
SAMPLES = {
    "57 lines": [TOULOUSE / "OffCirc.dat"],
    "two desks": [TOULOUSE / "two-desks" / f"desk-{name}.dat" for name in "AB"],
}


def event(minutes: float, item: str, patron: str = "") -> Event:
    operation = Operation.LOAN if patron else Operation.RETURN
    at = START + timedelta(minutes=minutes)
    return Event("", at, operation, item, patron, "a.dat", int(minutes) + 1)


def knowing(events: Sequence[Event]) -> Known:
    return Known(frozenset(one.item for one in events), frozenset(one.patron for one in events))


def written(to: str, events: Sequence[Event]) -> list[TargetFile]:
    wanted = PendingTransactions(lambda: LATER) if to == "evergreen" else formats()[to]
    files, left = wanted.write(events, knowing(events))
    assert left == []
    assert [one for file in files for one in file.events] == list(events)
    return files


def read(to: str, files: Sequence[TargetFile], shelf: Shelf) -> None:
    """What the system does with the files."""
    readers: dict[str, Callable[[TargetFile], None]] = {
        "koc": lambda file: koha_queue(file.content, shelf),
        "pmb": lambda file: pmb_run(file.content, shelf, LATER),
        "destiny": lambda file: destiny(file.content, shelf, file.events[0].at.date()),
        "evergreen": lambda file: evergreen(file.content, shelf, LATER),
    }
    for file in files:
        readers[to](file)


SYSTEMS = ("koc", "pmb", "destiny", "evergreen")
BARCODES = st.text("ABCXYZ019-./", min_size=1, max_size=20)
CARDS = st.text("ABCXYZ019 ", min_size=1, max_size=32).map(str.strip).filter(bool)


@st.composite
def days(draw: st.DrawFn) -> list[Event]:
    """A day or two at the desk: a return goes before the item's next loan, as it does there."""
    items = draw(st.lists(BARCODES, min_size=1, max_size=5, unique=True))
    cards = draw(st.lists(CARDS, min_size=1, max_size=3, unique_by=str.casefold))
    events: list[Event] = []
    holders: dict[str, str] = {}
    minutes = 0
    for _turn in range(draw(st.integers(1, 12))):
        minutes += draw(st.integers(1, 900))
        item, card = draw(st.sampled_from(items)), draw(st.sampled_from(cards))
        if item in holders and (holders[item] != card or draw(st.booleans())):
            events.append(event(minutes, item))
            del holders[item]
        elif item in holders:
            continue
        else:
            events.append(event(minutes, item, card))
            holders[item] = card
    return events


@pytest.mark.parametrize("to", SYSTEMS)
@given(events=days())
def test_what_the_system_holds_is_what_the_desk_recorded(to: str, events: list[Event]) -> None:
    shelf = Shelf()
    read(to, written(to, events), shelf)
    assert shelf.holders == model(events)
    assert shelf.told == []


@pytest.mark.parametrize("to", ["koc", "evergreen"])
@given(events=days())
def test_loans_have_their_times(to: str, events: list[Event]) -> None:
    shelf = Shelf()
    read(to, written(to, events), shelf)
    times = {one.item: one.at for one in events if one.operation is Operation.LOAN}
    assert {item: at for item, (_card, at) in shelf.loans.items()} == {
        item: times[item] for item in shelf.loans
    }


@given(events=days())
def test_a_file_is_written_again_from_its_own_lines(events: list[Event]) -> None:
    for to in SYSTEMS:
        for file in written(to, events):
            (again,) = written(to, file.events)
            assert again.content == file.content


@given(events=days())
def test_a_table_goes_round(events: list[Event]) -> None:
    ours = [one for one in events if not one.item.startswith("-")]
    files, left = CsvTable().write(events)
    assert len(left) == len(events) - len(ours)
    assert [one for file in files for one in table(file.content)] == [
        (
            one.at,
            "loan" if one.operation is Operation.LOAN else "return",
            one.item,
            one.patron,
        )
        for one in ours
    ]


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("to", SYSTEMS)
def test_the_samples_arrive_whole(to: str, sample: str) -> None:
    plan = make_plan(SAMPLES[sample])
    events = [event_of(line, plan.files) for line in plan.lines()]
    assert len(events) > 3
    shelf = Shelf()
    files = written(to, events)
    read(to, files, shelf)
    if to in ("koc", "destiny"):
        assert shelf.holders == model(events)
        return
    # These refuse what is on loan to somebody else; nobody gave those back at the desk.
    first: dict[str, str] = {}
    for one in events:
        if one.operation is Operation.RETURN:
            first.pop(one.item, None)
        else:
            first.setdefault(one.item, one.patron)
    assert shelf.holders == first
    if to == "pmb":
        assert pmb_check(files[0].content, shelf) == ""


# -- each system's own ----------------------------------------------------------------------------


def test_koha_s_file_to_the_letter() -> None:
    events = [event(0, "I1", "P 1"), event(61.5, "I1")]
    (file,) = written("koc", events)
    head, loan, back, end = file.content.decode().split("\n")
    assert head.split("\t")[:2] == ["Version=1.0", "Generator=OffCirc"]
    assert loan == "2018-01-15 09-00-00 000\tissue\tP 1\tI1"
    assert back == "2018-01-15 10-01-30 000\treturn\tI1"
    assert end == ""


def test_what_koha_would_cut_is_left_out() -> None:
    fine = event(0, "I" * 20, "P" * 32)
    cut = [event(1, "I" * 21, "P"), event(2, "I", "P" * 33), event(3, "I" * 21)]
    files, left = KohaQueue().write([fine, *cut])
    assert [(one.event, one.why) for one in left] == [(one, Unfit.TOO_LONG) for one in cut]
    assert files[0].events == (fine,)


def test_pmb_s_file_to_the_letter() -> None:
    events = [event(0, "I1", "P1"), event(1, "I2", "P1"), event(2, "I3"), event(3, "I3", "P2")]
    (file,) = written("pmb", events)
    assert file.content.decode() == (
        "PRET SECOURU\r\nP1\r\nI1\r\nI2\r\nRETOUR SECOURU\r\nI3\r\nPRET SECOURU\r\nP2\r\nI3\r\n"
    )


@pytest.mark.promise("pmb-unknown-card")
def test_an_unproven_card_never_reaches_pmb() -> None:
    shelf = Shelf(cards={"P1", "P3"})
    events = [event(0, "I1", "P1"), event(1, "I2", "UNKNOWN"), event(2, "I3", "P3"), event(3, "I4")]
    trap = Pmb().write(events, knowing(events))[0][0].content
    pmb_run(trap, shelf, LATER)
    assert shelf.holders["I2"] == "P1", "this is the trap: the item went to the reader before"

    shelf = Shelf(cards={"P1", "P3"})
    cards = frozenset(
        one.identifier for one in shelf.look_up_patrons(["P1", "UNKNOWN", "P3"]) if one.found
    )
    files, left = Pmb().write(events, Known(patrons=cards))
    assert [(one.event, one.why) for one in left] == [(events[1], Unfit.CARD_UNPROVEN)]
    assert pmb_check(files[0].content, shelf) == ""
    pmb_run(files[0].content, shelf, LATER)
    assert shelf.holders == {"I1": "P1", "I3": "P3"}
    # Nobody looked: nothing is proven.
    files, left = Pmb().write(events)
    assert [one.event for one in left] == events[:3]
    assert files[0].content == b"RETOUR SECOURU\r\nI4\r\n"


def test_destiny_has_a_file_for_each_day_oldest_first() -> None:
    events = [event(0, "I1", "P1"), event(1, "I2"), event(24 * 60, "I2", "P2")]
    one, two = written("destiny", events)
    assert one.content == b"%C123H\r\nP1\r\nI1\r\n%C127L\r\nI2\r\n"
    assert two.content == b"%C123H\r\nP2\r\nI2\r\n"
    files, left = Destiny().write([event(0, "%C127L", "P1"), event(1, "I1", "%1")])
    assert (files, [one.why for one in left]) == ([], [Unfit.COMMAND] * 2)


def test_evergreen_drops_the_future_so_it_is_named() -> None:
    events = [event(0, "I1", "P1"), event(1, "I1", "P1"), event(5, "I2")]
    log = PendingTransactions(lambda: START + timedelta(minutes=2))
    files, left = log.write(events)
    assert [(one.event, one.why) for one in left] == [(events[2], Unfit.IN_FUTURE)]
    shelf = Shelf()
    evergreen(files[0].content, shelf, LATER)
    assert shelf.told == []  # the second loan is a renewal, which Evergreen wants called one
    assert shelf.loans == {"I1": ("P1", START + timedelta(minutes=1))}


@pytest.mark.parametrize("to", [*SYSTEMS, "alma", "csv"])
def test_renewals_lend_and_items_read_here_do_not(to: str) -> None:
    events = [
        event(0, "I1", "P1"),
        dataclasses.replace(event(1, "I1", "P1"), operation=Operation.RENEWAL),
        dataclasses.replace(event(2, "I2"), operation=Operation.IN_HOUSE),
    ]
    files = written(to, events)
    if to in SYSTEMS:
        shelf = Shelf()
        read(to, files, shelf)
        assert shelf.holders == {"I1": "P1"}
    elif to == "csv":
        words = [word for _at, word, _item, _card in table(files[0].content)]
        assert words == ["loan", "renewal", "in-house use"]


def test_no_formula_reaches_a_spreadsheet() -> None:
    events = [event(0, "=1+1", "P1"), event(1, "I1", "@x"), event(2, "I2", "P1")]
    files, left = CsvTable().write(events)
    assert [one.why for one in left] == [Unfit.COMMAND] * 2
    assert b"=" not in files[0].content
