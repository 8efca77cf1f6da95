"""How the desk is started: the words on its command line, and whether anybody has set anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc import __version__, commandline, i18n
from offcirc.i18n import _

if TYPE_CHECKING:
    import argparse


_OURS = "OFFCIRC_"
_NOT_SETTINGS = ("OFFCIRC_DATA_DIR", "OFFCIRC_LANG", "OFFCIRC_BENCH_", "OFFCIRC_TRACE_")
_NAMES = ("--data-dir", "--file", "--lang")


@dataclass(frozen=True, slots=True)
class Options:
    """What the window was started with.

    Attributes:
        data_dir: the data folder; ``None`` for the usual one.
        file: the OffCirc.dat to save to; ``None`` for the one in the data folder.
        language: the language asked for; ``None`` when none was.
        smoke: only try whether this installation works.
    """

    data_dir: Path | None = None
    file: Path | None = None
    language: str | None = None
    smoke: bool = False


def read(words: Sequence[str]) -> Options:
    """Read the command line and switch to its language.

    The few words a desk is started with are read here; ``argparse``, which takes 10 ms to come,
    is asked only when there is something to explain.

    Raises:
        SystemExit: help or version was asked for, or something was not understood.
    """
    found = _plain(words)
    i18n.activate((found or {}).get("--lang") or _language(words))
    if found is None:
        parsed = make_parser().parse_args(list(words))
        return Options(parsed.data_dir, parsed.file, parsed.lang, parsed.smoke)
    return Options(_path(found.get("--data-dir")), _path(found.get("--file")), found.get("--lang"))


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _plain(words: Sequence[str]) -> dict[str, str] | None:
    """The options, when each is one we know with its value; otherwise ``None``."""
    found: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if not equals:
            value = next(rest, "")
        if name not in _NAMES or not value or value.startswith("-"):
            return None
        found[name] = value
    return found if found.get("--lang", "en") in i18n.LANGUAGES else None


def _language(words: Sequence[str]) -> str | None:
    """The language to explain in, also when something else is wrong."""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == "--lang":
            return value if equals else next(iter(words[place + 1 :]), None)
    return None


def make_parser() -> argparse.ArgumentParser:
    """The command line's grammar, in the active language."""
    import argparse

    commandline.translate()
    parser = argparse.ArgumentParser(
        prog="offcirc-desk",
        description=_("Records loans and returns while the library system is down."),
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar=_("FOLDER"),
        help=_("where journal and OffCirc.dat are kept (also: OFFCIRC_DATA_DIR)"),
    )
    parser.add_argument(
        "--file",
        type=Path,
        metavar=_("OFFCIRC.DAT"),
        help=_("the file to save to; in the data folder if not given"),
    )
    parser.add_argument(
        "--lang",
        choices=i18n.LANGUAGES,
        help=_("language of the window; the system’s if not given"),
    )
    parser.add_argument(
        "--smoke",
        action="store_true",
        help=_("try whether this installation works, in a folder of its own, and end"),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"OffCirc {__version__}",
        help=_("show program's version number and exit"),
    )
    return parser


def something_set() -> bool:
    """Whether there may be settings that the window needs before it is painted.

    Reading them takes as long as some of the window's own start. Where nobody has set anything,
    which a few looks at the disk tell, that is left for later.

    A wrong answer does no harm: colours and names come a moment later then.
    """
    ours = (name for name in os.environ if name.startswith(_OURS))
    if any(not name.startswith(_NOT_SETTINGS) for name in ours):
        return True
    if not sys.platform.startswith("linux"):
        return True
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    machine = ["/etc/xdg", *os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)]
    return (home / "offcirc/user.toml").exists() or any(
        Path(folder, "offcirc/site.toml").exists() for folder in machine if folder
    )
