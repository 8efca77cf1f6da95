"""``offcirc drill``: an outage that is played, and its score."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.frame.processes import typed
from offcirc.drill import truth
from offcirc.drill.truth import DrillError, Truth
from offcirc.i18n import _
from offcirc.practice.errors import LibraryError
from offcirc.practice.web.drilldoor import (
    BegunDrill,
    DrillDoor,
    PlayableDrill,
    ShownPart,
    ShownScore,
)

if TYPE_CHECKING:
    from offcirc.drill.making import MadeDrill
    from offcirc.drill.scoring import DrillScore, Mark


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


def door(data_dir: Path, served: Path) -> DrillDoor:
    """The drills of a data folder.

    Args:
        data_dir: below which drills are begun.
        served: the folder of the practice server; that of a drill shows this drill and those
            begun beside it.
    """
    here = served.absolute().parent
    if (here / truth.FILE).exists():
        return _Drills(here.parent.parent, here).door()
    return _Drills(data_dir, None).door()


class _Drills:
    """What makes and judges drills is imported once somebody asks: the server starts without."""

    def __init__(self, data_dir: Path, here: Path | None) -> None:
        self._data_dir, self._here = data_dir, here

    def door(self) -> DrillDoor:
        return DrillDoor(self._kinds, self._begun, self._start, self._paper, self._score)

    def _kinds(self) -> list[PlayableDrill]:
        from offcirc.drill import drillwords
        from offcirc.drill.scenarios import DRILLS

        return [
            PlayableDrill(name, drillwords.title(name), drillwords.about(name)) for name in DRILLS
        ]

    def _folders(self) -> dict[str, Path]:
        found = (self._data_dir / truth.DRILLS).glob(f"*/{truth.FILE}")
        return {each.parent.name: each.parent for each in sorted(found, reverse=True)}

    def _begun(self) -> list[BegunDrill]:
        found = []
        for key, folder in self._folders().items():
            with contextlib.suppress(DrillError):  # a damaged one is said where it is opened
                found.append(self._about(key, folder, truth.read(folder)))
        return found

    def _about(self, key: str, folder: Path, told: Truth) -> BegunDrill:
        from offcirc.drill import drillwords

        desks = tuple(
            f"{desk.letter} · {desk.circulation_desk} · {desk.library}" for desk in told.desks
        )
        title = drillwords.title(told.drill)
        return BegunDrill(
            *(key, title, told.since, desks, tuple(commands(folder, told)), folder == self._here)
        )

    def _start(self, name: str, seed: int) -> str:
        from offcirc.drill import making

        now = datetime.now().astimezone().replace(tzinfo=None)
        with _wording():
            return making.start(self._data_dir, name, seed=seed, now=now).folder.name

    def _paper(self, key: str, name: str) -> bytes | None:
        from offcirc.drill import papers

        folder = self._folders().get(key)
        write = {"script": papers.script, "cards": papers.cards}.get(name)
        if folder is None or write is None:
            return None
        with _wording():
            return write(truth.read(folder))

    def _score(self, key: str) -> ShownScore | None:
        from offcirc.drill import drillwords, scoring

        folder = self._folders().get(key)
        if folder is None:
            return None
        with _wording():
            found, told = scoring.score(folder), truth.read(folder)
        parts = []
        for _key, title, mark in drillwords.parts(found):
            findings = tuple(
                (drillwords.slip(each), tuple(drillwords.lines(each, told.labels)))
                for each in mark.findings
            )
            parts.append(ShownPart(title, mark.right, mark.of, findings))
        return ShownScore(found.percent, tuple(parts))


@contextlib.contextmanager
def _wording() -> Iterator[None]:
    try:
        yield
    except DrillError as error:
        raise LibraryError(str(error)) from None
