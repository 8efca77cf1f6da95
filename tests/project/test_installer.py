"""What is built for release: the parts that can be judged without building it all."""

from __future__ import annotations

import configparser
import gzip
import hashlib
import json
import re
import sqlite3
import sys
from pathlib import Path
from xml.etree import ElementTree

import catalogue
import deb
import distributions
import manpages
import pytest
import sbom
import version
from helpers import TOP

from offcirc import __version__, ourselves
from offcirc.cli.frame.parser import COMMANDS
from offcirc.scanning.serialids import MAKERS


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, str]:
    written = manpages.write(tmp_path)
    return {
        path.relative_to(tmp_path).as_posix(): gzip.decompress(path.read_bytes()).decode()
        for path in written
    }


def test_every_program_has_its_manual_page_in_both_languages(pages):
    programs = {f"{place}/{name}.1.gz" for place in ("man1", "fr/man1") for name in deb.PROGRAMS}
    assert pages.keys() == programs
    assert "open the desk’s window" in pages["man1/offcirc.1.gz"]
    assert "ouvrir la fenêtre" in pages["fr/man1/offcirc.1.gz"]


def test_the_manual_page_names_every_command(pages):
    named = set(re.findall(r"^\.B (\w+)$", pages["man1/offcirc.1.gz"], re.MULTILINE))
    assert COMMANDS.keys() <= named


def test_manual_pages_take_no_text_for_an_order(pages):
    for text in pages.values():
        for line in text.splitlines():
            assert not line.startswith(("'", "..")), line


@pytest.mark.parametrize("name", ["offcirc-desk", "offcirc-uploader"])
def test_desktop_files_start_what_is_installed(name):
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(TOP / "installer" / "linux" / f"{name}.desktop", encoding="utf-8")
    fields = entry["Desktop Entry"]
    assert fields["Exec"].split()[0] == name
    assert {"Name[fr]", "Comment[fr]", "GenericName[fr]"} <= set(fields)


def test_the_metainfo_is_well_formed():
    path = TOP / "installer" / "linux" / "org.offcirc.OffCirc.metainfo.xml.in"
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    assert [binary.text for binary in root.iter("binary")] == list(deb.PROGRAMS)


def test_whoever_sits_at_the_pc_may_read_every_known_makers_scanner():
    rules = deb.udev_rules()
    assert rules.count('TAG+="uaccess"') == len(MAKERS)
    assert 'ATTRS{idVendor}=="0c2e"' in rules


def test_the_bill_names_what_is_shipped_and_nothing_else():
    bill = json.loads(sbom.bill())
    names = {part["name"] for part in bill["components"]}
    assert bill["metadata"]["component"]["version"] == __version__
    assert {"pyside6-essentials", "sqlite-utils", "pyserial", "xlsxwriter"} <= names
    assert {"attrs", "packaging", "charset-normalizer"} <= names
    assert not names & {"pytest", "pyinstaller", "pillow", "ruff"}
    assert all(any(part["licenses"][0]["license"].values()) for part in bill["components"])


def test_the_bill_names_what_is_no_package_and_gives_hashes(tmp_path):
    inside = tmp_path / "_internal"
    for name in ("attr", "attrs-26.1.0.dist-info", "packaging", "charset_normalizer", "hatchling"):
        (inside / name).mkdir(parents=True)
    (inside / "tabulate.pyc").touch()
    (inside / "libssl.so.3").write_bytes(b"library")
    (tmp_path / "offcirc").write_bytes(b"program")
    (tmp_path / "offcirc-desk").symlink_to("offcirc")
    parts = {part["name"]: part for part in json.loads(sbom.bill(tmp_path))["components"]}
    # What lies there, whoever asked for it.
    packages = {name for name, part in parts.items() if "purl" in part}
    assert packages == {"attrs", "packaging", "charset-normalizer", "hatchling", "tabulate"}
    assert {"Python", "OpenSSL", "SQLite", "Qt", "PyInstaller", "DejaVuSans"} <= parts.keys()
    assert parts["SQLite"]["version"] == sqlite3.sqlite_version
    assert "offcirc-desk" not in parts
    for name, content in (("offcirc", b"program"), ("_internal/libssl.so.3", b"library")):
        assert parts[name]["hashes"][0]["content"] == hashlib.sha256(content).hexdigest()
    for part in parts.values():
        if "purl" in part or part["type"] == "file":
            assert re.fullmatch(r"[0-9a-f]{64}", part["hashes"][0]["content"]), part["name"]


def test_the_notice_names_what_is_no_package():
    folder = TOP / "installer" / "licence-texts"
    notice = (folder / "NOTICE.txt").read_text(encoding="utf-8")
    for part in ("Python", "OpenSSL", "SQLite", "Qt", "PyInstaller", "DejaVu", "Atkinson"):
        assert part in notice
    for name in re.findall(r"[\w.-]+[.]txt", notice.replace("packages.txt", "")):
        assert (folder / name).exists() or (TOP / "resources" / "fonts" / name).exists(), name


def test_the_same_texts_make_the_same_catalogue():
    for file in catalogue.compile_all():
        content = file.read_bytes()
        assert b"POT-Creation-Date: 2000-01-01" in content
        assert b"PO-Revision-Date: 2000-01-01" in content


def test_no_package_under_the_gpl_alone_is_shipped():
    for package in distributions.shipped():
        stated = distributions.licence_of(package)
        strong = re.search(r"(?<!L)GPL|Affero", stated)
        assert not strong or "LGPL" in stated, (distributions.name_of(package), stated)


def test_a_bundle_runs_our_modules_and_no_others(monkeypatch, capsys):
    argv = ["offcirc", "-m", "offcirc", "--version"]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit) as ended:
        ourselves.run_module(argv)
    assert not ended.value.code
    assert __version__ in capsys.readouterr().out
    assert not ourselves.run_module(["offcirc", "-m", "http.server"])
    assert not ourselves.run_module(["offcirc", "-m"])


def test_in_a_bundle_the_program_for_terminals_is_started(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(Path("/opt/offcirc/offcirc-desk")))
    assert ourselves.command("server", module="offcirc") == [
        str(Path("/opt/offcirc/offcirc")),
        "-m",
        "offcirc",
        "server",
    ]


def test_a_tag_that_is_not_the_version_stops_the_release(capsys):
    assert version.version() == __version__
    assert version.main(["--tag", f"v{__version__}"]) == 0
    assert version.main(["--tag", "v99.0.0"]) == 1
    assert "v99.0.0" in capsys.readouterr().err
