"""Rows of tables as readers and items: which column is which, what its cells mean.

The names are those of the practice library, of Alma's Analytics in English and French, and of
Koha's tables as saved reports name them; a library's settings come before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from offcirc.core.rules import lending
from offcirc.i18n import _
from offcirc.knowledge.errors import BuildError
from offcirc.knowledge.known import PatronFlag
from offcirc.knowledge.records import ItemRecord, PatronRecord
from offcirc.knowledge.sources.tables import SourceProblem, day, open_table, plain

PATRON_COLUMNS: dict[str, tuple[str, ...]] = {
    "card": (
        "barcode",
        "primary_id",
        "cardnumber",
        "card",
        "user barcode",
        "primary identifier",
        "user primary identifier",
        "identifiant principal",
        "code-barres",
        "code-barres utilisateur",
        "numéro de carte",
    ),
    "group": (
        "group",
        "user group",
        "user group code",
        "patron group",
        "categorycode",
        "groupe d’utilisateurs",
        "groupe",
    ),
    "expires": ("expires_on", "expiry date", "dateexpiry", "date d’expiration"),
    "block": (
        "block",
        "blocks",
        "block description",
        "block type",
        "blocage",
        "description du blocage",
        "type de blocage",
    ),
    "until": ("suspended_until", "block expiry date", "debarred", "date de fin du blocage"),
    "name": ("name", "full name", "surname", "nom", "nom complet"),
}
ITEM_COLUMNS: dict[str, tuple[str, ...]] = {
    "barcode": ("barcode", "item barcode", "code-barres", "code-barres de l’exemplaire"),
    "library": ("library", "library code", "homebranch", "bibliothèque", "code bibliothèque"),
    "location": ("location", "location code", "itype", "localisation", "code localisation"),
    "exception": ("exception", "item policy", "item policy code", "politique d’exemplaire"),
    "excluded": ("excluded", "notforloan", "not for loan", "exclu", "exclu du prêt"),
    "requested": ("requested_by", "requested", "requests", "reserves", "demandes"),
    "note": ("note", "fulfillment note", "materials", "note de prêt"),
    "title": ("title", "titre"),
}
_NO = frozenset({"", "0", "no", "non", "n", "false", "faux", "none"})

# Told by the beginnings of words, in English and French, capitals and accents aside.
_BLOCKS = (
    (("quitus",), PatronFlag.QUITUS),
    (("overdue", "retard"), PatronFlag.OVERDUE),
    (("suspen",), PatronFlag.SUSPENDED),
    (("expir",), PatronFlag.EXPIRED),
)


@dataclass(slots=True)
class ExportReading:
    """How exports are read, and what was wrong in them.

    Attributes:
        patron_columns: columns of readers that the settings name, by field.
        item_columns: the same of items.
        month_first: whether 03/04 is the fourth of March.
        today: the library's day.
        problems: what was wrong; the row was left out.
        as_of: of each file, the moment as of which its data holds, if the file tells it; naive.
    """

    patron_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    item_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    month_first: bool = False
    today: date = date.min
    problems: list[SourceProblem] = field(default_factory=list)
    as_of: dict[Path, datetime] = field(default_factory=dict)

    def wrong(self, path: Path, line: int, text: str) -> None:
        """Note what is wrong with a row."""
        self.problems.append(SourceProblem(path.name, line, text))

    def day(self, text: str) -> date:
        """A day, or one of every year.

        Raises:
            ValueError: it is neither.
        """
        if text.startswith("*-"):
            return lending.expiry(text, self.today)
        return day(text, month_first=self.month_first)


def chosen(text: str, fields: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The columns that a setting names: ``card = User No; group = Profile``.

    Raises:
        BuildError: it names no field of ours.
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or name not in fields or not column:
            raise BuildError(
                _("“{part}” names no column. Write it as in: {example}; fields: {fields}.").format(
                    part=part, example="card = User No; group = Profile", fields=", ".join(fields)
                )
            )
        found[name] = (*found.get(name, ()), column)
    return found


def patrons(path: Path, reading: ExportReading) -> Iterator[PatronRecord]:
    """The readers of a table."""
    table = open_table(path, {**PATRON_COLUMNS, **reading.patron_columns})
    _note_as_of(path, table.as_of, reading)
    for line, cells in table.rows():
        if not cells["card"]:
            reading.wrong(path, line, _("the row names no card"))
            continue
        try:
            expires, until = (_dated(cells[name], reading) for name in ("expires", "until"))
        except ValueError:
            reading.wrong(path, line, _("a cell holds no date such as 2018-10-31"))
            continue
        flags = {flag for text in cells["block"] for flag in blocks(text)}
        if not flags - {PatronFlag.BLOCKED, PatronFlag.SUSPENDED}:
            flags = {PatronFlag.SUSPENDED} if until is not None else flags
        elif PatronFlag.SUSPENDED not in flags:
            until = None  # the day on which another block ends
        yield PatronRecord(
            set(cells["card"]),
            flags,
            until,
            expires,
            " ".join(cells["group"][:1]),
            " ".join(cells["name"]),
        )


def items(path: Path, reading: ExportReading) -> Iterator[ItemRecord]:
    """The items of a table."""
    table = open_table(path, {**ITEM_COLUMNS, **reading.item_columns})
    _note_as_of(path, table.as_of, reading)
    for line, cells in table.rows():
        if not cells["barcode"]:
            reading.wrong(path, line, _("the row names no barcode"))
            continue
        first = {name: found[0] if found else "" for name, found in cells.items()}
        yield ItemRecord(
            first["barcode"],
            first["library"],
            first["location"],
            first["exception"],
            excluded=plain(first["excluded"]) not in _NO,
            requested=plain(first["requested"]) not in _NO,
            note=first["note"],
            title=first["title"],
        )


def blocks(text: str) -> set[PatronFlag]:
    """What a block’s own words mean; a block nobody knows is one all the same."""
    known = plain(text)
    if known in _NO:
        return set()
    words = known.split()
    found = {flag for starts, flag in _BLOCKS if any(word.startswith(starts) for word in words)}
    if PatronFlag.SUSPENDED in found:
        found.discard(PatronFlag.OVERDUE)  # suspended because something came back late
    return found or {PatronFlag.BLOCKED}


def _dated(cells: list[str], reading: ExportReading) -> date | None:
    days = [reading.day(cell) for cell in cells]
    return max(days, default=None)


def _note_as_of(path: Path, moment: datetime | None, reading: ExportReading) -> None:
    if moment is not None:
        reading.as_of[path] = moment
