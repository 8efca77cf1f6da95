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
from offcirc.cli.frame.errors import unusable
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, path
from offcirc.i18n import _, pgettext

_STYLES = {Level.FINE: "green", Level.NOTE: "yellow", Level.PROBLEM: "bold red"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``doctor``."""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help=_("text for people (the default), json for programs"),
    )
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
    from offcirc.cli.doctor import (
        finding_data,
        finding_desk,
        finding_knowledge,
        finding_system,
    )

    yield finding_system.version()
    yield from finding_system.settings(context.settings)
    yield finding_desk.name(context.settings)
    yield from finding_desk.rules(context.settings)
    folder, finding = finding_data.folder(context)
    yield finding
    latest: list[datetime] = []
    if folder is not None:
        yield _or_problem("durable", finding_data.durability, folder)
        yield _or_problem("space", finding_data.space, folder)
        yield _or_problem("journal", finding_data.journal, folder, latest)
        yield _or_problem("ledger", finding_data.ledger, folder)
        file = context.settings.folder("file") or folder / "OffCirc.dat"
        yield _or_problem("offcirc.dat", finding_data.dat_file, file, folder)
        yield from finding_desk.places(folder, context.settings)
        yield _or_problem("knowledge", finding_knowledge.knowledge, folder, context.settings)
    yield _or_problem("collection", finding_desk.collection, context.settings)
    yield from finding_desk.scanners(context.settings)
    yield finding_system.clock(latest[0] if latest else None)
    yield finding_system.language()
    yield finding_system.windows()
    yield finding_system.keyring()
    yield from finding_system.servers(context.settings)


P = ParamSpec("P")


def _or_problem(
    name: str, check: Callable[P, DoctorFinding], *words: P.args, **more: P.kwargs
) -> DoctorFinding:
    """What a check finds; on a sick PC even looking may fail, which is a finding too."""
    try:
        return check(*words, **more)
    except OSError as error:
        return problem(name, unusable(error), "")
