"""The tables of the referent's window as models, and the words in them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from referent.report_kit import job, line

from offcirc import i18n
from offcirc.core.transaction import Operation
from offcirc.referent.background import jobwords
from offcirc.referent.background.inspection import SourceRow
from offcirc.referent.background.jobwords import unfinished
from offcirc.referent.kit.cells import DataRole, Tone
from offcirc.referent.report import model
from offcirc.referent.report.history_page import PastModel
from offcirc.referent.report.model import ReportModel, ShownLines
from offcirc.referent.report.reportpanel import ReportPanel
from offcirc.upload.report.report import JobStatus, LineStatus, ReportFile, ReportLine

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
    rows.sort(ReportModel.REASON, Qt.SortOrder.DescendingOrder)
    qtmodeltester.check(rows)


def test_the_list_of_uploads_obeys_qt(qtmodeltester, qapp):
    past = PastModel()
    qtmodeltester.check(past)
    past.show_rows([job()])
    qtmodeltester.check(past)


def test_number_and_reason_come_first_then_what_the_file_knows(sheet, three):
    model = ReportModel(sheet)
    model.show_lines(three)
    assert model.titles() == ("Line", "Reason", "Time", "Operation", "Item", "Borrower", "Desk")
    told = [model.text(1, number) for number in range(6)]
    assert told == ["18", "", "15 Jan 15:30", "Loan", "TOTO31400", "9987125433541"]
    assert model.data(model.index(1, model.REASON), DataRole.MARK) == "Unknown item"
    assert model.tip(1, model.REASON) == "Item not found. Barcode: TOTO31400"
    # A return has no borrower: that is shown, not left open.
    assert model.text(2, model.PATRON) == "—"


def test_the_year_is_told_where_there_is_more_than_one(sheet, three):
    model = ReportModel(sheet)
    late = line(200, at=datetime(2019, 1, 2, 9, 0))
    model.show_lines((*three, late))
    assert model.text(1, model.TIME) == "2018-01-15 15:30"


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
    rows.set_show(ShownLines.NOTES)
    assert column(rows, ReportModel.LINE) == ["3"]
    rows.set_show(ShownLines.EARLIER)
    assert column(rows, ReportModel.LINE) == ["2"]
    rows.set_show(ShownLines.ALL)
    assert rows.rowCount() == 4


def test_a_refusal_in_words_says_why_and_what_to_do():
    told = model.explain(line())
    assert told.title
    assert told.why == "The server says: “Item not found. Barcode: TOTO31400”"
    assert "catalogue" in told.advice
    assert told.tone is Tone.BAD


def test_a_refusal_in_french_keeps_the_server_s_own_words():
    i18n.activate("fr")
    told = model.explain(line())
    assert "«\u00a0Item not found. Barcode: TOTO31400\u00a0»" in told.why


def test_a_harmless_refusal_does_not_look_like_work():
    told = model.explain(line(reason="not-on-loan", operation=Operation.RETURN, patron=""))
    assert told.tone is Tone.PLAIN


def test_a_damaged_line_is_shown_as_it_stands(qtbot, sheet):
    held = line(status=LineStatus.HELD, reason="too-short", message="", at=None, operation=None)
    assert model.explain(held).title
    assert model.explain(held).advice
    panel = ReportPanel(sheet, None)
    qtbot.addWidget(panel)
    panel.show_line(held)
    shown = [value.text() for value in panel.facts.values]
    assert "201801151530LTOTO31400 9987125433541" in shown


def test_an_unfinished_upload_is_recognised_by_its_content():
    check = SourceRow(Path("renamed.dat"), "renamed.dat", read=True, ready=True, sha256="ab" * 32)
    held = (ReportFile("OffCirc.dat", check.sha256, 17, 1),)
    begun = job(id=2, files=held, status=JobStatus.CANCELLED, left=1)
    other = job(id=1, files=(ReportFile("OffCirc.dat", "cd" * 32, 17, 1),))
    assert unfinished([begun, other], [check], "") is begun
    assert unfinished([begun, other], [check], "BUC_PRET") is begun
    assert unfinished([begun, other], [check], "SCI_PRET") is None
    assert unfinished([job(id=3, files=held), begun], [check], "") is None
    assert unfinished([begun], [], "") is None


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
    harmless = line(19, reason="not-on-loan", operation=Operation.RETURN, patron="")
    assert jobwords.outcome(job(lines=(line(18),), rejected=1)) == (
        "The upload is complete. 1 line needs your attention."
    )
    # What leaves nothing to do asks for no attention.
    assert jobwords.outcome(job(lines=(line(18), harmless), rejected=2)) == (
        "The upload is complete. 2 lines were refused: 1 needs your attention."
    )
    assert jobwords.attention(job(lines=(harmless,), rejected=1)) == (
        "1 line was refused: none leaves anything to do."
    )
    again = job(rejected=0, recorded=0, skipped=57)
    assert "nothing was recorded twice" in jobwords.outcome(again)
    assert jobwords.outcome(job(rejected=0)) == "The upload is complete: every line was recorded."
    assert "Nothing was recorded" in jobwords.outcome(job(dry_run=True))
    empty = job(rejected=0, recorded=0, records=0)
    assert "there was nothing to send" in jobwords.outcome(empty)
