"""The ``offcirc`` command: language, settings, the command asked for, the exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from offcirc import commandline, i18n
from offcirc.cli.frame import errors, output, parser
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.i18n import _
from offcirc.settings.load import Settings, load


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        argv: the words after the program's name; those of the process when not given.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    commandline.prepare()
    try:
        return _run(words)
    except KeyboardInterrupt:
        output.note(_("Stopped."))
        return Exit.NOT_DONE
    except Exception as error:
        if _is_left_alone(error):
            # The reader of our output has left (``| head``). Python would complain once more when
            # it flushes at the end, so it gets something it can flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.NOT_DONE
        told = errors.sentence(error)
        if told is not None:
            output.note(told)
            return Exit.NOT_DONE
        return _bug(error, words)


def _is_left_alone(error: Exception) -> bool:
    if isinstance(error, BrokenPipeError):
        return True
    # What Windows calls it; a file that cannot be used is named with the error.
    if os.name != "nt" or not isinstance(error, OSError):
        return False
    return error.errno == errno.EINVAL and error.filename is None


def _run(words: list[str]) -> int:
    settings = _settings(words)
    i18n.activate(settings.text("language") or None)
    options = parser.parse(words)
    if options.command not in ("config", "doctor"):
        _complain(settings)
    code = parser.command(options.command).run(options, parser.Context(settings))
    sys.stdout.flush()
    return int(code)


def _settings(words: list[str]) -> Settings:
    return load(
        {
            "language": parser.early(words, "--lang"),
            "data_dir": parser.early(words, "--data-dir"),
        }
    )


def _complain(settings: Settings) -> None:
    for complaint in settings.complaints:
        if complaint.source in ("--lang", "--data-dir"):
            raise Stop(complaint.sentence())
        output.note(complaint.sentence())


def _bug(error: Exception, words: list[str]) -> int:
    log = errors.keep_trace(error, _settings(words).folder("data_dir"))
    output.note(
        _(
            "This is a mistake in OffCirc itself. What was recorded is safe. Please tell the"
            " person who looks after the program."
        )
    )
    if log:
        output.note(_("Details are in {file}.").format(file=log))
    return Exit.BUG
