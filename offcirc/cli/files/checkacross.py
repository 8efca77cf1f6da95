"""``offcirc check``, second part: the lines of several files compared with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Stop
from offcirc.cli.frame.parser import Context
from offcirc.cli.frame.places import ledger
from offcirc.core.barcodes.rules import RuleSet
from offcirc.core.checks.verdicts import Code, Finding, Severity
from offcirc.core.dat.datfile import Status
from offcirc.core.openinghours import OpeningHours, parse_hours
from offcirc.core.transaction import Record
from offcirc.i18n import _, ngettext
from offcirc.settings.load import Settings
from offcirc.upload.base.errors import PlanError
from offcirc.upload.check import findingwords
from offcirc.upload.check.checking import Against, check_plan
from offcirc.upload.lines.collect import expand, look
from offcirc.upload.lines.copies import settle_copies
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.lines.source import CollectedFile

_SAID = (Code.FUTURE, Code.VERY_OLD)
"""What has been said of each line by itself."""


def findings(
    files: Sequence[Path], context: Context, now: datetime, *, notes: bool
) -> Iterator[Compared]:
    """What comparing the lines finds; says at the end how much was left unsaid.

    Args:
        files: files that could be read just now.
        context: the settings, and where earlier uploads are kept.
        now: local time without zone.
        notes: also what is only good to know.

    Raises:
        Stop: a file cannot be read any more.
    """
    unsaid: Counter[str] = Counter()
    with ledger(context) as book:
        against = Against(rules_of(context.settings), hours_of(context.settings), now=now)
        if book is not None:
            against = Against(against.rules, against.hours, ledger=book, now=now)
        try:
            sources = _sources(files)
            if not sources:
                return
            plan = make_plan(sources, decisions=decided(book))
            names = [file.name for file in plan.files]
            for found in check_plan(plan, against):
                if found.code not in Code.__members__.values() or found.code in _SAID:
                    continue
                if found.severity is Severity.NOTE and not notes:
                    unsaid[found.code] += 1
                    continue
                yield _compared(found, names)
        except PlanError as error:
            raise Stop(error.words()) from error
    if unsaid:
        count = sum(unsaid.values())
        text = ngettext(
            "Good to know, and listed by --notes: {count} ({what})",
            "Good to know, and listed by --notes: {count} ({what})",
            count,
        )
        what = ", ".join(
            f"{findingwords.finding_name(code)}: {number}" for code, number in unsaid.most_common()
        )
        output.note(text.format(count=count, what=what))


def _sources(files: Sequence[Path]) -> tuple[CollectedFile, ...]:
    """The files, under the names by which they were given; a pipe cannot be read twice."""
    found = []
    for file in expand(files):
        name = output.visible(str(file))
        if not file.is_file():
            output.note(_("{name} can be read once only and is not compared.").format(name=name))
            continue
        found.append(look(file, name))
    return settle_copies(found)


def _compared(found: Finding, names: Sequence[str]) -> Compared:
    return Compared(
        file=names[found.file],
        line=found.number,
        status=Status.OK if found.severity is Severity.NOTE else Status.WARNING,
        code=found.code,
        name=findingwords.finding_name(found.code),
        message=findingwords.finding(found, names),
        suggestion=findingwords.suggestion(found.act),
        record=found.record,
    )


def rules_of(settings: Settings) -> RuleSet:
    """The library's barcode rules; what cannot be used leaves those of the preset."""
    from offcirc.core.barcodes.ruletable import RulesError
    from offcirc.scanning.presets import build

    table = settings.barcodes()
    try:
        return build(table)
    except RulesError:
        return build({key: table[key] for key in table if key == "preset"})


def hours_of(settings: Settings) -> OpeningHours | None:
    """When the library is open; ``None`` when nobody has said."""
    text = settings.text("check.hours")
    return parse_hours(text) if text else None


@dataclass(frozen=True, slots=True)
class Compared:
    """Something that comparing lines has found.

    Attributes:
        file: the file, as it was given.
        line: the line's number; 0 when it is about the whole file.
        status: a warning, or fine when it is only good to know.
        code: what, for programs.
        name: what, in two or three words.
        message: what, as a sentence.
        suggestion: what might be done.
        record: what the line says; ``None`` when it is about a file.
    """

    file: str
    line: int
    status: Status
    code: str
    name: str
    message: str
    suggestion: str
    record: Record | None

    def facts(self) -> dict[str, Any]:
        """As programs get it."""
        record = self.record
        return {
            "file": self.file,
            "line": self.line,
            "status": self.status.value,
            "message": self.message,
            "timestamp": record.at.isoformat(timespec="minutes") if record else None,
            "operation": record.operation.value if record else None,
            "item": record.item if record else "",
            "patron": record.patron if record else "",
            "code": self.code,
            "suggestion": self.suggestion,
        }
