"""What the desk window says when the world fails it: disk, clock, copies, this very program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.transaction import Transaction
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.words.operationwords import said
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.storage.copies.mirror import MirrorState

Hint = tuple[str, str]
"""Something that is to be put right: in short, and in full. Both empty: nothing is."""

NOTHING: Hint = ("", "")


def rescued(transaction: Transaction, folder: Path) -> Message:
    """A loan or return is on a disk, but not on the one it should be on.

    Args:
        transaction: it.
        folder: where it is.
    """
    return Message(
        MessageKind.RESCUED,
        said(transaction.operation).recorded,
        transaction.item,
        _("{time} · recorded in {folder}").format(
            time=f"{transaction.local:%H:%M:%S}", folder=folder
        ),
        lasting=True,
    )


def begun_away(folder: Path, back: int) -> Message:
    """The data folder cannot be used, so work begins in the fallback place.

    Args:
        folder: that place.
        back: how many rows of an earlier time are there, not saved yet.
    """
    detail = _("Loans and returns are recorded in {folder}.").format(folder=folder)
    told = f"{detail} {_waiting(back)}".strip()
    return Message(
        MessageKind.RESCUED, _("Go on: the fallback place is in use"), detail=told, lasting=True
    )


def well_again(sentences: Sequence[str]) -> Message:
    """What had failed works again, and the pieces are together."""
    return Message(MessageKind.READY, _("Everything is together again"), detail=" ".join(sentences))


def together_again(sentences: Sequence[str], back: int) -> Message:
    """At the start, what had been left in the fallback place was brought home.

    Args:
        sentences: what was.
        back: how many rows from last time still have to be saved.
    """
    told = " ".join((*sentences, _waiting(back)))
    return Message(MessageKind.NOTICE, _("Everything is together again"), detail=told.strip())


def _waiting(back: int) -> str:
    if not back:
        return ""
    return ngettext(
        "{n} transaction from last time waits to be saved.",
        "{n} transactions from last time wait to be saved.",
        back,
    ).format(n=back)


def crashed(folder: Path, log: Path) -> Message:
    """The program broke down the last time; said once."""
    return Message(
        MessageKind.NOTICE,
        _("The program broke down last time"),
        detail=_(
            "Your scans are safe in {folder}. What happened is written in {log}: please tell "
            "whoever looks after this PC."
        ).format(folder=folder, log=log),
    )


def copied(state: MirrorState | None, now: datetime) -> str:
    """Status line: how old the copy in the collection folder is.

    Args:
        state: how things stand with the copy; ``None`` when none are made.
        now: the moment, aware.
    """
    if state is None or state.at is None:
        return ""
    age = state.age(now)
    minutes = 0 if age is None else int(age.total_seconds() // 60)
    if minutes < 1:
        return _("just copied")
    if minutes < 120:
        return ngettext("copied {n} minute ago", "copied {n} minutes ago", minutes).format(
            n=minutes
        )
    return ngettext("copied {n} hour ago", "copied {n} hours ago", minutes // 60).format(
        n=minutes // 60
    )


def copy_hint(state: MirrorState | None) -> Hint:
    """Status line: the copy in the collection folder is not as it should be."""
    if state is None or state.error is None:
        return NOTHING
    from offcirc.disk.errors import describe

    return (
        _("No copy at present"),
        _(
            "OffCirc.dat cannot be copied to {folder} at present; it will be as soon as it can. "
            "{why}"
        ).format(folder=state.folder, why=describe(state.error)),
    )


def place_hint(risks: Sequence[str]) -> Hint:
    """Status line: what is to be known of the places where things are kept."""
    if not risks:
        return NOTHING
    return _("Not a safe place"), "\n".join(risks)


def space_hint(free: int | None, low: bool) -> Hint:
    """Status line: the disk is nearly full.

    Args:
        free: free bytes; ``None`` when unknown.
        low: whether that is little.
    """
    if not low or free is None:
        return NOTHING
    return (
        _("Disk nearly full"),
        _("Only {free} MB are left on this PC’s disk. Please have some space freed soon.").format(
            free=free >> 20
        ),
    )


def hints(short: str, full: str) -> Message:
    """What the status line hints at, in full, for somebody who asked."""
    return Message(MessageKind.NOTICE, short, detail=full.replace("\n", " "))


def was_uploaded() -> str:
    """The button by which the staff say that a file that is gone was taken to be uploaded."""
    return _("It was taken to be uploaded")


def is_right_so() -> str:
    """The button by which the staff say that a file that was changed is as it should be."""
    return _("It is right as it is")


def was_seen() -> str:
    """The button by which the staff say that they have read something."""
    return _("I have read it")


def clock_is_right() -> str:
    """The button by which the staff say that the PC's clock is right now."""
    return _("The clock is right")
