"""``offcirc doctor``: what is wrong with this PC, a line a check, and what to do about it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import ParamSpec

from offcirc.cli.doctor.finding import DoctorFinding, Level, problem
from offcirc.cli.frame import output
from offcirc.cli.frame.errors import sentence, unusable
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.i18n import _, pgettext

_STYLES = {Level.FINE: "green", Level.NOTE: "yellow", Level.PROBLEM: "bold red"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``doctor``."""
    format_argument(parser)
    parser.add_argument(
        "--card",
        type=path,
        metavar=_("CARD.pdf"),
        help=_("write this desk’s outage card, to be printed beforehand, and look at nothing"),
    )
    parser.epilog = _("Exit code 0: this PC can be used; 1: something must be done first.")


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Examine this PC."""
    if options.card is not None:
        return _card(options.card, context)
    found = list(_examine(context))
    problems = sum(finding.level is Level.PROBLEM for finding in found)
    if options.format == "json":
        facts = {
            "problems": problems,
            "checks": [
                {
                    "name": finding.name,
                    "level": finding.level.value,
                    "message": finding.sentence,
                    "advice": finding.advice or None,
                    "figures": dict(finding.figures),
                }
                for finding in found
            ],
        }
        output.say(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        columns = (output.PrintedColumn("", 10), output.PrintedColumn(_("Found"), 0))
        signs = {
            Level.FINE: pgettext("doctor", "fine"),
            Level.NOTE: _("to know"),
            Level.PROBLEM: _("PROBLEM"),
        }
        with output.Table(columns) as table:
            for finding in found:
                text = f"{finding.sentence} {finding.advice}".rstrip()
                table.add((signs[finding.level], text), _STYLES[finding.level])
        output.say(_conclusion(problems))
    return Exit.EXCEPTIONS if problems else Exit.FINE


def _card(place: Path, context: Context) -> Exit:
    """Write the outage card."""
    from offcirc.cli.tools import sheets

    file = context.settings.folder("file") or context.data_dir / "OffCirc.dat"

    def draw(card: ModuleType, paper: object) -> bytes:
        return bytes(card.outage_card(card.facts_of(context.settings, file), paper))

    return sheets.write_drawn(place, sheets.PAPERS[0], "outagecard", draw)


def _conclusion(problems: int) -> str:
    if not problems:
        return _("This PC is ready for the next outage.")
    return _("Something must be done before this PC can be relied on.")


def _examine(context: Context) -> Iterator[DoctorFinding]:
    from offcirc.cli.doctor import finding_data, finding_desk, finding_system

    settings = context.settings
    yield finding_system.version()
    yield from _look("settings", finding_system.settings, settings)
    yield from _look("desk-name", finding_desk.name, settings)
    yield from _look("rules", finding_desk.rules, settings)
    folder, finding = finding_data.folder(context)
    yield finding
    latest: list[datetime] = []
    if folder is not None:
        yield from _look("privacy", finding_data.privacy, folder)
        yield from _look("durable", finding_data.durability, folder)
        yield from _look("space", finding_data.space, folder)
        yield from _look("journal", finding_data.journal, folder, latest)
        yield from _look("ledger", finding_data.ledger, folder)
        file = settings.folder("file") or folder / "OffCirc.dat"
        yield from _look("offcirc.dat", finding_data.dat_file, file, folder)
        yield from _look("place", finding_desk.places, folder, settings)
        yield from _look("knowledge", finding_desk.knowledge, folder, settings)
    yield from _look("collection", finding_desk.collection, settings)
    yield from _look("scanner", finding_desk.scanners, settings)
    yield from _look("clock", finding_system.clock, latest[0] if latest else None)
    yield from _look("language", finding_system.language)
    yield from _look("windows", finding_system.windows)
    yield from _look("keyring", finding_system.keyring)
    yield from _look("server", finding_system.servers, settings)


P = ParamSpec("P")


def _look(
    name: str,
    look: Callable[P, DoctorFinding | Iterator[DoctorFinding]],
    *words: P.args,
    **more: P.kwargs,
) -> Iterator[DoctorFinding]:
    """What a look finds; on a sick PC even looking may fail, which is a finding too."""
    try:
        found = look(*words, **more)
        yield from (found,) if isinstance(found, DoctorFinding) else found
    except OSError as error:
        yield problem(name, unusable(error), "")
    except Exception as error:
        text = _("This could not be looked at ({name}: {reason}).")
        yield problem(
            name,
            sentence(error) or text.format(name=name, reason=type(error).__name__),
            _("All the rest was looked at. Please tell whoever looks after this PC."),
        )
