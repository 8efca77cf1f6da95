"""``offcirc config``: where the settings are, what they say, what is wrong with them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from offcirc.cli.frame import output
from offcirc.cli.frame.errors import unusable
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.frame.places import data_folder
from offcirc.i18n import _
from offcirc.settings.complaints import Complaint
from offcirc.settings.files import Written
from offcirc.settings.load import Effective, Layer, Settings
from offcirc.settings.options import OPTIONS, option_for

_VALUES = {
    "--desk": "desk.name",
    "--library": "desk.library",
    "--circulation-desk": "desk.circulation_desk",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``config``."""
    parser.add_argument(
        "what",
        choices=("show", "check", "path", "example", "install"),
        help=_(
            "show: every setting, its value and where it comes from; check: what is wrong with"
            " the settings files (exit code 1); path: the files read and the data folder;"
            " example: a settings file with every setting explained; install: put a settings file"
            " in place for the whole machine, with values for this PC"
        ),
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=path,
        metavar=_("SITE.TOML"),
        help=_("with check or install: this file instead of the ones in place"),
    )
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        metavar=_("SITE.TOML"),
        help=_("with install: put it here instead of in the machine’s own place"),
    )
    for option, key in _VALUES.items():
        parser.add_argument(
            option,
            default="",
            metavar=_("NAME"),
            help=_("with install: set {key} for this PC").format(key=key),
        )
    format_argument(parser)


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Show, check or locate the settings."""
    settings = context.settings
    if options.what == "path":
        _path(settings, options.format == "json")
        return Exit.FINE
    if options.what == "example":
        from offcirc.settings import example

        output.say(example.text().rstrip("\n"))
        return Exit.FINE
    if options.what == "show":
        _show(settings, options.format == "json")
        for complaint in settings.complaints:
            output.note(complaint.sentence())
        return Exit.FINE
    if options.what == "install":
        return _install(options)
    from offcirc.settings.sense import contradictions

    complaints = settings.complaints + contradictions(settings)
    if options.source is not None:
        complaints = _judge(options.source)
    return _check(complaints, options.format == "json")


def _judge(file: Path) -> tuple[Complaint, ...]:
    from offcirc.settings.save import judge

    try:
        return judge(file)
    except FileNotFoundError as error:
        raise Stop(unusable(error, file)) from error


def _install(options: argparse.Namespace) -> Exit:
    """Put a settings file in place.

    Raises:
        Stop: it is not there, or the place cannot be written to.
    """
    from offcirc.settings.options import WrongValueError, declared
    from offcirc.settings.save import FaultySettingsError, install

    values = {
        key: getattr(options, option[2:].replace("-", "_")) for option, key in _VALUES.items()
    }
    try:
        place = install(options.source, values, options.output)
    except FaultySettingsError as error:
        return _check(error.complaints, as_json=False)
    except WrongValueError as error:
        text = _("“{value}” cannot be used here: it must be {expected}.")
        expected = declared("desk.name").kind.words()
        raise Stop(text.format(value=output.visible(str(error)), expected=expected)) from error
    except OSError as error:
        raise Stop(unusable(error, options.source or Path(error.filename or ""))) from error
    output.say(_("The settings of this machine are in {file}.").format(file=place))
    return Exit.FINE


def _path(settings: Settings, as_json: bool) -> None:
    *more, site, user = settings.sources
    if as_json:
        output.say(
            json.dumps(
                {
                    "site": _found(site),
                    **({"additional": _found(more[0])} if more else {}),
                    "user": _found(user),
                    "data_dir": str(data_folder(settings)),
                },
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    columns = (output.PrintedColumn(_("What"), 16), output.PrintedColumn(_("Where"), 0))
    with output.Table(columns) as table:
        places = [(_("Whole machine"), site), (_("This account"), user)]
        places[1:1] = [(_("In addition"), written) for written in more]
        for title, written in places:
            table.add((title, _place(written)))
        table.add((_("Data folder"), str(data_folder(settings))))


def _found(written: Written) -> dict[str, object]:
    return {"path": str(written.path), "exists": written.exists}


def _place(written: Written) -> str:
    shown = output.visible(str(written.path))
    if written.complaints:
        return _("{file} (left out: see “offcirc config check”)").format(file=shown)
    return shown if written.exists else _("{file} (not there)").format(file=shown)


def _show(settings: Settings, as_json: bool) -> None:
    values = dict(settings.values)
    # What may be said of a server is listed too when no server is named.
    known = {option_for(key) for key in values}
    for each in OPTIONS:
        if each not in known:
            values[each.key] = Effective(each.default)
    if as_json:
        facts = {
            key: {
                "value": _shown(key, found.value) or None,
                "layer": found.layer.value,
                "source": found.source,
                "locked": found.locked,
            }
            for key, found in values.items()
        }
        output.say(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    columns = (
        output.PrintedColumn(_("Setting"), 24),
        output.PrintedColumn(_("Value"), 28),
        output.PrintedColumn(_("Comes from"), 28),
        output.PrintedColumn(_("Purpose"), 0),
    )
    with output.Table(columns) as table:
        for key, found in values.items():
            option = option_for(key.replace("*", "name"))
            value = output.visible(_shown(key, found.value)) or _("(not set)")
            source = _("built in") if found.layer is Layer.BUILT_IN else found.source
            if found.locked:
                source = _("{source} (locked)").format(source=source)
            table.add((key, value, source, option.purpose if option else ""))


def _shown(key: str, value: str) -> str:
    option = option_for(key)
    return "…" if value and option is not None and option.secret else value


def _check(complaints: Sequence[Complaint], as_json: bool) -> Exit:
    sentences = [complaint.sentence() for complaint in complaints]
    if as_json:
        facts = [
            {
                "code": complaint.code.value,
                "source": str(complaint.source),
                "line": complaint.line,
                "key": complaint.key or None,
                "message": sentence,
            }
            for complaint, sentence in zip(complaints, sentences, strict=True)
        ]
        output.say(json.dumps({"faults": facts}, ensure_ascii=False, indent=1))
    else:
        for sentence in sentences or [_("The settings are in order.")]:
            output.say(sentence)
    return Exit.EXCEPTIONS if sentences else Exit.FINE
