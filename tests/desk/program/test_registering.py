"""A reader without a card: written down at the desk, lent to at once, forgotten in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk.side.test_readings import RULES, settings
from desk.window_kit import Desk, scan
from pytestqt.qtbot import QtBot

from offcirc.core.barcodes.rules import BarcodeKind, BarcodeOutcome, judge
from offcirc.core.registration import is_provisional, new_card
from offcirc.core.transaction import Operation
from offcirc.desk.program.registering import forget
from offcirc.scanning.presets import build
from offcirc.storage.registrations import deskbook
from offcirc.storage.registrations.seal import Seal, new_key

KEY = new_key()
ITEM = "31234000000017"


@pytest.fixture
def registering(desk: Desk, tmp_path: Path, monkeypatch):
    """A desk with strict rules, where nothing opens PDFs."""
    monkeypatch.setattr("offcirc.desk.paper.printing.QDesktopServices.openUrl", lambda _url: True)
    text = f'{RULES}\n[registrations]\nkey = "{KEY}"\n[desk]\nlibrary = "BUC"\nname = "Desk 2"\n'
    return desk.window.attach(settings(tmp_path, text)).registering


def write_down(registering, *, printed: bool) -> None:
    registering.show()
    window = registering.window
    window.fields["name"].setText("Diallo, Awa")
    window.fields["contact"].setText("awa@example.org")
    (window.printed if printed else window.plain).click()


@pytest.mark.promise("registered-and-lent-to")
@pytest.mark.parametrize("printed", [False, True])
def test_written_down_then_lent_to(desk: Desk, registering, qtbot: QtBot, printed: bool):
    desk.window.choose(Operation.RETURN)
    write_down(registering, printed=printed)
    card = desk.ui.patron.text()
    assert is_provisional(card)
    assert desk.window.session.operation is Operation.LOAN
    assert not registering.window.isVisible()
    assert (desk.folder / "provisional-card.pdf").exists() is printed
    qtbot.waitUntil(desk.window.isActiveWindow)
    assert desk.window.focusWidget() is desk.ui.item
    scan(f"{ITEM}\r")
    assert desk.rows() == [("L", ITEM, card, "pending")]
    (line,) = deskbook.sealed_lines(desk.folder / deskbook.NAME)
    about = Seal(KEY).open(line)
    assert (about.card, about.name, about.desk) == (card, "Diallo, Awa", "BUC · Desk 2")
    assert b"Diallo" not in line
    assert not any(field.text() for field in registering.window.fields.values())


def test_the_card_scanned_later_is_a_reader_whatever_the_rules_say(desk: Desk, registering):
    card = new_card()
    scan(f"{card}\r{ITEM}\r")
    assert desk.rows() == [("L", ITEM, card, "pending")]
    second = new_card()
    scan(f"{second}\r")
    assert desk.ui.patron.text() == second


@pytest.mark.parametrize("unmatched", ["refuse", "warn"])
def test_rules_and_provisional_cards(unmatched):
    rules = build({"patron": [{"pattern": r"2\d{13}"}], "unmatched": unmatched})
    card = new_card()
    verdict = judge(card, rules).verdict(BarcodeKind.PATRON)
    assert (verdict.outcome, verdict.text) == (BarcodeOutcome.ACCEPT, card)
    assert judge(card, rules).verdict(BarcodeKind.ITEM).outcome is BarcodeOutcome.OTHER_FIELD
    misread = card[:-1] + ("A" if card[-1] != "A" else "B")
    assert judge(misread, rules).patron is None


def test_the_desk_forgets_in_time(desk: Desk, registering):
    write_down(registering, printed=False)
    forget(desk.folder, KEY, 14)
    assert deskbook.sealed_lines(desk.folder / deskbook.NAME)
    later = datetime.now(UTC) + timedelta(days=15)
    deskbook.forget(desk.folder, Seal(KEY), later, 14)
    assert not deskbook.sealed_lines(desk.folder / deskbook.NAME)
    forget(desk.folder, "no key", 14)
