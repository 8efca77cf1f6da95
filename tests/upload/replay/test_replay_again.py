"""What was uploaded before comes again: nothing is recorded twice, a dry run keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from servers.double import Double
from upload.kit import back, dat, loan, loans
from upload.replay_kit import items, limited, states, upload

from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.report.report import JobReport, JobStatus, LineStatus
from offcirc.upload.run import (
    list_jobs,
    load_report,
    preview_upload,
)


def preview(files: Sequence[Path], server: Any, ledger: Ledger) -> JobReport:
    return preview_upload(list(files), server, ledger, desk="D1", who="Référent").report


def test_the_same_file_again_records_nothing_and_tells_the_exceptions_again(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    lines = [loan(0, "A"), loan(1, "UNKNOWN1"), back(2, "A"), b"rubbish!"]
    upload([dat(tmp_path / "a.dat", *lines)], server, ledger)
    again = upload([dat(tmp_path / "renamed.dat", *lines)], server, ledger)
    assert states(again) == (0, 1, 0, 1, 2, 0)
    assert again.exceptions == 2
    assert again.status is JobStatus.COMPLETED
    assert double.order == ["A", "UNKNOWN1", "A"]
    rejected = next(line for line in again.lines if line.status is LineStatus.REJECTED)
    assert rejected.replayed
    assert rejected.message == "Item not found. Barcode: UNKNOWN1"


def test_the_same_file_from_another_pc_records_nothing(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    lines = [loan(0, "A"), loan(1, "UNKNOWN1"), back(2, "A")]
    upload([dat(tmp_path / "a.dat", *lines)], server, ledger)
    with Ledger(tmp_path / "other" / "ledger.db") as other:
        again = upload([dat(tmp_path / "b.dat", *lines)], server, other)
        assert states(again) == (0, 1, 0, 0, 2, 0)
        third = upload([dat(tmp_path / "c.dat", *lines)], server, other)
        assert states(third) == (0, 1, 0, 0, 2, 0)
    assert set(double.applied.values()) == {1}


def test_a_file_that_grew_sends_its_new_lines_only(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    upload([loans(tmp_path / "a.dat", 4)], server, ledger)
    report = upload([loans(tmp_path / "a.dat", 6)], server, ledger)
    assert states(report) == (2, 0, 0, 0, 4, 0)
    assert double.order == items(6)
    assert double.batches == [3, 1, 2]


def test_a_server_that_was_set_back_gets_everything_again(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 4)]
    upload(files, server, ledger)
    double._answers.clear()
    assert states(upload(files, server, ledger)) == (4, 0, 0, 0, 0, 0)
    assert set(double.applied.values()) == {2}


def test_another_library_at_the_same_address_is_another_server(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 4)]
    for library in ("one", "two"):
        double.identity = library
        double._answers.clear()
        with limited(double, look_back=False) as server:
            assert upload(files, server, ledger).recorded == 4


def test_without_looking_back_the_ledger_remembers(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 4)]
    with limited(double, look_back=False, idempotent_keys=False) as server:
        upload(files, server, ledger)
        assert states(upload(files, server, ledger)) == (0, 0, 0, 0, 4, 0)
    assert double.batches == [3, 1]


def test_resuming_what_is_complete_is_an_upload_like_any_other(
    server: PracticeServer, ledger: Ledger, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 3)]
    first = upload(files, server, ledger, resume=True)
    second = upload(files, server, ledger, resume=True)
    assert (first.id, first.recorded) == (1, 3)
    assert (second.id, second.recorded, second.skipped) == (2, 0, 3)


def test_a_dry_run_keeps_nothing_anywhere(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "UNKNOWN1"), b"rubbish!")
    b = dat(tmp_path / "b.dat", b"", loan(0, "A"))
    report = preview([a, b], server, ledger)
    assert report.dry_run
    assert states(report) == (1, 1, 0, 1, 1, 0)
    assert (report.records, report.exceptions) == (4, 2)
    assert [file.records for file in report.files] == [3, 1]
    assert not double.applied
    assert list_jobs(ledger) == []


def test_a_dry_run_asks_about_all_lines_of_an_item_together(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    lines = [loan(n, f"I{n % 4}") for n in range(8)]
    with limited(double, dry_run_size=5) as server:
        report = preview([dat(tmp_path / "a.dat", *lines)], server, ledger)
    assert report.recorded == 8
    asked = [
        [one["item"] for one in body["transactions"]]
        for _method, path, body in double.requests
        if path.endswith("/dry-run")
    ]
    assert asked == [["I0", "I1", "I0", "I1"], ["I2", "I3", "I2", "I3"]]


def test_past_uploads_are_found_by_number_and_by_process_id(
    server: PracticeServer, ledger: Ledger, tmp_path: Path
) -> None:
    report = upload([dat(tmp_path / "a.dat", loan(0, "UNKNOWN1"))], server, ledger)
    assert load_report(ledger, 1) == load_report(ledger, "1000") == report
    [row] = list_jobs(ledger)
    assert row == replace(report, lines=())
