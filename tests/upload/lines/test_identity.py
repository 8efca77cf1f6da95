"""Two loans or returns that say the same are two, and one that comes twice is one."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from upload import bigday
from upload.desks import RealDesk
from upload.kit import back, dat, loan

from offcirc.core.fingerprint import KeyMaker, content_of, corrected_key, has_identity
from offcirc.practice import state
from offcirc.practice.web import serve
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook, LineChange
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineFacts, LineState
from offcirc.upload.check.checking import Against, check_plan
from offcirc.upload.handover.handover import hand_over
from offcirc.upload.lines.collect import collect
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobReport, LineStatus
from offcirc.upload.run import run_upload

ITEM, READER, NEXT = bigday.item(0), bigday.patron(0), bigday.patron(1)
HOUR = 3600

Send = Callable[..., JobReport]


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[RealDesk, RealDesk]]:
    """A, and B whose clock is an hour ahead: B takes the item back and lends it, A takes it back.

    B's return says 10:10, and so does A's. The item is out.
    """
    a = RealDesk(tmp_path / "a", "Desk A")
    b = RealDesk(tmp_path / "b", "Desk B", wrong=HOUR)
    b.take_back(ITEM, at=10 * 60)
    b.lend(ITEM, NEXT, at=30 * 60)
    a.take_back(ITEM, at=70 * 60)
    for desk in (a, b):
        desk.save()
    yield a, b
    for desk in (a, b):
        desk.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    library = bigday.library(tmp_path / "library", 30, 12)
    with (library / "loans.csv").open("a", encoding="utf-8") as loans:
        loans.write(f"{ITEM},{READER},2018-01-02T10:00,2018-01-30T19:00\n")
    now = datetime(2018, 1, 16, 9, 0)
    with serve.running(library, tmp_path / "server", now=now) as url:
        yield url


@pytest.fixture
def send(tmp_path: Path, served: str) -> Send:
    """Uploads files from a PC of this name; ``clock`` names the one that was an hour ahead."""

    def upload(*files: Path, pc: str = "pc", clock: Path | None = None) -> JobReport:
        with (
            Ledger(tmp_path / pc / "ledger.db") as ledger,
            PracticeServer(served) as server,
        ):
            server.sign_in("referent", "bac-a-sable-1")
            if clock is not None:
                mark = collect([clock])[0].mark
                DecisionBook(ledger).clock(DecidedLine(mark), -HOUR, who="Ana")
            plan = make_plan(files, decisions=decided(ledger))
            return run_upload([], server, ledger, desk="BUC_PRET", who="Ana", plan=plan)

    return upload


def holder(tmp_path: Path) -> str | None:
    """Who has the item at the server."""
    with closing(sqlite3.connect(tmp_path / "server" / state.DATABASE)) as connection:
        row = connection.execute(
            "SELECT p.barcode FROM loans AS l JOIN patrons AS p ON p.primary_id = l.patron"
            " WHERE l.item = ? AND l.returned_at IS NULL",
            (ITEM,),
        ).fetchone()
    return None if row is None else str(row[0])


def bare(path: Path, folder: Path) -> Path:
    """A copy of a file, alone and under another name."""
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(path, folder / "bare.dat"))


def reasons(report: JobReport) -> list[str]:
    return [line.reason for line in report.lines if line.status is LineStatus.SKIPPED]


def test_two_returns_of_one_minute_by_two_clocks_are_two(
    desks: tuple[RealDesk, RealDesk], send: Send, tmp_path: Path
) -> None:
    a, b = desks
    report = send(a.path, b.path, clock=b.path)
    assert (report.recorded, report.skipped, report.exceptions) == (3, 0, 0)
    assert holder(tmp_path) is None


def test_they_are_two_in_uploads_of_their_own_from_whatever_pc(
    desks: tuple[RealDesk, RealDesk], send: Send, tmp_path: Path
) -> None:
    a, b = desks
    for again in range(2):
        one = send(b.path, pc="one", clock=b.path)
        other = send(a.path, pc="other")
        done = [(report.recorded, report.skipped) for report in (one, other)]
        assert done == ([(0, 2), (0, 1)] if again else [(2, 0), (1, 0)])
        # Nothing is doubted where everything is told.
        assert {*reasons(one), *reasons(other)} <= {"already-recorded"}
        assert holder(tmp_path) is None
    grown = send(b.path, a.path, pc="third", clock=b.path)
    assert (grown.recorded, grown.skipped) == (0, 3)


def test_the_same_line_without_its_manifest_is_recorded_once_and_doubted(
    desks: tuple[RealDesk, RealDesk], send: Send, tmp_path: Path
) -> None:
    a, b = desks
    copy = b.mirror(tmp_path / "share")
    assert send(a.path, copy, clock=copy).recorded == 3
    alone = bare(copy, tmp_path / "elsewhere")
    report = send(alone, pc="other")
    assert (report.recorded, report.skipped) == (0, 2)
    assert reasons(report) == ["alike", "alike"]
    # The ledger of the first PC knows as well as the server.
    assert (send(alone).recorded, send(copy).recorded) == (0, 0)
    assert send(bare(a.path, tmp_path / "elsewhere")).recorded == 0


def test_what_was_recorded_bare_stands_for_one_line_and_not_for_two(
    desks: tuple[RealDesk, RealDesk], send: Send, tmp_path: Path
) -> None:
    a, b = desks
    alone = bare(b.path, tmp_path / "elsewhere")
    assert send(alone, pc="one", clock=alone).recorded == 2
    told = send(b.path, pc="two", clock=b.path)
    assert (told.recorded, reasons(told)) == (0, ["alike", "alike"])
    # The return of A says the same, but that one has been found to be B's.
    assert send(a.path, pc="two").recorded == 1
    assert holder(tmp_path) is None


def test_bare_files_that_say_the_same_are_doubted_in_the_check(
    desks: tuple[RealDesk, RealDesk], tmp_path: Path
) -> None:
    a, b = desks
    files = [bare(desk.path, tmp_path / name) for desk, name in ((a, "x"), (b, "y"))]
    against = Against(now=datetime(2018, 1, 16))

    def doubts() -> list[str]:
        found = check_plan(make_plan(files), against)
        return [one.code for one in found if one.severity == "warning"]

    # The one line of A is the beginning of B's file, by coincidence.
    assert doubts() == ["earlier-copy"]
    dat(files[0], back(69, bigday.item(1)), *files[0].read_bytes().splitlines())
    assert doubts() == ["alike"]
    plan = make_plan(files)
    assert [line.state for line in plan.lines()].count(LineState.SKIPPED) == 1
    told = make_plan([a.path, b.path])
    assert "alike" not in [one.code for one in check_plan(told)]


def test_two_desks_that_recorded_the_very_same_are_no_copies(tmp_path: Path) -> None:
    desks = [RealDesk(tmp_path / name, name) for name in ("a", "b")]
    for desk in desks:
        desk.take_back(ITEM, at=60)
        desk.save()
        desk.close()
    files = [desk.path for desk in desks]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert [source.same_as for source in collect(files)] == ["", ""]
    assert [line.state for line in make_plan(files).lines()] == [LineState.PLANNED] * 2
    # A third one of which nothing is told is a copy of one of them.
    third = bare(files[0], tmp_path / "c")
    assert [bool(source.same_as) for source in collect([*files, third])] == [False, False, True]


def test_a_decision_is_about_one_of_two_lines_that_say_the_same(
    desks: tuple[RealDesk, RealDesk], ledger: Ledger, tmp_path: Path
) -> None:
    a, b = desks
    book = DecisionBook(ledger)
    line = next(line for line in make_plan([b.path]).lines() if line.operation == "R")
    made = book.drop([DecidedLine(line.key, "b", line.number, line.raw)], who="Ana")

    def held(*files: Path) -> list[tuple[str, int]]:
        plan = make_plan(files, decisions=decided(ledger))
        lines = [line for line in plan.lines() if line.state is LineState.HELD]
        return [(plan.sources[line.file].identity.desk_name, line.number) for line in lines]

    assert held(a.path, b.path) == [("Desk B", line.number)]
    # It holds for a copy of which nothing more is told, and one made there holds here.
    alone = bare(b.path, tmp_path / "elsewhere")
    assert held(alone) == [("bare", 1)]
    book.undo(made.id, who="Ana")
    (plain, _loan) = make_plan([alone]).lines()
    book.drop([DecidedLine(plain.key, "bare", plain.number, plain.raw)], who="Ana")
    assert held(b.path) == [("Desk B", 1)]


def test_a_clock_decision_is_about_one_of_two_desks_that_begin_alike(
    ledger: Ledger, tmp_path: Path
) -> None:
    desks = [RealDesk(tmp_path / name, name) for name in ("a", "b")]
    for number, desk in enumerate(desks):
        desk.take_back(ITEM, at=60)
        desk.take_back(bigday.item(1 + number), at=120)
        desk.save()
        desk.close()
    files = [desk.path for desk in desks]
    DecisionBook(ledger).clock(DecidedLine(collect(files)[1].mark), HOUR, who="Ana")
    lines = list(make_plan(files, decisions=decided(ledger)).lines())
    assert [(line.file, line.minute[11:]) for line in lines] == [
        *((0, "09:01"), (0, "09:02"), (1, "10:01"), (1, "10:02"))
    ]


def test_the_file_for_alma_holds_both_and_none_again(
    desks: tuple[RealDesk, RealDesk], ledger: Ledger, tmp_path: Path
) -> None:
    a, b = desks
    out = tmp_path / "alma"

    def give(*files: Path) -> tuple[int, int]:
        done = hand_over(make_plan(files), ledger, folder=out, who="Ana")
        return done.lines, done.skipped

    assert give(b.path) == (2, 0)
    assert give(a.path, b.path) == (1, 2)
    preview = make_plan([bare(a.path, tmp_path / "elsewhere"), b.path])
    judged = hand_over(preview, ledger, folder=out, who="Ana", desk="D", again=True)
    assert judged.lines == 2, "the bare return of A is taken for B's"


def test_a_corrected_line_is_one_with_and_without_its_manifest() -> None:
    plain = KeyMaker().key(back(0, "A"))
    told = plain + b"i" * 16
    other = plain + b"j" * 16
    said = loan(0, "A")
    keys = [corrected_key(key, said) for key in (plain, told, other)]
    assert len(set(keys)) == 3
    assert len({content_of(key) for key in keys}) == 1
    assert [has_identity(key) for key in keys] == [False, True, True]


def test_what_is_corrected_is_recorded_once_with_and_without_its_manifest(
    desks: tuple[RealDesk, RealDesk], ledger: Ledger, tmp_path: Path
) -> None:
    _a, b = desks
    line: LineFacts = next(iter(make_plan([b.path]).lines()))
    DecisionBook(ledger).correct(
        DecidedLine(line.key, "b", line.number, line.raw), LineChange(item="X"), who="Ana"
    )
    know = decided(ledger)
    alone = bare(b.path, tmp_path / "elsewhere")
    keys = [next(iter(make_plan([path], decisions=know).lines())).key for path in (b.path, alone)]
    assert content_of(keys[0]) == content_of(keys[1])
    assert [has_identity(key) for key in keys] == [True, False]


def test_a_file_that_holds_what_two_desks_did_records_nothing_again(
    desks: tuple[RealDesk, RealDesk], send: Send, tmp_path: Path
) -> None:
    a, b = desks
    assert send(a.path, b.path, clock=b.path).recorded == 3
    lines = b"".join(desk.path.read_bytes() for desk in (b, a))
    joined = tmp_path / "joined.dat"
    joined.write_bytes(lines)
    report = send(joined, pc="other")
    assert (report.recorded, report.skipped) == (0, 3)
    # One more of the same is one more.
    more = dat(tmp_path / "more.dat", *lines.splitlines(), back(70, ITEM), back(70, ITEM))
    report = send(more, pc="third")
    assert (report.records, report.skipped, report.recorded + report.rejected) == (5, 3, 2)
