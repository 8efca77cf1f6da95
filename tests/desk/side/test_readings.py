"""What is scanned is read by the library's rules, whichever field it comes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt

from offcirc.core.barcodes.controlcards import Card
from offcirc.core.barcodes.layouts import Cause
from offcirc.core.transaction import Operation, Source
from offcirc.desk.message import MessageKind
from offcirc.settings.load import Settings, load
from offcirc.storage.journal.journal import Journal

CARD = "21234000000001"
NEXT = "21234000000019"
ITEM = "31234000000017"
ITEM_2 = "31234000000025"
RULES = """
[barcode]
item = [{pattern = "3\\\\d{13}"}]
patron = [{pattern = "2\\\\d{13}"}]
"""


def settings(folder: Path, text: str = "") -> Settings:
    """Settings from one file of the account's, with no sounds and no serial scanners."""
    user = folder / "user.toml"
    user.write_text(text, encoding="utf-8")
    return load(
        environment={"OFFCIRC_SOUND_ON": "false", "OFFCIRC_SCANNER_FIND_SERIAL": "false"},
        site=folder / "site.toml",
        user=user,
    )


@pytest.fixture
def strict(desk: Desk, tmp_path: Path) -> Desk:
    """A desk of a library with rules."""
    desk.window.attach(settings(tmp_path, RULES))
    return desk


def test_the_title_names_the_desk_of_the_settings(desk: Desk, tmp_path: Path) -> None:
    text = '[desk]\nlibrary = "BUC du Mirail"\nname = "Desk 2"\ncirculation_desk = "BUC_PRET"\n'
    companions = desk.window.attach(settings(tmp_path, text))
    assert desk.window.windowTitle() == "Offline Circulation — BUC du Mirail · BUC_PRET · Desk 2"
    companions.apply(settings(tmp_path, '[desk]\ncirculation_desk = "BUC_PRET"\n'))
    assert desk.window.windowTitle() == "Offline Circulation — BUC_PRET"


def test_without_rules_nothing_is_refused_that_could_be_right(desk: Desk) -> None:
    scan(f"{READER}\r9782070360024X\rabc-1.2\r{READER}\r")
    assert [row[1] for row in desk.rows()] == [READER, "abc-1.2", "9782070360024X"]


def test_an_isbn_is_recorded_and_named(desk: Desk) -> None:
    scan(f"{READER}\r9782070360024\r")
    assert desk.rows() == [("L", "9782070360024", READER, "pending")]
    assert desk.band == (MessageKind.NOTICE, "Loan recorded 9782070360024")
    assert "ISBN" in desk.detail


@pytest.mark.parametrize("preset", ["any", "us-14"])
def test_the_stars_of_code_39_are_taken_off_and_kept_as_raw(
    desk: Desk, tmp_path: Path, preset: str
) -> None:
    desk.window.attach(settings(tmp_path, f'[barcode]\npreset = "{preset}"'))
    scan("*21234000000018*\r*31234000000016*\r")
    assert desk.rows() == [("L", "31234000000016", "21234000000018", "pending")]
    assert desk.ui.model.row(0).transaction.raw == "*31234000000016*"


def test_a_library_whose_barcodes_have_stars_keeps_them(desk: Desk, tmp_path: Path) -> None:
    desk.window.attach(settings(tmp_path, '[barcode]\nstars = "keep"'))
    scan(f"{READER}\r*31234000000016*\r")
    assert desk.rows() == [("L", "*31234000000016*", READER, "pending")]


@pytest.mark.parametrize("pc", ["fr", "be"])
def test_letters_are_read_as_meant_once_digits_have_told_the_cause(desk: Desk, pc: str) -> None:
    cause = Cause("us", pc)
    desk.window.keys.caps_lock = False  # as the window system tells with the first key
    desk.lend()
    for code in (BOOK, "UBX00252850"):
        garbled = cause.garbled(code)
        assert garbled is not None
        scan(f"{garbled}\r")
    assert [row[1] for row in desk.rows()] == ["UBX00252850", BOOK]
    scan("37000034180\r")  # set right, or another scanner
    scan(f"{cause.garbled('UBX00252851')}\r")
    assert desk.band[0] is MessageKind.REFUSED, "not proven any more"


def test_an_aim_identifier_is_taken_off_and_kept_as_raw(desk: Desk) -> None:
    scan(f"]C1{READER}\r]C1{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert desk.ui.model.row(0).transaction.raw == f"]C1{BOOK}"


def test_a_garbled_scan_is_mended_and_the_hint_lasts_until_it_is_put_right(desk: Desk) -> None:
    scan(f"{READER}\r")
    scan('"è____"\'&è)\r'.replace(")", "ç"))
    assert desk.band == (MessageKind.NOTICE, "Loan recorded 37888834179")
    assert "French (AZERTY)" in desk.detail
    (row,) = [desk.ui.model.row(0).transaction]
    assert (row.item, row.raw) == ("37888834179", '"è____"\'&èç')
    hint = desk.ui.status.standing
    assert hint.hint == "Scanner: set its keyboard to French (AZERTY)"
    assert "French (AZERTY)" in hint.advice
    scan('"è____"\'&è&\r')
    assert desk.band == (MessageKind.RECORDED, "Loan recorded 37888834171"), "said once in the band"
    assert desk.ui.status.standing.hint
    scan(f"{BOOK}\r")
    assert not desk.ui.status.standing.hint


def test_a_garbled_card_is_mended_in_its_field(desk: Desk) -> None:
    scan('çç"&éà___à\r')
    assert desk.ui.patron.text() == "9931208880"
    assert desk.band[0] is MessageKind.NOTICE
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, "9931208880", "pending")]


def test_a_card_in_the_item_field_begins_that_reader(strict: Desk) -> None:
    scan(f"{CARD}\r{ITEM}\r")
    scan(f"{NEXT}\r")
    assert strict.rows() == [("L", ITEM, CARD, "saved")]
    assert strict.ui.patron.text() == NEXT
    assert strict.ui.item.text() == ""
    assert strict.ui.item.hasFocus()
    assert strict.ui.counter.text() == ""
    assert strict.band == (MessageKind.NOTICE, f"Next reader {NEXT}")
    scan(f"{ITEM_2}\r")
    assert strict.rows()[0] == ("L", ITEM_2, NEXT, "pending")


def test_the_same_card_in_the_item_field_changes_nothing(strict: Desk) -> None:
    scan(f"{CARD}\r{ITEM}\r{CARD}\r")
    assert strict.rows() == [("L", ITEM, CARD, "pending")]
    assert strict.ui.counter.text() == "1 item for this reader"
    assert strict.ui.item.text() == ""


def test_a_card_in_the_item_field_is_refused_when_the_library_says_so(
    desk: Desk, tmp_path: Path
) -> None:
    more = '[desk]\non_patron_card_in_item_field = "refuse"\n'
    desk.window.attach(settings(tmp_path, more + RULES))
    scan(f"{CARD}\r{NEXT}\r")
    assert desk.band == (MessageKind.REFUSED, f"Not recorded {NEXT}")
    assert desk.ui.patron.text() == CARD
    scan(f"{ITEM}\r")
    assert desk.rows() == [("L", ITEM, CARD, "pending")]


def test_a_card_among_returns_is_refused(strict: Desk) -> None:
    strict.window.choose(Operation.RETURN)
    scan(f"{CARD}\r")
    assert strict.band == (MessageKind.REFUSED, f"Not recorded {CARD}")
    assert "choose Loan" in strict.detail
    assert strict.rows() == []
    scan(f"{ITEM}\r")
    assert strict.rows() == [("R", ITEM, "", "pending")]


def test_an_item_in_the_borrower_field_is_refused(strict: Desk) -> None:
    scan(f"{ITEM}\r")
    assert strict.band == (MessageKind.REFUSED, f"Not a borrower {ITEM}")
    assert strict.ui.patron.hasFocus()
    scan(f"{CARD}\r{ITEM}\r")
    assert strict.rows() == [("L", ITEM, CARD, "pending")]


def test_an_item_left_in_the_borrower_field_is_nobodys_reader(strict: Desk) -> None:
    scan(f"{ITEM}\r")
    strict.ui.item.setFocus()
    scan(f"{ITEM_2}\r")
    assert strict.rows() == []
    assert strict.band == (MessageKind.REFUSED, f"Not a borrower {ITEM}")
    assert strict.ui.patron.hasFocus()


def test_a_second_reader_who_was_typed_and_never_finished_is_judged_like_the_first(
    strict: Desk,
) -> None:
    for reader, item in ((CARD, ITEM), (NEXT, ITEM_2)):
        strict.ui.patron.setText(f" {reader}")
        strict.ui.item.setFocus()
        scan(f"{item}\r")
        assert strict.rows()[0] == ("L", item, reader, "pending")
        assert strict.ui.patron.text() == reader
    strict.ui.patron.setText(ITEM)
    strict.ui.item.setFocus()
    scan("31234000000033\r")
    assert len(strict.rows()) == 2
    assert strict.band == (MessageKind.REFUSED, f"Not a borrower {ITEM}")
    assert strict.ui.item.text() == "31234000000033", "the item waits"


def test_scans_that_ran_together_are_told_apart(strict: Desk) -> None:
    scan(f"{CARD}{ITEM}{ITEM_2}\r")
    assert strict.rows() == [("L", ITEM_2, CARD, "pending"), ("L", ITEM, CARD, "pending")]
    assert strict.ui.patron.text() == CARD


def test_a_wrong_check_digit_warns_or_refuses(desk: Desk, tmp_path: Path) -> None:
    rule = '[barcode]\nitem = [{pattern = "3\\\\d{13}", check = "luhn-ltr", on_fail = "%s"}]\n'
    companions = desk.window.attach(settings(tmp_path, rule % "warn"))
    scan(f"{READER}\r31234000000018\r")
    assert desk.band == (MessageKind.NOTICE, "Loan recorded 31234000000018")
    assert "check digit" in desk.detail
    companions.apply(settings(tmp_path, rule % "refuse"))
    scan("31234000000019\r")
    assert desk.band == (MessageKind.REFUSED, "Not recorded 31234000000019")
    assert len(desk.rows()) == 1
    assert desk.ui.item.selectedText() == "31234000000019"


@pytest.mark.promise("the-same-item-once")
def test_the_same_item_twice_for_one_reader_is_one_row(desk: Desk) -> None:
    scan(f"{READER}\r{BOOK}\r{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert desk.band == (MessageKind.NOTICE, f"Already recorded {BOOK}")
    assert desk.ui.item.text() == ""
    assert desk.ui.counter.text() == "1 item for this reader"
    desk.window.undo()
    scan(f"{BOOK}\r")
    assert [row[3] for row in desk.rows()] == ["pending", "voided"], "a deleted row is none"
    desk.lend(BOOK, to="9921000000777")
    assert len(desk.rows()) == 3, "another reader's loan is another one"


def test_the_same_item_twice_is_two_rows_when_the_library_says_so(
    desk: Desk, tmp_path: Path
) -> None:
    desk.window.attach(settings(tmp_path, '[desk]\nsame_item_twice = "record"\n'))
    scan(f"{READER}\r{BOOK}\r{BOOK}\r")
    assert len(desk.rows()) == 2


@pytest.mark.parametrize("place", ["patron", "item", "list", "save", "close"])
@pytest.mark.parametrize("small", [False, True], ids=["as-printed", "caps-lock"])
@pytest.mark.promise("cards-through-any-keyboard")
def test_control_cards_do_what_they_say_wherever_they_are_scanned(
    desk: Desk, place: str, small: bool
) -> None:
    def order(card: Card) -> None:
        pause()
        field = getattr(desk.ui, place)
        (field if field.isEnabled() else desk.ui.item).setFocus(Qt.FocusReason.TabFocusReason)
        scan((card.value.lower() if small else card.value) + "\r")

    desk.lend(BOOK)
    order(Card.RETURN)
    assert desk.window.session.operation is Operation.RETURN
    scan("B7\r")
    order(Card.UNDO)
    assert [row[3] for row in desk.rows()] == ["voided", "pending"]
    order(Card.LOAN)
    assert desk.ui.loan.isChecked()
    assert desk.band == (MessageKind.NOTICE, f"Same reader? {READER}")
    order(Card.SAVE)
    assert [row[3] for row in desk.rows()] == ["voided", "saved"]
    assert desk.ui.patron.text() == READER, "the card took nothing away"
    order(Card.CLEAR)
    assert (desk.ui.patron.text(), desk.ui.item.text()) == ("", "")
    assert len(desk.rows()) == 2


def test_a_control_card_leaves_an_item_that_waits_where_it_is(desk: Desk) -> None:
    desk.ui.item.setFocus()
    scan(f"{BOOK}\r")
    assert desk.ui.item.text() == BOOK
    desk.ui.item.setFocus()
    desk.ui.item.selectAll()
    scan(Card.SAVE.value + "\r")
    assert desk.ui.item.text() == BOOK


def test_the_help_card_opens_the_manual(desk: Desk) -> None:
    from offcirc.desk.side.manual import Manual

    scan(Card.HELP.value + "\r")
    manual = desk.window.findChild(Manual)
    assert manual is not None
    assert manual.isVisible()


@pytest.mark.promise("undo-names-its-row")
def test_ctrl_z_voids_the_newest_row_and_edits_no_field(desk: Desk) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    desk.lend("B1", "B2")
    press(Qt.Key.Key_Z, control, "\x1a")
    assert [(row[1], row[3]) for row in desk.rows()] == [("B2", "voided"), ("B1", "pending")]
    assert desk.band == (MessageKind.NOTICE, "Undone: loan B2")
    assert desk.ui.item.text() == ""
    assert desk.ui.counter.text() == "1 item for this reader"
    press(Qt.Key.Key_Z, control, "\x1a")
    press(Qt.Key.Key_Z, control, "\x1a")
    assert desk.band == (MessageKind.READY, "Nothing to undo")
    assert {row[3] for row in desk.rows()} == {"voided"}


def test_ctrl_z_while_typing_takes_back_what_was_typed(desk: Desk) -> None:
    desk.lend("B1")
    scan("37")
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, "\x1a")
    assert desk.rows() == [("L", "B1", READER, "pending")]
    assert desk.ui.item.text() == ""


def test_what_is_mended_is_kept_with_what_came(strict: Desk) -> None:
    scan(f"{CARD}\r")
    scan('"&é"\'' + "à" * 7 + "&è\r")
    assert strict.rows() == [("L", "31234000000017"[:5] + "0" * 7 + "17", CARD, "pending")]
    strict.window.end_session()
    with Journal.open(strict.folder) as journal:
        (row,) = journal.rows_between(1, 10)
    assert row.transaction.raw.startswith('"&é')
    assert row.transaction.source is Source.SCAN
