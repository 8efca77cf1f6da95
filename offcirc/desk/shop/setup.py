"""What the settings mean for the desk window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.identity import DeskIdentity

if TYPE_CHECKING:
    from offcirc.core.barcodes.rules import RuleSet
    from offcirc.core.openinghours import OpeningHours
    from offcirc.desk.knowing.asking import KnowingSetup
    from offcirc.scanning.decoder import Framing
    from offcirc.scanning.serial import SerialSettings
    from offcirc.settings.load import Settings


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings as the desk uses them.

    Attributes:
        rules: the library's barcode rules.
        card_switches: whether a reader's card scanned as an item begins that reader.
        repeats: whether an item scanned again for the same reader is recorded again.
        sounds: whether scans are heard.
        framing: how scans are told from typing.
        fallback: the folder in which work goes on when the data folder fails; ``None`` for the
            user's own data folder.
        collection: the folder to which copies of OffCirc.dat go; ``None`` when none are made.
        hours: when the library is open; ``None`` when that is not said.
        pile_check: whether the number of items is asked for before a reader is cleared.
    """

    identity: DeskIdentity
    rules: RuleSet
    card_switches: bool
    repeats: bool
    sounds: bool
    framing: Framing
    fallback: Path | None
    collection: Path | None
    hours: OpeningHours | None
    pile_check: bool


def setup_of(settings: Settings) -> Setup:
    """What settings mean; rules that cannot be used leave those of the preset."""
    from offcirc.core.barcodes.ruletable import RulesError
    from offcirc.core.openinghours import parse_hours
    from offcirc.scanning.presets import build
    from offcirc.settings.deskname import desk_identity

    table = settings.barcodes()
    try:
        rules = build(table)
    except RulesError:
        # Each list was found good by itself; together they are not. The settings complain.
        rules = build({key: table[key] for key in table if key == "preset"})
    return Setup(
        identity=desk_identity(settings),
        rules=rules,
        card_switches=settings.text("desk.on_patron_card_in_item_field") == "switch",
        repeats=settings.text("desk.same_item_twice") == "record",
        sounds=settings.switch("sound.on"),
        framing=framing_of(settings),
        fallback=settings.folder("fallback"),
        collection=settings.folder("collection"),
        hours=parse_hours(hours) if (hours := settings.text("check.hours")) else None,
        pile_check=settings.text("desk.pile_check") == "ask",
    )


def framing_of(settings: Settings) -> Framing:
    """How scans are told from typing."""
    from offcirc.scanning.decoder import Framing, Terminator

    return Framing(
        suffixes=frozenset(map(Terminator, settings.entries("scanner.suffixes"))),
        prefix=settings.prefix(),
        gap=settings.number("scanner.gap") / 1000,
    )


def knowing_of(settings: Settings, folder: Path) -> KnowingSetup:
    """What the desk may know offline, and where from."""
    from offcirc.desk.knowing.asking import KnowingSetup

    return KnowingSetup(
        folder,
        settings.text("knowledge.key"),
        settings.folder("collection"),
        settings.text("desk.circulation_desk"),
        settings.number("knowledge.days"),
        settings.number("knowledge.default_loan"),
    )


def serial_of(settings: Settings) -> SerialSettings | None:
    """Which serial scanners are read; ``None`` when none are to be."""
    from offcirc.scanning.serial import SerialSettings
    from offcirc.scanning.serialids import ScannerId

    chosen = tuple(map(ScannerId.parse, settings.entries("scanner.serial")))
    find = settings.switch("scanner.find_serial")
    if not (chosen or find):
        return None
    return SerialSettings(chosen, find, framing_of(settings), settings.number("scanner.baud"))
