"""A practice library made up: as large as wanted, the same again for the same seed.

Titles could stand on any French shelf. Readers are called after stones and plants, with a number:
nobody is.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, time, timedelta
from pathlib import Path

from offcirc.core.barcodes.checkdigits import Check, compute
from offcirc.disk.access import make_closed
from offcirc.i18n import _
from offcirc.practice.errors import LibraryError
from offcirc.practice.library import library, policy
from offcirc.practice.library.library import FILES, Item, Patron

_SUBJECTS = (
    "Botanique", "Géologie", "Phonétique", "Statistique", "Grammaire", "Thermodynamique",
    "Topologie", "Paléographie", "Droit rural", "Climatologie", "Cartographie", "Poétique",
    "Microéconomie", "Archéologie", "Optique", "Sociologie urbaine", "Numismatique", "Zoologie",
)  # fmt: skip
_ENDINGS = (
    "au Moyen Âge", "en Occitanie", "pour débutants", "au XIXe siècle", "en cent questions",
    "à la Renaissance", "des rivages", "des montagnes", "de tous les jours", "sans peine",
)  # fmt: skip
_KINDS = (
    "introduction", "histoire", "précis", "manuel", "éléments", "atlas", "petit traité", "leçons",
    "exercices corrigés", "dictionnaire", "regards croisés", "anthologie",
)  # fmt: skip
_STONES = (
    "Agate", "Basalte", "Calcite", "Dolomite", "Émeraude", "Feldspath", "Granite", "Hématite",
    "Jaspe", "Lapis", "Malachite", "Obsidienne", "Opale", "Pyrite", "Quartz", "Saphir", "Topaze",
)  # fmt: skip
_PLANTS = (
    "Aubépine", "Bruyère", "Chicorée", "Digitale", "Églantier", "Fougère", "Genévrier",
    "Houblon", "Jonquille", "Lavande", "Mélilot", "Ortie", "Pervenche", "Réséda", "Thym",
)  # fmt: skip
GROUPS = ("L", "L", "L", "L", "M", "M", "D", "Personnels", "Autorises")
_PLACES = (("BUC", "63S"), ("BUC", "LIBRE"), ("SCI", "LIBRE"))
_EXCEPTIONS = ("",) * 16 + ("EXCLU", "H24", "J7", "J90")
_PATRON, _ITEM = 12, 10
"""Digits of a card and of an item's barcode, without the check digit."""
LEAST, MOST = 10, 500_000


@dataclass(frozen=True, slots=True)
class MadeLoan:
    """A row of loans.csv as it is written."""

    item_barcode: str
    patron_barcode: str
    loaned_at: str
    due_at: str


@dataclass(frozen=True, slots=True)
class MadeLibrary:
    """What was made up; the rules and accounts are those of the sample."""

    items: list[Item]
    patrons: list[Patron]
    loans: list[MadeLoan]


def make(count: int, seed: int, *, today: date, luhn: bool = True) -> MadeLibrary:
    """Make a library up: twice as many items as readers, every tenth of them on loan.

    Args:
        count: how many readers.
        seed: the same one gives the same library.
        today: loans were made in the weeks before.
        luhn: barcodes end with a check digit.
    """
    chance = random.Random(f"{seed} {count} {luhn}")  # noqa: S311 - nothing is secret
    patrons = [_patron(number, chance, luhn=luhn) for number in range(count)]
    items = [_item(number, chance, luhn=luhn) for number in range(2 * count)]
    lent = chance.sample(items, len(items) // 10)
    return MadeLibrary(items, patrons, [_loan(item, chance, patrons, today) for item in lent])


def code(first: str, number: int, digits: int, *, luhn: bool) -> str:
    """A barcode: its first digits, a number, and Luhn's check digit if it has one."""
    body = first + str(number).zfill(digits - len(first))
    return body + (compute(Check.LUHN_RTL, body) if luhn else "")


def _patron(number: int, chance: random.Random, *, luhn: bool) -> Patron:
    name = f"{chance.choice(_STONES)} {chance.choice(_PLANTS)}-{number + 1}"
    card = code("99", number * 7 + 31, _PATRON, luhn=luhn)
    group = chance.choice(GROUPS)
    return Patron(f"exo.{number + 1:06}", card, name, group, "*-10-31", "")


def _item(number: int, chance: random.Random, *, luhn: bool) -> Item:
    title = f"{chance.choice(_SUBJECTS)} {chance.choice(_ENDINGS)}"
    title += f"\N{NO-BREAK SPACE}: {chance.choice(_KINDS)}"
    place, location = chance.choice(_PLACES)
    barcode = code("37", number * 3 + 1009, _ITEM, luhn=luhn)
    exception = chance.choice(_EXCEPTIONS)
    return Item(barcode, title, place, location, exception, "Livre", "")


def _loan(item: Item, chance: random.Random, patrons: Sequence[Patron], today: date) -> MadeLoan:
    day = today - timedelta(days=chance.randint(1, 12))
    at = datetime.combine(day, time(chance.randint(9, 17), chance.randint(0, 59)))
    due = datetime.combine(day + timedelta(days=14), time(18))
    return MadeLoan(item.barcode, chance.choice(patrons).barcode, _minute(at), _minute(due))


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def write(folder: Path, made: MadeLibrary) -> None:
    """Write a library folder, for its owner alone.

    Raises:
        LibraryError: it cannot be written, or holds something already.
    """
    sample = library.sample()
    try:
        make_closed(folder)
        if any(folder.iterdir()):
            raise LibraryError(_("The folder '{folder}' is not empty.").format(folder=folder))
        for name in FILES:
            put(folder / name, _text(name, made) or (sample / name).read_text("utf-8"))
    except OSError as error:
        raise LibraryError(
            _("The folder '{folder}' cannot be written: {reason}.").format(
                folder=folder, reason=error.strerror or error
            )
        ) from None


def put(file: Path, text: str) -> None:
    """Write a file of a library, for its owner alone."""
    file.touch(mode=0o600)
    file.write_text(text, "utf-8", newline="")


def _text(name: str, made: MadeLibrary) -> str:
    if name == "items.csv":
        return table([field.name for field in fields(Item)], map(astuple, made.items))
    if name == "patrons.csv":
        return table([field.name for field in fields(Patron)], map(astuple, made.patrons))
    if name == "loans.csv":
        return table([field.name for field in fields(MadeLoan)], map(astuple, made.loans))
    if name == "events.csv":
        return table(["item_barcode", "at", "event"], ())
    assert name in (policy.FILE, "accounts.csv"), "the other files are the sample's"
    return ""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
