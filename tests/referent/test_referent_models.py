"""The tables of the referent's window as models, and the words in them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from referent.report_kit import job, line

from offcirc import i18n
from offcirc.core.transaction import Operation
from offcirc.referent import jobwords, refusal
from offcirc.referent.cells import Role, Tone
from offcirc.referent.checkmodel import CheckModel
from offcirc.referent.checkpage import rows_of
from offcirc.referent.filecheck import FileCheck, State, check_file, expand
from offcirc.referent.filesmodel import Earlier, FilesModel
from offcirc.referent.historypage import PastModel
from offcirc.referent.past import earlier_by_digest, unfinished
from offcirc.referent.reportmodel import ReportModel, Show
from offcirc.upload.report import JobStatus, LineStatus, ReportFile, ReportLine

NOW = datetime(2018, 1, 19, 8, 0)


@pytest.fixture
def three() -> tuple[ReportLine, ...]:
    return (
        line(5, message="User not found. Barcode: 99", reason="patron-unknown", item="UBX1"),
        line(18),
        line(
            102,
            file="autre.dat",
            message="Return item failed, item was not on loan. Barcode: d293004279",
            reason="not-on-loan",
            operation=Operation.RETURN,
            at=datetime(2018, 1, 14, 9, 0),
            item="d293004279",
            patron="",
        ),
    )


def column(model, number: int) -> list[str]:
    return [model.index(row, number).data() for row in range(model.rowCount())]


def test_report_models_obey_qt(qtmodeltester, sheet, three):
    rows = ReportModel(sheet)
    qtmodeltester.check(rows)
    rows.show_lines(three)
    qtmodeltester.check(rows)
    rows.set_words("TOTO")
    qtmodeltester.check(rows)
    rows.sort(ReportModel.MESSAGE, Qt.SortOrder.DescendingOrder)
    qtmodeltester.check(rows)


def test_list_models_obey_qt(qtmodeltester, sheet, tmp_path):
    bad = tmp_path / "damaged.dat"
    bad.write_bytes(b"2018011714XXL12 3\r\n201801171400L37000034179   9921000000164\r\n")
    check = check_file(bad, NOW)
    files, findings, past = FilesModel(), CheckModel(sheet), PastModel()
    for model in (files, findings, past):
        qtmodeltester.check(model)
    files.add([check, FileCheck(tmp_path / "later.dat")])
    findings.show_things(rows_of(check, "damaged.dat"))
    past.show_rows([job()])
    for model in (files, findings, past):
        qtmodeltester.check(model)


def test_alma_s_columns_come_first_then_what_the_file_knows(sheet, three):
    model = ReportModel(sheet)
    model.show_lines(three)
    assert model.titles() == (
        "Line",
        "Error Message",
        "Time",
        "Desk",
        "Operation",
        "Item",
        "Title",
        "Borrower",
        "Borrower’s name",
        "File",
    )
    told = [model.text(1, number) for number in range(10)]
    assert told[:3] == ["18", "Item not found. Barcode: TOTO31400", "2018-01-15 15:30"]
    assert told[4:] == ["Loan", "TOTO31400", "", "9987125433541", "", "OffCirc.dat"]
    assert model.data(model.index(1, model.MESSAGE), Role.MARK) == "Unknown item"


def test_lines_sort_as_numbers_and_times_as_times(sheet, three):
    rows = ReportModel(sheet)
    rows.show_lines(three)
    rows.sort(ReportModel.LINE, Qt.SortOrder.DescendingOrder)
    assert column(rows, ReportModel.LINE) == ["102", "18", "5"]
    rows.sort(ReportModel.TIME, Qt.SortOrder.AscendingOrder)
    assert column(rows, ReportModel.LINE) == ["102", "5", "18"]


def test_filter_takes_every_word_in_any_column(sheet, three):
    rows = ReportModel(sheet)
    rows.show_lines(three)
    rows.set_words("unknown toto")
    assert column(rows, ReportModel.LINE) == ["18"]
    rows.set_words("AUTRE.dat")
    assert column(rows, ReportModel.LINE) == ["102"]
    rows.set_words("nothing like that")
    assert rows.rowCount() == 0
    rows.set_words("  ")
    assert rows.rowCount() == 3


def test_what_is_shown_follows_the_status(sheet):
    rows = ReportModel(sheet)
    rows.show_lines(
        (
            line(1),
            line(2, status=LineStatus.SKIPPED, reason="already-recorded", message=""),
            line(3, status=LineStatus.RECORDED, reason="", message="", notes=("in-transit",)),
            line(4, status=LineStatus.HELD, reason="too-short", message="", at=None),
        )
    )
    assert column(rows, ReportModel.LINE) == ["1", "4"]
    rows.set_show(Show.NOTES)
    assert column(rows, ReportModel.LINE) == ["3"]
    rows.set_show(Show.EARLIER)
    assert column(rows, ReportModel.LINE) == ["2"]
    rows.set_show(Show.ALL)
    assert rows.rowCount() == 4


def test_a_refusal_in_words_says_who_what_when_why_and_what_to_do():
    told = refusal.explain(line())
    assert told.title == "Line 18 of OffCirc.dat · Unknown item"
    assert told.event == "Item TOTO31400 was lent to 9987125433541, 2018-01-15 15:30."
    assert "Item not found. Barcode: TOTO31400" in told.why
    assert "catalogue" in told.advice
    assert told.tone is Tone.BAD


def test_a_refusal_in_french_keeps_the_server_s_own_words():
    i18n.activate("fr")
    told = refusal.explain(line())
    assert told.title == "Ligne 18 de OffCirc.dat · Exemplaire inconnu"
    assert told.event == "L’exemplaire TOTO31400 a été prêté à 9987125433541, le 15/01/2018 15:30."
    assert "«\u00a0Item not found. Barcode: TOTO31400\u00a0»" in told.why


def test_a_harmless_refusal_does_not_look_like_work():
    told = refusal.explain(line(reason="not-on-loan", operation=Operation.RETURN, patron=""))
    assert told.tone is Tone.PLAIN


def test_a_damaged_line_is_shown_as_it_stands():
    held = line(status=LineStatus.HELD, reason="too-short", message="", at=None, operation=None)
    told = refusal.explain(held)
    assert told.event == "As it stands in the file: 201801151530LTOTO31400 9987125433541"
    assert told.why
    assert told.advice


def test_check_counts_and_names_what_is_wrong(tmp_path):
    path = tmp_path / "OffCirc.dat"
    path.write_bytes(
        b"201801171400L37000034179".ljust(93) + b"9921000000164\r\n"
        b"201801171359Rd376480792\r\n"
        b"2018011714XXL12 3\r\n"
        b"\r\n"
        b"201801171405R37\r\n"
    )
    check = check_file(path, NOW)
    assert check.ready
    assert (check.lines, check.loans, check.returns) == (4, 1, 2)
    assert (check.errors, check.warnings) == (1, 1)
    assert (check.first, check.last) == (
        datetime(2018, 1, 17, 13, 59),
        datetime(2018, 1, 17, 14, 5),
    )
    assert [finding.entry.number for finding in check.findings] == [2, 3]


def test_the_same_doubt_about_many_lines_is_said_once(tmp_path):
    path = tmp_path / "old.dat"
    path.write_bytes(b"".join(b"2010011714%02dR%d\r\n" % (n % 60, n) for n in range(60)))
    (finding,) = check_file(path, NOW).findings
    assert (finding.entry.number, finding.last) == (1, 60)


@pytest.mark.parametrize(
    ("content", "mark"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100), "left out"),
        ("201801171400L37\r\n".encode("utf-16"), "left out"),
        (b"201801171400R37\r\n", "fine"),
        (b"201801171400L37\r\n", "damaged lines"),
        (b"210001171400R37\r\n", "to look at"),
    ],
)
def test_each_file_gets_its_verdict(tmp_path, content, mark):
    path = tmp_path / "OffCirc.dat"
    path.write_bytes(content)
    model = FilesModel()
    model.add([check_file(path, NOW)])
    assert model.verdict(0).mark == mark


def test_a_file_that_is_not_there_is_left_out(tmp_path):
    check = check_file(tmp_path / "gone.dat", NOW)
    assert check.state is State.UNREADABLE
    assert check.reason


def test_same_content_twice_and_uploaded_before_are_told(tmp_path):
    paths = [tmp_path / "a" / "OffCirc.dat", tmp_path / "b" / "OffCirc.dat"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"201801171400R37\r\n")
    model = FilesModel()
    model.add(check_file(path, NOW) for path in paths)
    assert [model.shown_name(file) for file in model.files] == [
        str(Path("a/OffCirc.dat")),
        str(Path("b/OffCirc.dat")),
    ]
    assert model.verdict(1).mark == "twice"
    model.set_earlier({model.files[0].sha256: Earlier(complete=True, when="2018-01-17 17:33")})
    assert model.verdict(0).mark == "uploaded before"
    assert "2018-01-17 17:33" in model.verdict(0).text


def test_adding_again_and_removing(tmp_path):
    model = FilesModel()
    first, second = FileCheck(tmp_path / "a.dat"), FileCheck(tmp_path / "b.dat")
    assert model.add([first, second, first]) == 2
    assert model.add([FileCheck(first.path, State.READY, lines=3)]) == 0
    assert model.files[0].lines == 3
    model.remove([0])
    assert [file.path for file in model.files] == [second.path]


def test_folders_stand_for_every_dat_file_below(tmp_path):
    for name in ("b/OffCirc.DAT", "a/deep/x.dat", "a/notes.txt", ".hidden/y.dat"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    alone = tmp_path / "a" / "notes.txt"
    assert expand([tmp_path, alone]) == [
        tmp_path / "a" / "deep" / "x.dat",
        tmp_path / "b" / "OffCirc.DAT",
        alone,
    ]


def test_an_unfinished_upload_is_recognised_by_its_content(tmp_path):
    path = tmp_path / "renamed.dat"
    path.write_bytes(b"201801171400R37\r\n")
    check = check_file(path, NOW)
    held = (ReportFile("OffCirc.dat", check.sha256, 17, 1),)
    begun = job(id=2, files=held, status=JobStatus.CANCELLED, left=1)
    other = job(id=1)
    assert unfinished([begun, other], [check], "") is begun
    assert unfinished([begun, other], [check], "BUC_PRET") is begun
    assert unfinished([begun, other], [check], "SCI_PRET") is None
    assert unfinished([job(id=3, files=held), begun], [check], "") is None
    assert unfinished([begun], [], "") is None
    assert earlier_by_digest([begun, job(id=1, files=held)])[check.sha256].complete


@pytest.mark.parametrize(
    ("seconds", "in_english", "in_french"),
    [
        (0.042, "0.04 seconds", "0,04 seconde"),
        (3.14, "3.1 seconds", "3,1 secondes"),
        (27, "27 seconds", "27 secondes"),
        (150, "2 min 30 s", "2 min 30 s"),
    ],
)
def test_run_time_in_both_languages(seconds, in_english, in_french):
    assert jobwords.run_time(seconds) == in_english
    i18n.activate("fr")
    assert jobwords.run_time(seconds).replace("\u00a0", " ") == in_french


def test_outcomes_in_words():
    assert jobwords.outcome(job()) == "The upload is complete. 9 lines need your attention."
    again = job(rejected=0, recorded=0, skipped=57)
    assert "nothing was recorded twice" in jobwords.outcome(again)
    assert jobwords.outcome(job(rejected=0)) == "The upload is complete: every line was recorded."
    assert "Nothing was recorded" in jobwords.outcome(job(dry_run=True))
