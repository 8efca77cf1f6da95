"""Each command that the README or a manual tells people to type can be typed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers import TOP
from helpers.pages import SOURCES
from helpers.processes import needs

from offcirc import resources
from offcirc.cli.frame import parser

LINE = re.compile(r"^ {4}((?:offcirc|make) .+?)(?: {2,}#.*)?$", re.MULTILINE)
SPAN = re.compile(r"(?:`|<code>)((?:offcirc|make)\s[^`<]+)(?:`|</code>)")
BARCODE = "37000034179"
STANDING_FOR = {"FOLDER": ".", "FILE": "OffCirc.dat", "LINE": "1", "BARCODE": BARCODE}
"""What a person puts in place of a word in capitals."""
NEEDS_MORE = {
    "drill",
    "export",
    "servers",
    "desk",
    "server",
    "demo",
    "upload",
    "report",
    "import",
    "knowledge",
    "rules",
    "registrations send",
    "verify",
}
"""A window, a server, a list or a report: tested with them, in the files named after them."""


def told() -> list[str]:
    """The commands, each once."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    found = {match for text in texts for kind in (LINE, SPAN) for match in kind.findall(text)}
    return sorted({" ".join(command.split()) for command in found})


OURS = [command.split()[1:] for command in told() if command.startswith("offcirc ")]


def test_none_is_overlooked() -> None:
    assert len(OURS) >= 20
    assert ["decide", "swap", "FILE", "LINE"] in OURS
    assert "offcirc upload FOLDER --server NAME --desk CODE --report report.xlsx" in told()
    assert "make demo" in told()


@pytest.mark.parametrize("words", OURS, ids=" ".join)
def test_it_is_understood(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if words == ["--help"]:
        with pytest.raises(SystemExit) as left:
            parser.parse(words)
        assert left.value.code == 0
        assert capsys.readouterr().out
    else:
        assert parser.parse(words).command == words[0]


@pytest.mark.parametrize(
    "words",
    [words for words in OURS if not NEEDS_MORE & {words[0], " ".join(words[:2])}],
    ids=" ".join,
)
def test_it_does_what_it_is_for(offcirc, tmp_path: Path, words: list[str]) -> None:
    shutil.copy(resources.path("practice/toulouse/OffCirc.dat"), tmp_path)
    (tmp_path / "offcirc.toml").write_text('[desk]\nlibrary = "BUC"\n', encoding="utf-8")
    more = ["-o", "site.toml"] if words[:2] == ["config", "install"] else []
    ran = offcirc(*(STANDING_FOR.get(word, word) for word in words), *more)
    if words[0] in ("archive", "rebuild"):
        # On a PC where nothing was recorded or uploaded, that is said.
        assert (ran.code, ran.err[:8]) == (2, "Nothing ")
    else:
        assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("command", [each for each in told() if each.startswith("make ")])
def test_make_knows_its_target(command: str) -> None:
    needs("make")
    done = subprocess.run(
        [*command.split(), "--dry-run"], cwd=TOP, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
