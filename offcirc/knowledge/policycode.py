"""A policy as text inside OffCirc.knowledge, and back; the desk knows no policy.toml."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from offcirc.core.rules.policy import (
    Closure,
    FixedReturn,
    Hours,
    ItemException,
    Library,
    Limit,
    Policy,
    Renewal,
    Terms,
)


def dump(policy: Policy) -> str:
    """The text of a policy."""
    facts = {
        "name": policy.name,
        "timezone": policy.timezone.key,
        "renewal": policy.renewal.value,
        "libraries": [asdict(each) for each in policy.libraries.values()],
        "rules": [[*place, asdict(terms)] for place, terms in policy.rules.items()],
        "exceptions": [asdict(each) for each in policy.exceptions.values()],
        "limits": [asdict(each) for each in policy.limits],
    }
    return json.dumps(facts, default=lambda value: value.isoformat(), ensure_ascii=False)


def load(text: str) -> Policy:
    """The policy of such a text.

    Raises:
        ValueError, KeyError, TypeError, LookupError, OSError: it is none.
    """
    facts = json.loads(text)
    libraries = [_library(each) for each in facts["libraries"]]
    exceptions = [ItemException(**each) for each in facts["exceptions"]]
    return Policy(
        facts["name"],
        ZoneInfo(facts["timezone"]),
        {each.code: each for each in libraries},
        {(location, group): Terms(**terms) for location, group, terms in facts["rules"]},
        {each.code: each for each in exceptions},
        Renewal(facts["renewal"]),
        tuple(Limit(**each) for each in facts["limits"]),
    )


def _library(facts: dict[str, Any]) -> Library:
    week = tuple(
        None
        if day is None
        else Hours(time.fromisoformat(day["opens"]), time.fromisoformat(day["closes"]))
        for day in facts["week"]
    )
    closures = tuple(Closure(**_days(each)) for each in facts["closures"])
    fixed = tuple(FixedReturn(**_days(each)) for each in facts["fixed_returns"])
    return Library(**{**facts, "week": week, "closures": closures, "fixed_returns": fixed})


def _days(facts: dict[str, str]) -> dict[str, date]:
    return {name: date.fromisoformat(day) for name, day in facts.items()}
