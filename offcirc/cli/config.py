"""``offcirc config``: where the settings are, what they say, what is wrong with them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from offcirc.cli import output
from offcirc.cli.exits import Exit
from offcirc.cli.parser import Context
from offcirc.i18n import _
from offcirc.settings.load import Effective, Layer, Settings
from offcirc.settings.options import OPTIONS, option_for
from offcirc.settings.places import default_data_dir


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``config``."""
    parser.add_argument(
        "what",
        choices=("show", "check", "path", "example"),
        help=_(
            "show: every setting, its value and where it comes from; check: what is wrong with"
            " the settings files (exit code 1); path: the files read and the data folder;"
            " example: a settings file with every setting explained"
        ),
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help=_("text for people (the default), json for programs"),
    )


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
    return _check(settings, options.format == "json")


def data_folder(settings: Settings) -> Path:
    """The data folder in force; not made."""
    chosen = settings.folder("data_dir")
    return (chosen or default_data_dir()).absolute()


def _path(settings: Settings, as_json: bool) -> None:
    site, user = settings.sources
    if as_json:
        output.say(
            json.dumps(
                {
                    "site": {"path": str(site.path), "exists": site.exists},
                    "user": {"path": str(user.path), "exists": user.exists},
                    "data_dir": str(data_folder(settings)),
                },
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    columns = (output.Column(_("What"), 16), output.Column(_("Where"), 0))
    with output.Table(columns) as table:
        for title, written in ((_("Whole machine"), site), (_("This account"), user)):
            place = str(written.path)
            table.add(
                (title, place if written.exists else _("{file} (not there)").format(file=place))
            )
        table.add((_("Data folder"), str(data_folder(settings))))


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
                "value": found.value or None,
                "layer": found.layer.value,
                "source": found.source,
                "locked": found.locked,
            }
            for key, found in values.items()
        }
        output.say(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    columns = (
        output.Column(_("Setting"), 24),
        output.Column(_("Value"), 28),
        output.Column(_("Comes from"), 28),
        output.Column(_("Purpose"), 0),
    )
    with output.Table(columns) as table:
        for key, found in values.items():
            option = option_for(key.replace("*", "name"))
            value = output.visible(found.value) or _("(not set)")
            source = _("built in") if found.layer is Layer.BUILT_IN else found.source
            if found.locked:
                source = _("{source} (locked)").format(source=source)
            table.add((key, value, source, option.purpose if option else ""))


def _check(settings: Settings, as_json: bool) -> Exit:
    sentences = [complaint.sentence() for complaint in settings.complaints]
    if as_json:
        facts = [
            {
                "code": complaint.code.value,
                "source": str(complaint.source),
                "line": complaint.line,
                "key": complaint.key or None,
                "message": sentence,
            }
            for complaint, sentence in zip(settings.complaints, sentences, strict=True)
        ]
        output.say(json.dumps({"faults": facts}, ensure_ascii=False, indent=1))
    else:
        for sentence in sentences or [_("The settings are in order.")]:
            output.say(sentence)
    return Exit.EXCEPTIONS if sentences else Exit.FINE
