from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
from helpers.rights import is_private

from offcirc import __version__, commandline, i18n
from offcirc.cli import main
from offcirc.cli.frame import errors, parser
from offcirc.cli.frame.exits import Exit

# The newest Python whose argparse was read for texts of its own.
NEWEST_PYTHON_READ = (3, 13)

SHIPPED = (
    *("desk", "uploader", "check", "merge", "import", "decide", "upload", "servers"),
    *("jobs", "export", "report"),
    *("verify", "followup", "registrations", "archive", "rebuild"),
    *("server", "drill", "demo", "rules", "knowledge", "cards", "manual", "config", "doctor"),
)


@pytest.fixture
def said(monkeypatch, capsys):
    """What a command line that ends at once prints: exit code, standard output, errors."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words):
        with pytest.raises(SystemExit) as left:
            main.main(words)
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return run


@pytest.mark.parametrize("language", ["en", "fr"])
def test_help_names_every_command(offcirc, language):
    ran = offcirc("--lang", language, "--help")
    assert ran.code == 0
    assert tuple(re.findall(r"^    (\w+) ", ran.out, re.MULTILINE)) == SHIPPED


@pytest.mark.parametrize("command", SHIPPED)
@pytest.mark.parametrize(
    ("language", "usage", "help_words"),
    [
        ("en", "usage: ", "show this help message and exit"),
        ("fr", "utilisation\N{NO-BREAK SPACE}: ", "afficher cette aide et quitter"),
    ],
)
def test_every_command_has_help(said, command, language, usage, help_words):
    code, out, err = said("--lang", language, command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(usage + "offcirc " + command)
    assert help_words in out
    for option in ("--data-dir", "--lang"):
        assert option in out
    # The position of the option makes no difference.
    assert said(command, "--help", "--lang", language) == (code, out, err)


def test_version(offcirc):
    assert offcirc("--version").out.split() == ["offcirc", __version__]


@pytest.mark.parametrize(
    "words",
    [
        ["chekc"],
        ["check"],
        ["check", "--format", "xml", "OffCirc.dat"],
        ["check", "--colour", "OffCirc.dat"],
        ["--lang", "de", "check", "OffCirc.dat"],
        ["--lang"],
        ["--data-dir", "", "doctor"],
        ["server", "--port", "many"],
        ["server", "--now", "yesterday"],
        ["merge", "OffCirc.dat"],
        ["merge", "OffCirc.dat", "-o", "x", "--offset", "OffCirc.dat=soon"],
        ["config"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_words_it_does_not_understand(said, monkeypatch, words, language):
    monkeypatch.setenv("OFFCIRC_LANG", language)
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    wanted = {"en": "error: ", "fr": "erreur\N{NO-BREAK SPACE}: "}[language]
    assert wanted in err


def test_argparse_says_nothing_that_the_catalogue_does_not_know():
    """Its own words are taken out of its source, so that a new Python cannot slip one in."""
    source = Path(sys.modules["argparse"].__file__).read_text(encoding="utf-8")
    said = {
        call.args[0].value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "_"
        and isinstance(call.args[0], ast.Constant)
    }
    never_met = {  # mistakes of whoever writes a parser, and what ours does not use
        " (default: %(default)s)",
        "subcommands",
        "can't open '%(filename)s': %(error)s",
        'argument "-" with mode %r',
        ".__call__() not defined",
        "cannot have multiple subparser arguments",
        "cannot merge actions - two groups are named %r",
        "conflicting subparser alias: %s",
        "conflicting subparser: %s",
        "dest= is required for options like %r",
        "'required' is an invalid argument for positionals",
        "invalid conflict_resolution value: %r",
        "invalid option string %(option)r: must start with a character %(prefix_chars)r",
        "%r is not callable",
        "mutually exclusive arguments must be optional",
        "unexpected option string: %s",
        # Since Python 3.13: marks on what is going away, and a heading with nothing to translate.
        "argument '%(argument_name)s' is deprecated",
        "command '%(parser_name)s' is deprecated",
        "option '%(option)s' is deprecated",
        "%(prog)s: warning: %(message)s\n",
        "%(heading)s:",
    }
    unknown = {text for text in said if text not in commandline.WORDS and text not in never_met}
    # Words that a later Python adds are said in English until somebody translates them.
    assert not unknown or sys.version_info[:2] > NEWEST_PYTHON_READ
    i18n.activate("fr")
    assert {i18n._(text) for text in unknown} == unknown


def test_a_wrong_language_in_the_environment_is_named_and_left_out(offcirc, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(b"")
    ran = offcirc("check", "OffCirc.dat", env={"OFFCIRC_LANG": "klingon"})
    assert ran.code == 0
    assert "OFFCIRC_LANG" in ran.err


def test_a_bug_is_said_once_and_kept_without_any_barcode(tmp_path, monkeypatch, capsys):
    class Broken:
        @staticmethod
        def run(options, context):
            raise KeyError("9921000000164")

    monkeypatch.setattr(parser, "command", lambda name: Broken)
    monkeypatch.setattr(
        parser, "parse", lambda words: __import__("argparse").Namespace(command="x")
    )
    code = main.main(["--data-dir", str(tmp_path)])
    said = capsys.readouterr()
    assert code == Exit.BUG
    log = tmp_path / "logs" / "errors.log"
    assert str(log) in said.err
    assert "KeyError" in log.read_text()
    assert "9921000000164" not in log.read_text() + said.err
    assert is_private(log)


def test_interrupted(monkeypatch, capsys):
    def interrupted(words):
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_run", interrupted)
    assert main.main([]) == Exit.NOT_DONE
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.promise("wrong-is-explained")
def test_every_system_error_is_a_sentence():
    i18n.activate("en")
    for number in range(1, 134):
        sentence = errors.unusable(OSError(number, "reason", "OffCirc.dat"))
        assert sentence.startswith("OffCirc.dat: ")
        assert "Errno" not in sentence


def test_without_words_it_is_the_desk(offcirc):
    """``offcirc --file`` belongs to the desk; a wrong name for it is the desk's to refuse."""
    options = parser.parse(["--file", "x.dat"])
    assert options.command == "desk"
    assert str(options.file) == "x.dat"
    assert str(parser.parse(["desk", "--file", "y.dat"]).file) == "y.dat"
