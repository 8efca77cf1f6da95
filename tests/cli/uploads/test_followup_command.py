"""``offcirc followup``, ``archive`` and ``jobs --search``, as a referent types them."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from helpers import TOP

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, record_now
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal

SAMPLE = TOP / "resources" / "practice" / "toulouse" / "OffCirc.dat"
UPLOAD = ("--desk", "BUC_PRET")
READERS = {"9980165842856": "Lecteur 035", "9987125433541": "Lecteur 056"}


@pytest.fixture
def uploaded(offcirc, server, tmp_path):
    """The sample, uploaded; the file and the words that name the server."""
    path = tmp_path / "OffCirc.dat"
    shutil.copy(SAMPLE, path)
    where = ("--server", server.url)
    assert offcirc("upload", path, *where, *UPLOAD).code == 1
    return path, where


def kinds(told):
    found = {}
    for task in told["tasks"]:
        found.setdefault(task["kind"], []).append(task)
    return found


def test_from_the_report_to_the_archive(offcirc, uploaded, tmp_path):
    path, where = uploaded
    shown = offcirc("followup", "--format", "json")
    assert shown.code == 1
    work = kinds(shown.json)
    assert {kind: len(tasks) for kind, tasks in work.items()} == {
        "reader-unknown": 2,
        "item-unknown": 2,
        "item-excluded": 2,
        "hold-shelf-processing": 1,
        "in-transit": 5,
    }
    assert (shown.json["left"], shown.json["done"]) == (12, 0)
    first, second = work["reader-unknown"]
    done = offcirc(
        *("followup", "--correct", first["task"], "--fictitious"),
        env={"OFFCIRC_FOLLOWUP_FICTITIOUS_READER": "9921000000164"},
    )
    assert "corrected, to be sent again" in done.out
    asked = offcirc(
        *("followup", "--correct", second["task"], "--reader", "9951658533103"),
        *("--who", "Lou", "--send", *where, "--format", "json"),
    )
    assert "Upload 2: 2 recorded, 0 not." in asked.err
    rest = [task["task"] for task in asked.json["tasks"]]
    assert len(rest) == 10
    offcirc("followup", "--assign", "Lou", rest[0], "--note", "ask the desk", rest[0])
    mine = offcirc("followup", "--for", "lou", "-o", "mine.csv", "-o", "mine.html")
    assert mine.code == 1
    rows = list(csv.reader(io.StringIO((tmp_path / "mine.csv").read_text("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [rest[0]]
    assert "ask the desk" in (tmp_path / "mine.html").read_text("utf-8")
    assert offcirc("followup", "1", "--done", *rest).code == 0
    everything = offcirc("followup", "--all", "--lang", "fr").out
    assert "Prêté à un lecteur inconnu (15/01/2018)" in everything
    assert "fait par le téléchargement 2" in everything
    assert "Tout est fait." in everything
    assert "\\x" not in everything

    story = offcirc("jobs", "--search", first["lines"][0]["item"], "--format", "json").json
    assert [(line["job"], line["status"]) for line in story["lines"]] == [
        (2, "recorded"),
        (1, "rejected"),
    ]
    assert story["lines"][0]["decision"]["act"] == "correct"
    day = offcirc("jobs", "--day", "16/01/2018", "--limit", "5").out
    assert day.count("uploaded at BUC_PRET") == 5
    assert offcirc("jobs", "--day", "sixteen").code == 2

    path.write_bytes(path.read_bytes() + b"201801171000R37000034179\r\n")
    refused = offcirc("archive", path)
    assert refused.code == 2
    assert "1 line has not been uploaded" in refused.err
    closed = offcirc("archive", path, "--leave-behind", "--format", "json")
    assert closed.code == 0
    assert closed.json["files"][0]["outcome"] == "done"
    assert path.read_bytes() == b"201801171000R37000034179\r\n"
    again = offcirc("upload", path, *where, *UPLOAD, "--format", "json").json
    assert (again["records"], again["skipped"]) == (1, 0)
    assert "put away" in offcirc("archive", "--list").out
    assert "nothing was erased" in offcirc("archive", "--erase").out
    undone = offcirc("archive", "--undo", "1")
    assert "brought back with all its lines" in undone.out
    assert path.read_bytes() == SAMPLE.read_bytes() + b"201801171000R37000034179\r\n"


def test_a_desk_obeys_a_receipt_by_hand(offcirc, server, tmp_path):
    desk = tmp_path / "desk"
    from datetime import datetime
    from zoneinfo import ZoneInfo

    now = datetime(2018, 1, 15, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
    record = record_now(now, Operation.RETURN, "UBX33202896")
    with Journal.open(desk) as journal:
        journal.append(record)
        DatWriter(journal).save()
        path = desk / "OffCirc.dat"
        offcirc("upload", path, "--server", server.url, *UPLOAD)
        told = offcirc("archive", path)
        assert "The desk is at work" in told.out
        assert path.read_bytes() == encode(record.record)
    receipt = desk / "OffCirc.closed.json"
    obeyed = offcirc("archive", receipt, "--data-dir", desk)
    assert "1 line was uploaded on" in obeyed.out
    assert not path.exists()
    assert len(list((desk / "archive").iterdir())) == 1
    broken = Path(tmp_path / "x.closed.json")
    broken.write_text("{}")
    assert "is no receipt" in offcirc("archive", broken, "--data-dir", desk).err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("followup", "7"), "There is no upload number 7 here."),
        (("archive", "none.dat"), "Nothing has been uploaded from this data folder yet."),
        (("archive",), "Name the files to put away"),
        (("archive", "--list", "--erase"), "Name the files to put away"),
    ],
)
def test_what_cannot_be_done_is_told(offcirc, words, told):
    done = offcirc(*words)
    assert done.code == 2
    assert told in done.err


def test_nothing_uploaded_is_nothing_to_do(offcirc):
    done = offcirc("followup")
    assert (done.code, "There is nothing to do" in done.out) == (0, True)
    assert "No line of any upload" in offcirc("jobs", "--search", "x").out


def test_a_resend_asks_for_names_as_an_upload_does(offcirc, uploaded):
    _path, where = uploaded
    work = kinds(offcirc("followup", "--format", "json").json)
    task = next(each for each in work["item-unknown"] if each["lines"][0]["patron"])
    env = {"OFFCIRC_REPORT_READER_NAMES": "screen"}
    words = ("followup", "--correct", task["task"], "--item", "NOWHERE1", "--send", *where)
    assert "Upload 2: 0 recorded, 1 not." in offcirc(*words, env=env).err
    reader = READERS[task["lines"][0]["patron"]]
    assert reader in offcirc("report", "1").out
    assert reader in offcirc("report", "2").out
    assert "refused again by upload 2" in offcirc("followup", "1", "--all").out
