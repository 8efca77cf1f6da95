from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from helpers import pseudo_terminal, wait_until
from helpers.processes import interrupt, interruptible
from helpers.rights import is_private

from offcirc import resources

SAMPLE = resources.path("practice/toulouse/OffCirc.dat")
TWO = resources.path("practice/toulouse/two-desks")
EXPECTED = json.loads(resources.path("practice/toulouse/expected.json").read_bytes())
AT = ("--desk", "BUC_PRET")


def messages(ran) -> dict[str, str]:
    return {str(line["line"]): line["message"] for line in ran.json["lines"]}


def test_the_sample_gives_exactly_what_is_expected(offcirc, server, tmp_path):
    words = ("upload", SAMPLE, "--server", server.url, *AT, "--format", "json")
    ran = offcirc(*words)
    assert (ran.code, ran.err) == (1, "")
    assert (ran.json["records"], ran.json["exceptions"]) == (57, 9)
    assert messages(ran) == EXPECTED["lines"]
    line = next(line for line in ran.json["lines"] if line["line"] == 18)
    promised = {
        "file": "OffCirc.dat",
        "line": 18,
        "status": "rejected",
        "message": "Item not found. Barcode: TOTO31400",
        "timestamp": "2018-01-15T15:30",
        "operation": "L",
        "item": "TOTO31400",
        "patron": "9987125433541",
    }
    assert line.items() >= promised.items()
    # Again, from the same data folder: nothing is recorded twice, and it says so.
    again = offcirc(*words)
    assert again.code == 1
    assert (again.json["recorded"], again.json["skipped"]) == (0, 48)
    # Again, from another PC, under another name.
    (tmp_path / "renamed.dat").write_bytes(SAMPLE.read_bytes())
    other = offcirc(
        *("upload", "renamed.dat", "--server", server.url, *AT, "--format", "json"),
        *("--data-dir", "other"),
    )
    assert other.code == 1
    assert (other.json["recorded"], other.json["skipped"]) == (0, 48)

    listed = offcirc("jobs", "--format", "json").json["jobs"]
    assert [job["records"] for job in listed] == [57, 57]
    assert listed[0]["process_id"] in offcirc("jobs").out
    first = listed[-1]["job"]
    written = offcirc("report", str(first), "-o", "a.html", "-o", "a.csv", "-o", "a.json")
    assert (written.code, written.out) == (0, "")
    assert json.loads((tmp_path / "a.json").read_bytes())["exceptions"] == 9
    assert "TOTO31400" in (tmp_path / "a.html").read_text("utf-8")
    assert is_private(tmp_path / "a.csv")
    shown = offcirc("report", listed[-1]["process_id"])
    assert "Item not found. Barcode: TOTO31400" in shown.out


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_table_is_almas(offcirc, server, language):
    words = ("upload", SAMPLE, "--server", server.url, *AT, "--lang", language)
    ran = offcirc(*words)
    assert ran.code == 1
    title = {"en": "Records with exceptions", "fr": "Enregistrements avec échecs"}[language]
    header = {"en": ["Line", "Error", "Message"], "fr": ["Ligne", "Message", "d’erreur"]}[language]
    lines = ran.out.splitlines()
    assert any(line.startswith(title) and line.endswith(" 9") for line in lines)
    assert any(line.split()[:3] == header for line in lines)
    assert any(line.split()[:4] == ["18", "Item", "not", "found."] for line in lines)


def test_two_desks_together_have_no_exception(offcirc, server):
    desks = (TWO / "desk-A.dat", TWO / "desk-B.dat")
    ran = offcirc("upload", *desks, "--server", server.url, *AT, "--format", "json")
    assert (ran.code, ran.json["exceptions"]) == (0, 0)


def test_two_desks_in_the_wrong_order_are_reported(offcirc, server):
    codes = []
    for name in ("desk-B.dat", "desk-A.dat"):
        ran = offcirc("upload", TWO / name, "--server", server.url, *AT, "--format", "json")
        codes.append(ran.code)
    assert codes[1] == 1
    assert any("A later action" in text for text in messages(ran).values())


def test_a_dry_run_records_nothing(offcirc, server):
    words = ("upload", SAMPLE, "--server", server.url, *AT, "--format", "json")
    dry = offcirc(*words, "--dry-run")
    assert dry.code == 1
    assert dry.json["dry_run"] is True
    assert messages(dry) == EXPECTED["lines"]
    assert offcirc("jobs", "--format", "json").json == {"jobs": []}
    assert offcirc(*words).json["recorded"] == 48


def test_the_report_files_are_written_with_the_upload(offcirc, server, tmp_path):
    words = ("upload", SAMPLE, "--server", server.url, *AT, "--format", "json")
    ran = offcirc(*words, "--report", "r.html", "--report", "r.json")
    assert ran.code == 1
    assert ran.json["exceptions"] == json.loads((tmp_path / "r.json").read_bytes())["exceptions"]
    assert str(tmp_path / "r.html") in ran.err


def test_an_unwritable_report_does_not_hide_the_upload(offcirc, server):
    words = ("upload", SAMPLE, "--server", server.url, *AT, "--format", "json")
    ran = offcirc(*words, "--report", "nowhere/r.html")
    assert ran.code == 2
    assert ran.json["recorded"] == 48
    assert "r.html" in ran.err


# What is wrong, in every way a librarian may meet it: a sentence, exit code 2, nothing sent.


@pytest.fixture
def nobody_there() -> Iterator[str]:
    with socket.socket() as taken:  # held, or another test's server gets its port
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def web_page():
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"<!DOCTYPE html><html><body>Please sign in to the Wi-Fi</body></html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as page:
        thread = threading.Thread(target=page.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{page.server_port}"
        page.shutdown()
        thread.join()


def refused(ran, *, lines: int = 1) -> str:
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == lines, ran.err
    return ran.err


ACCOUNT = {"OFFCIRC_PASSWORD": "bac-a-sable-1", "OFFCIRC_USER": "referent"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


@LANGUAGES
def test_nobody_answers(offcirc, nobody_there, language):
    words = ("upload", SAMPLE, "--server", nobody_there, *AT, "--lang", language)
    assert nobody_there in refused(offcirc(*words, env=ACCOUNT))


@LANGUAGES
def test_a_web_page_answers(offcirc, web_page, language):
    words = ("upload", SAMPLE, "--server", web_page, *AT, "--lang", language)
    assert web_page in refused(offcirc(*words, env=ACCOUNT))


@LANGUAGES
def test_a_wrong_password(offcirc, shared_server, language):
    words = ("upload", SAMPLE, "--server", shared_server.url, *AT, "--lang", language)
    said = refused(offcirc(*words, env={**ACCOUNT, "OFFCIRC_PASSWORD": "secret-of-mine"}))
    assert "secret-of-mine" not in said


@LANGUAGES
def test_a_limited_role(offcirc, shared_server, language):
    words = ("upload", SAMPLE, "--server", shared_server.url, *AT, "--lang", language)
    env = {"OFFCIRC_USER": "moniteur", "OFFCIRC_PASSWORD": "bac-a-sable-2"}
    refused(offcirc(*words, env=env))


@LANGUAGES
def test_a_circulation_desk_nobody_knows(offcirc, shared_server, language):
    words = ("upload", SAMPLE, "--server", shared_server.url, "--desk", "NOWHERE")
    refused(offcirc(*words, "--lang", language))


def test_several_circulation_desks_and_no_choice(offcirc, shared_server):
    said = refused(offcirc("upload", SAMPLE, "--server", shared_server.url))
    assert "BUC_PRET" in said
    assert "SCI_PRET" in said


def test_a_user_without_a_password(offcirc, shared_server):
    words = ("upload", SAMPLE, "--server", shared_server.url, *AT, "--user", "referent")
    assert "OFFCIRC_PASSWORD" in refused(offcirc(*words))


def test_no_user_for_another_machine(offcirc):
    words = ("upload", SAMPLE, "--server", "https://library.invalid", *AT)
    assert "--user" in refused(offcirc(*words))


def test_a_password_goes_unencrypted_only_where_the_library_allows_it(offcirc, environment, home):
    words = ("upload", SAMPLE, "--server", "http://library.invalid", *AT, "--user", "x")
    secret = {"OFFCIRC_PASSWORD": "S3CRET"}
    said = refused(offcirc(*words, env=secret))
    assert "not encrypted" in said
    assert "https://" in said
    site = Path(environment["OFFCIRC_SITE_DIR"])
    site.mkdir(parents=True)
    allowed = '[servers.a]\nurl = "http://library.invalid"\nplain_http = true\n'
    user = home / ".config" / "offcirc"
    user.mkdir(parents=True)
    (user / "user.toml").write_text(allowed)
    said = refused(offcirc(*words, env=secret), lines=2)
    assert "only the settings of the whole machine" in said
    assert "Nothing was sent" in said
    (user / "user.toml").unlink()
    (site / "site.toml").write_text(allowed)
    said = refused(offcirc(*words, env=secret), lines=2)
    assert "is not encrypted" in said
    assert "does not answer" in said  # allowed, warned about, and tried
    doctor = offcirc("doctor", "--format", "json").json["checks"]
    assert any("not encrypted" in each["message"] and each["level"] == "note" for each in doctor)


def test_no_server(offcirc):
    assert "--server" in refused(offcirc("upload", SAMPLE, *AT))


def test_a_server_nobody_named(offcirc):
    assert "“alma”" in refused(offcirc("upload", SAMPLE, "--server", "alma", *AT))


def test_a_password_in_the_address_is_refused_and_not_repeated(offcirc):
    words = ("upload", SAMPLE, "--server", "http://me:secret-of-mine@library.example", *AT)
    assert "secret-of-mine" not in refused(offcirc(*words))


def test_a_report_that_cannot_be_made(offcirc, nobody_there):
    words = ("upload", SAMPLE, "--server", nobody_there, *AT, "--report", "r.docx")
    assert "r.docx" in refused(offcirc(*words))


BAD_FILES = {
    "folder": None,
    "missing": None,
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40,
    "utf-16": SAMPLE.read_bytes().decode().encode("utf-16"),
    "page": b"<html><body>Sign in</body></html>",
}


@LANGUAGES
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file(offcirc, shared_server, tmp_path, name, language):
    file = tmp_path / "bad.dat"
    if name == "folder":
        file.mkdir()
    elif BAD_FILES[name] is not None:
        file.write_bytes(BAD_FILES[name])
    words = ("upload", "bad.dat", "--server", shared_server.url, *AT, "--lang", language)
    assert "bad.dat" in refused(offcirc(*words))


def test_a_folder_of_desks_is_uploaded_together(offcirc, server, tmp_path):
    for desk in ("A", "B"):
        shutil.copy(SAMPLE.parent / "two-desks" / f"desk-{desk}.dat", tmp_path / "bad.dat")
        (tmp_path / "desks" / desk).mkdir(parents=True)
        (tmp_path / "bad.dat").rename(tmp_path / "desks" / desk / "OffCirc.dat")
    ran = offcirc("upload", "desks", "--server", server.url, *AT, "--format", "json")
    assert (ran.code, ran.json["records"], ran.json["exceptions"]) == (0, 28, 0)


def test_a_stray_file_of_another_program_does_not_stop_a_folder(offcirc, shared_server, tmp_path):
    (tmp_path / "desks").mkdir()
    shutil.copy(SAMPLE.parent / "two-desks" / "desk-A.dat", tmp_path / "desks" / "A 7 Jan.bak")
    (tmp_path / "desks" / "~$owner.dat").write_bytes(b"\x05Anna\x00\x00")
    ran = offcirc("upload", "desks", "--dry-run", "--server", shared_server.url, *AT)
    assert ran.code == 1  # some of its lines would be refused
    assert "A 7 Jan.bak" in ran.out
    assert "~$owner.dat: This is not an OffCirc.dat file" in ran.err


def test_two_gigabytes_of_zeros(offcirc, shared_server, tmp_path):
    with (tmp_path / "bad.dat").open("wb") as stream:
        stream.truncate(2 << 30)
    assert "bad.dat" in refused(offcirc("upload", "bad.dat", "--server", shared_server.url, *AT))


def test_an_empty_file_is_uploaded_at_once(offcirc, server, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(b"")
    ran = offcirc("upload", "OffCirc.dat", "--server", server.url, *AT, "--format", "json")
    assert (ran.code, ran.json["records"]) == (0, 0)
    told = offcirc("report", "1").out
    assert "OffCirc.dat: nothing was recorded in this file" in told


def test_a_server_of_the_settings_is_the_default(offcirc, home, server):
    folder = home / ".config" / "offcirc"
    folder.mkdir(parents=True)
    (folder / "user.toml").write_text(
        f'[servers.practice]\nurl = "{server.url}"\ndesk = "BUC_PRET"\nuser = "referent"\n'
    )
    env = {"OFFCIRC_PASSWORD": "bac-a-sable-1"}
    ran = offcirc("upload", SAMPLE, "--format", "json", env=env)
    assert (ran.code, ran.json["server"]) == (1, server.url)
    assert offcirc("upload", SAMPLE, "--server", "practice", env=env).code == 1


def test_reports_that_are_not_there(offcirc):
    assert offcirc("jobs").code == 0
    assert offcirc("jobs", "--format", "json").json == {"jobs": []}
    assert "7" in refused(offcirc("report", "7", "-o", "r.html"))


def test_the_password_is_asked_for_on_a_terminal(environment, shared_server, tmp_path):
    master, slave = pseudo_terminal()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "offcirc", "upload", str(SAMPLE)),
            *("--server", shared_server.url, "--user", "referent"),
            *("--dry-run", "--format", "json"),
        ],
        env=environment,
        cwd=tmp_path,
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=slave,
        start_new_session=True,
        encoding="utf-8",
    )
    os.close(slave)
    seen = b""
    for question, answer in ((b"Password of", b"bac-a-sable-1\n"), (b"desk", b"BUC_PRET\n")):
        while question not in seen:
            seen += os.read(master, 4096)
        seen = b""
        os.write(master, answer)
    out = process.stdout.read()
    process.stdout.close()
    assert process.wait(30) == 1
    os.close(master)
    assert json.loads(out)["exceptions"] == 9


def test_ctrl_c_keeps_what_was_done_and_resume_goes_on(environment, server, offcirc, tmp_path):
    lines = [
        f"20180116{h:02}{m:02}R{h:02}{m:02}{n:03}"
        for h in range(8, 20)
        for m in range(60)
        for n in range(12)
    ]
    (tmp_path / "OffCirc.dat").write_text("\r\n".join(lines) + "\r\n")
    words = ["upload", "OffCirc.dat", "--server", server.url, *AT, "--format", "json"]
    process = subprocess.Popen(
        interruptible(*words),
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    wait_until(lambda: sent(environment) > 0, what="the first lines in the ledger")
    interrupt(process, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    stopped = json.loads(out)
    assert stopped["left"] > 0
    assert stopped["left"] + stopped["rejected"] == len(lines)
    assert "--resume" in err
    resumed = offcirc(*words, "--resume")
    assert resumed.code == 1
    assert (resumed.json["left"], resumed.json["rejected"]) == (0, len(lines))
    (job,) = offcirc("jobs", "--format", "json").json["jobs"]
    assert job["status"] == "completed"


def sent(environment) -> int:
    """Lines the server has answered, seen from beside the upload."""
    path = Path(environment["OFFCIRC_DATA_DIR"]) / "ledger.db"
    if not path.exists():
        return 0
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database.execute("SELECT count(*) FROM lines WHERE state = 'rejected'").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        database.close()


def test_a_server_of_this_machine_that_is_not_running_is_said_to_be(offcirc, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(b"201805091348R37000034179\r\n")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        ran = offcirc("upload", "OffCirc.dat", "--server", address, "--desk", "BUC_PRET")
    assert ran.code == 2
    assert f"{address} does not answer" in ran.err
    assert "--user" not in ran.err


def test_a_dry_run_tells_what_comes_after(offcirc, server):
    words = ("upload", SAMPLE, "--server", server.url, *AT, "--dry-run")
    told = offcirc(*words, "--format", "json").json["preview"]
    assert told["how"] == "dry-run"
    assert told["overdue_patrons"] > 0
    assert told["overdue_lines"] >= told["overdue_patrons"]
    assert {item["code"] for item in told["preflight"]} >= {"desk", "files"}
    ran = offcirc(*words)
    assert ran.code == 1
    assert "9 lines would not be recorded." in ran.out
    assert f"{told['overdue_patrons']} readers would be overdue at once" in ran.out
    assert "[ ] The circulation desk is BUC_PRET" in ran.out


def test_how_many_requests_go_at_once_can_be_said(offcirc, server):
    words = ("upload", SAMPLE, "--server", server.url, *AT, "--format", "json")
    ran = offcirc(*words, "--width", "1")
    assert messages(ran) == EXPECTED["lines"]
    assert offcirc(*words, "--width", "0").code == 2
