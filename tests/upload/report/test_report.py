"""One report, many renderings: all say the same, and no barcode does harm in any of them."""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from upload.pages import Page
from upload.reportkit import ALL, HELD, line, report

from offcirc import i18n
from offcirc.cli.uploads import reports
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import ReportFormatError, ReportNotWrittenError
from offcirc.upload.render import render_html, render_json
from offcirc.upload.render.files import formats, write_report
from offcirc.upload.report import reportview, words
from offcirc.upload.report.report import JobReport, JobStatus, ReportFile


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    i18n.activate(request.param)
    yield request.param
    i18n.activate("en")


Shown = Callable[[JobReport], str]


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Shown:
    """What a terminal shows of a report."""

    def show(of: JobReport) -> str:
        reports.show(of, "text")
        return capsys.readouterr().out

    return show


def test_json_has_exactly_the_promised_shape() -> None:
    told = json.loads(render_json.render(ALL))
    assert (told["records"], told["exceptions"]) == (57, 3)
    assert [one["status"] for one in told["lines"]] == ["rejected", "skipped", "held", "unknown"]
    contract = {
        "file": "OffCirc.dat",
        "line": 1,
        "status": "rejected",
        "message": "User not found. Barcode: 9900452388527",
        "timestamp": "2018-01-15T10:40",
        "operation": "L",
        "item": "UBX58950971",
        "patron": "9900452388527",
    }
    assert told["lines"][0].items() >= contract.items()
    assert told["lines"][2]["timestamp"] is None
    assert [one["line"] for one in told["remarks"]] == [4]
    assert told["remarks"][0]["notes"] == ["in-transit", "renewal"]


def test_text_is_alma_s_job_row_and_table(shown: Shown) -> None:
    text = shown(ALL)
    assert "Process ID               2744228060004116\n" in text
    assert "Total run time           27 seconds\n" in text
    assert "Status                   Completed Successfully\n" in text
    assert "Records processed        57\n" in text
    assert "Records with exceptions  3\n" in text
    table = text[text.index("Line  Error Message") :].split("\n\n")[0]
    rows = [re.split(r"\s{2,}", row.strip())[:2] for row in table.splitlines()[1:]]
    assert rows == [
        ["1", "User not found. Barcode: 9900452388527"],
        ["3", "Damaged."],
        ["5", "No answer came."],
    ]


def test_text_names_the_file_where_there_are_several(shown: Shown) -> None:
    files = (ReportFile("a.dat", "aa", 1, 1), ReportFile("b.dat", "bb", 1, 1))
    text = shown(report(line(1, file="b.dat"), files=files))
    assert text.splitlines()[-1].endswith(" b.dat")


def test_text_says_when_there_is_nothing_to_say_and_why_it_stopped(
    shown: Shown,
) -> None:
    assert "No exception." in shown(report())
    stopped = report(status=JobStatus.STOPPED, left=3)
    text = shown(stopped)
    assert re.search(r"Still to be sent +3\n", text)
    assert "No exception." not in text


def test_a_server_s_words_do_not_steer_the_terminal(shown: Shown) -> None:
    text = shown(report(line(1, message="red \x1b[31m\nnext\u202e line")))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "next" in next(row for row in text.splitlines() if "red" in row)


def test_a_file_given_twice_is_told_everywhere(shown: Shown) -> None:
    files = (ReportFile("a.dat", "aa", 1, 57), ReportFile("copy.dat", "aa", 1, 0, "a.dat"))
    twice = report(files=files)
    sentence = "copy.dat has the same content as a.dat"
    assert sentence in shown(twice)
    assert sentence in " ".join(Page(render_html.render(twice)).text)
    assert json.loads(render_json.render(twice))["files"][1]["same_as"] == "a.dat"
    # An earlier copy has not the same content, and a trial uploads nothing.
    files = (ReportFile("a.dat", "aa", 1, 57), ReportFile("copy.dat", "bb", 1, 0, "a.dat"))
    early = shown(report(files=files, dry_run=True))
    assert "copy.dat is an earlier copy of a.dat, which has all of its lines" in early
    assert "same content" not in early
    assert "was uploaded" not in early


def test_html_groups_by_reason_with_what_to_do(language: str) -> None:
    page = Page(render_html.render(ALL))
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
            "Lecteur inconnu",
            "Prêté à un lecteur inconnu (15/01/2018)",
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
    for code in [*words._NAMES, reasons.DAMAGED, "too-short"]:
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
    assert path.read_bytes() != b"older"
    assert [other.name for other in tmp_path.iterdir()] == [path.name]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["report.docx", "report", ".html.exe", "pdf"])
def test_other_endings_are_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportFormatError) as caught:
        write_report(ALL, tmp_path / name)
    assert ".html, .csv, .xlsx, .pdf or .json" in caught.value.words()
    assert not list(tmp_path.iterdir())


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    for path in (tmp_path / "report.html", tmp_path / "missing" / "report.html"):
        with pytest.raises(ReportNotWrittenError) as caught:
            write_report(ALL, path)
        assert "report.html" in caught.value.words()
    assert [other.name for other in tmp_path.iterdir()] == ["report.html"]


def test_no_two_things_left_to_do_have_the_same_name(language: str) -> None:
    names = [words.note_names((note,)) for note in words._NOTES]
    assert len(set(names)) == len(names)
