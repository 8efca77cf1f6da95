"""What each column of a list is, and what each word in it: told by headings, then by contents."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from offcirc.core.barcodes.rules import BarcodeKind, RuleSet, judge
from offcirc.core.transaction import Operation
from offcirc.upload.alma.almacells import Rows
from offcirc.upload.lists import moments
from offcirc.upload.lists.reading import ColumnUse, ListSheet

_HEADINGS = {
    ColumnUse.ITEM: "item items barcode barcodes code codes code-barre code-barres codebarre cab "
    "exemplaire exemplaires document documents livre livres book books copy copies item-barcode "
    "code-barres-exemplaire code-barres-document no-inventaire inventaire",
    ColumnUse.PATRON: "patron patrons reader readers borrower borrowers card cards user users "
    "member lecteur lecteurs lectrice emprunteur emprunteurs carte cartes usager usagers "
    "utilisateur identifiant cardnumber reader-card patron-barcode carte-lecteur no-carte "
    "numero-de-carte card-number code-lecteur student etudiant",
    ColumnUse.WHEN: "when date day time hour timestamp quand jour heure horodatage date-heure "
    "date-et-heure date-time date-du-pret date-de-pret date-de-retour heure-de-pret",
    ColumnUse.OPERATION: "operation type action what sens mouvement transaction acte pret-retour "
    "loan-return l-r p-r",
}
_USES = {word: use for use, names in _HEADINGS.items() for word in names.split()}
_WORDS = {
    Operation.LOAN: "l loan loans lent lend issue issued checkout check-out checkouts out charge "
    "p pret prets prete pretes emprunt emprunts sortie sorties",
    Operation.RETURN: "r return returns returned checkin check-in checkins in back discharge "
    "retour retours rendu rendus rentree rentrees restitution",
    Operation.RENEWAL: "renew renewed renewal renewals renouvellement renouvellements prolongation",
    Operation.IN_HOUSE: "in-house-use in-house usage-sur-place consultation-sur-place",
}
_OPERATIONS = {word: one for one, names in _WORDS.items() for word in names.split()}
_ANNOUNCED = {
    word: _OPERATIONS[word]
    for word in ["loans", "checkouts", "prets", "emprunts", "returns", "checkins", "retours"]
}
_LABELS = re.compile(
    r"(?i)^\W*(?P<label>readers?|patrons?|borrowers?|cards?|users?|lect(?:eur|rice)s?|emprunteurs?"
    r"|cartes?|usagers?|items?|books?|exemplaires?|documents?|livres?|barcodes?|codes?[- ]barres?)"
    r"(?:\s*(?:n[o°]|no\.|nr|number|numéro))?\s*[:=#-]?\s+"
)
_BARCODE = re.compile(r"(?=.*\d)[!-~]{3,80}")
_ENOUGH = 0.6
"""Of the cells of a column that are filled, how many must be the same kind of thing."""


@dataclass(frozen=True, slots=True)
class TakenColumn:
    """A column, and what it was taken for.

    Attributes:
        heading: what stands at its head; empty if nothing does.
        filled: how many of its cells are filled.
        fitting: how many of those are what the column is, as far as rules can tell.
    """

    use: ColumnUse
    heading: str = ""
    filled: int = 0
    fitting: int = 0


def plain(text: str) -> str:
    """A word without accents, capitals and marks, to be looked up."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z]+", bare))


def operation_word(text: str) -> Operation | None:
    """The operation that a cell names."""
    return _OPERATIONS.get(plain(text)) if len(text) <= 40 else None


def announced(text: str) -> Operation | None:
    """The operation that a sentence announces, such as “here are this morning's returns:”."""
    if any(map(str.isdigit, text)):
        return None
    found = {_ANNOUNCED[word] for word in plain(text).split("-") if word in _ANNOUNCED}
    return found.pop() if len(found) == 1 else None


def label(text: str) -> tuple[ColumnUse, str]:
    """What the word before a barcode says it is (NOTHING: no such word), and the rest."""
    found = _LABELS.match(text)
    if found is None:
        return ColumnUse.NOTHING, text
    use = _USES.get(plain(found["label"]), ColumnUse.NOTHING)
    return use, text[found.end() :]


def looks_like_barcode(text: str) -> bool:
    """Whether it could be one: no blanks, a digit."""
    return _BARCODE.fullmatch(text) is not None


def heading_row(sheet: ListSheet) -> int:
    """The row of the headings; -1 when the list has none."""
    for number, row in enumerate(sheet.rows[:20]):
        if not any(row):
            continue
        known = sum(use_of_heading(cell) is not ColumnUse.NOTHING for cell in row)
        filled = [cell for cell in row if cell]
        if known and not any(any(map(str.isdigit, cell)) for cell in filled):
            return number
        if len(filled) > 1:
            return -1
    return -1


def use_of_heading(text: str) -> ColumnUse:
    """What a heading says the column is."""
    key = plain(text)
    if key in _USES:
        return _USES[key]
    words = [_USES[word] for word in key.split("-") if word in _USES]
    # "code-barres du lecteur" is about the reader.
    for use in (ColumnUse.WHEN, ColumnUse.PATRON, ColumnUse.ITEM, ColumnUse.OPERATION):
        if use in words:
            return use
    return ColumnUse.NOTHING


def guess(sheet: ListSheet, rules: RuleSet) -> tuple[TakenColumn, ...]:
    """What the columns of a table are; two columns of barcodes that nothing tells apart are none.

    Args:
        sheet: the list.
        rules: the library's barcode rules, as a help.
    """
    head = heading_row(sheet)
    body = sheet.rows[head + 1 :]
    width = max((len(row) for row in sheet.rows), default=0)
    headings = sheet.rows[head] if head >= 0 else ()
    columns = [
        [row[place] if place < len(row) else "" for row in body if any(row)]
        for place in range(width)
    ]
    if sheet.uses:
        uses = list(sheet.uses[:width])
    else:
        named = [
            use_of_heading(headings[at]) if at < len(headings) else ColumnUse.NOTHING
            for at in range(width)
        ]
        contents = [_of_contents(cells, rules) for cells in columns]
        uses = _settle(named, contents, columns)
    return tuple(
        TakenColumn(
            use, headings[at] if at < len(headings) else "", *_count(columns[at], use, rules)
        )
        for at, use in enumerate(uses)
    )


def recount(sheet: ListSheet, uses: Sequence[ColumnUse], rules: RuleSet) -> tuple[TakenColumn, ...]:
    """The columns when a person has said what they are."""
    head = heading_row(sheet)
    headings = sheet.rows[head] if head >= 0 else ()
    found = []
    for at, use in enumerate(uses):
        cells = [row[at] if at < len(row) else "" for row in sheet.rows[head + 1 :] if any(row)]
        heading = headings[at] if at < len(headings) else ""
        found.append(TakenColumn(use, heading, *_count(cells, use, rules)))
    return tuple(found)


def _of_contents(cells: Sequence[str], rules: RuleSet) -> ColumnUse | None:
    """What the cells are; ``None``: barcodes of either kind."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return ColumnUse.NOTHING
    enough = len(filled) * _ENOUGH
    if max(_moments(filled, american=american) for american in (False, True)) >= enough:
        return ColumnUse.WHEN
    if sum(operation_word(cell) is not None for cell in filled) >= enough:
        return ColumnUse.OPERATION
    for use, kind in ((ColumnUse.ITEM, BarcodeKind.ITEM), (ColumnUse.PATRON, BarcodeKind.PATRON)):
        if sum(judge(cell, rules).kinds == {kind} for cell in filled) >= enough:
            return use
    return None if sum(map(looks_like_barcode, filled)) >= enough else ColumnUse.NOTHING


def _moments(cells: Sequence[str], *, american: bool) -> int:
    return sum(moments.written(cell, american=american) is not None for cell in cells)


def _settle(
    named: Sequence[ColumnUse],
    contents: Sequence[ColumnUse | None],
    columns: Rows | list[list[str]],
) -> list[ColumnUse]:
    """What headings say, else what the contents say; of two columns, which holds the items."""
    uses = [
        one if one is not ColumnUse.NOTHING else other
        for one, other in zip(named, contents, strict=True)
    ]
    open_ones = [at for at, use in enumerate(uses) if use is None]
    if ColumnUse.ITEM in uses and len(open_ones) == 1 and ColumnUse.PATRON not in uses:
        uses[open_ones[0]] = ColumnUse.PATRON
    elif ColumnUse.ITEM not in uses and len(open_ones) == 1:
        uses[open_ones[0]] = ColumnUse.ITEM
    elif ColumnUse.ITEM not in uses and ColumnUse.PATRON not in uses and len(open_ones) == 2:
        first, second = (len(set(filter(None, columns[at]))) for at in open_ones)
        # A reader takes several items, and a return has no reader.
        if first != second:
            item = open_ones[0] if first > second else open_ones[1]
            for at in open_ones:
                uses[at] = ColumnUse.ITEM if at == item else ColumnUse.PATRON
    return [ColumnUse.NOTHING if use is None else use for use in uses]


def _count(cells: Sequence[str], use: ColumnUse, rules: RuleSet) -> tuple[int, int]:
    filled = [cell for cell in cells if cell]
    return len(filled), sum(_fits(cell, use, rules) for cell in filled)


def _fits(cell: str, use: ColumnUse, rules: RuleSet) -> bool:
    if use is ColumnUse.WHEN:
        return bool(_moments([cell], american=False) or _moments([cell], american=True))
    if use is ColumnUse.OPERATION:
        return operation_word(cell) is not None
    if use is ColumnUse.NOTHING:
        return False
    kind = BarcodeKind.ITEM if use is ColumnUse.ITEM else BarcodeKind.PATRON
    if rules.of(kind):
        return judge(cell, rules).match(kind) is not None
    return looks_like_barcode(cell)


def usual_length(texts: Sequence[str]) -> int:
    """How long the numbers are that begin with a zero, where nearly all are that long; else 0."""
    digits = [text for text in texts if text.isdecimal()]
    lengths = Counter(map(len, digits))
    if not lengths:
        return 0
    length, count = lengths.most_common(1)[0]
    zeros = any(text.startswith("0") and len(text) == length for text in digits)
    return length if zeros and count * 2 > len(digits) else 0
