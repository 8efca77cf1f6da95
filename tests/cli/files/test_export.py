"""``offcirc export``, and uploads to systems that people carry files to."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from helpers.rights import is_private
from servers.files.readers import Shelf, koha_queue, pmb_check
from upload.kit import back, dat, loan

from offcirc import resources

SAMPLE = resources.path("practice/toulouse/OffCirc.dat")
TWO = sorted(resources.path("practice/toulouse/two-desks").glob("*.dat"))
PASSWORD = {"OFFCIRC_PASSWORD": "bac-a-sable-1"}


@pytest.mark.parametrize("to", ["alma", "csv", "destiny", "evergreen", "koc", "pmb"])
def test_every_format_is_written_and_never_over_another(offcirc, tmp_path: Path, to: str) -> None:
    ran = offcirc("export", *TWO, "--to", to, "-o", f"out.{to}", "--format", "json")
    loans = 0 if to != "pmb" else len(ran.json["lines"])
    assert ran.code == (1 if loans else 0), ran.err
    assert ran.json["to"] == to
    assert ran.json["records"] == sum(file["lines"] for file in ran.json["files"]) + loans
    assert ran.json["exceptions"] == loans
    for file in ran.json["files"]:
        assert Path(tmp_path / file["path"]).stat().st_size > 0
        assert is_private(tmp_path / file["path"])
    again = offcirc("export", *TWO, "--to", to, "-o", f"out.{to}")
    assert again.code == 2
    assert f"out.{to}" in again.err


def test_the_sample_for_koha(offcirc, tmp_path: Path) -> None:
    ran = offcirc("export", SAMPLE, "--to", "koc", "-o", "out.koc")
    assert ran.code == 0, ran.err
    assert "57 lines" in ran.out
    assert "only in its queue" in ran.out
    shelf = Shelf()
    koha_queue((tmp_path / "out.koc").read_bytes(), shelf)
    assert shelf.holders


@pytest.mark.promise("export-names-what-is-left-out")
def test_lines_that_the_file_cannot_hold_are_named(offcirc, tmp_path: Path) -> None:
    dat(tmp_path / "a.dat", loan(0, "I1"), b"nonsense", loan(1, "I" * 21))
    ran = offcirc("export", "a.dat", "--to", "koc", "-o", "a.koc")
    assert ran.code == 1
    assert "I" * 21 in ran.out
    assert "it would be cut" in ran.out
    assert "nonsense" in ran.out
    assert "2 lines could not be written." in ran.out
    facts = offcirc("export", "a.dat", "--to", "koc", "-o", "b.koc", "--format", "json").json
    assert [(line["line"], line["reason"]) for line in facts["lines"]] == [
        (2, "too-short"),
        (3, "too-long-there"),
    ]


def test_nothing_to_write_is_no_file(offcirc, tmp_path: Path) -> None:
    dat(tmp_path / "a.dat", loan(0, "I1"))
    ran = offcirc("export", "a.dat", "--to", "pmb", "-o", "a.txt")
    assert ran.code == 2
    assert "Nobody has looked up this card" in ran.err
    assert not (tmp_path / "a.txt").exists()
    assert offcirc("export", "none.dat", "--to", "koc", "-o", "a.koc").code == 2


def test_each_day_its_file_for_destiny(offcirc, tmp_path: Path) -> None:
    dat(tmp_path / "a.dat", loan(0, "I1"), loan(24 * 60, "I2"))
    ran = offcirc("export", "a.dat", "--to", "destiny", "-o", "out.txt", "--format", "json")
    assert [Path(file["path"]).name for file in ran.json["files"]] == [
        "out_2018-01-15.txt",
        "out_2018-01-16.txt",
    ]


@pytest.fixture
def pmb(server, environment, tmp_path: Path) -> str:
    """Settings in which the practice server looks things up for PMB, and stands for it."""
    folder = Path(environment["OFFCIRC_SITE_DIR"])
    folder.mkdir(parents=True)
    out = json.dumps(str(tmp_path / "out"))
    (folder / "site.toml").write_text(
        f'[servers.pmb]\nkind = "pmb"\nfolder = {out}\nlook_up = "asked"\nuser = "Camille"\n'
        f'[servers.asked]\nurl = "{server.url}"\nuser = "referent"\n'
    )
    return server.url


def test_pmb_from_the_desk_to_the_look_back(offcirc, pmb: str, tmp_path: Path) -> None:
    ran = offcirc("upload", SAMPLE, "--server", "pmb", "--format", "json", env=PASSWORD)
    assert ran.code == 1, ran.err
    facts = ran.json
    assert facts["system"] == "pmb"
    assert facts["handed_over"] + facts["rejected"] == facts["records"] == 57
    assert facts["rejected"] > 0
    assert {line["message"] for line in facts["lines"] if line["status"] == "rejected"} <= {
        "The library system does not know this item.",
        "The library system does not know this borrower.",
    }
    assert "the day on which the file is uploaded" in facts["notes"][0]
    (file,) = facts["files"]
    assert pmb_check(Path(file["path"]).read_bytes(), Shelf()) == ""

    early = offcirc("report", file["job"], "--look-back", env=PASSWORD)
    assert early.code == 2
    assert "has the file been uploaded" in early.err
    words = ("--server", pmb, "--user", "referent", "--desk", "BUC_PRET")
    there = offcirc("--data-dir", tmp_path / "other", "upload", SAMPLE, *words, env=PASSWORD)
    assert there.code == 1, there.err
    late = offcirc("report", file["job"], "--look-back", "--format", "json", env=PASSWORD)
    assert late.code == 1, late.err
    counted = late.json
    assert counted["handed_over"] == 0
    assert counted["records"] == 57
    assert {line["status"] for line in counted["lines"]} <= {"recorded", "rejected", "unknown"}
    assert offcirc("jobs", "--format", "json").json["jobs"][0]["handed_over"] == 0


def test_pmb_without_a_server_to_ask(offcirc, tmp_path: Path) -> None:
    ran = offcirc("upload", SAMPLE, "--server", f"pmb:{tmp_path / 'out'}")
    assert ran.code == 2
    assert "have to be looked up" in ran.err
    assert "look_up" in ran.err
    assert not (tmp_path / "out").exists()


def test_nobody_can_be_asked_about_destiny(offcirc, tmp_path: Path) -> None:
    ran = offcirc("upload", SAMPLE, "--server", "destiny:out", "--format", "json")
    assert (ran.code, ran.json["handed_over"], len(ran.json["files"])) == (0, 57, 3)
    asked = offcirc("report", "1", "--look-back")
    assert asked.code == 2
    assert "Destiny itself cannot be asked" in asked.err
    assert "servers.NAME.look_up" in asked.err


def test_a_wrong_kind_names_those_there_are(offcirc, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[servers.a]\nkind = "pmbb"\nfolder = "/srv/x"\n')
    ran = offcirc("config", "check", "--from", "site.toml")
    assert ran.code == 1
    for kind in ("practice", "alma-file", "koha-file", "pmb", "destiny"):
        assert kind in ran.out


def test_a_line_of_tomorrow_is_not_for_evergreen(offcirc, tmp_path: Path) -> None:
    far = (datetime(9000, 1, 1) - datetime(2018, 1, 15, 9)).days * 24 * 60
    dat(tmp_path / "a.dat", loan(0, "I1"), back(far, "I1"))
    ran = offcirc("export", "a.dat", "--to", "evergreen", "-o", "a.xacts", "--format", "json")
    assert (ran.code, [line["reason"] for line in ran.json["lines"]]) == (
        1,
        ["future-dropped-there"],
    )
