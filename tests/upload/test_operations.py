"""In-house use, renewal and book drop, from a desk's journal to the library system and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from upload import bigday
from upload.desks import MORNING, RealDesk
from upload.handover_kit import report_text

from offcirc.core.answers import Note, Reason
from offcirc.core.dat.datline import Doubt
from offcirc.core.openinghours import parse_hours
from offcirc.core.order.clockfix import Trust
from offcirc.core.transaction import Operation, record_now
from offcirc.practice import state
from offcirc.practice.web import serve
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Answer, Outcome
from offcirc.storage.copies.linetimes import place_of, read_times
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineFacts, LineState
from offcirc.upload.check.checking import Against, check_plan
from offcirc.upload.handover.almaimport import import_report
from offcirc.upload.handover.handover import hand_over
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.replay.settlements import answered
from offcirc.upload.report import reportview
from offcirc.upload.report.report import JobReport, LineStatus
from offcirc.upload.run import load_report, run_upload

LENT, FREE, READER = bigday.item(0), bigday.item(1), bigday.patron(0)
CLOSED = datetime(2018, 1, 12, 19, 0)


def record(
    desk: RealDesk, operation: Operation, item: str, *, at: float, stated: datetime | None = None
) -> None:
    """Record something at a desk, so many seconds after nine."""
    desk.at(at)
    patron = READER if operation.lends else ""
    desk.journal.append(record_now(desk.now, operation, item, patron, stated=stated))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RealDesk]:
    """A desk at which each operation was recorded once, and one thing lay in the book drop."""
    desk = RealDesk(tmp_path / "desk")
    record(desk, Operation.RENEWAL, LENT, at=60)
    record(desk, Operation.IN_HOUSE, FREE, at=120)
    record(desk, Operation.LOAN, bigday.item(2), at=180)
    record(desk, Operation.RETURN, bigday.item(2), at=240)
    record(desk, Operation.RETURN, bigday.item(3), at=300, stated=CLOSED)
    desk.save()
    yield desk
    desk.close()


@pytest.fixture
def sent(tmp_path: Path, desk: RealDesk) -> Iterator[tuple[JobReport, sqlite3.Connection]]:
    """The file uploaded to a practice server where the reader has the first item."""
    library = bigday.library(tmp_path / "library", 30, 12)
    with (library / "loans.csv").open("a", encoding="utf-8") as loans:
        loans.write(f"{LENT},{READER},2018-01-02T10:00,2018-01-30T19:00\n")
        loans.write(f"{bigday.item(3)},{READER},2018-01-02T10:00,2018-01-30T19:00\n")
    with (
        serve.running(library, tmp_path / "server", now=datetime(2018, 1, 16, 9)) as url,
        Ledger(tmp_path / "pc" / "ledger.db") as ledger,
        PracticeServer(url) as server,
    ):
        server.sign_in("referent", "bac-a-sable-1")
        plan = make_plan([desk.path])
        report = run_upload([], server, ledger, desk="BUC_PRET", who="Ana", plan=plan)
        with closing(sqlite3.connect(tmp_path / "server" / state.DATABASE)) as connection:
            yield report, connection


def planned(path: Path) -> list[LineFacts]:
    return list(make_plan([path]).lines())


@pytest.mark.promise("file-has-two-letters")
def test_the_file_says_what_the_library_system_understands(desk: RealDesk) -> None:
    lines = desk.path.read_bytes().splitlines()
    assert [line[12:13] for line in lines] == [b"L", b"R", b"L", b"R", b"R"]
    assert lines[0][93:] == READER.encode()
    assert lines[1].rstrip() == b"201801150902R" + FREE.encode()
    assert lines[4].startswith(b"201801121900R")


@pytest.mark.parametrize("beside", ["journal", "manifest"])
def test_journal_and_manifest_tell_which_it_was(
    desk: RealDesk, tmp_path: Path, beside: str
) -> None:
    path = desk.path if beside == "journal" else desk.mirror(tmp_path / "share")
    lines = planned(path)
    assert [line.operation for line in lines] == ["N", "H", "L", "R", "R"]
    assert [line.patron for line in lines] == [READER, "", READER, "", ""]
    assert lines[4].minute == "2018-01-12T19:00"
    assert lines[4].exact == "", "no clock has measured it"
    assert lines[3].exact == "2018-01-15T09:04:00.000"


def test_alone_the_file_is_read_as_it_stands_under_the_same_names(
    desk: RealDesk, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.dat"
    bare.write_bytes(desk.path.read_bytes())
    assert [line.operation for line in planned(bare)] == ["L", "R", "L", "R", "R"]
    assert [line.key[:32] for line in planned(bare)] == [
        line.key[:32] for line in planned(desk.path)
    ]


def test_the_practice_server_is_told_which_it_was(
    sent: tuple[JobReport, sqlite3.Connection],
) -> None:
    report, connection = sent
    assert {line.status for line in report.lines} == {LineStatus.RECORDED}
    events = connection.execute(
        "SELECT item, event FROM events WHERE at >= '2018-01-12'"
    ).fetchall()
    assert (LENT, "renewal") in events
    assert (FREE, "in-house-use") in events
    assert (report.recorded, report.rejected) == (5, 0)
    assert report.in_house == 1


def test_what_lay_in_the_drop_came_back_when_it_closed(
    sent: tuple[JobReport, sqlite3.Connection],
) -> None:
    _report, connection = sent
    (returned,) = connection.execute(
        "SELECT returned_at FROM loans WHERE item = ?", (bigday.item(3),)
    ).fetchone()
    assert returned.startswith("2018-01-12T18:00"), "in UTC"


@pytest.mark.promise("drop-true-time")
def test_the_true_time_stays_in_journal_and_manifest(desk: RealDesk, tmp_path: Path) -> None:
    row = desk.journal.rows_since(MORNING)[-1]
    assert row.transaction.at == MORNING + timedelta(seconds=300)
    assert row.transaction.told == CLOSED
    copy = desk.mirror(tmp_path / "share")
    place = place_of(copy)
    assert place is not None
    assert b'"2018-01-15T08:05:00.000Z"' in place.path.read_bytes()
    assert b'"2018-01-12T19:00"' in place.path.read_bytes()


def test_a_stated_time_follows_no_correction_of_the_clock(tmp_path: Path) -> None:
    desk = RealDesk(tmp_path / "desk", wrong=3600)
    record(desk, Operation.RETURN, FREE, at=60, stated=CLOSED)
    record(desk, Operation.RETURN, LENT, at=120)
    desk.at(180)
    desk.set_clock(0)
    desk.save()
    desk.close()
    lines = planned(desk.path)
    assert [line.minute for line in lines] == ["2018-01-12T19:00", "2018-01-15T09:02"]
    place = place_of(desk.path)
    assert place is not None
    assert [each.first for each in read_times(place).corrections[Trust.AFTER]] == [2]
    shifted = make_plan([desk.path], offsets={desk.path.name: 600})
    assert next(iter(shifted.lines())).minute == "2018-01-12T19:00"


def test_nobody_is_told_that_the_clock_went_back(desk: RealDesk) -> None:
    now = datetime(2018, 1, 16, 9)
    against = Against(hours=parse_hours("Mon-Fri 08:30-19:00"), now=now)
    codes = {str(each.code) for each in check_plan(make_plan([desk.path]), against)}
    assert Doubt.BACKWARDS not in codes
    bare = desk.path.with_name("bare.dat")
    bare.write_bytes(desk.path.read_bytes())
    codes = {str(each.code) for each in check_plan(make_plan([bare]), against)}
    assert Doubt.BACKWARDS in codes


@pytest.mark.promise("in-house-use-expected")
def test_not_on_loan_is_what_an_in_house_use_expects(desk: RealDesk, tmp_path: Path) -> None:
    with Ledger(tmp_path / "pc" / "ledger.db") as ledger:
        plan = make_plan([desk.path])
        given = hand_over(plan, ledger, folder=tmp_path / "alma", who="Ana", desk="BUC_PRET")
        text = report_text(
            [
                (2, f"Return item failed, item was not on loan. Barcode: {FREE}"),
                (4, f"Return item failed, item was not on loan. Barcode: {bigday.item(2)}"),
            ],
            records=5,
        )
        path = tmp_path / "report"
        path.write_text(text, encoding="utf-8")
        import_report(path, ledger, who="Ana")
        report = load_report(ledger, given.files[0].job)
    assert [(line.item, line.operation) for line in report.lines] == [
        (bigday.item(2), Operation.RETURN)
    ], "of which nothing was expected"
    assert ("in-house", "In-house use, as expected", 1) in reportview.count_rows(report)
    assert (report.recorded, report.rejected, report.unknown, report.problem) == (4, 1, 0, "")


@pytest.mark.parametrize(
    ("operation", "state"), [("H", LineState.RECORDED), ("R", LineState.REJECTED)]
)
def test_any_servers_refusal_is_judged_by_what_was_meant(operation: str, state: LineState) -> None:
    answer = Answer(Outcome.REJECTED, "not on loan", reason=Reason.NOT_ON_LOAN)
    settled = answered(1, answer, replayed=False, operation=operation)
    assert settled.state is state
    assert (Note.IN_HOUSE_USE in settled.notes) == (operation == "H")
    other = answered(
        1, Answer(Outcome.REJECTED, reason=Reason.ITEM_UNKNOWN), replayed=False, operation=operation
    )
    assert other.state is LineState.REJECTED
