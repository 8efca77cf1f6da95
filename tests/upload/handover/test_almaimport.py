"""Alma's report read in: what became of each line, once, and more when there is more."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from upload.handover_kit import PRINTED, desk_file, report_text, workbook
from upload.kit import back, dat, loan, loans

from offcirc import resources
from offcirc.core.answers import Reason
from offcirc.core.identity import DeskIdentity
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.handover.almaimport import import_report
from offcirc.upload.handover.handedfile import handed_file, waiting
from offcirc.upload.handover.handover import hand_over
from offcirc.upload.handover.handovererrors import (
    NoFileForReportError,
    NothingToHandOverError,
    SeveralFilesForReportError,
)
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report import words
from offcirc.upload.report.report import JobStatus, LineStatus
from offcirc.upload.run import list_jobs, load_report

FOLDER = resources.path("practice/toulouse")
SAMPLE = FOLDER / "OffCirc.dat"
EXPECTED = {
    int(line): message
    for line, message in json.loads((FOLDER / "expected.json").read_bytes())["lines"].items()
}


@pytest.fixture
def give(ledger, tmp_path):
    def hand(*files: Path, **more):
        more = {"folder": tmp_path / "alma", "who": "Camille", "desk": "BUC_PRET", **more}
        return hand_over(make_plan(files), ledger, **more)

    return hand


@pytest.fixture
def answer(ledger, tmp_path):
    """Read a report in, given as text or bytes."""
    count = 0

    def take(report: str | bytes, *files: Path, **more):
        nonlocal count
        count += 1
        path = tmp_path / f"report{count}"
        path.write_bytes(report.encode() if isinstance(report, str) else report)
        return import_report(path, ledger, who="Camille", files=files, **more)

    return take


def refused(report) -> dict[int, str]:
    return {line.line: line.message for line in report.lines if line.status is LineStatus.REJECTED}


def sheet(rows: dict[int, str], records: int, exceptions: int) -> bytes:
    return workbook(
        ("Process ID", "Status", "Records processed", "Records with exceptions"),
        ("4711", "Terminé avec succès", records, exceptions),
        (),
        ("Ligne", "Message d’erreur"),
        *rows.items(),
    )


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("kind", ["text", "xlsx"])
def test_the_sample_comes_back_line_by_line(give, answer, ledger, base, kind):
    job = give(SAMPLE).files[0].job
    rows = [(line - 1 + base, message) for line, message in EXPECTED.items()]
    random.Random(base).shuffle(rows)
    whole = report_text(rows, 57) if kind == "text" else sheet(dict(rows), 57, 9)
    done = answer(whole)
    assert done.news
    report = done.report
    assert (report.id, report.status, report.problem) == (job, JobStatus.COMPLETED, "")
    assert (report.records, report.recorded, report.exceptions) == (57, 48, 9)
    assert refused(report) == EXPECTED
    assert {line.reason for line in report.exception_lines} == {
        Reason.ITEM_UNKNOWN,
        Reason.PATRON_UNKNOWN,
        Reason.NOT_ON_LOAN,
        Reason.LATER_ACTION,
    }
    line = next(line for line in report.lines if line.line == 18)
    assert (line.item, line.patron) == ("TOTO31400", "9987125433541")
    assert line.at == datetime(2018, 1, 15, 15, 30)
    assert waiting(ledger) == []
    assert ledger.runs(job)[-1].status == "completed"
    assert load_report(ledger, report.process_id) == load_report(ledger, job)


def test_the_job_row_is_almas(give, answer, ledger):
    job = give(SAMPLE).files[0].job
    answer(PRINTED)
    for report in (load_report(ledger, job), list_jobs(ledger)[0]):
        assert report.process_id == "2744228060004116"
        assert report.name == "Prêts - Télécharger les transactions hors-ligne"
        assert report.started == datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC)
        assert report.finished == datetime(2018, 1, 17, 16, 33, 14, tzinfo=UTC)
        assert report.run_seconds == 27
        assert report.complete


def test_the_printed_report_names_four_of_nine_and_that_is_said(give, answer):
    give(SAMPLE)
    report = answer(PRINTED).report
    assert sorted(refused(report)) == [18, 19, 38, 39]
    assert (report.records, report.exceptions, report.rejected) == (57, 9, 4)
    assert (report.recorded, report.unknown) == (48, 5)
    assert "9 exceptions, its report names 4" in report.problem


def test_a_fuller_report_completes_it_and_a_poorer_one_takes_nothing_back(give, answer):
    give(SAMPLE)
    answer(PRINTED)
    full = report_text(list(EXPECTED.items()), 57)
    done = answer(full)
    assert done.news
    assert refused(done.report) == EXPECTED
    assert (done.report.unknown, done.report.recorded, done.report.problem) == (0, 48, "")
    poorer = answer(PRINTED.replace("Line 39", "Line  39").replace("27 Seconds", "28 Seconds"))
    assert refused(poorer.report) == EXPECTED


def test_the_same_report_twice_changes_nothing(give, answer, ledger):
    job = give(SAMPLE).files[0].job
    answer(PRINTED)
    before = load_report(ledger, job)
    again = answer(PRINTED.encode("utf-16"))
    assert not again.news
    assert again.notice
    assert again.report == before


def test_each_report_finds_its_file(give, answer, tmp_path):
    one = give(loans(tmp_path / "1.dat", 5), desk="D1").files[0]
    two = give(loans(tmp_path / "2.dat", 4, start=10), desk="D2").files[0]
    second = answer(report_text([(2, "Item not found. Barcode: I11")], 4, process="2"))
    assert second.report.id == two.job
    first = answer(report_text([], 5, process="1"))
    assert (first.report.id, first.report.exceptions, first.report.recorded) == (one.job, 0, 5)


def test_which_of_two_files_is_not_guessed(give, answer, tmp_path, ledger):
    one = give(loans(tmp_path / "1.dat", 5), desk="D1").files[0]
    give(loans(tmp_path / "2.dat", 5, start=10), desk="D2")
    with pytest.raises(SeveralFilesForReportError) as caught:
        answer(report_text([], 5))
    assert one.path.name in caught.value.words()
    done = answer(report_text([], 5), one.path)
    assert done.report.id == one.job
    # Now only the other one waits.
    assert answer(report_text([], 5, process="2")).report.id != one.job


def test_a_report_of_something_else_is_refused(give, answer, tmp_path, ledger):
    job = give(loans(tmp_path / "1.dat", 5)).files[0].job
    with pytest.raises(NoFileForReportError):
        answer(PRINTED)
    with pytest.raises(NoFileForReportError):
        answer(report_text([], 6))
    other = loans(tmp_path / "2.dat", 3, start=50)
    with pytest.raises(NoFileForReportError):
        answer(PRINTED, other)
    assert load_report(ledger, job).handed_over == 5
    assert len(list_jobs(ledger)) == 1


def test_rows_that_fit_no_line_are_shown(give, answer, tmp_path, ledger):
    job = give(loans(tmp_path / "1.dat", 5)).files[0].job
    rows = [(1, "Item not found. Barcode: I0"), (2, "Item not found. Barcode: ZZ9")]
    report = answer(report_text(rows, 5)).report
    assert (report.rejected, report.unknown, report.recorded) == (1, 1, 3)
    (line,) = [line for line in report.lines if line.status is LineStatus.UNKNOWN]
    assert (line.line, line.item, line.file) == (2, "ZZ9", "")
    assert (line.reason, line.message) == (reasons.NO_SUCH_LINE, rows[1][1])
    assert "fits no line" in report.problem
    assert words.reason_name(line.reason)
    assert words.what_to_do(line)
    assert list_jobs(ledger)[0].id == job
    assert list_jobs(ledger)[0].exceptions == 2


@pytest.mark.promise("unreadable-is-never-recorded")
def test_what_cannot_be_read_is_counted_shown_and_nobodys_record(give, answer, tmp_path):
    give(loans(tmp_path / "1.dat", 5))
    rows = [("Line", "Message", "Barcode"), (1, "Item not found", "I0"), ("x?", "Gone", "Z")]
    report = answer(workbook(*rows)).report
    assert (report.rejected, report.unknown, report.recorded) == (1, 1, 3)
    assert [line.message for line in report.lines if line.status is LineStatus.UNKNOWN] == [
        "x? Gone Z"
    ]
    assert "cannot be read" in report.problem


def test_every_refused_line_of_a_big_file_is_refused(give, answer, tmp_path):
    give(loans(tmp_path / "1.dat", 1200))
    refusals = range(990, 1030)
    rows = [(f"{n + 1:,}", f"Item not found. Barcode: I{n}") for n in refusals]
    report = answer(workbook(("Line", "Message"), *rows)).report
    assert (report.rejected, report.unknown, report.recorded) == (40, 0, 1160)
    assert sorted(refused(report)) == [n + 1 for n in refusals]


def test_a_shortened_barcode_and_a_line_that_is_not_sure_are_said(give, answer, tmp_path):
    give(
        dat(
            tmp_path / "1.dat",
            back(0, "37012238159000"),
            back(1, "37012238159001"),
            back(2, "A"),
            back(3, "A"),
        )
    )
    rows = [
        ("Message", "Line", "Barcode"),
        ("Item not found", "", "3.7E+13"),
        ("Item not found", "", "A"),
    ]
    report = answer(workbook(*rows)).report
    spoilt = next(line for line in report.lines if line.status is LineStatus.UNKNOWN)
    assert spoilt.reason == reasons.SPOILT
    assert "spreadsheet" in words.what_to_do(spoilt)
    unsure = next(line for line in report.lines if line.status is LineStatus.REJECTED)
    assert "no line number" in words.what_to_do(unsure)


def test_rows_that_fit_no_line_are_forgotten_with_the_readers(give, answer, tmp_path, ledger):
    job = give(loans(tmp_path / "1.dat", 5)).files[0].job
    rows = [(1, "Item not found. Barcode: I0"), (None, "User not found. Barcode: 9900452388527")]
    answer(sheet(dict(rows), 5, 2))
    assert handovers.forget_patrons(ledger, [job + 1]) == 0
    assert handovers.forget_patrons(ledger, [job]) == 1
    (line,) = [line for line in load_report(ledger, job).lines if not line.file]
    assert "9900452388527" not in repr(line)
    assert load_report(ledger, job).exceptions == 2


@pytest.mark.parametrize("status", ["Running", "En cours", "Failed", "Échoué"])
def test_a_job_that_has_not_ended_well_leaves_lines_waiting(give, answer, ledger, tmp_path, status):
    job = give(loans(tmp_path / "1.dat", 5)).files[0].job
    rows = [(2, "Item not found. Barcode: I1")]
    report = answer(report_text(rows, 5, status=status)).report
    assert (report.status, report.handed_over, report.rejected) == (JobStatus.WAITING, 4, 1)
    assert status in report.problem
    assert waiting(ledger)[0].job == job
    ended = answer(report_text(rows, 5)).report
    assert (ended.status, ended.recorded, ended.rejected) == (JobStatus.COMPLETED, 4, 1)
    assert ended.problem == ""


def test_after_a_failed_job_a_new_one_of_the_same_file_counts(give, answer, tmp_path):
    give(loans(tmp_path / "1.dat", 5))
    answer(report_text([(1, "Item not found. Barcode: I0")], 5, process="1", status="Failed"))
    report = answer(report_text([], 5, process="2")).report
    assert (report.process_id, report.recorded, report.handed_over) == ("2", 5, 0)


def test_a_second_upload_of_the_same_file_in_alma_changes_nothing(give, answer, tmp_path, ledger):
    job = give(loans(tmp_path / "1.dat", 3)).files[0].job
    answer(report_text([], 3, process="1"))
    before = load_report(ledger, job)
    rows = [(n + 1, f"A later action on this item happened. Barcode: I{n}") for n in range(3)]
    done = answer(report_text(rows, 3, process="2"))
    assert not done.news
    assert "twice" in done.notice
    assert load_report(ledger, job) == before


def test_wrong_counts_are_said(give, answer, tmp_path):
    give(loans(tmp_path / "1.dat", 5))
    rows = [(2, "Item not found. Barcode: I1")]
    assert "processed 7 lines; the file has 5" in answer(report_text(rows, 7)).report.problem


def test_records_may_be_counted_without_the_exceptions(give, answer, tmp_path):
    give(loans(tmp_path / "1.dat", 5))
    report = answer(report_text([(2, "Item not found. Barcode: I1")], 4, exceptions=1)).report
    assert (report.problem, report.recorded) == ("", 4)


def test_what_the_numbers_count_from_is_remembered(give, answer, tmp_path):
    clear = dat(tmp_path / "1.dat", back(0, "A"), back(1, "A"), back(2, "B"))
    give(clear)
    answer(report_text([(2, "Return item failed, item was not on loan. Barcode: B")], 3))
    unclear = dat(tmp_path / "2.dat", *(back(10 + minute, "C") for minute in range(3)))
    give(unclear)
    row = (1, "Return item failed, item was not on loan. Barcode: C")
    report = answer(report_text([row], 3, process="2")).report
    assert [line.line for line in report.exception_lines] == [2]
    assert "from 0 or from 1" in report.problem


def test_a_merged_file_leads_back_to_the_desks_own_lines(give, answer, tmp_path):
    mirail = DeskIdentity("BUC", "BUC_PRET", "1")
    one = desk_file(tmp_path / "1.dat", mirail, loan(0, "A"), b"damaged", loan(4, "B"))
    two = desk_file(tmp_path / "2.dat", mirail, loan(2, "C"), back(6, "A"))
    give(one, two)
    rows = [(2, "Item not found. Barcode: C"), (3, "User not found. Barcode: P1")]
    report = answer(report_text(rows, 4)).report
    assert [(line.file, line.line, line.status) for line in report.exception_lines] == [
        ("2.dat", 1, LineStatus.REJECTED),
        ("1.dat", 3, LineStatus.REJECTED),
        ("1.dat", 2, LineStatus.HELD),
    ]
    assert (report.recorded, report.problem) == (2, "")


# -- files uploaded without us ---------------------------------------------------------------------


@pytest.mark.parametrize("base", [0, 1])
def test_a_file_uploaded_by_hand_gets_the_same_report(answer, ledger, base):
    rows = [(line - 1 + base, message) for line, message in EXPECTED.items()]
    done = answer(report_text(rows, 57), SAMPLE, desk="BUC_PRET")
    assert refused(done.report) == EXPECTED
    assert (done.report.recorded, done.report.desk) == (48, "BUC_PRET")
    assert done.report.files[0].name == "OffCirc.dat"
    assert [job.id for job in list_jobs(ledger)] == [done.report.id]
    assert not handed_file(ledger, done.report.id).written
    again = answer(report_text(rows, 57), SAMPLE)
    assert (again.news, len(list_jobs(ledger))) == (False, 1)


def test_its_numbers_are_those_of_the_file_with_all_its_flaws(answer, tmp_path):
    raw = [b"201801150900LA P1", b"", b"20180115", b"201801150905RB", b"", b"201801150906RB"]
    path = tmp_path / "x.dat"
    path.write_bytes(b"\n".join(raw))
    rows = [(6, "Return item failed, item was not on loan. Barcode: B"), (3, "Invalid line")]
    report = answer(report_text(rows, 4), path).report
    assert {line.line: line.status for line in report.exception_lines} == {
        3: LineStatus.REJECTED,
        6: LineStatus.REJECTED,
    }
    assert report.recorded == 2


def test_the_one_it_fits_is_taken_of_several_and_only_that_kept(answer, ledger, tmp_path):
    one, two = loans(tmp_path / "1.dat", 5), loans(tmp_path / "2.dat", 4, start=10)
    done = answer(report_text([(2, "Item not found. Barcode: I11")], 4), one, two)
    assert [file.name for file in done.report.files] == ["2.dat"]
    assert len(list_jobs(ledger)) == 1


def test_the_desks_files_lead_to_the_merged_one_that_was_handed_over(
    give, answer, ledger, tmp_path
):
    one, two = loans(tmp_path / "1.dat", 3), loans(tmp_path / "2.dat", 3, start=10)
    job = give(one, two).files[0].job
    rows = [(1, "Item not found. Barcode: I0"), (5, "Item not found. Barcode: I11")]
    assert answer(report_text(rows, 6), one, two).report.id == job


def test_what_went_up_by_hand_is_not_handed_over_again(give, answer, tmp_path):
    file = loans(tmp_path / "1.dat", 3)
    answer(report_text([(2, "Item not found. Barcode: I1")], 3), file)
    # The item that Alma did not know may be there by now; what it has recorded is not sent again.
    done = give(loans(tmp_path / "1.dat", 4))
    assert (done.lines, done.skipped) == (2, 2)


def test_what_alma_has_answered_for_good_is_not_handed_over_again(give, answer, tmp_path):
    file = dat(tmp_path / "1.dat", back(0, "A"), loan(1, "B"), loan(2, "C"))
    give(file)
    rows = [
        (1, "Return item failed, item was not on loan. Barcode: A"),
        (2, "A later action on this item happened. Barcode: B"),
    ]
    answer(report_text(rows, 3))
    with pytest.raises(NothingToHandOverError):
        give(file)


def test_a_report_for_a_file_that_was_handed_over_again_still_counts(give, answer, tmp_path):
    file = loans(tmp_path / "1.dat", 3)
    first = give(file).files[0]
    second = give(file, again=True).files[0]
    done = answer(report_text([], 3), second.path)
    assert done.report.id == second.job
    old = answer(report_text([], 3, process="9"), first.path)
    assert old.report.recorded + old.report.skipped == 3


def test_nothing_is_read_in_while_an_upload_is_under_way(give, answer, tmp_path, ledger):
    give(loans(tmp_path / "1.dat", 3))
    with Ledger(ledger.path) as other, other.exclusive(), pytest.raises(LedgerBusyError):
        answer(report_text([], 3))


def test_every_change_of_a_line_is_kept(give, answer, ledger, tmp_path):
    job = give(loans(tmp_path / "1.dat", 2)).files[0].job
    answer(report_text([(1, "Item not found. Barcode: I0")], 2))
    upload = ledger.upload(job)
    states = [state for _at, state, _message in ledger.history(upload.first_line)]
    assert states == [LineState.HANDED_OVER, LineState.REJECTED]
    states = [state for _at, state, _message in ledger.history(upload.last_line)]
    assert states == [LineState.HANDED_OVER, LineState.RECORDED]
