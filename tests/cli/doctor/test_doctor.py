from __future__ import annotations

import os
import socket
import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest
from helpers import TOP

from offcirc import resources
from offcirc.cli.doctor import finding_data, finding_system
from offcirc.cli.doctor.finding import Level
from offcirc.core.transaction import Operation, record_now
from offcirc.servers import passwordstore
from offcirc.settings.load import load
from offcirc.storage.journal.journal import Journal
from offcirc.storage.ledger.ledger import Ledger

SAMPLE = resources.path("practice/toulouse/OffCirc.dat")


def levels(ran) -> dict[str, str]:
    return {check["name"]: check["level"] for check in ran.json["checks"]}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_healthy_pc(offcirc, language):
    ran = offcirc("doctor", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    ran = offcirc("doctor", "--format", "json")
    assert ran.json["problems"] == 0
    assert set(levels(ran)) == {
        *(
            "version",
            "settings",
            "settings-file",
            "data-folder",
            "privacy",
            "durable",
            "space",
            "journal",
            "ledger",
            "clock",
        ),
        *("offcirc.dat", "language", "windows", "keyring"),
        *("desk-name", "rules", "place", "knowledge", "collection", "scanner"),
    }
    durable = next(check for check in ran.json["checks"] if check["name"] == "durable")
    assert durable["figures"]["milliseconds"] > 0


def test_it_leaves_nothing_behind(offcirc, home):
    offcirc("doctor")
    assert list((home / "offcirc").iterdir()) == []


def test_a_data_folder_that_is_a_file(offcirc, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    ran = offcirc("doctor", "--format", "json", "--data-dir", "file")
    assert ran.code == 1
    assert levels(ran)["data-folder"] == "problem"


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*words):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "fsync", refuse)
    finding = finding_data.durability(tmp_path)
    assert finding.level is Level.PROBLEM
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "write", lambda handle, data: 3)
    assert "full" in finding_data.durability(tmp_path).sentence


@pytest.mark.parametrize(
    ("free", "level"), [(1 << 20, Level.PROBLEM), (100 << 20, Level.NOTE), (1 << 40, Level.FINE)]
)
def test_disk_space(tmp_path, monkeypatch, free, level):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(finding_data.shutil, "disk_usage", lambda folder: usage)
    assert finding_data.space(tmp_path).level is level


def test_a_journal_in_use_is_only_read(offcirc, home):
    journal = Journal.open(home / "offcirc")
    try:
        now = datetime.now().astimezone()
        journal.append(record_now(now, Operation.LOAN, "37000034179", "9921000000164"))
        ran = offcirc("doctor", "--format", "json")
    finally:
        journal.close()
    assert ran.code == 0
    check = next(check for check in ran.json["checks"] if check["name"] == "journal")
    assert check["figures"] == {"transactions": 1}


def test_a_clock_behind_the_journal(tmp_path):
    later = datetime.now(UTC) + timedelta(days=1)
    assert finding_system.clock(later).level is Level.PROBLEM
    assert finding_system.clock(datetime.now(UTC)).level is Level.FINE


def test_a_clock_before_the_program_was_made():
    then = datetime(2005, 1, 1, tzinfo=UTC)
    finding = finding_system.clock(None, then)
    assert finding.level is Level.PROBLEM
    assert "2005" in finding.sentence


def test_a_damaged_journal(offcirc, home):
    folder = home / "offcirc"
    folder.mkdir(mode=0o700)
    (folder / "journal.db").write_bytes(b"SQLite format 3\0" + os.urandom(4000))
    ran = offcirc("doctor", "--format", "json")
    assert ran.code == 1
    assert levels(ran)["journal"] == "problem"


@pytest.mark.parametrize(
    "content", [b"garbage", b"SQLite format 3\0" + b"x" * 4000, "a page", "a journal"]
)
def test_a_damaged_ledger(offcirc, home, content):
    folder = home / "offcirc"
    path = folder / "ledger.db"
    Ledger(path).close()
    assert levels(offcirc("doctor", "--format", "json"))["ledger"] == "fine"
    if content == "a page":
        content = path.read_bytes()
        content = content[:4096] + b"\xff" * 4096 + content[8192:]
    elif content == "a journal":
        Journal.open(home / "other").close()
        content = (home / "other" / "journal.db").read_bytes()
    path.write_bytes(content)
    ran = offcirc("doctor")
    assert ran.code == 1
    assert "cannot be read, or is damaged" in " ".join(ran.out.split())


def test_a_ledger_of_a_newer_version(offcirc, home):
    path = home / "offcirc" / "ledger.db"
    Ledger(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert "newer version" in " ".join(offcirc("doctor").out.split())


def test_a_journal_of_a_newer_version(offcirc, home):
    Journal.open(home / "offcirc").close()
    database = sqlite3.connect(home / "offcirc" / "journal.db")
    database.execute("PRAGMA user_version = 99")
    database.close()
    ran = offcirc("doctor")
    assert ran.code == 1
    assert "newer version" in ran.out


def test_damaged_lines_in_offcirc_dat(offcirc, home):
    (home / "offcirc").mkdir(mode=0o700)
    (home / "offcirc" / "OffCirc.dat").write_bytes(b"201803061001R1\r\n201803061001Q1\r\n")
    ran = offcirc("doctor", "--format", "json")
    assert ran.code == 0
    assert levels(ran)["offcirc.dat"] == "note"


def settings_of(home, url):
    file = home / "user.toml"
    file.write_text(f'[servers.here]\nurl = "{url}"\n')
    return load(environment={}, site=home / "no.toml", user=file)


def test_the_servers_of_the_settings(home, shared_server):
    (found,) = finding_system.servers(settings_of(home, shared_server.url))
    assert found.level is Level.FINE
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        (found,) = finding_system.servers(settings_of(home, address))
    assert found.level is Level.PROBLEM


def test_settings_that_are_wrong(offcirc, home):
    folder = home / ".config" / "offcirc"
    folder.mkdir(parents=True)
    (folder / "user.toml").write_text("[desk\n")
    ran = offcirc("doctor", "--format", "json")
    assert ran.code == 1
    assert levels(ran)["settings"] == "problem"


def test_qt_without_its_library(monkeypatch):
    import builtins

    real = builtins.__import__

    def without_qt(name, *words, **more):
        if name.startswith("PySide6"):
            raise ImportError("libEGL.so.1: cannot open shared object file")
        return real(name, *words, **more)

    monkeypatch.setattr(builtins, "__import__", without_qt)
    found = finding_system.windows()
    assert found.level is Level.PROBLEM
    assert "libEGL.so.1" in found.sentence


def test_a_folder_in_which_nothing_can_be_looked_at(tmp_path, monkeypatch, capsys):
    from offcirc.cli.main import main

    def refuse(folder, *words):
        raise PermissionError(13, "Permission denied", str(folder))

    for check in ("durability", "space", "journal", "dat_file"):
        monkeypatch.setattr(finding_data, check, refuse)
    assert main(["doctor", "--data-dir", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out.count("PROBLEM") == 4
    assert said.err == ""


BACKENDS = {
    "a backend that is not there": ("nonesuch.Keyring", "No module named"),
    "one that is no backend": ("json.JSONDecoder", ""),
    "one that raises what it likes": ("raising.Keyring", "ZeroDivisionError"),
    "one that cannot be made": ("raising.Unmade", "LookupError"),
}
RAISING = """
import keyring.backend

class Keyring(keyring.backend.KeyringBackend):
    priority = 9

    def get_password(self, service, username):
        raise ZeroDivisionError("S3CRET")

    set_password = delete_password = get_password

class Unmade(Keyring):
    def __init__(self):
        raise LookupError("S3CRET")
"""


@pytest.mark.parametrize("which", BACKENDS)
def test_a_broken_keyring_is_told_and_stops_nothing(offcirc, tmp_path, shared_server, which):
    name, reason = BACKENDS[which]
    (tmp_path / "raising.py").write_text(RAISING)
    broken = {"PYTHON_KEYRING_BACKEND": name, "PYTHONPATH": f"{TOP}{os.pathsep}{tmp_path}"}
    ran = offcirc("doctor", "--format", "json", env=broken)
    assert (ran.code, ran.err) == (0, "")
    (found,) = [check for check in ran.json["checks"] if check["name"] == "keyring"]
    assert found["level"] == "note"
    assert "cannot be used" in found["message"]
    assert reason in found["message"]
    words = ("upload", SAMPLE, "--server", shared_server.url, "--desk", "BUC_PRET", "--dry-run")
    ran = offcirc(*words, "--user", "referent", env=broken, stdin="x\n")
    assert ran.code == 2
    assert "password store of this PC cannot be used" in ran.err
    assert "OFFCIRC_PASSWORD" in ran.err
    assert "S3CRET" not in ran.out + ran.err


def test_broken_settings_of_the_keyring(offcirc, home):
    folder = home / ".config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(
        "[backend]\ndefault-keyring=foo.Bar\nkeyring-path=/nope\n[\n"
    )
    ran = offcirc("doctor", "--format", "json", env={"PYTHON_KEYRING_BACKEND": ""})
    assert (ran.code, ran.err) == (0, "")
    assert levels(ran)["keyring"] == "note"


def test_a_keyring_that_does_not_answer_is_not_waited_for(monkeypatch):
    asked, ended = threading.Event(), threading.Event()

    def hang() -> bool:
        asked.set()
        return ended.wait()

    monkeypatch.setattr(passwordstore, "PATIENCE", 0.05)
    monkeypatch.setattr(passwordstore, "_exists", hang)
    finding = finding_system.keyring()
    ended.set()
    assert asked.is_set()
    assert finding.level is Level.NOTE
    assert "does not answer" in finding.sentence
