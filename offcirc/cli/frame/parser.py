"""The command line's grammar, in the reader's language.

Each command is a module that is imported when it is used: ``arguments(parser)`` declares its
options, ``run(options, context)`` does the work and returns the exit code.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from offcirc import __version__, commandline
from offcirc.cli.frame.exits import Exit
from offcirc.i18n import LANGUAGES, N_, _
from offcirc.settings.load import Settings

PROGRAM = "offcirc"


@dataclass(frozen=True, slots=True)
class Context:
    """What every command gets besides its own options.

    Attributes:
        settings: the settings in force, command line included.
    """

    settings: Settings

    @property
    def data_dir(self) -> Path:
        """The data folder; made if it is missing.

        Raises:
            OSError: it cannot be made.
        """
        from offcirc.settings.places import data_dir

        return data_dir(self.settings.folder("data_dir"))


class Command(Protocol):
    """What a command's module offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own options."""

    def run(self, options: argparse.Namespace, context: Context) -> Exit:
        """Do it."""


COMMANDS: dict[str, tuple[str, str]] = {
    "desk": ("offcirc.cli.tools.launch", N_("open the desk’s window (the default)")),
    "uploader": ("offcirc.cli.tools.launch", N_("open the referent’s window")),
    "check": ("offcirc.cli.files.check", N_("judge every line of OffCirc.dat files")),
    "merge": ("offcirc.cli.files.merge", N_("put the files of several desks into one order")),
    "import": (
        "offcirc.cli.files.listed",
        N_("make lines of lists kept on paper, in a spreadsheet or another program"),
    ),
    "decide": (
        "offcirc.cli.files.decide",
        N_("correct, hold or drop lines, choose their order, undo that"),
    ),
    "upload": ("offcirc.cli.uploads.upload", N_("upload files to the library system")),
    "servers": (
        "offcirc.cli.doctor.servers",
        N_("list the library systems, or test the connection to one"),
    ),
    "jobs": ("offcirc.cli.uploads.jobs", N_("list the past uploads")),
    "export": (
        "offcirc.cli.uploads.export",
        N_("write the lines as a file for another library system"),
    ),
    "report": ("offcirc.cli.uploads.report", N_("write the report of a past upload")),
    "verify": (
        "offcirc.cli.tools.verify",
        N_("compare a past upload with what the library system holds"),
    ),
    "followup": (
        "offcirc.cli.uploads.followup",
        N_("work through what past uploads have left to do"),
    ),
    "registrations": (
        "offcirc.cli.uploads.registrations",
        N_("validate readers whom a desk registered without a card"),
    ),
    "archive": ("offcirc.cli.uploads.archive", N_("put uploaded files away and start clean ones")),
    "rebuild": ("offcirc.cli.tools.rebuild", N_("make a lost OffCirc.dat again from the journal")),
    "server": ("offcirc.cli.tools.server", N_("run the practice server")),
    "drill": (
        "offcirc.cli.tools.drill",
        N_("begin a drill with a known truth, and score it"),
    ),
    "demo": ("offcirc.cli.tools.demo", N_("show the whole story on this machine")),
    "rules": (
        "offcirc.cli.tools.rules",
        N_("say until when a loan or renewal lasts, what a late return costs, and why"),
    ),
    "knowledge": (
        "offcirc.cli.tools.knowledge",
        N_("build, check, show, install or erase what desks know offline"),
    ),
    "cards": ("offcirc.cli.tools.sheets", N_("make the sheet of control cards to print")),
    "manual": (
        "offcirc.cli.tools.sheets",
        N_("make the page to pin up at the desk, or the manual"),
    ),
    "config": ("offcirc.cli.tools.config", N_("show and check the settings")),
    "doctor": ("offcirc.cli.doctor.doctor", N_("find out what is wrong with this PC")),
}
DEFAULT = "desk"


def command(name: str) -> Command:
    """The module of a command."""
    return cast(Command, import_module(COMMANDS[name][0]))


class _CommandParser(argparse.ArgumentParser):
    """A command's parser, whose options are only declared once the command is used."""

    def __init__(self, *, command_name: str, **options: Any) -> None:
        self._command_name = command_name
        self._filled = False
        super().__init__(**options)

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Declare the command's options, then parse as usual."""
        if not self._filled:
            self._filled = True
            module = command(self._command_name)
            self.description = _sentence(_(COMMANDS[self._command_name][1]))
            module.arguments(self)
            _common(self, argparse.SUPPRESS)
        return super().parse_known_args(args, namespace)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parse a command line; prints and leaves by ``SystemExit`` on ``--help`` and on errors."""
    options = make_parser().parse_args(argv)
    options.command = options.command or DEFAULT
    for name, value in vars(options).items():
        if isinstance(value, list) and value and all(isinstance(each, Path) for each in value):
            setattr(options, name, commandline.expanded(value))
    return options


def make_parser() -> argparse.ArgumentParser:
    """The grammar, in the active language."""
    commandline.translate()
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=_(
            "Keeps a library lending when its system is down, loses nothing, and puts everything"
            " right afterwards."
        ),
        epilog=_("“offcirc COMMAND --help” tells more about a command."),
    )
    _common(parser, None)
    parser.add_argument(
        "--file",
        type=path,
        metavar=_("OFFCIRC.DAT"),
        help=_("the desk’s OffCirc.dat, when no command is given"),
    )
    version = f"{PROGRAM} {__version__}"
    parser.add_argument(
        "--version",
        action="version",
        version=version,
        help=_("show program's version number and exit"),
    )
    commands = parser.add_subparsers(
        dest="command",
        metavar=_("COMMAND"),
        title=_("commands"),
        parser_class=_CommandParser,
        required=False,
    )
    for name, (_module, summary) in COMMANDS.items():
        commands.add_parser(name, help=_(summary), command_name=name)
    return parser


def early(argv: Sequence[str], name: str) -> str | None:
    """The value of a common option, wherever it stands: needed before anything can be parsed."""
    value = None
    for position, word in enumerate(argv):
        if word == "--":
            break
        if word == name and position + 1 < len(argv):
            value = argv[position + 1]
        elif word.startswith(name + "="):
            value = word.removeprefix(name + "=")
    return value


def format_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--format``."""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help=_("text for people (the default), json for programs"),
    )


def path(text: str) -> Path:
    """A path given on the command line.

    Raises:
        argparse.ArgumentTypeError: it is empty, or holds a character no path holds.
    """
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(_("the name of a file or folder is missing"))
    return Path(text)


def _common(parser: argparse.ArgumentParser, default: str | None) -> None:
    """The options that every command takes, before its name or after it."""
    parser.add_argument(
        "--data-dir",
        type=path,
        default=default,
        metavar=_("FOLDER"),
        help=_("folder of journal, OffCirc.dat, ledger and archive (also OFFCIRC_DATA_DIR)"),
    )
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=default,
        help=_("language, whatever the system speaks (also OFFCIRC_LANG)"),
    )


def _sentence(summary: str) -> str:
    return summary[:1].upper() + summary[1:] + "."
