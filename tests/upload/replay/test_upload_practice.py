"""Whole uploads to the real practice server: what comes back, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from helpers.library import begin_library

from offcirc import resources
from offcirc.practice.web.serve import running
from offcirc.servers.errors import NotAllowedError, WrongPasswordError
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.report import reportview
from offcirc.upload.report.report import JobReport, JobStatus, LineStatus
from offcirc.upload.run import load_report, preview_upload, run_upload

TOULOUSE = "practice/toulouse"
EXPECTED = {
    5: "User not found. Barcode: 9900452388527",
    12: "User not found. Barcode: 9900504964440",
    18: "Item not found. Barcode: TOTO31400",
    19: "Return item failed, item was not on loan. Barcode: OTOLO104602",
    27: "Item not found. Barcode: INCONNU89881",
    38: "Return item failed, item was not on loan. Barcode: d293004279",
    39: "Return item failed, item was not on loan. Barcode: OTOLO104602",
    44: "A later action on this item happened. Barcode: 37012238159",
    52: "Return item failed, item was not on loan. Barcode: 37007698313",
}
LATER = "A later action on this item happened. Barcode: "

Library = Callable[[], PracticeServer]


def sample(name: str) -> Path:
    return resources.path(f"{TOULOUSE}/{name}")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Fresh copies of the sample library, signed in."""
    with ExitStack() as stack:
        count = 0

        def fresh() -> PracticeServer:
            nonlocal count
            count += 1
            now = datetime(2018, 3, 7, 9, 0)
            data = tmp_path / f"library{count}"
            url = stack.enter_context(running(None, begin_library(data), now=now))
            server = stack.enter_context(PracticeServer(url, batch_size=10))
            server.sign_in("referent", "bac-a-sable-1")
            return server

        yield fresh


def upload(server: PracticeServer, ledger: Ledger, *names: str) -> JobReport:
    files = [sample(name) for name in names]
    return run_upload(files, server, ledger, desk="BUC_PRET", who="Référent")


def preview(server: PracticeServer, ledger: Ledger, name: str) -> JobReport:
    found = preview_upload([sample(name)], server, ledger, desk="BUC_PRET", who="Référent")
    return found.report


def messages(report: JobReport) -> dict[int, str]:
    return {line.line: line.message for line in report.exception_lines}


def test_the_servers_own_times_stand_beside_its_process_id(
    library: Library, ledger: Ledger
) -> None:
    report = upload(library(), ledger, "two-desks/desk-A.dat")
    assert report.there is not None
    assert {at.year for at in report.there} == {2018}
    assert report.started.year > 2018
    rows = [label for label, _value in reportview.job_row(report)]
    assert rows[:2] == ["Process ID", "Server’s time"]
    assert dict(reportview.job_row(report))["Server’s time"].startswith("2018-03-07")
    assert load_report(ledger, report.id).there == report.there


def test_the_sample_gives_what_alma_would_say(library: Library, ledger: Ledger) -> None:
    report = upload(library(), ledger, "OffCirc.dat")
    assert (report.records, report.exceptions, report.recorded) == (57, 9, 48)
    assert report.status is JobStatus.COMPLETED
    assert messages(report) == EXPECTED
    line = next(line for line in report.lines if line.line == 18)
    assert (line.at, line.item, line.patron) == (
        datetime(2018, 1, 15, 15, 30),
        "TOTO31400",
        "9987125433541",
    )


def test_a_dry_run_says_the_same_and_records_nothing(library: Library, ledger: Ledger) -> None:
    server = library()
    tried = preview(server, ledger, "OffCirc.dat")
    assert messages(tried) == EXPECTED
    assert (tried.records, tried.recorded, tried.dry_run) == (57, 48, True)
    assert upload(server, ledger, "OffCirc.dat").recorded == 48
    after = preview(server, ledger, "OffCirc.dat")
    assert (after.recorded, after.skipped, after.exceptions) == (0, 48, 9)


def test_uploaded_again_nothing_is_recorded_and_all_exceptions_are_told(
    library: Library, ledger: Ledger, tmp_path: Path
) -> None:
    server = library()
    upload(server, ledger, "OffCirc.dat")
    copy = tmp_path / "campus-2018-01-17.dat"
    copy.write_bytes(sample("OffCirc.dat").read_bytes())
    with Ledger(tmp_path / "other PC" / "ledger.db") as other:
        for kept in (ledger, other):
            again = run_upload([copy], server, kept, desk="BUC_PRET", who="Référent")
            assert (again.recorded, again.skipped, again.exceptions) == (0, 48, 9)
            assert messages(again) == EXPECTED
            assert {line.status for line in again.lines} == {
                LineStatus.SKIPPED,
                LineStatus.REJECTED,
            }


def test_a_library_begun_afresh_is_another_server(library: Library, ledger: Ledger) -> None:
    assert upload(library(), ledger, "OffCirc.dat").recorded == 48
    assert upload(library(), ledger, "OffCirc.dat").recorded == 48


@pytest.mark.parametrize(
    "names",
    [
        ("two-desks/desk-A.dat", "two-desks/desk-B.dat"),
        ("two-desks/desk-B.dat", "two-desks/desk-A.dat"),
    ],
)
def test_two_desks_together_make_no_exception_in_whatever_order(
    library: Library, ledger: Ledger, names: tuple[str, str]
) -> None:
    report = upload(library(), ledger, *names)
    assert report.exceptions == 0
    assert report.recorded == report.records == sum(file.records for file in report.files)


def test_two_desks_apart_the_wrong_way_round_do(library: Library, ledger: Ledger) -> None:
    server = library()
    upload(server, ledger, "two-desks/desk-B.dat")
    late = upload(server, ledger, "two-desks/desk-A.dat")
    assert sum(line.message.startswith(LATER) for line in late.exception_lines) > 3


def test_who_may_not_upload_is_told(library: Library, ledger: Ledger) -> None:
    server = library()
    with PracticeServer(server.url) as other:
        with pytest.raises(NotAllowedError, match="NotOperator"):
            other.sign_in("moniteur", "bac-a-sable-2")
        with pytest.raises(WrongPasswordError):
            other.sign_in("referent", "wrong")


def test_the_server_s_own_row_agrees(library: Library, ledger: Ledger) -> None:
    server = library()
    report = upload(server, ledger, "OffCirc.dat")
    row = server.finish_job(report.process_id)
    assert (row.records, row.exceptions) == (57, 9)
    assert row.name == report.name


def test_items_and_readers_are_looked_up(library: Library) -> None:
    server = library()
    known, unknown = server.look_up_items(["37000034179", "TOTO31400"])
    assert (known.barcode, known.found, bool(known.title)) == ("37000034179", True, True)
    assert not unknown.found
    reader, nobody = server.look_up_patrons(["9921000000164", "9900452388527"])
    assert (reader.identifier, reader.found, bool(reader.name)) == ("9921000000164", True, True)
    assert not nobody.found
