"""One report, many renderings: all say the same, and no barcode does harm in any of them."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from offcirc import i18n
from offcirc.core.transaction import Operation
from offcirc.upload import render_csv, render_html, render_json, render_text, reportview, words
from offcirc.upload.errors import ReportFormatError, ReportNotWrittenError
from offcirc.upload.report import (
    JobReport,
    JobStatus,
    LineStatus,
    ReportFile,
    ReportLine,
    formats,
    write_report,
)

HOSTILE = [
    '=HYPERLINK("http://evil.example";"x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "X" * 80,
]


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    i18n.activate(request.param)
    yield request.param
    i18n.activate("en")


def line(number: int, status: LineStatus = LineStatus.REJECTED, **more: object) -> ReportLine:
    known = ReportLine(
        file="OffCirc.dat",
        line=number,
        status=status,
        message="User not found. Barcode: 9900452388527",
        reason="patron-unknown",
        at=datetime(2018, 1, 15, 10, 40),
        operation=Operation.LOAN,
        item="UBX58950971",
        patron="9900452388527",
        raw="201801151040LUBX58950971 9900452388527",
    )
    return replace(known, **more)  # type: ignore[arg-type]


def report(*lines: ReportLine, **more: object) -> JobReport:
    def count(status: LineStatus) -> int:
        return sum(one.status is status for one in lines)

    whole = JobReport(
        id=1,
        process_id="2744228060004116",
        name="Prêts - Télécharger les transactions hors-ligne",
        server="http://127.0.0.1:8000",
        desk="BUC_PRET",
        who="Référent",
        started=datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC),
        finished=datetime(2018, 1, 17, 16, 33, 14, tzinfo=UTC),
        run_seconds=27.0,
        status=JobStatus.COMPLETED,
        dry_run=False,
        files=(ReportFile("OffCirc.dat", "ab" * 32, 5847, 57),),
        records=57,
        recorded=57 - len(lines) + count(LineStatus.RECORDED),
        rejected=count(LineStatus.REJECTED),
        unknown=count(LineStatus.UNKNOWN),
        held=count(LineStatus.HELD),
        skipped=count(LineStatus.SKIPPED),
        left=0,
        lines=lines,
    )
    return replace(whole, **more)  # type: ignore[arg-type]


HELD = line(
    3,
    LineStatus.HELD,
    message="Damaged.",
    reason="impossible-date",
    at=None,
    operation=None,
    item="",
    patron="",
    raw="20180230\\xff",
)
NOTED = line(4, LineStatus.RECORDED, message="", reason="", notes=("in-transit", "renewal"))
ALL = report(
    line(1),
    line(2, LineStatus.SKIPPED, message="Recorded earlier.", reason="already-recorded"),
    HELD,
    NOTED,
    line(5, LineStatus.UNKNOWN, message="No answer came.", reason="no-answer"),
)


class Cells(HTMLParser):
    """What a browser would show and load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.text.append(data.strip())


def rows(report: JobReport) -> list[list[str]]:
    text = render_csv.render(report)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def test_json_has_exactly_the_promised_shape() -> None:
    told = json.loads(render_json.render(ALL))
    assert (told["records"], told["exceptions"]) == (57, 3)
    assert [one["status"] for one in told["lines"]] == ["rejected", "skipped", "held", "unknown"]
    assert told["lines"][0] == {
        "file": "OffCirc.dat",
        "line": 1,
        "status": "rejected",
        "message": "User not found. Barcode: 9900452388527",
        "timestamp": "2018-01-15T10:40",
        "operation": "L",
        "item": "UBX58950971",
        "patron": "9900452388527",
    }
    assert told["lines"][2]["timestamp"] is None
    assert [one["line"] for one in told["remarks"]] == [4]
    assert told["remarks"][0]["notes"] == ["in-transit", "renewal"]


def test_text_is_alma_s_job_row_and_table() -> None:
    text = render_text.render(ALL)
    assert "Process ID               2744228060004116\n" in text
    assert "Total run time           27 seconds\n" in text
    assert "Status                   Completed Successfully\n" in text
    assert "Records processed        57\n" in text
    assert "Records with exceptions  3\n" in text
    table = text[text.index("Line  Error Message") :].split("\n\n")[0]
    assert table.splitlines()[1:] == [
        "   1  User not found. Barcode: 9900452388527",
        "   3  Damaged.",
        "   5  No answer came.",
    ]


def test_text_names_the_file_where_there_are_several() -> None:
    files = (ReportFile("a.dat", "aa", 1, 1), ReportFile("b.dat", "bb", 1, 1))
    text = render_text.render(report(line(1, file="b.dat"), files=files))
    assert "b.dat     1  User not found." in text


def test_text_says_when_there_is_nothing_to_say_and_why_it_stopped() -> None:
    assert "No exception." in render_text.render(report())
    stopped = report(status=JobStatus.STOPPED, problem="The server is gone.", left=3)
    text = render_text.render(stopped)
    assert "The server is gone." in text
    assert "Still to be sent: 3" in text
    assert "No exception." not in text


def test_a_server_s_words_do_not_steer_the_terminal() -> None:
    text = render_text.render(report(line(1, message="red \x1b[31m\nnext\u202e line")))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "next" in next(row for row in text.splitlines() if "red" in row)


def test_a_file_given_twice_is_told_everywhere() -> None:
    files = (ReportFile("a.dat", "aa", 1, 57), ReportFile("copy.dat", "aa", 1, 0, "a.dat"))
    twice = report(files=files)
    sentence = "copy.dat has the same content as a.dat"
    assert sentence in render_text.render(twice)
    assert sentence in " ".join(Cells(render_html.render(twice)).text)
    assert json.loads(render_json.render(twice))["files"][1]["same_as"] == "a.dat"


def test_csv_has_a_row_for_every_line_that_is_told() -> None:
    head, *lines = rows(ALL)
    assert len(head) == 11
    assert [row[:3] for row in lines] == [
        ["OffCirc.dat", "1", "rejected"],
        ["OffCirc.dat", "2", "already recorded"],
        ["OffCirc.dat", "3", "held back"],
        ["OffCirc.dat", "4", "recorded"],
        ["OffCirc.dat", "5", "unknown"],
    ]
    assert lines[0][3:9] == [
        "2018-01-15 10:40",
        "Loan",
        "UBX58950971",
        "9900452388527",
        "User not found. Barcode: 9900452388527",
        "Unknown borrower",
    ]
    assert "Lent to an unknown borrower (2018-01-15)" in lines[0][9]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_barcodes_do_no_harm(text: str) -> None:
    bad = report(line(1, item=text, patron=text, message=f"Item not found. Barcode: {text}"))
    [_head, row] = rows(bad)
    assert row[5].removeprefix("'") == text
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)

    page = Cells(render_html.render(bad))
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert text in page.text

    assert json.loads(render_json.render(bad))["lines"][0]["item"] == text


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", " =1", "＝1"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert render_csv.defused(cell) == "'" + cell
    assert render_csv.defused("1=1") == "1=1"


def test_html_needs_nothing_and_runs_nothing() -> None:
    page = Cells(render_html.render(ALL))
    policies = [value for name, value in page.attributes if name == "content" and value]
    assert "default-src 'none'; style-src 'unsafe-inline'" in policies
    assert not [name for name, _value in page.attributes if name in ("src", "href")]
    assert not [name for name, _value in page.attributes if name.startswith("on")]


def test_html_groups_by_reason_with_what_to_do(language: str) -> None:
    page = Cells(render_html.render(ALL))
    text = " ".join(page.text)
    assert ("lang", language) in page.attributes
    expected = {
        "en": [
            "Completed Successfully",
            "Unknown borrower",
            "Lent to an unknown borrower (2018-01-15)",
            "Damaged line",
            "In transit",
        ],
        "fr": [
            "Terminé avec succès",
            "Usager inconnu",
            "Prêté à un usager inconnu (15/01/2018)",
            "Ligne abîmée",
            "En transit",
        ],
    }
    for part in expected[language]:
        assert part in text
    assert text.index(expected[language][1]) < text.index(expected[language][3])
    assert "20180230\\xff" in text


def test_groups_ask_for_work_first_and_hold_every_exception() -> None:
    lines = [
        line(1, reason="later-action"),
        line(2, reason="not-on-loan"),
        line(3, reason="unheard-of"),
        line(4, reason="item-unknown"),
        HELD,
        line(5),
    ]
    groups = reportview.groups(report(*lines))
    assert [group.code for group in groups] == [
        "patron-unknown",
        "item-unknown",
        "damaged",
        "not-on-loan",
        "later-action",
        "unheard-of",
    ]
    assert [group.harmless for group in groups] == [False, False, False, True, True, False]
    assert sum(len(group.lines) for group in groups) == 6


def test_every_reason_and_note_has_words_in_both_languages(language: str) -> None:
    del language
    for code in [*words._NAMES, words.DAMAGED, "too-short"]:
        assert words.reason_name(code)
        assert "{" not in words.advice(code, datetime(2018, 1, 15))
    for note in words._NOTES:
        assert words.note_names((note,))
        assert words.note_advice(note)
    assert words.message_of("too-short")
    assert words.note_advice("renewal") == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "less than a second"),
        (1, "1 second"),
        (27, "27 seconds"),
        (60, "1 minute"),
        (125, "2 minutes 5 seconds"),
    ],
)
def test_run_times(seconds: float, said: str) -> None:
    assert reportview.run_time(seconds) == said


@pytest.mark.parametrize("ending", [*formats(), ".HTML"])
def test_a_report_is_written_by_its_ending_for_its_owner_only(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"report{ending}"
    path.write_text("older")
    write_report(ALL, path)
    content = path.read_text("utf-8")
    assert "9900452388527" in content
    assert [other.name for other in tmp_path.iterdir()] == [path.name]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["report.xlsx", "report.pdf", "report", ".html.exe"])
def test_other_endings_are_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportFormatError) as caught:
        write_report(ALL, tmp_path / name)
    assert ".html, .csv or .json" in caught.value.words()
    assert not list(tmp_path.iterdir())


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    for path in (tmp_path / "report.html", tmp_path / "missing" / "report.html"):
        with pytest.raises(ReportNotWrittenError) as caught:
            write_report(ALL, path)
        assert "report.html" in caught.value.words()
    assert [other.name for other in tmp_path.iterdir()] == ["report.html"]
