"""Manual pages of the three programs, in both languages, made from what ``--help`` says.

The words and options are the program's own, so that the pages cannot fall behind.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from offcirc import __version__, i18n
from offcirc.cli.frame import parser as command_line
from offcirc.desk.program.options import make_parser as desk_parser
from offcirc.i18n import _
from offcirc.referent.frame.start import make_parser as uploader_parser

_PLACES = {"en": "man1", "fr": "fr/man1"}


def write(folder: Path) -> list[Path]:
    """Write the pages, compressed, below a ``man`` folder; returns them."""
    written = []
    for language, place in _PLACES.items():
        i18n.activate(language)
        for name, text in _pages():
            path = folder / place / f"{name}.1.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            # No time in it: the same version makes the same bytes.
            path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
            written.append(path)
    i18n.activate("en")
    return written


def _pages() -> Iterator[tuple[str, str]]:
    yield "offcirc", _page(command_line.make_parser(), commands=True)
    yield "offcirc-desk", _page(desk_parser())
    yield "offcirc-uploader", _page(uploader_parser())


def _page(parser: argparse.ArgumentParser, *, commands: bool = False) -> str:
    name = parser.prog
    summary = (parser.description or "").rstrip(".")
    lines = [
        f'.TH {name.upper()} 1 "" "OffCirc {__version__}"',
        _heading(_("NAME")),
        f"{_quoted(name)} \\- {_quoted(summary)}",
        _heading(_("SYNOPSIS")),
        f".B {_quoted(name)}",
        _quoted(_usage(parser)),
        _heading(_("OPTIONS")),
        *_options(parser),
    ]
    if commands:
        lines.append(_heading(_("COMMANDS")))
        for command, (_module, what) in command_line.COMMANDS.items():
            lines += [".TP", f".B {_quoted(command)}", _quoted(_(what))]
        lines.append(_quoted(parser.epilog or ""))
    lines += [
        _heading(_("FILES")),
        ".TP",
        ".I /etc/xdg/offcirc/site.toml",
        _quoted(_("Settings of the whole machine; keys it locks cannot be changed elsewhere.")),
        ".TP",
        ".I ~/.config/offcirc/user.toml",
        _quoted(_("Settings of this account.")),
        ".TP",
        ".I ~/.local/share/OffCirc",
        _quoted(_("Journal, OffCirc.dat, ledger, archive and logs, unless named otherwise.")),
    ]
    return "\n".join(lines) + "\n"


def _heading(text: str) -> str:
    return f".SH {text}"


def _usage(parser: argparse.ArgumentParser) -> str:
    usage = " ".join(parser.format_usage().split())
    return re.sub(rf"^\S+\s*:?\s*{re.escape(parser.prog)}\s*", "", usage)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if not action.option_strings or action.help in (None, argparse.SUPPRESS):
            continue
        names = ", ".join(action.option_strings)
        value = action.metavar if isinstance(action.metavar, str) else ""
        if action.choices and not value:
            value = "|".join(map(str, action.choices))
        yield ".TP"
        yield f".B {_quoted(f'{names} {value}'.rstrip())}"
        yield _quoted(str(action.help))


def _quoted(text: str) -> str:
    """Text as roff takes it literally."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text
