"""The steps of a rule in words, for whoever asks why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from offcirc import words
from offcirc.core.rules.lending import Step, StepKind
from offcirc.i18n import N_, _, ngettext

_SENTENCES = {
    StepKind.LOAN: N_("loan {to}"),
    StepKind.RENEWAL: N_("renewal {to}"),
    StepKind.FIRST_LOAN: N_("first lent {to}"),
    StepKind.DUE_NOW: N_("due {to}"),
    StepKind.EXCLUDED: N_("excluded from loan: due at once"),
    StepKind.FIXED: N_("a fixed return date is in force → {to}"),
    StepKind.CLOSED: N_("closed, next open day → {to}"),
    StepKind.CLOSING: N_("closing time → {to}"),
    StepKind.EXPIRY: N_("the account ends on {to}: the last open day before"),
    StepKind.EXPIRED: N_("the account ended on {to}: due at once"),
    StepKind.NOT_PAST: N_("never in the past → {to}"),
    StepKind.SAME_DAY: N_("nothing moves on the day of the loan, nor twice on one day"),
    StepKind.TOO_LATE: N_("the library has closed on the due day: too late to renew"),
    StepKind.NOT_RENEWABLE: N_("not renewable"),
    StepKind.HINDERED: N_("requested by another reader, or this one has overdue items"),
    StepKind.NOT_BACK: N_("a renewal moves no date back: it stays → {to}"),
    StepKind.RETURNED: N_("returned {to}"),
    StepKind.NOT_SUSPENDED: N_("no suspension"),
}


def step(what: Step, subject: str = "") -> str:
    """A step, as part of a chain.

    Args:
        what: the step.
        subject: whose length it is, such as “group L at 63S”.
    """
    to = ""
    if what.to is not None:
        to = words.when(what.to) if isinstance(what.to, datetime) else words.day(what.to)
    text = worded(what, to)
    of_subject = subject and what.kind in (StepKind.LENGTH, StepKind.HOURS, StepKind.REMAINING)
    return _("{subject}: {length}").format(subject=subject, length=text) if of_subject else text


def worded(
    what: Step,
    to: str,
    gettext: Callable[[str], str] = _,
    ngettext: Callable[[str, str, int], str] = ngettext,
) -> str:
    """A step without its subject, in a language that need not be the active one.

    Args:
        what: the step.
        to: the day or moment it came to, as people write it.
        gettext: words a text.
        ngettext: words one that counts.
    """
    text = _counted(what, ngettext) or gettext(_SENTENCES[what.kind])
    return text.format(count=what.count, to=to)


def _counted(  # noqa: PLR0911 - a table of sentences
    what: Step, ngettext: Callable[[str, str, int], str]
) -> str:
    """The text of a step that counts something; empty for the others."""
    kind, count = what.kind, what.count
    if kind is StepKind.LENGTH:
        return ngettext("{count} day → {to}", "{count} days → {to}", count)
    if kind is StepKind.HOURS:
        return ngettext("{count} hour → {to}", "{count} hours → {to}", count)
    if kind is StepKind.REMAINING:
        return ngettext(
            "{count} remaining day from the renewal → {to}",
            "{count} remaining days from the renewal → {to}",
            count,
        )
    if kind is StepKind.LONGEST:
        return ngettext(
            "at the longest {count} day after the first loan → {to}",
            "at the longest {count} days after the first loan → {to}",
            count,
        )
    if kind is StepKind.LATE:
        return ngettext("{count} day late", "{count} days late", count)
    if kind is StepKind.GRACE:
        return ngettext(
            "{count} day of grace, not counted", "{count} days of grace, not counted", count
        )
    if kind is StepKind.SUSPENDED:
        return ngettext(
            "suspended for {count} day, to the end of {to}",
            "suspended for {count} days, to the end of {to}",
            count,
        )
    return ""


def steps(chain: Sequence[Step], subject: str = "") -> list[str]:
    """A chain of steps in words, one each."""
    return [step(each, subject) for each in chain]


def subject(group: str, location: str, exception: str = "") -> str:
    """Whose length of loan it is."""
    if exception:
        return _("group {group} at {location}, exception {exception}").format(
            group=group, location=location, exception=exception
        )
    return _("group {group} at {location}").format(group=group, location=location)
