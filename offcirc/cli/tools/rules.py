"""``offcirc rules``: what the rule book says of one loan, renewal or return, and why."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from offcirc import words
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.core.rules.lending import Due
    from offcirc.core.rules.policy import Library, Policy, Terms
    from offcirc.practice.library.library import Folder


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``rules``."""
    parser.add_argument(
        "what",
        choices=("due", "renew", "suspension"),
        help=_(
            "due: until when a loan lasts; renew: until when after a renewal; suspension: what a"
            " late return costs"
        ),
    )
    parser.add_argument(
        "--library",
        type=path,
        required=True,
        metavar=_("FOLDER"),
        help=_("folder of the library: policy.toml, items.csv, patrons.csv and the others"),
    )
    parser.add_argument("--item", metavar=_("BARCODE"), help=_("item barcode"))
    parser.add_argument("--patron", metavar=_("CARD"), help=_("reader’s card or identifier"))
    parser.add_argument("--at", metavar=_("TIME"), help=_("when it is lent or renewed (ISO)"))
    parser.add_argument("--loan-at", metavar=_("TIME"), help=_("renew: when it was first lent"))
    parser.add_argument(
        "--due",
        metavar=_("TIME"),
        help=_("suspension: when it was due; renew: when it is due now, if not as first lent"),
    )
    parser.add_argument("--returned", metavar=_("TIME"), help=_("suspension: when it came back"))
    parser.add_argument(
        "--loan-days",
        type=int,
        metavar=_("DAYS"),
        help=_("suspension: length of the loan; a week or less has the shorter grace"),
    )
    parser.add_argument(
        "--owner",
        metavar=_("CODE"),
        help=_("suspension: the library that owns the item; the first one if not given"),
    )
    format_argument(parser)
    parser.epilog = _(
        "Times without an offset are the library’s own. Exit code 0: answered; 2: the library"
        " cannot be read, or does not know the item or the reader."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Answer."""
    from offcirc.practice.library import library

    folder = library.read(options.library)
    if options.what == "suspension":
        facts, said = _suspension(folder.policy, options)
    else:
        due, subject = _due(folder, options)
        facts, said = _told(due, subject)
    if options.format == "json":
        output.say(json.dumps(facts, ensure_ascii=False))
    else:
        output.say(said)
        output.say(" · ".join(facts["steps"]))  # type: ignore[arg-type]
    return Exit.FINE


def _told(due: Due, subject: str) -> tuple[dict[str, object], str]:
    from offcirc import rulewords

    facts: dict[str, object] = {
        "due": due.at.isoformat(timespec="seconds"),
        "steps": rulewords.steps(due.steps, subject),
        "notes": [note.value for note in due.notes],
    }
    return facts, _("Due: {due}").format(due=words.when(due.at))


@dataclass(frozen=True, slots=True)
class _Case:
    """A loan of one item to one reader."""

    terms: Terms
    owner: Library
    expires_on: date
    subject: str


def _due(folder: Folder, options: argparse.Namespace) -> tuple[Due, str]:
    from offcirc.core.rules import lending

    at = _moment(folder.policy, options, "at")
    case = _case(folder, options, at)
    if options.what == "due":
        due = lending.loan_due(at, case.terms, case.owner, case.expires_on, at)
        return due, case.subject
    first = _moment(folder.policy, options, "loan_at")
    if at < first:
        raise Stop(_("A renewal cannot be earlier than the loan."))
    if options.due:
        due_now = _moment(folder.policy, options, "due")
    else:
        due_now = lending.loan_due(first, case.terms, case.owner, case.expires_on, first).at
    due = lending.renewal_due(
        at,
        lending.OnLoan(due_now, first),
        case.terms,
        rule=folder.policy.renewal,
        library=case.owner,
        expires_on=case.expires_on,
        now=at,
    )
    return due, case.subject


def _case(folder: Folder, options: argparse.Namespace, at: datetime) -> _Case:
    """Item and reader, looked up.

    Raises:
        Stop: one is not given or not known; the sentence repeats no reader's identifier.
    """
    from offcirc import rulewords
    from offcirc.core.rules import lending

    if not options.item or not options.patron:
        raise Stop(_("Give the item with --item and the reader with --patron."))
    item = next((each for each in folder.items if each.barcode == options.item), None)
    if item is None:
        raise Stop(_("This item is not in items.csv."))
    wanted = options.patron
    patron = next((p for p in folder.patrons if wanted in (p.barcode, p.primary_id)), None)
    if patron is None:
        raise Stop(_("This reader is not in patrons.csv."))
    terms = folder.policy.terms(item.location, patron.group, item.exception)
    assert terms is not None  # the library was read: it has a rule for every loan
    return _Case(
        terms,
        folder.policy.libraries[item.library],
        lending.expiry(patron.expires_on, at.date()),
        rulewords.subject(patron.group, item.location, item.exception),
    )


def _suspension(policy: Policy, options: argparse.Namespace) -> tuple[dict[str, object], str]:
    from offcirc import rulewords
    from offcirc.core.rules import lending
    from offcirc.core.rules.policy import SHORT_LOAN_DAYS

    owner = policy.libraries.get(options.owner or next(iter(policy.libraries)))
    if owner is None:
        raise Stop(_("policy.toml has no library '{code}'").format(code=options.owner) + ".")
    short = options.loan_days is not None and options.loan_days <= SHORT_LOAN_DAYS
    due, returned = _moment(policy, options, "due"), _moment(policy, options, "returned")
    found = lending.suspension(due, returned, short=short, library=owner)
    facts: dict[str, object] = {
        "days": found.days,
        "until": found.until.isoformat() if found.until else None,
        "steps": rulewords.steps(found.steps),
    }
    if found.until is None:
        return facts, _("No suspension.")
    return facts, _("Suspended to the end of {day}.").format(day=words.day(found.until))


def _moment(policy: Policy, options: argparse.Namespace, name: str) -> datetime:
    """An option as a moment in the library's zone.

    Raises:
        Stop: it is missing, or no time.
    """
    option, text = "--" + name.replace("_", "-"), getattr(options, name)
    if not text:
        raise Stop(_("Give a time with {option}.").format(option=option))
    try:
        moment = datetime.fromisoformat(text)
        if not 1900 <= moment.year <= 2999:
            raise ValueError
    except ValueError:
        raise Stop(
            _("{option} must be a time such as 2018-01-15T14:20.").format(option=option)
        ) from None
    zone = policy.timezone
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
