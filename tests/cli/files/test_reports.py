"""``report`` and ``upload --report``, ``--mail``: every format, through the real command."""

from __future__ import annotations

import csv
import json

import openpyxl
import pytest
from helpers.rights import is_private
from upload.pages import Page
from upload.postoffice import PASSWORD, USER, Box, certificate, post_office

from offcirc import resources

SAMPLE = resources.path("practice/toulouse/OffCirc.dat")
NAME = "Lecteur 056"


@pytest.fixture
def uploaded(offcirc, server):
    """An upload of the sample, made by the command; what it printed."""

    def run(*words, env=None):
        ran = offcirc(
            *("upload", SAMPLE, "--server", server.url, "--desk", "BUC_PRET", *words), env=env
        )
        assert ran.code == 1, ran.err
        return ran

    return run


@pytest.fixture
def mail_settings(tmp_path):
    pem = certificate(tmp_path)
    box = Box()
    with post_office(box, pem) as port:
        yield (
            box,
            {
                "OFFCIRC_MAIL_SERVER": "localhost",
                "OFFCIRC_MAIL_PORT": str(port),
                "OFFCIRC_MAIL_CA_FILE": str(pem),
                "OFFCIRC_MAIL_FROM": "offcirc@library.example",
                "OFFCIRC_MAIL_TO": "referent@library.example",
                "OFFCIRC_MAIL_USER": USER,
                "OFFCIRC_MAIL_PASSWORD": PASSWORD,
                "OFFCIRC_MAIL_ATTACH": "csv",
            },
        )


def test_every_format_tells_of_the_same_lines(uploaded, offcirc, tmp_path):
    names = [f"r.{form}" for form in ("html", "csv", "xlsx", "pdf", "json")]
    uploaded(*(word for name in names for word in ("--report", name)))
    again = offcirc("report", "1", *(word for name in names for word in ("-o", f"again-{name}")))
    assert (again.code, again.out) == (0, "")
    for name in names:
        assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()
        assert is_private(tmp_path / name)
    told = json.loads((tmp_path / "r.json").read_text("utf-8"))
    lines = [one["line"] for one in [*told["lines"], *told["remarks"]]]
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets[1]
    assert sorted(row[1].value for row in sheet.iter_rows(min_row=2)) == sorted(lines)
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert sorted(int(row["Line"]) for row in csv.DictReader(stream)) == sorted(lines)
    page = Page((tmp_path / "r.html").read_text("utf-8"))
    shown = [int(row[0]) for table in page.tables for row in table[1:]]
    assert sorted(shown) == sorted(lines)
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")


def test_names_are_on_the_screen_and_travel_only_where_the_library_says_so(
    uploaded, offcirc, tmp_path
):
    ran = uploaded("--report", "r.csv")
    assert NAME in ran.out
    assert "Titre 034" in ran.out
    csv_file = tmp_path / "r.csv"
    assert NAME not in csv_file.read_text("utf-8")
    assert "Titre 034" in csv_file.read_text("utf-8")
    assert NAME not in offcirc("report", "1", "--format", "json").out
    offcirc("report", "1", "-o", "r.csv", env={"OFFCIRC_REPORT_READER_NAMES": "everywhere"})
    assert NAME in csv_file.read_text("utf-8")
    assert NAME not in offcirc("report", "1", env={"OFFCIRC_REPORT_READER_NAMES": "never"}).out


def test_lines_are_chosen_sorted_and_put_together(uploaded, offcirc, tmp_path):
    uploaded()
    ran = offcirc("report", "1", "--format", "json", "--filter", "otolo104602 return")
    assert [one["line"] for one in ran.json["lines"]] == [19, 39]
    assert ran.json["records"] == 57
    ran = offcirc("report", "1", "--format", "json", "--reason", "patron-unknown", "--descending")
    assert [one["line"] for one in ran.json["lines"]] == [12, 5]
    words = ("--sort", "item", "--status", "rejected", "--operation", "R")
    ran = offcirc("report", "1", "--format", "json", *words, "--from-desk", "OffCirc.dat")
    assert {one["operation"] for one in ran.json["lines"]} == {"R"}
    items = [one["item"] for one in ran.json["lines"]]
    assert items == sorted(items, key=str.casefold)
    ran = offcirc("report", "1", "--group", "item", "--status", "rejected")
    assert "Item OTOLO104602 Titre 003: 2 lines" in ran.out
    assert "Only 9 of 17 lines are listed here: rejected." in ran.out
    ran = offcirc("report", "1", "--group", "reader", "-o", "r.html")
    page = Page((tmp_path / "r.html").read_text("utf-8"))
    assert "Borrower 9900452388527" in page.text
    assert ran.code == 0


def test_the_report_is_mailed_with_the_upload_and_again(uploaded, offcirc, mail_settings):
    box, env = mail_settings
    ran = uploaded("--dry-run", env={**env, "OFFCIRC_MAIL_AFTER_UPLOAD": "true"})
    assert not box.letters
    ran = uploaded(env={**env, "OFFCIRC_MAIL_AFTER_UPLOAD": "true"})
    assert "Report mailed to referent@library.example." in ran.err
    ran = offcirc("report", "1", "--mail", "chief@library.example", env=env)
    assert (ran.code, ran.out) == (0, "")
    first, second = box.letters
    assert first.encrypted
    assert first.to == ["referent@library.example"]
    assert second.to == ["chief@library.example"]
    assert first.message["Subject"].startswith("OffCirc: 57 records, 9 exceptions – BUC_PRET, ")
    assert [part.get_content() for part in first.message.iter_attachments()] == [
        part.get_content() for part in second.message.iter_attachments()
    ]


def test_a_mail_that_cannot_be_sent_is_said_before_the_upload(offcirc, server, mail_settings):
    box, env = mail_settings
    words = ("upload", SAMPLE, "--server", server.url, "--desk", "BUC_PRET", "--mail")
    for change, said in (
        ({"OFFCIRC_MAIL_SERVER": ""}, "mail.server"),
        ({"OFFCIRC_MAIL_PASSWORD": ""}, "OFFCIRC_MAIL_PASSWORD"),
    ):
        ran = offcirc(*words, env={**env, **change})
        assert ran.code == 2
        assert said in ran.err
    ran = offcirc("upload", "--mail", SAMPLE, env=env)
    assert ran.code == 2
    assert "write --mail after the files" in ran.err
    assert offcirc("jobs", "--format", "json").json["jobs"] == []
    assert not box.letters


def test_a_mail_that_is_refused_does_not_hide_the_upload(offcirc, server, mail_settings):
    box, env = mail_settings
    box.answer = "552 5.3.4 Message too big"
    words = ("upload", SAMPLE, "--server", server.url, "--desk", "BUC_PRET", "--mail")
    ran = offcirc(*words, "--format", "json", env=env)
    assert ran.code == 2
    assert ran.json["recorded"] == 48
    assert "552 5.3.4 Message too big" in ran.err
    assert PASSWORD not in ran.err + ran.out


def test_the_desk_loads_nothing_of_it(offcirc, environment):
    import subprocess
    import sys

    code = (
        "import sys, offcirc.desk.main\n"
        "bad = [name for name in sys.modules if name.split('.')[0] in"
        " ('reportlab', 'xlsxwriter', 'jinja2', 'smtplib') or name.startswith('offcirc.upload')]\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_checking_and_merging_load_no_renderer(environment, tmp_path):
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from offcirc.cli.main import main\n"
        f"main(['check', {str(SAMPLE)!r}])\n"
        "bad = [name for name in sys.modules if name.split('.')[0] in"
        " ('reportlab', 'xlsxwriter', 'jinja2', 'smtplib')]\n"
        "assert not bad, bad"
    )
    subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, cwd=tmp_path
    )
