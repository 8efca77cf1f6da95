"""Prêt secouru / Retour secouru: files uploaded by hand, as a job in the background."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import openpyxl
import pytest
from helpers.library import begin_library
from helpers.waiting import wait_until
from practice.web.test_practice_serve import program, said_address, started

from offcirc.core.dat import datfile
from offcirc.core.fingerprint import KeyMaker
from offcirc.practice import recording, state
from offcirc.practice.acts import filejobs
from offcirc.practice.clock import Clock
from offcirc.practice.library import library


def library_of(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """What a library holds, without what names one copy of it."""
    with closing(sqlite3.connect(database)) as connection:
        return {
            "loans": connection.execute(
                "SELECT item, patron, loaned_at, due_at, renewals, returned_at FROM loans "
                "ORDER BY id"
            ).fetchall(),
            "events": connection.execute(
                "SELECT item, at, event, desk, key, patron FROM events ORDER BY id"
            ).fetchall(),
            "items": connection.execute(
                "SELECT barcode, place, in_house_uses, requested_by, last_event_at FROM items"
            ).fetchall(),
            "patrons": connection.execute(
                "SELECT primary_id, suspended_until FROM patrons"
            ).fetchall(),
            "transactions": connection.execute(
                "SELECT line, operation, item, patron, status, code, message, due_at, notes "
                "FROM transactions ORDER BY id"
            ).fetchall(),
        }


def dat(*lines: tuple[str, str, str, str]) -> bytes:
    return b"".join(
        f"{at}{operation}{item:<80}{patron}\r\n".encode() for at, operation, item, patron in lines
    )


GOOD = dat(
    ("201801151000", "L", "d293004279", "9971598771305"), ("201801151100", "R", "d293004279", "")
)


@pytest.mark.promise("practice-upload-by-hand")
def test_by_hand_and_by_program_end_in_the_same_library(
    start, browse, sample: Path, tmp_path: Path, monkeypatch
) -> None:
    # A due date that would have passed is the time of upload: one time for both.
    moment = dt.datetime(2018, 3, 7, 8, tzinfo=dt.UTC)
    monkeypatch.setattr(Clock, "now", lambda _self: moment)
    one, two = (start(data_dir=begin_library(tmp_path / name)) for name in ("hand", "program"))
    for count, (name, desk) in enumerate(
        (
            ("OffCirc.dat", "BUC_PRET"),
            ("two-desks/desk-A.dat", "BUC_PRET"),
            ("two-desks/desk-B.dat", "SCI_PRET"),
        ),
        start=1,
    ):
        browser = browse(one.url, desk=desk)
        answer = browser.upload(name, (sample / name).read_bytes())
        assert answer.status_code == 303, answer.text
        browser.finished(count)
        job = two.open_job(desk, files=[name])
        two.send(job, uploaders_lines(sample / name))
    hand, programmed = (
        library_of(tmp_path / name / state.DATABASE) for name in ("hand", "program")
    )
    assert hand == programmed


def uploaders_lines(path: Path) -> list[dict[str, object]]:
    """The lines of a file as the uploader sends them, under its own keys."""
    keys = KeyMaker()
    with path.open("rb") as stream:
        return [
            {
                "key": keys.key(entry.record).hex(),
                "line": entry.number,
                "file": path.name,
                "at": entry.record.at.isoformat(timespec="minutes"),
                "operation": str(entry.record.operation),
                "item": entry.record.item,
                "patron": entry.record.patron,
            }
            for entry in datfile.read(stream, dt.datetime(2026, 1, 1))
            if entry.record is not None
        ]


def test_the_job_its_report_and_the_letter(start, browse, sample: Path) -> None:
    browser = browse(start().url)
    content = (sample / "OffCirc.dat").read_bytes()
    page = browser.do("/jobs", files={"file": ("OffCirc.dat", content)})
    assert "“OffCirc.dat” is kept" in page
    (job,) = browser.finished()
    text = browser.get(f"/jobs/{job}")
    rows = re.findall(r'<td class="number">(\d+)</td>\s*<td class="words">', text)
    assert [int(row) for row in rows] == [5, 12, 18, 19, 27, 38, 39, 44, 52]
    sheet = openpyxl.load_workbook(io.BytesIO(browser.http.get(f"/jobs/{job}/report.xlsx").content))
    cells = list(sheet.active.values)
    assert [row[0] for row in cells[1:]] == [5, 12, 18, 19, 27, 38, 39, 44, 52]
    assert (cells[3][1], cells[3][4]) == ("Item not found. Barcode: TOTO31400", "TOTO31400")
    letters = browser.get("/letters")
    assert f"Report of job {job}" in letters
    french = browser.get("/letters?lang=fr")
    assert f"Rapport du traitement {job}" in french
    assert "Report of job" not in french
    browser.get("/letters?lang=en")
    letter = re.search(r'href="(/letters/[0-9a-f]+)"', letters)
    assert letter is not None
    body = browser.get(letter[1])
    assert "Records with exceptions 9" in body
    assert "Line 18  Item not found. Barcode: TOTO31400" in body
    assert "Mail the report" in text
    assert browser.do(f"/jobs/{job}/mail").count("in the out-box") == 1
    assert browser.get("/letters").count("Report of job") == 2


def test_a_line_nobody_can_read_is_in_the_report(start, browse) -> None:
    browser = browse(start().url)
    browser.upload("a.dat", GOOD + b"2018011511XXLbroken\r\n")
    (job,) = browser.finished()
    text = browser.get(f"/jobs/{job}")
    assert "Unreadable line" in text
    assert "Line cannot be read. Line: 2018011511XXLbroken" in text
    assert "<dt>Records processed</dt><dd>3</dd>" in text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"PK\x03\x04" + bytes(200), "no OffCirc.dat"),
        ("Title;Barcode\nx;1\n".encode("utf-16"), "no OffCirc.dat"),
        (b"20180115", "Not one line"),
    ],
)
def test_what_nobody_can_read_is_not_kept(start, browse, content: bytes, sentence: str) -> None:
    browser = browse(start().url)
    answer = browser.do("/jobs", files={"file": ("x.dat", content)})
    assert sentence in answer
    assert "Nothing has been uploaded yet" in answer


def test_a_hundred_megabytes_are_answered(start, browse) -> None:
    browser = browse(start().url)
    answer = browser.upload("big.dat", bytes(100 * 1024 * 1024))
    assert answer.status_code == 413
    assert "at most 16 MB" in answer.text
    assert "Nothing has been uploaded yet" in browser.get("/jobs")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\OffCirc.dat", "OffCirc.dat"),
        ("..", "OffCirc.dat"),
        ("a\u202eb.dat", "ab.dat"),
        ("x" * 400, "x" * 255),
    ],
)
def test_a_name_is_a_name_and_no_place(given: str, shown: str) -> None:
    assert filejobs.bare_name(given) == shown


def test_a_path_in_the_name_leads_nowhere(start, browse, tmp_path: Path) -> None:
    browser = browse(start().url)
    before = sorted(tmp_path.parent.rglob("OffCirc.dat"))
    browser.upload("../../OffCirc.dat", GOOD)
    browser.finished()
    assert "../" not in browser.get("/jobs").replace('href="../', "")
    assert sorted(tmp_path.parent.rglob("OffCirc.dat")) == before


def test_the_same_file_twice_is_asked_about_and_changes_nothing(start, browse) -> None:
    client = start()
    browser = browse(client.url)
    browser.upload("a.dat", GOOD)
    (job,) = browser.finished()
    answer = browser.upload("b.dat", GOOD)
    assert answer.status_code == 409
    assert f"as job {job}" in answer.text
    assert browser.upload("b.dat", GOOD, again="1").status_code == 303
    second = browser.finished(2)[0]
    assert "nothing was recorded twice" in browser.get(f"/jobs/{second}")


def test_the_limited_role_sees_and_does_not_upload(start, browse) -> None:
    client = start()
    browse(client.url).upload("a.dat", GOOD)
    limited = browse(client.url, "moniteur")
    (job,) = limited.finished()
    assert "may not upload" in limited.get("/jobs")
    assert 'type="file"' not in limited.get("/jobs")
    assert limited.upload("b.dat", GOOD).status_code == 403
    assert job in limited.get(f"/jobs/{job}")


def test_no_other_lines_get_into_the_job_of_a_file(start, browse, tx) -> None:
    client = start()
    browse(client.url).upload("a.dat", GOOD)
    (job,) = browse(client.url).finished()
    answer = client.send(job, [tx("2018-01-15T10:00", "R", "d293004279")])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "job-of-a-file")


def test_a_mistake_of_ours_stops_the_job_and_says_so(
    start, browse, monkeypatch: pytest.MonkeyPatch, expected_log
) -> None:
    def broken(*_arguments: object) -> None:
        raise KeyError("9971598771305")

    monkeypatch.setattr(recording, "_keep", broken)
    browser = browse(start().url)
    browser.upload("a.dat", GOOD)
    wait_until(lambda: "Stopped after 0 of 2" in browser.get("/jobs"))
    assert "9971598771305" not in browser.get("/jobs")
    expected_log.append("bug: KeyError")


# Its clock begins with the outage of the sample, so that due dates do not depend on when it runs.
# Given a number of lines and a while, it is killed that while after having applied that many.
PROGRAM = """
import datetime, os, signal, sys, threading
from pathlib import Path
from offcirc.practice.circulation import Circulation
from offcirc.practice.web.serve import serve
apply, left = Circulation.apply, int(sys.argv[2])
kill = (os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
def dying(*arguments):
    global left
    left -= 1
    if left == 0:
        threading.Timer(float(sys.argv[3]), os.kill, kill).start()
    return apply(*arguments)
Circulation.apply = dying
serve(None, Path(sys.argv[1]), now=datetime.datetime(2018, 1, 16, 8),
    ready=lambda url: print(url, flush=True))
"""


@pytest.mark.prove
@pytest.mark.promise("practice-job-survives")
def test_a_job_survives_kill_9_and_ends_as_if_nothing_had_been(tmp_path: Path, browse) -> None:
    kills, count = (20, 5000) if os.environ.get("OFFCIRC_PROVE") == "1" else (2, 300)
    dice = random.Random(7)
    content = a_long_day(dice, count)
    killed, whole = (begin_library(tmp_path / name) for name in ("killed", "whole"))
    begun = 0
    for number in range(kills):
        # Never so many that the job could end before the last of them.
        lines = dice.randrange(1, 2 * (count - begun) // (kills - number + 2))
        while_ = dice.uniform(0, 0.005)
        with started(killed, PROGRAM, str(lines), str(while_)) as process:
            if number == 0:  # the next ones go on by themselves, and may die before they say so
                browser = browse(said_address(process))
                # Whether the answer comes through or not: what is worked at is kept.
                with contextlib.suppress(httpx.TransportError):
                    assert browser.upload("a.dat", content).status_code == 303
            assert process.wait(120) != 0
        answered, status = where(killed)
        assert (begun <= answered < count, status) == (True, "running")
        begun = answered
    assert begun, "some lines were answered before the last kill"
    for folder in (killed, whole):
        with program(folder, PROGRAM, "-1", "0") as (_process, url):
            browser = browse(url)
            if folder is whole:
                assert browser.upload("a.dat", content).status_code == 303
            wait_until(
                lambda browser=browser: "Completed Successfully" in browser.get("/jobs"), 120
            )
    with closing(sqlite3.connect(killed / state.DATABASE)) as connection:
        lines = [row[0] for row in connection.execute("SELECT line FROM transactions ORDER BY id")]
        letters = connection.execute("SELECT count(*) FROM letters").fetchone()[0]
    assert (lines, letters) == (list(range(1, count + 1)), 1)
    left, right = (library_of(folder / state.DATABASE) for folder in (killed, whole))
    for name, rows in left.items():
        assert rows == right[name], name


def a_long_day(dice: random.Random, count: int) -> bytes:
    """Loans and returns of the sample's items and readers, many of them in each minute."""
    folder = library.sample()
    items, readers = (
        [row.split(",")[column] for row in (folder / name).read_text("utf-8").splitlines()[1:]]
        for name, column in (("items.csv", 0), ("patrons.csv", 1))
    )
    minutes = (number * 600 // count for number in range(count))
    return dat(
        *(
            (
                f"20180115{9 + minute // 60:02}{minute % 60:02}",
                dice.choice("LLR"),
                dice.choice((*items, "TOTO31400")),
                dice.choice((*readers, "99000")),
            )
            for minute in minutes
        )
    )


def where(folder: Path) -> tuple[int, str]:
    """How many lines are answered, and the status of the job."""
    with closing(sqlite3.connect(folder / state.DATABASE)) as connection:
        answered = connection.execute("SELECT count(*) FROM transactions").fetchone()[0]
        (position,) = connection.execute("SELECT position FROM uploads").fetchone()
        (status,) = connection.execute("SELECT status FROM jobs").fetchone()
    assert answered == position
    return answered, status
