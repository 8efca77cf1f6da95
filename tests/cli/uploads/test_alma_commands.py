"""``offcirc upload`` to Alma and ``offcirc report --alma``, as a referent types them."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from offcirc import resources
from offcirc.cli.main import main

FOLDER = resources.path("practice/toulouse")
SAMPLE = FOLDER / "OffCirc.dat"
TWO = FOLDER / "two-desks"
EXPECTED = json.loads((FOLDER / "expected.json").read_bytes())["lines"]
AT = ("--desk", "BUC_PRET")
PRINTED = """\
Process ID 2744228060004116   Name Prêts - Télécharger les transactions hors-ligne
Started on 17/01/2018 17:32:47 CET   Finished on 17/01/2018 17:33:14 CET   Total run time 27 Seconds
Status Completed Successfully   Records processed 57   Records with exceptions 9
Line 18  Item not found. Barcode: TOTO31400
Line 19  Return item failed, item was not on loan. Barcode: OTOLO104602
Line 38  Return item failed, item was not on loan. Barcode: d293004279
Line 39  Return item failed, item was not on loan. Barcode: OTOLO104602
"""


def excel(path: Path, base: int = 1) -> Path:
    """Alma's report of the sample, exported to Excel."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Process ID", "Status", "Records processed", "Records with exceptions"])
    sheet.append(["4711", "Completed Successfully", 57, 9])
    sheet.append([])
    sheet.append(["Line", "Error Message"])
    for line, message in EXPECTED.items():
        sheet.append([int(line) - 1 + base, message])
    book.save(path)
    return path


def test_from_the_file_to_the_report(offcirc, tmp_path):
    words = ("upload", SAMPLE, "--server", "alma-file:for alma", *AT)
    ran = offcirc(*words)
    assert (ran.code, ran.err) == (0, "")
    assert "2018-01-15 09:14 – 2018-01-17 09:26" in ran.out
    (file,) = (tmp_path / "for alma").glob("*.dat")
    assert file.name == "OffCirc_BUC_PRET_2018-01-15_2018-01-17.dat"
    assert file.read_bytes() == SAMPLE.read_bytes()
    (page,) = (tmp_path / "for alma").glob("*.html")
    assert str(page) in ran.out
    assert "Waiting for the library system’s report" in offcirc("jobs").out

    again = offcirc(*words)
    assert (again.code, again.out) == (2, "")
    assert "Nothing to hand over" in again.err

    done = offcirc("report", "--alma", excel(tmp_path / "export.xlsx", base=0), "--format", "json")
    assert (done.code, done.err) == (1, "")
    assert {str(line["line"]): line["message"] for line in done.json["lines"]} == EXPECTED
    assert (done.json["records"], done.json["exceptions"]) == (57, 9)
    assert (done.json["process_id"], done.json["status"]) == ("4711", "completed")
    (job,) = offcirc("jobs", "--format", "json").json["jobs"]
    assert (job["process_id"], job["recorded"], job["handed_over"]) == ("4711", 48, 0)
    assert offcirc("report", "4711", "--format", "json").json == done.json

    twice = offcirc("report", "--alma", "export.xlsx", "-o", "r.html", "-o", "r.csv")
    assert (twice.code, twice.out) == (1, "")
    assert "read in before" in twice.err
    assert "TOTO31400" in (tmp_path / "r.html").read_text("utf-8")


def test_the_facts_for_a_program(offcirc, tmp_path):
    (tmp_path / "x.dat").write_bytes(
        b"".join(SAMPLE.read_bytes().splitlines(keepends=True)[:2]) + b"nonsense\r\n"
    )
    words = ("upload", "x.dat", "--server", "alma-file:out", *AT, "--format", "json")
    dry = offcirc(*words, "--dry-run")
    assert (dry.code, dry.json["dry_run"], dry.json["files"][0]["job"]) == (1, True, None)
    assert not (tmp_path / "out").exists()
    ran = offcirc(*words, "--report", "r.json")
    assert ran.code == 1
    assert (ran.json["records"], ran.json["handed_over"], ran.json["held"]) == (3, 2, 1)
    (file,) = ran.json["files"]
    assert (file["desk"], file["lines"], file["order"]) == ("BUC_PRET", 2, 1)
    assert Path(file["path"]).read_bytes().count(b"\r\n") == 2
    assert [(line["line"], line["status"]) for line in ran.json["lines"]] == [(3, "held")]
    assert json.loads((tmp_path / "r.json").read_bytes())["handed_over"] == 2
    assert offcirc(*words, "--again").json["handed_over"] == 2


def test_a_server_of_the_settings(offcirc, environment, tmp_path):
    site = tmp_path / "site.toml"
    site.write_text(
        '[servers.alma]\nkind = "alma-file"\nfolder = "out"\ndesk = "BUC_PRET"\nuser = "Camille"\n'
    )
    folder = Path(environment["OFFCIRC_SITE_DIR"])
    folder.mkdir(parents=True)
    site.rename(folder / "site.toml")
    doctor = offcirc("doctor", "--format", "json")
    assert "out of the server alma is made at its first use" in doctor.out
    ran = offcirc("upload", TWO / "desk-A.dat", TWO / "desk-B.dat", "--server", "alma")
    assert ran.code == 0, ran.err
    assert len(list((tmp_path / "out").glob("*.dat"))) == 1
    assert offcirc("jobs", "--format", "json").json["jobs"][0]["who"] == "Camille"


def test_a_file_that_went_up_by_hand(offcirc, tmp_path):
    (tmp_path / "mail.txt").write_text(PRINTED, "cp1252")
    ran = offcirc("report", "--alma", "mail.txt", SAMPLE, "--circulation-desk", "BUC_PRET")
    assert ran.code == 1
    assert "9 exceptions, its report names 4" in ran.err
    assert "Item not found. Barcode: TOTO31400" in ran.out
    assert "9987125433541" in ran.out
    (job,) = offcirc("jobs", "--format", "json").json["jobs"]
    later = offcirc("report", job["job"])
    assert "9 exceptions, its report names 4" in later.err, "said as long as it is so"
    assert (job["process_id"], job["exceptions"], job["desk"]) == (
        "2744228060004116",
        9,
        "BUC_PRET",
    )


CASES = {
    ("report", "--alma", "mail.txt"): "fits no file",
    ("report", "--alma", "prose.txt"): "cannot be read as a report",
    ("report", "--alma", "none.xlsx"): "none.xlsx",
    ("report",): "Which upload?",
    ("report", "1", "2"): "Which upload?",
    ("upload", str(SAMPLE), "--server", "alma-file:out"): "At which circulation desk",
    ("upload", str(SAMPLE), "--server", "alma-file:"): "In which folder?",
    ("upload", "mail.txt", "--server", "alma-file:out", *AT): "not an OffCirc.dat",
    ("upload", str(SAMPLE), "--server", "alma-file:mail.txt/x", *AT): "mail.txt",
}


@pytest.mark.parametrize("words", CASES, ids=" ".join)
def test_what_is_wrong_is_said(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.txt").write_text(PRINTED, "utf-8")
    (tmp_path / "prose.txt").write_text("Dear all,\nnothing.\n")
    assert main(words) == 2
    assert CASES[words] in capsys.readouterr().err
