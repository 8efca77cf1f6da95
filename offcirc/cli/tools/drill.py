"""``offcirc drill``: an outage that is played, and its score."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.frame.processes import typed
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.drill.making import MadeDrill
    from offcirc.drill.scoring import DrillScore, Mark
    from offcirc.drill.truth import Truth


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``drill``."""
    parser.add_argument(
        "what",
        choices=("list", "start", "score"),
        help=_("list: the drills there are; start: begin one; score: judge the one begun last"),
    )
    parser.add_argument("name", nargs="?", metavar=_("NAME"), help=_("start: the drill"))
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help=_("start: the same one, the same drill")
    )
    parser.add_argument(
        "--drill",
        type=path,
        metavar=_("FOLDER"),
        help=_("score: the folder of another drill than the one begun last"),
    )
    format_argument(parser)
    parser.epilog = _(
        "Exit code 0: all well; 1: the score has findings; 2: the drill cannot be begun or judged."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """List, begin or judge."""
    from offcirc.drill import making, scoring
    from offcirc.drill.errors import DrillError

    try:
        if options.what == "list":
            return _list(options)
        if options.what == "start":
            if not options.name:
                raise Stop(_("Which drill? “drill list” names them."))
            now = datetime.now().astimezone().replace(tzinfo=None)
            made = making.start(context.data_dir, options.name, seed=options.seed, now=now)
            return _started(made, options)
        folder = options.drill or making.newest(context.data_dir)
        return _scored(scoring.score(folder), options)
    except DrillError as error:
        raise Stop(str(error)) from None


def _list(options: argparse.Namespace) -> Exit:
    from offcirc.drill import drillwords
    from offcirc.drill.scenarios import DRILLS

    if options.format == "json":
        rows = [
            {"name": name, "title": drillwords.title(name), "about": drillwords.about(name)}
            for name in DRILLS
        ]
        output.say(json.dumps({"drills": rows}, ensure_ascii=False))
        return Exit.FINE
    for name in DRILLS:
        output.say(f"{name:<14} {drillwords.title(name)}")
        output.say(f"{'':<14} {drillwords.about(name)}")
    return Exit.FINE


def _started(made: MadeDrill, options: argparse.Namespace) -> Exit:
    from offcirc.drill.making import CARDS, SCRIPT

    folder = made.folder
    to_type = commands(folder, made.truth)
    if options.format == "json":
        told = {
            "drill": made.truth.drill,
            "folder": str(folder),
            "script": str(folder / SCRIPT),
            "cards": str(folder / CARDS),
            "commands": to_type,
        }
        output.say(json.dumps(told, ensure_ascii=False))
        return Exit.FINE
    output.say(
        _("To print: {script} and {cards}").format(script=folder / SCRIPT, cards=folder / CARDS)
    )
    output.say(_("To type, each in a window of its own; the last when the desks are closed:"))
    for command in to_type:
        output.say(f"  {command}")
    output.say(_("Sign in as referent, password bac-a-sable-1. Then, for the score:"))
    output.say(f'  {typed()} drill score --drill "{folder}"')
    return Exit.FINE


def commands(folder: Path, told: Truth) -> list[str]:
    """What is typed to play a drill, each in a window of its own."""
    from offcirc.drill.making import LIBRARY
    from offcirc.drill.recorded import SERVER
    from offcirc.drill.scoring import DESKS

    server = f'server --library "{folder / LIBRARY}" --data-dir "{folder / SERVER}"'
    desks = [f'desk --data-dir "{folder / DESKS / desk.letter}"' for desk in told.desks]
    upload = (
        f'upload "{folder / DESKS}" --server http://127.0.0.1:8000 --user referent'
        f' --desk {told.desks[0].circulation_desk} --data-dir "{folder / "referent"}"'
    )
    return [f"{typed()} {each}" for each in (server, *desks, upload)]


def _scored(found: DrillScore, options: argparse.Namespace) -> Exit:
    from offcirc.drill import drillwords

    marks = drillwords.parts(found)
    if options.format == "json":
        told = {key: _told(mark) for key, _title, mark in marks}
        whole = {"upload": told.pop("upload"), "followup": told.pop("followup"), "desks": told}
        output.say(json.dumps({"drill": found.drill, "percent": found.percent, **whole}))
    else:
        output.say(
            _("{drill}: {percent} %").format(
                drill=drillwords.title(found.drill), percent=found.percent
            )
        )
        for _key, title, mark in marks:
            output.say(
                _("{title}: {right} of {of}").format(title=title, right=mark.right, of=mark.of)
            )
            for each in mark.findings:
                output.say(f"  - {output.visible(drillwords.finding(each))}")
    return Exit.FINE if found.percent == 100 else Exit.EXCEPTIONS


def _told(mark: Mark) -> dict[str, object]:
    from offcirc.drill import drillwords

    return {
        "right": mark.right,
        "of": mark.of,
        "findings": [
            {
                "code": each.slip.value,
                "count": each.count,
                "lines": [{"line": number or None, "item": item} for number, item in each.lines],
                "words": drillwords.finding(each),
            }
            for each in mark.findings
        ],
    }
