"""What a file of knowledge says: of itself (``check``), of a reader or an item (``show``)."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from offcirc import words
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.core.rules.policy import Policy
    from offcirc.knowledge.keys import KnowledgeKey
    from offcirc.knowledge.knowledgefile import KnowledgeFile
    from offcirc.knowledge.known import KnowledgeFacts, KnownItem, KnownPatron


def run(options: argparse.Namespace, context: Context, key: KnowledgeKey) -> Exit:
    """Check a file, or show what it says."""
    from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
    from offcirc.knowledge.knowledgefile import KnowledgeFile
    from offcirc.knowledge.place import KnowledgePlace

    file = options.file or KnowledgePlace(context.data_dir).current
    if file is None:
        raise Stop(_("Nothing is installed on this PC: name the file."))
    try:
        with KnowledgeFile(file, key) as known:
            if options.what == "check":
                known.check()
                return _check(known.facts, options)
            return _show(known, options)
    except KnowledgeError as error:
        if options.what != "check" or error.fault is KnowledgeFault.ABSENT:
            raise Stop(error.words()) from None
        if options.format == "json":
            output.say(json.dumps({"ok": False, "problems": [error.fault.value]}))
        else:
            output.say(output.visible(error.words()))
        return Exit.EXCEPTIONS


def facts_told(facts: KnowledgeFacts) -> dict[str, Any]:
    """What a file says of itself, for programs."""
    return {
        "library": facts.library,
        "made": facts.made.isoformat(),
        "level": int(facts.level),
        "key_id": facts.key_id,
        "digest": facts.digest,
        "patrons": facts.patrons,
        "items": facts.items,
        "as_of": {"patrons": _iso(facts.patrons_as_of), "items": _iso(facts.items_as_of)},
    }


def local(moment: datetime) -> str:
    """A moment as people on this PC write it."""
    return words.when(moment.astimezone())


def moment(text: str, option: str, policy: Policy | None) -> datetime:
    """An option as a moment; without an offset it is the library's time.

    Raises:
        Stop: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
        if not 1900 <= found.year <= 2999:
            raise ValueError
    except ValueError:
        raise Stop(
            _("{option} must be a time such as 2018-01-15T14:20.").format(option=option)
        ) from None
    if found.tzinfo is not None:
        return found
    return found.replace(tzinfo=policy.timezone) if policy else found.astimezone()


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _check(facts: KnowledgeFacts, options: argparse.Namespace) -> Exit:
    from offcirc.knowledge.known import Age, age

    at = moment(options.at, "--at", None) if options.at else datetime.now(UTC)
    old = age(facts.oldest, at)
    problems = {Age.FRESH: [], Age.AGED: ["aged"], Age.SILENT: ["too-old"]}[old]
    if options.format == "json":
        told = {"ok": not problems, **facts_told(facts), "problems": problems}
        output.say(json.dumps(told, ensure_ascii=False))
    else:
        text = _(
            "Whole, of {library}: {patrons} readers’ identifiers, {items} items, level {level}, as"
            " of {as_of}."
        )
        output.say(
            text.format(
                library=output.visible(facts.library),
                patrons=facts.patrons,
                items=facts.items,
                level=int(facts.level),
                as_of=local(facts.oldest),
            )
        )
        if old is Age.AGED:
            output.say(_("It is older than 36 hours: the desk tells its age each time."))
        elif old is Age.SILENT:
            output.say(_("It is older than 7 days: the desk is silent about readers’ blocks."))
    return Exit.EXCEPTIONS if problems else Exit.FINE


def _show(file: KnowledgeFile, options: argparse.Namespace) -> Exit:
    policy = file.policy
    at = moment(options.at, "--at", policy) if options.at else datetime.now().astimezone()
    if policy is not None:
        at = at.astimezone(policy.timezone)
    told: dict[str, Any] = {}
    item, patron = None, None
    if options.patron:
        found = file.look_up_patron(options.patron)
        patron = found.on(at.date()) if found else None
        told |= _patron(options.patron, patron, file.facts)
    if options.item:
        item = file.look_up_item(options.item)
        told |= _item(options.item, item, file.facts)
        if patron is not None and item is not None:
            # Both: the flags of each have their own key, and what the loan would come to.
            told["flags"] = [*_patron_flags(patron), *told["flags"]]
            told |= _due(file, item, patron, at)
    if not told:
        told = facts_told(file.facts)
    if options.format == "json":
        output.say(json.dumps(told, ensure_ascii=False))
    else:
        for name, value in told.items():
            parts = value.values() if isinstance(value, dict) else value
            shown = ", ".join(map(str, parts)) if isinstance(value, list | dict) else value
            output.say(output.visible(f"{name}: {'' if shown is None else shown}".rstrip()))
    return Exit.FINE


def _patron(card: str, found: KnownPatron | None, facts: KnowledgeFacts) -> dict[str, Any]:
    told: dict[str, Any] = {"patron": card, "known": found is not None, "flags": []}
    if found is None:
        return {**told, "as_of": _iso(facts.patrons_as_of)}
    until, expires = found.suspended_until, found.expires_on
    return {
        **told,
        "flags": _patron_flags(found),
        "group": found.group,
        "suspended_until": until.isoformat() if until else None,
        "expires_on": expires.isoformat() if expires else None,
        **({"name": found.name} if found.name else {}),
        "as_of": _iso(found.as_of),
    }


def _patron_flags(found: KnownPatron) -> list[str]:
    return sorted(flag.value for flag in found.flags)


def _item(barcode: str, found: KnownItem | None, facts: KnowledgeFacts) -> dict[str, Any]:
    told: dict[str, Any] = {"item": barcode, "known": found is not None, "flags": []}
    if found is None:
        return {**told, "as_of": _iso(facts.items_as_of)}
    return {
        **told,
        "flags": sorted(flag.value for flag in found.flags),
        "library": found.library,
        "location": found.location,
        "exception": found.exception,
        "loan_class": "/".join(part for part in (found.location, found.exception) if part),
        **({"note": found.note} if found.note else {}),
        **({"title": found.title} if found.title else {}),
        "as_of": _iso(found.as_of),
    }


def _due(file: KnowledgeFile, item: KnownItem, patron: KnownPatron, at: datetime) -> dict[str, Any]:
    from offcirc import rulewords
    from offcirc.knowledge import estimate

    due = estimate.due(file.policy, item, patron, at)
    if due is None:
        return {"due": None, "steps": []}
    subject = rulewords.subject(patron.group, item.location, item.exception)
    return {
        "due": due.at.isoformat(timespec="seconds"),
        "steps": rulewords.steps(due.steps, subject),
    }
