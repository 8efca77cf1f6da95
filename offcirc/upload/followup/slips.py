"""Who an identifier that nobody has was meant for: typing slips, one edit or one swap away.

Candidates are the readers whose loans were recorded fine, a list of readers if the library gives
one, and the library system where asking it is cheap. None of this decides anything: a person does.
"""

from __future__ import annotations

import csv
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.reasons import why
from offcirc.i18n import _
from offcirc.servers.protocol import Server
from offcirc.storage.ledger import followups
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.errors import UnreadableFileError

SHORTEST = 4
"""Identifiers of fewer characters are all a slip away from each other."""
MOST_ASKED = 600
"""Identifiers that a server is asked about at most for one slip."""
_HEADINGS = ("barcode", "code-barres", "code_barres", "identifier", "identifiant", "card", "carte")
_NAMES = ("name", "nom")


class Edit(StrEnum):
    """How one identifier becomes the other, likeliest first."""

    SWAPPED = "swapped"
    """Two neighbours have changed places."""
    CHANGED = "changed"
    MISSING = "missing"
    """A character was left out."""
    EXTRA = "extra"
    """A character was added."""


class KnownFrom(StrEnum):
    """Where a reader is known from."""

    SERVER = "server"
    LOANS = "loans"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Slip:
    """A reader who may have been meant.

    Attributes:
        identifier: the reader's.
        edit: what would have gone wrong.
        known: where the reader is known from; more than one place may be.
        name: the reader's name, where it is known.
        loans: loans of theirs that were recorded fine.
        last: the time of the last one, naive local time; ``None`` if there is none.
    """

    identifier: str
    edit: Edit
    known: tuple[KnownFrom, ...]
    name: str = ""
    loans: int = 0
    last: datetime | None = None


def read_patrons(path: Path) -> dict[str, str]:
    """A list of readers: identifiers and names, from a CSV file as library systems export them.

    The column called barcode, identifier, code-barres or the like is read, else the first one.

    Raises:
        UnreadableFileError: it cannot be read.
    """
    if durable.is_database(path):
        raise UnreadableFileError(path.name, _("it is a database of OffCirc."))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(path.name, why(error)) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    lines = text.splitlines()
    first = lines[0] if lines else ""
    separator = max(";,\t", key=first.count)
    rows = list(csv.reader(lines, delimiter=separator))
    titles = [cell.strip().lower() for cell in rows[0]] if rows else []
    column = next((titles.index(word) for word in _HEADINGS if word in titles), None)
    named = next((titles.index(word) for word in _NAMES if word in titles), None)
    found = {}
    for row in rows[column is not None :]:
        if len(row) > (column or 0) and (
            identifier := row[column or 0].strip().removeprefix('="').rstrip('"')
        ):
            has_name = named is not None and len(row) > named
            found[identifier] = row[named].strip() if has_name and named is not None else ""
    return found


def one_away(text: str) -> dict[str, Edit]:
    """Every identifier one slip away, each with the slip that would have made ``text`` of it."""
    signs = _alphabet(text)
    found: dict[str, Edit] = {}
    for edit, others in (
        (Edit.SWAPPED, _swaps(text)),
        (Edit.CHANGED, _changes(text, signs)),
        (Edit.MISSING, _insertions(text, signs)),
        (Edit.EXTRA, _deletions(text)),
    ):
        for other in others:
            if other != text and other:
                found.setdefault(other, edit)
    return found


def likely(
    ledger: Ledger,
    patron: str,
    *,
    patrons: Mapping[str, str] | None = None,
    server: Server | None = None,
    most: int = 5,
) -> list[Slip]:
    """Readers who may have been meant by an identifier that nobody has, likeliest first.

    Args:
        ledger: whose loans were recorded fine.
        patron: the identifier.
        patrons: a list of readers with their names; see :func:`read_patrons`.
        server: the library system, signed in; it is asked about all identifiers in question where
            it takes many at a time, else only about those known from elsewhere.
        most: how many at most.

    Raises:
        ServerError: the server was asked and did not answer.
    """
    if len(patron) < SHORTEST:
        return []
    edits = one_away(patron)
    spelled = {other.casefold(): other for other in edits}
    loans = followups.known_patrons(ledger, list(edits))
    listed = {name: label for name, label in (patrons or {}).items() if name.casefold() in spelled}
    known = {name: edits[spelled[name.casefold()]] for name in (*loans, *listed)}
    answers = _ask(server, known, edits)
    found = []
    for name in {**known, **answers}:
        places = (
            *((KnownFrom.SERVER,) if name in answers else ()),
            *((KnownFrom.LOANS,) if name in loans else ()),
            *((KnownFrom.LIST,) if name in listed else ()),
        )
        count, last = loans.get(name, (0, ""))
        moment = datetime.fromisoformat(last) if last else None
        person = answers.get(name) or listed.get(name, "")
        edit = known.get(name) or edits[name]
        found.append(Slip(name, edit, places, person, count, moment))
    order = list(Edit)
    found.sort(
        key=lambda slip: (order.index(slip.edit), -len(slip.known), -slip.loans, slip.identifier)
    )
    return found[:most]


def _ask(
    server: Server | None, known: Mapping[str, Edit], edits: Mapping[str, Edit]
) -> dict[str, str]:
    """The readers that the server knows, with their names."""
    if server is None or not server.abilities.look_up:
        return {}
    # One that takes single transactions looks up one reader at a time: too slow for hundreds.
    cheap = server.abilities.batch_size > 1
    asked = list(dict.fromkeys((*known, *(edits if cheap else ()))))[:MOST_ASKED]
    answers = server.look_up_patrons(asked) if asked else []
    return {answer.identifier: answer.name for answer in answers if answer.found}


def _alphabet(text: str) -> str:
    signs = string.digits
    if any(sign in string.ascii_lowercase for sign in text):
        signs += string.ascii_lowercase
    if any(sign in string.ascii_uppercase for sign in text):
        signs += string.ascii_uppercase
    return signs


def _swaps(text: str) -> Iterator[str]:
    for at in range(len(text) - 1):
        yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _changes(text: str, signs: str) -> Iterator[str]:
    for at in range(len(text)):
        for sign in signs:
            yield text[:at] + sign + text[at + 1 :]


def _insertions(text: str, signs: str) -> Iterator[str]:
    for at in range(len(text) + 1):
        for sign in signs:
            yield text[:at] + sign + text[at:]


def _deletions(text: str) -> Iterator[str]:
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]
