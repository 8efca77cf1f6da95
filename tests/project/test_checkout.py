"""The checkout itself: what lies where, and what no file of it may hold."""

from __future__ import annotations

import os
import re
import tomllib

import pytest
from helpers import TOP, project_files

import offcirc

TOP_LEVEL = {
    ".github",
    ".ci", ".gitattributes", ".gitignore",
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
    "installer", "offcirc", "pyproject.toml", "requirements.lock", "resources", "tests",
}  # fmt: skip

# A module says one thing; past this many lines it says several.
LONGEST_MODULE = 450

# Put together here, so that this file does not hold what it forbids.
INDEX_HOSTS = [
    "pypi." + "org", "python" + "hosted", "npm" + "js.", "anaconda." + "org", "crates." + "io",
    "--index" + "-url", "--extra-index" + "-url", "--find" + "-links", "proxy.golang" + ".org",
    "deb.debian" + ".org",
]  # fmt: skip
# "/home/a" and "/home/agent" (French for a member of staff), in examples, are nobody's.
DEVELOPER_PATHS = re.compile(
    "|".join(
        [
            # The name of a checkout right below the root ("/data") is an ordinary word, too.
            *([re.escape(str(TOP))] if len(TOP.parts) > 2 else []),
            "/" + r"(?:home|Users)/(?!agent\b)[A-Za-z]{2,}",
            r"[A-Za-z]:\\" + r"Users\\[A-Za-z]{2,}",
            "/" + "(?:root|work)/",
            "/" + "tmp/[a-z]",
        ]
    )
)
BINARY = {".png", ".ico", ".icns", ".wav", ".ttf", ".pdf", ".gif", ".jpg", ".xlsx", ".mo"}


def text_files():
    return [path for path in project_files() if path.suffix.lower() not in BINARY]


def named(path):
    return path.relative_to(TOP).as_posix()


def test_the_top_level_holds_what_it_should():
    assert {path.relative_to(TOP).parts[0] for path in project_files()} == TOP_LEVEL


def test_no_file_names_a_package_index():
    found = [
        (named(path), host)
        for path in text_files()
        for host in INDEX_HOSTS
        if host in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_no_file_names_a_place_on_a_developers_machine():
    found = [
        (named(path), match.group())
        for path in text_files()
        for match in [DEVELOPER_PATHS.search(path.read_text(encoding="utf-8", errors="replace"))]
        if match
    ]
    assert found == []


def test_modules_stay_readable():
    long = {
        named(path): lines
        for path in project_files()
        if path.suffix == ".py" and not path.is_relative_to(TOP / "tests")
        for lines in [len(path.read_text(encoding="utf-8").splitlines())]
        if lines > LONGEST_MODULE
    }
    assert long == {}


def test_the_version_is_written_once():
    version = offcirc.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:\.dev\d+)?", version)
    assert "version" in tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["dynamic"]
    written = [
        named(path)
        for path in project_files()
        if path.suffix == ".py" and f'"{version}"' in path.read_text(encoding="utf-8")
    ]
    assert written == ["offcirc/__init__.py"]


def test_continuous_integration_does_what_a_developer_does():
    run = TOP / ".ci" / "run"
    assert run.read_text() == "#!/usr/bin/env bash\nexec make test\n"
    assert os.name == "nt" or run.stat().st_mode & 0o111


@pytest.mark.parametrize("suffix", [".py", ".md", ".toml", ".po", ".j2", ".css"])
def test_text_files_are_utf8_with_plain_line_ends(suffix):
    bad = [
        named(path)
        for path in project_files()
        if path.suffix == suffix and (b"\r" in path.read_bytes() or not _is_utf8(path.read_bytes()))
    ]
    assert bad == []


def _is_utf8(raw):
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
