"""The second opinion: the system read back after an upload, and compared with the files."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers.library import begin_library
from servers.kohadouble import PASSWORD, STAFF, KohaDouble, running_koha
from upload.kit import back, dat, loan

from offcirc import resources
from offcirc.core.answers import Note
from offcirc.practice.web.serve import running
from offcirc.servers.koha.server import KohaServer
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import ItemFound, PatronFound, Server
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState
from offcirc.upload.base.errors import NoSecondOpinionError
from offcirc.upload.report.opinion import DifferenceKind, SecondOpinion
from offcirc.upload.run import load_report, preview_upload, run_upload
from offcirc.upload.verify.verifying import Expected, NotToldError, compare, expected, verify_job

TOULOUSE = resources.path("practice/toulouse")
OPEN = "WHERE item = ? AND returned_at IS NULL"
NOW = datetime(2018, 3, 7, 9, 0)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[tuple[PracticeServer, Path]]:
    """The sample library, signed in, and the data folder of its server."""
    data = tmp_path / "library"
    with running(None, begin_library(data), now=NOW) as url, PracticeServer(url) as server:
        server.sign_in("referent", "bac-a-sable-1")
        yield server, data / "practice.db"


def upload(server: Server, ledger: Ledger, *files: Path) -> int:
    return run_upload(list(files), server, ledger, desk="BUC_PRET", who="Référent").id


def opinion(ledger: Ledger, server: Server, job: int) -> SecondOpinion:
    found = verify_job(ledger, server, job, who="Référent").opinion
    assert found is not None
    return found


def change(database: Path, statement: str, *values: Any) -> None:
    """What somebody does by hand in the library system."""
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


def test_everything_agrees_after_the_sample(
    practice: tuple[PracticeServer, Path], ledger: Ledger
) -> None:
    server, _database = practice
    job = upload(server, ledger, TOULOUSE / "OffCirc.dat")
    found = opinion(ledger, server, job)
    lines = (TOULOUSE / "OffCirc.dat").read_text().splitlines()
    refused = {5, 12, 18, 19, 27, 38, 39, 44, 52}
    items = {line[13:93].strip() for at, line in enumerate(lines, 1) if at not in refused}
    assert (found.checked, found.agree, found.unanswered) == (len(items), len(items), 0)
    assert found.loans + found.returns == found.checked
    assert found.good
    assert load_report(ledger, job).opinion == found


@pytest.mark.parametrize(
    ("statement", "item", "kind"),
    [
        (
            f"UPDATE loans SET patron = 'ups.lecteur001' {OPEN}",
            "37000034179",
            DifferenceKind.OTHER_PATRON,
        ),
        (
            f"UPDATE loans SET returned_at = due_at {OPEN}",
            "37000034179",
            DifferenceKind.NOT_ON_LOAN,
        ),
        (
            "UPDATE loans SET returned_at = NULL WHERE item = ?",
            "37073113780",
            DifferenceKind.STILL_ON_LOAN,
        ),
        (
            f"UPDATE loans SET loaned_at = '2018-01-16T08:14:00Z' {OPEN}",
            "37000034179",
            DifferenceKind.OTHER_TIME,
        ),
        (
            f"UPDATE loans SET due_at = '2030-01-16T08:14:00Z' {OPEN}",
            "37000034179",
            DifferenceKind.OTHER_DUE,
        ),
    ],
)
def test_one_row_changed_by_hand_is_found_and_named(
    practice: tuple[PracticeServer, Path],
    ledger: Ledger,
    statement: str,
    item: str,
    kind: DifferenceKind,
) -> None:
    server, database = practice
    job = upload(server, ledger, TOULOUSE / "OffCirc.dat")
    change(database, statement, item)
    found = opinion(ledger, server, job)
    assert [(one.line.item, one.kind) for one in found.differ] == [(item, kind)]
    assert found.agree == found.checked - 1
    assert not found.good


def test_what_other_uploads_recorded_later_is_what_should_be_true(
    practice: tuple[PracticeServer, Path], ledger: Ledger
) -> None:
    server, _database = practice
    two = TOULOUSE / "two-desks"
    first = upload(server, ledger, two / "desk-A.dat")
    second = upload(server, ledger, two / "desk-B.dat")
    # The server refused what came too late: those lines are in the report, not here.
    assert opinion(ledger, server, first).good
    assert opinion(ledger, server, second).good
    # Uploaded once more: everything is skipped, and the newest line is still what counts.
    again = upload(server, ledger, two / "desk-A.dat")
    assert opinion(ledger, server, again).good


def test_an_upload_to_another_system_is_not_compared(
    practice: tuple[PracticeServer, Path], ledger: Ledger, tmp_path: Path
) -> None:
    server, _database = practice
    job = upload(server, ledger, TOULOUSE / "OffCirc.dat")
    with (
        running(None, begin_library(tmp_path / "afresh"), now=NOW) as url,
        PracticeServer(url) as other,
    ):
        other.sign_in("referent", "bac-a-sable-1")
        with pytest.raises(NoSecondOpinionError) as told:
            verify_job(ledger, other, job)
    assert "another library system" in told.value.words()
    assert load_report(ledger, job).opinion is None


def koha_library(double: KohaDouble) -> None:
    """The sample's library in a Koha: items, readers and loans before the outage."""

    def rows(name: str) -> Iterator[list[str]]:
        lines = (TOULOUSE / name).read_text(encoding="utf-8").splitlines()[1:]
        return (line.split(",") for line in lines)

    for row in rows("items.csv"):
        double.add_item(row[0])
    for row in rows("patrons.csv"):
        double.add_patron(row[1], userid=row[0])
    for row in rows("loans.csv"):
        double.lend(row[0], row[1], datetime.fromisoformat(row[2]))


@pytest.fixture
def koha() -> Iterator[KohaDouble]:
    with running_koha() as double:
        koha_library(double)
        yield double


@pytest.fixture
def open_koha(koha: KohaDouble) -> Iterator[Callable[[], KohaServer]]:
    servers: list[KohaServer] = []

    def signed_in() -> KohaServer:
        servers.append(KohaServer(koha.url, answer_seconds=5))
        servers[-1].sign_in(STAFF, PASSWORD)
        return servers[-1]

    yield signed_in
    for server in servers:
        server.close()


def model(double: KohaDouble, *files: Path) -> tuple[dict[str, Any], set[tuple[str, int]]]:
    """Who has each item after the files, and what is refused: by these few rules alone."""
    items = {one.barcode for one in double.items.values()}
    cards = {one.cardnumber for one in double.patrons.values()}
    has = {one.barcode: double.holder(one.barcode) for one in double.items.values()}
    refused = set()
    lines = [
        (line[:12], line[12], line[13:93].strip(), line[93:].strip(), file.name, number)
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
    ]
    for stamp, operation, item, card, name, number in sorted(lines, key=lambda one: one[0]):
        at = datetime.strptime(stamp, "%Y%m%d%H%M")
        if item not in items or (operation == "L" and card not in cards):
            refused.add((name, number))
        elif operation == "L":
            before = has[item]
            has[item] = before if before and before[0] == card else (card, at)
        elif has[item] is None:
            refused.add((name, number))
        else:
            has[item] = None
    return has, refused


@pytest.mark.parametrize(
    "names", [("OffCirc.dat",), ("two-desks/desk-A.dat", "two-desks/desk-B.dat")]
)
def test_koha_holds_what_an_independent_model_says_and_the_second_opinion_agrees(
    koha: KohaDouble,
    open_koha: Callable[[], KohaServer],
    ledger: Ledger,
    names: tuple[str, ...],
) -> None:
    files = [TOULOUSE / name for name in names]
    wanted, refused = model(koha, *files)
    server = open_koha()
    job = upload(server, ledger, *files)
    assert {one.barcode: koha.holder(one.barcode) for one in koha.items.values()} == wanted
    report = load_report(ledger, job)
    assert {(line.file, line.line) for line in report.exception_lines} == refused
    found = opinion(ledger, server, job)
    assert (found.good, found.agree) == (True, found.checked)
    # A second upload of the same changes nothing.
    before = [dict(vars(one)) for one in (*koha.loans.values(), *koha.past)]
    upload(server, ledger, *files)
    assert [dict(vars(one)) for one in (*koha.loans.values(), *koha.past)] == before


def test_a_renewal_and_a_reader_s_other_number_agree_on_koha(
    koha: KohaDouble, open_koha: Callable[[], KohaServer], ledger: Ledger, tmp_path: Path
) -> None:
    koha.add_item("I1")
    koha.add_item("I2")
    koha.add_patron("CARD1", userid="reader.one")
    koha.lend("I1", "CARD1", datetime(2018, 1, 2, 10, 0))
    file = dat(
        tmp_path / "a.dat", loan(0, "I1", "card1"), loan(1, "I2", "reader.one"), back(2, "NO")
    )
    server = open_koha()
    job = upload(server, ledger, file)
    found = opinion(ledger, server, job)
    assert (found.checked, found.agree) == (2, 2)
    koha.lend("I2", next(iter(koha.patrons)), datetime(2018, 1, 16, 7, 58))
    [differ] = opinion(ledger, server, job).differ
    assert (differ.line.item, differ.kind) == ("I2", DifferenceKind.OTHER_PATRON)
    assert differ.lent_at == datetime(2018, 1, 16, 7, 58)


@pytest.mark.promise("koha-is-looked-up")
def test_the_preview_shows_whom_koha_would_lend_to_without_a_word(
    koha: KohaDouble, open_koha: Callable[[], KohaServer], ledger: Ledger, tmp_path: Path
) -> None:
    koha.add_patron("EXPIRED", expires="2017-12-31")
    koha.add_patron("BARRED", restricted=True)
    koha.add_patron("FINE")
    for code in ("I1", "I2", "I4"):
        koha.add_item(code)
    koha.add_item("I3", not_for_loan=1)
    koha.lend("I4", "BARRED", datetime(2018, 1, 2))
    file = dat(
        tmp_path / "a.dat",
        *(loan(0, "I1", "EXPIRED"), loan(1, "I2", "BARRED"), loan(2, "I3", "FINE")),
        *(loan(3, "I4", "FINE"), loan(4, "I1", "STRANGER"), back(5, "I1"), back(6, "I1")),
    )
    preview = preview_upload([file], open_koha(), ledger, desk="CPL", who="")
    assert dict(preview.remarks) == {
        "patron-expired": 1,
        "patron-blocked": 1,
        "not-for-loan": 1,
        "returned-first": 1,
    }
    told = {line.line: line.reason for line in preview.report.exception_lines}
    assert told == {5: "patron-unknown", 7: "not-on-loan"}
    assert koha.lines == []


# -- the rules by themselves -----------------------------------------------------------------------

AT = datetime(2018, 1, 15, 9, 0)
_IDS = itertools.count(1)


def row(
    minutes: int,
    item: str,
    patron: str,
    state: LineState = LineState.RECORDED,
    **more: Any,
) -> LineRow:
    at = (AT + timedelta(minutes=minutes)).isoformat(timespec="minutes")
    facts = LineRow(
        *(next(_IDS), 0, 1, b"", at, "L" if patron else "R", item, patron, b"k"),
        *(state, "", "", False, "", ()),
    )
    return facts._replace(**more)


def test_later_lines_win_and_refused_ones_do_not_count() -> None:
    lines = [
        row(0, "A", "P1"),
        row(1, "A", ""),
        row(2, "A", "P2"),
        row(3, "A", "P3", LineState.REJECTED),
        row(4, "B", "P1"),
        row(5, "B", "P1"),
        row(6, "C", "P1", LineState.HELD),
        row(7, "D", "P1", LineState.SKIPPED, reason="dropped-by-decision"),
    ]
    found = expected(lines, ())
    assert list(found) == ["A", "B"]
    assert (found["A"].line.patron, found["A"].times) == ("P2", (AT + timedelta(minutes=2),))
    assert [time.minute for time in found["B"].times] == [4, 5]


def test_of_other_uploads_only_what_happened_after_counts() -> None:
    lines = [row(10, "A", "P1"), row(10, "B", "P1")]
    others = [row(5, "A", "P0"), row(12, "A", ""), row(12, "C", "P9")]
    found = expected(lines, others)
    assert not found["A"].on_loan
    assert found["A"].own is lines[0]
    assert found["B"].on_loan
    assert list(found) == ["A", "B"]


LENT = ItemFound("A", found=True, on_loan=True, patron="P1", lent_at=AT)
READER = PatronFound("P1", found=True, known_as=("P1", "card"), items=("a",))


def wanted(patron: str = "P1", **more: Any) -> Expected:
    line = row(0, "A", patron, **more)
    return Expected(line, line, (AT,) if patron else (), renewed=Note.RENEWAL in line.notes)


@pytest.mark.parametrize(
    ("want", "item", "patron", "kind"),
    [
        (wanted(), LENT, None, None),
        (wanted("p1"), LENT, None, None),
        (wanted(), replace(LENT, patron="CARD"), READER, None),
        (wanted(), replace(LENT, patron=""), READER, None),
        (wanted(), replace(LENT, patron="", on_loan=None), READER, None),
        (wanted(), replace(LENT, lent_at=None), None, None),
        (wanted(), replace(LENT, lent_at=AT.replace(second=59)), None, None),
        (wanted(), replace(LENT, lent_at=AT.replace(day=1)), None, DifferenceKind.OTHER_TIME),
        (wanted(notes=("renewal",)), replace(LENT, lent_at=AT.replace(day=1)), None, None),
        (wanted(notes=("date-not-kept",)), replace(LENT, lent_at=AT.replace(day=20)), None, None),
        (wanted(), replace(LENT, lent_at=AT.replace(day=1), renewed_at=AT), None, None),
        (wanted(), replace(LENT, patron="P2"), READER, DifferenceKind.OTHER_PATRON),
        (
            wanted(),
            replace(LENT, patron=""),
            replace(READER, items=()),
            DifferenceKind.OTHER_PATRON,
        ),
        (wanted(), replace(LENT, on_loan=False, patron=""), None, DifferenceKind.NOT_ON_LOAN),
        (wanted(), ItemFound("A", found=False), None, DifferenceKind.ITEM_GONE),
        (wanted(""), replace(LENT, on_loan=False), None, None),
        (wanted(""), replace(LENT, lent_at=AT.replace(hour=8)), None, DifferenceKind.STILL_ON_LOAN),
        (wanted(""), replace(LENT, lent_at=None), None, DifferenceKind.STILL_ON_LOAN),
        (wanted(""), replace(LENT, lent_at=AT.replace(hour=10)), None, None),
        (
            wanted(due_at="2018-02-01T18:00"),
            replace(LENT, due_at=AT.replace(month=3)),
            None,
            DifferenceKind.OTHER_DUE,
        ),
    ],
)
def test_compared(
    want: Expected, item: ItemFound, patron: PatronFound | None, kind: DifferenceKind | None
) -> None:
    assert compare(want, item, patron) == kind


@pytest.mark.parametrize(
    ("want", "item", "patron"),
    [
        (wanted(), replace(LENT, patron=""), replace(READER, items=None, known_as=())),
        (wanted(), replace(LENT, patron="", on_loan=None), None),
        (wanted(""), replace(LENT, on_loan=None), None),
    ],
)
def test_what_the_system_does_not_say_is_not_taken_for_agreement(
    want: Expected, item: ItemFound, patron: PatronFound | None
) -> None:
    with pytest.raises(NotToldError):
        compare(want, item, patron)
