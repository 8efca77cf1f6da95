"""What each system does with its file: a small library for each, its traps included.

Written from the systems' own documentation and pages; nothing of the writers is used here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from offcirc.core.transaction import Operation
from offcirc.servers.protocol import Event, ItemFound, PatronFound


@dataclass
class Shelf:
    """Who has what since when.

    Attributes:
        items: the barcodes that it knows; ``None``: all.
        cards: the cards that it knows; ``None``: all.
        loans: item to card and loan time.
        told: what it said of each line that it did not take.
        renewed: items whose loan was renewed.
    """

    items: set[str] | None = None
    cards: set[str] | None = None
    loans: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)

    def has_item(self, item: str) -> bool:
        return self.items is None or item.casefold() in {one.casefold() for one in self.items}

    def has_card(self, card: str) -> bool:
        return self.cards is None or card.casefold() in {one.casefold() for one in self.cards}

    @property
    def holders(self) -> dict[str, str]:
        return {item: card for item, (card, _at) in self.loans.items()}

    # What a look-up beside it tells (SIP2 17 and 63).

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        return [
            ItemFound(one, found=self.has_item(one), on_loan=one in self.loans) for one in barcodes
        ]

    def look_up_patrons(self, cards: Sequence[str]) -> list[PatronFound]:
        return [
            PatronFound(
                card,
                found=self.has_card(card),
                items=tuple(item for item, (who, _at) in self.loans.items() if who == card),
            )
            for card in cards
        ]


def model(events: Sequence[Event]) -> dict[str, str]:
    """Who should have what in the end, by common sense."""
    holders: dict[str, str] = {}
    for event in events:
        if event.operation is Operation.LOAN:
            holders[event.item] = event.patron
        else:
            holders.pop(event.item, None)
    return holders


# -- Koha: enqueue_koc.pl, then the queue processed row by row ----------------------------------


def koha_queue(data: bytes, shelf: Shelf) -> None:
    lines = data.decode().replace("\r", "").split("\n")
    head = dict(part.split("=", 1) for part in lines[0].split("\t"))
    assert head["Version"] == "1.0"
    for line in lines[1:]:
        if not line:
            continue
        stamp, action, *rest = line.split("\t")
        day, time, _id = stamp.split()
        at = datetime.strptime(f"{day} {time}", "%Y-%m-%d %H-%M-%S")
        assert len(_id) == 3
        if action == "issue":
            card, item = rest
            _koha_issue(shelf, card[:32], item[:20], at)
        else:
            (item,) = rest
            if shelf.loans.pop(item[:20], None) is None:
                shelf.told.append(f"Item not issued. {item}")


def _koha_issue(shelf: Shelf, card: str, item: str, at: datetime) -> None:
    if not shelf.has_item(item):
        shelf.told.append(f"Barcode not found. {item}")
    elif not shelf.has_card(card):
        shelf.told.append(f"Borrower not found. {item}")
    else:
        if shelf.holders.get(item) == card:
            shelf.renewed.append(item)
        shelf.loans[item] = (card, at)


# -- PMB: the page "Retour secouru", its check and its run --------------------------------------


def pmb_check(data: bytes, shelf: Shelf) -> str:
    """What the page says before it runs; empty: it runs at once."""
    tokens = _tokens(data)
    token = next(tokens, None)
    while token is not None:
        if token == "PRET SECOURU":
            card = next(tokens, None)
            if card is None or not shelf.has_card(card):
                return "Un code barre lecteur est attendu"
        elif token != "RETOUR SECOURU":
            return "PRET SECOURU ou RETOUR SECOURU attendu"
        token = next(tokens, None)
        while token is not None and token not in ("PRET SECOURU", "RETOUR SECOURU"):
            if not shelf.has_item(token):
                return "Un code barre exemplaire est attendu"
            token = next(tokens, None)
    return ""


def pmb_run(data: bytes, shelf: Shelf, now: datetime, *, breaks_at: str = "") -> None:
    """The run. An unknown card leaves the reader before in place; a PHP error ends it."""
    tokens = _tokens(data)
    reader = state = ""
    for token in tokens:
        if token in ("PRET SECOURU", "RETOUR SECOURU"):
            state = token
            if token == "PRET SECOURU":
                card = next(tokens, "")
                if shelf.has_card(card):
                    reader = card
        elif token == breaks_at:
            return
        elif state == "PRET SECOURU":
            _pmb_lend(shelf, reader, token, now)
        else:
            shelf.loans.pop(token, None)


def _pmb_lend(shelf: Shelf, reader: str, item: str, now: datetime) -> None:
    if not reader or not shelf.has_item(item):
        shelf.told.append(f"inconnu {item}")
    elif item in shelf.loans:
        same = shelf.loans[item][0] == reader
        shelf.told.append(f"{'déjà en possession' if same else 'déjà emprunté'} {item}")
    else:
        shelf.loans[item] = (reader, now)


def _tokens(data: bytes) -> Iterator[str]:
    assert not data.startswith(b"\xef\xbb\xbf"), "the page would not know its first command"
    return iter([line.strip() for line in data.decode().split("\n") if line.strip()])


# -- Destiny: remote circulation, with the day set in the form -----------------------------------


def destiny(data: bytes, shelf: Shelf, day: date) -> None:
    at = datetime.combine(day, datetime.min.time())
    mode = reader = ""
    for line in data.decode().splitlines():
        token = line.strip()
        if token in ("%C123H", "%C127L"):
            mode, reader = token, ""
        elif mode == "%C123H" and not reader:
            reader = token
        elif mode == "%C123H":
            shelf.loans[token] = (reader, at)
        elif mode == "%C127L":
            shelf.loans.pop(token, None)
        else:
            shelf.told.append(token)


# -- Evergreen: offline.pl over its log -----------------------------------------------------------


def evergreen(data: bytes, shelf: Shelf, now: datetime) -> None:
    rows = [json.loads(line) for line in data.decode().splitlines()]
    for row in sorted(rows, key=lambda row: row["timestamp"] + row["delta"]):
        item = row["barcode"]
        if row["type"] == "in_house_use":
            continue
        if row["type"] == "checkin":
            if datetime.fromisoformat(row["backdate"]) <= now.astimezone():
                shelf.loans.pop(item, None)
            continue
        at = datetime.fromisoformat(row["checkout_time"]).replace(tzinfo=None)
        holder = shelf.holders.get(item)
        if row["type"] == "checkout" and holder is not None:
            shelf.told.append(f"OPEN_CIRCULATION_EXISTS {item}")
        elif row["type"] == "renew" and holder is None:
            shelf.told.append(f"ACTION_CIRCULATION_NOT_FOUND {item}")
        else:
            assert row["type"] in ("checkout", "renew")
            shelf.loans[item] = (row["patron_barcode"], at)


# -- a table --------------------------------------------------------------------------------------


def table(data: bytes) -> list[tuple[datetime, str, str, str]]:
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return [
        (datetime.fromisoformat(row["timestamp"]), row["operation"], row["item"], row["patron"])
        for row in rows
    ]
