"""Collecting and checking: what is told of files and lines, and what people decide about them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from upload.desks import RealDesk

from offcirc.core.transaction import Operation
from offcirc.referent.background import uploads
from offcirc.referent.background.inspection import FindingWeight
from offcirc.referent.check.collect_model import SourcesModel
from offcirc.referent.check.collect_page import parse_span
from offcirc.referent.check.model import CheckModel, ShownFindings
from offcirc.referent.frame.steps import Stage, StepPlace
from offcirc.referent.kit.band import NoticeKind
from offcirc.storage.ledger.decisions import DecisionBook, DecisionKind
from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan

READER, OTHER = "9921000000164", "9921000000172"


@pytest.fixture(autouse=True)
def morning(monkeypatch):
    """The morning after: nothing is very old, nothing in the future."""
    monkeypatch.setattr(uploads, "now", lambda: datetime(2018, 1, 19, 8, 0))


@pytest.fixture
def settle(qtbot):
    def wait(window) -> None:
        qtbot.waitUntil(lambda: not window.tasks.under_way, timeout=20_000)

    return wait


def line(stamp: str, operation: str, item: str, patron: str = "") -> bytes:
    return f"{stamp}{operation}{item:<80}{patron}\r\n".encode()


def write(path: Path, *lines: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path


@pytest.fixture
def two_desks(tmp_path) -> list[Path]:
    """An item that was returned at one desk and lent at the other in the same minute, and more."""
    return [
        write(
            tmp_path / "A" / "OffCirc.dat",
            line("201801180900", "L", "37000000001", READER),
            line("201801181000", "R", "37000000001"),
            line("2018011814XX", "L", "37000000009", READER),
        ),
        write(
            tmp_path / "B" / "OffCirc.dat",
            line("201801180930", "L", "37000000002", READER),
            line("201801181000", "L", "37000000001", OTHER),
            line("201801181000", "R", "37000000001"),
        ),
    ]


@pytest.fixture
def checked(window, settle, two_desks):
    """A window in which these files have been read."""
    window.add_paths(two_desks)
    settle(window)
    window.next.next.click()
    assert window.place is StepPlace.CHECK
    return window


def find(window, code: str):
    """Choose a finding of a kind."""
    page = window.check
    row = next(row for row in page.model.listed if row.code == code)
    page.table.selectRow(page.model.row_of(row))
    return row


def codes(window) -> list[str]:
    return [row.code for row in window.check.model.things]


def planned(data_dir: Path, paths: list[Path]):
    """What would be sent now."""
    with Ledger(data_dir / LEDGER_NAME) as ledger:
        return list(make_plan(paths, decisions=decided(ledger)).lines())


def test_findings_are_told_with_both_lines(checked):
    assert checked.header.tabs[StepPlace.CHECK].view.stage is Stage.ATTENTION
    found = find(checked, "unclear-order")
    panel = checked.check.panel
    assert found.other is not None
    assert {found.line.file, found.other.file} == {"A/OffCirc.dat", "B/OffCirc.dat"}
    assert "37000000001" in panel.raw.text()
    assert panel.raw.text().count("\n") == 1
    assert panel.first.isEnabled()
    assert panel.second.isEnabled()
    # What is proposed is what holds if nobody decides: the return before the loan.
    assert (found.other.operation, found.line.operation) == (Operation.RETURN, Operation.LOAN)
    assert (panel.first.objectName(), panel.second.objectName()) == ("", "wanted")
    place = f"{found.other.file}, line {found.other.number}"
    assert f"Unless you decide, {place} comes first." in panel.why.text()
    assert "→ Say which of the two came first." in panel.advice.text()


@pytest.mark.promise("a-decision-can-be-undone")
def test_the_order_of_a_pair_is_chosen_and_the_choice_undone(
    qtbot, checked, settle, data_dir, two_desks
):
    found = find(checked, "unclear-order")
    qtbot.mouseClick(checked.check.panel.second, Qt.MouseButton.LeftButton)
    settle(checked)
    # The pair is no question any more, and the order holds in what is sent.
    assert (found.line.key, found.other.key) not in [
        (row.line.key, row.other.key) for row in checked.check.model.things if row.other
    ]
    keys = [each.key for each in planned(data_dir, two_desks)]
    assert keys.index(found.other.key) < keys.index(found.line.key)
    assert "decision-before" in codes(checked)
    assert checked.band.kind is NoticeKind.DONE
    qtbot.mouseClick(checked.band._action, Qt.MouseButton.LeftButton)
    settle(checked)
    assert checked.band.message == "The decision is undone."
    assert "decision-before" not in codes(checked)
    assert "unclear-order" in codes(checked)


def test_a_damaged_line_is_put_right(qtbot, checked, settle, data_dir, two_desks):
    before = two_desks[0].read_bytes()
    find(checked, "impossible-date")
    panel = checked.check.panel
    # What can be read is filled in; the advice says to hold it back, and that can be done.
    assert panel.item.text() == "37000000009"
    assert panel.patron.text() == READER
    assert panel.operation.currentData() == "L"
    assert panel.minute.text() == ""
    assert panel.hold.isEnabled()
    panel.minute.setText("2018-01-18 14:20")
    qtbot.keyClick(panel.minute, Qt.Key.Key_Return)
    settle(checked)
    assert "impossible-date" not in codes(checked)
    sent = [each for each in planned(data_dir, two_desks) if each.item == "37000000009"]
    assert [(each.minute, each.patron) for each in sent] == [("2018-01-18T14:20", READER)]
    assert two_desks[0].read_bytes() == before
    row = find(checked, "decision-correct")
    assert row.weight is FindingWeight.DECIDED
    assert panel.who.text().startswith(f"{checked.who()}, ")
    assert "2018011814XXL37000000009" in panel.raw.text()
    qtbot.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    settle(checked)
    assert "impossible-date" in codes(checked)


def test_a_damaged_line_is_held_back(qtbot, checked, settle):
    find(checked, "impossible-date")
    qtbot.mouseClick(checked.check.panel.hold, Qt.MouseButton.LeftButton)
    settle(checked)
    assert "impossible-date" not in codes(checked)
    assert "decision-hold" in codes(checked)


def test_what_is_no_loan_is_not_taken(qtbot, checked, settle):
    find(checked, "impossible-date")
    panel = checked.check.panel
    panel.item.setText("370 00")
    panel.patron.setText(READER)
    panel.minute.setText("2018-01-18 14:20")
    qtbot.mouseClick(panel.correct, Qt.MouseButton.LeftButton)
    settle(checked)
    assert checked.band.kind is NoticeKind.ERROR
    assert "no loan or return" in checked.band.message
    assert "decision-correct" not in codes(checked)


@pytest.mark.parametrize(("button", "reason"), [("hold", "held"), ("drop", "dropped")])
def test_a_line_is_held_back_or_dropped(
    qtbot, checked, settle, data_dir, two_desks, button, reason
):
    found = find(checked, "unclear-order")
    qtbot.mouseClick(getattr(checked.check.panel, button), Qt.MouseButton.LeftButton)
    settle(checked)
    states = {each.key: each for each in planned(data_dir, two_desks)}
    assert states[found.line.key].state == "held"
    assert states[found.line.key].reason == f"{reason}-by-decision"
    assert f"decision-{button}" in codes(checked)
    with Ledger(data_dir / LEDGER_NAME) as ledger:
        (one,) = DecisionBook(ledger).in_force()
    assert one.act is DecisionKind(button)
    assert one.who == checked.who()


def test_item_and_borrower_are_swapped(qtbot, window, settle, data_dir, tmp_path):
    file = write(
        tmp_path / "OffCirc.dat",
        *(
            line(f"2018011809{n:02}", "R" if n % 2 else "L", "3700000000050", "9921000000003")
            for n in range(20)
        ),
        line("201801181000", "L", "9921000000003", "3700000000050"),
    )
    window.add_paths([file])
    settle(window)
    window.go(StepPlace.CHECK)
    find(window, "swapped")
    panel = window.check.panel
    assert panel.swap.objectName() == "wanted"
    qtbot.mouseClick(panel.swap, Qt.MouseButton.LeftButton)
    settle(window)
    sent = planned(data_dir, [file])[-1]
    assert (sent.item, sent.patron) == ("3700000000050", "9921000000003")


def test_filters_and_groups(checked):
    page = checked.check
    everything = len(page.model.listed)
    assert page.model.heading(0) is not None
    page.show_choice.setCurrentIndex(page.show_choice.findData(ShownFindings.QUESTIONS))
    assert 0 < len(page.model.listed) <= everything
    assert all(row.question for row in page.model.listed)
    page.show_choice.setCurrentIndex(0)
    page.grouped.setChecked(False)
    assert page.model.heading(0) is None
    page.filter.setText("2018011814XX")
    assert [row.code for row in page.model.listed] == ["impossible-date"]
    page.filter.setText("nothing of the kind")
    assert not page.model.listed
    assert not any(act.isEnabled() for act in page.panel.acts)


def test_models_obey_qt(qtmodeltester, checked, sheet):
    qtmodeltester.check(checked.check.model)
    qtmodeltester.check(checked.collect.model)
    qtmodeltester.check(CheckModel(sheet))
    qtmodeltester.check(SourcesModel())


def test_the_day_is_shown_by_desk(checked):
    data = checked.collect.day.picture.data
    assert set(data.desks) == {"A", "B"} or len(data.desks) == 2
    total = data.total()
    assert (total.loans, total.returns) == (3, 2)
    assert total.refused >= 1
    assert checked.check.day.picture.data == data


# -- files ------------------------------------------------------------------------------------


def test_what_is_told_of_files(qtbot, window, settle, tmp_path):
    good = line("201801180900", "L", "37000000001", READER)
    files = [
        write(tmp_path / "one.dat", good),
        write(tmp_path / "copy.dat", good),
        write(tmp_path / "empty.dat"),
        write(tmp_path / "photo.dat", b"\xff\xd8\xff\xe0\x00\x10JFIF", bytes(100)),
        write(tmp_path / "bad.dat", good, b"2018011714XXL12 3\r\n", good),
    ]
    window.add_paths([*files, tmp_path / "gone.dat"])
    settle(window)
    verdicts = {row.name: row.verdict for row in window.collect.model.things}
    assert verdicts["empty.dat"] == "empty"
    assert verdicts["photo.dat"] == verdicts["gone.dat"] == "left out"
    assert verdicts["bad.dat"] == "damaged lines"
    assert sorted((verdicts["one.dat"], verdicts["copy.dat"])) == ["twice", "twice"] or "twice" in (
        verdicts["one.dat"],
        verdicts["copy.dat"],
    )
    gone = next(row for row in window.collect.model.things if row.name == "gone.dat")
    assert gone.text
    assert window.collect.summary.endswith("2 files left out")


def test_taking_a_file_off_the_list_checks_the_others_again(qtbot, checked, settle):
    checked.go(StepPlace.COLLECT)
    page = checked.collect
    page.table.selectRow(1)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    settle(checked)
    assert [row.name for row in page.model.things] == ["OffCirc.dat"]
    assert "unclear-order" not in codes(checked)


def test_a_desk_s_own_folder_tells_desk_and_exact_times(window, settle, tmp_path):
    folder = tmp_path / "desk"
    folder.mkdir(mode=0o700)
    desk = RealDesk(folder, "Banque 2")
    desk.lend("37000000001", READER, at=30)
    desk.writer.save()
    desk.close()
    window.add_paths([folder])
    settle(window)
    (row,) = window.collect.model.ready
    assert row.desk == "BUC du Mirail · Banque 2"
    assert row.circulation_desk == "BUC_PRET"
    assert window.collect.model.cell(row, SourcesModel.DESK).endswith("Banque 2 · BUC_PRET")
    assert row.precision == "exact times"


def test_the_clock_of_a_desk_is_set_and_that_is_undone(qtbot, checked, settle, data_dir, two_desks):
    checked.go(StepPlace.COLLECT)
    page = checked.collect
    page.choose(two_desks[0])
    clock = page.clock
    assert clock.isVisible()
    assert "as recorded" in clock.told.toolTip()
    clock.sign.setCurrentIndex(1)
    clock.time.setText("five")
    assert not clock.set.isEnabled()
    clock.time.setText("5")
    qtbot.mouseClick(clock.set, Qt.MouseButton.LeftButton)
    settle(checked)
    assert page.model.things[0].clock == "−5 min"
    first = planned(data_dir, two_desks)[0]
    assert first.minute == "2018-01-18T08:55"
    # Five minutes apart, nobody need ask which came first.
    assert "unclear-order" not in codes(checked)
    assert not page.table.isColumnHidden(SourcesModel.CLOCK)
    qtbot.mouseClick(clock.undo, Qt.MouseButton.LeftButton)
    settle(checked)
    assert page.model.things[0].clock == ""
    assert "unclear-order" in codes(checked)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 300),
        ("90", 5400),
        ("1:30", 5400),
        ("0:05:30", 330),
        (" 0 ", 0),
        ("", None),
        ("1:60", None),
        ("1:2:3:4", None),
        ("-5", None),
        ("1h", None),
        ("9999:00", None),
    ],
)
def test_spans_of_time_as_people_write_them(text, seconds):
    assert parse_span(text) == seconds


def test_the_collection_folder_is_one_click_away(qtbot, open_window, settle, tmp_path):
    folder = tmp_path / "collection"
    write(folder / "OffCirc_BUC_1.dat", line("201801180900", "L", "37000000001", READER))
    user = tmp_path / "user.toml"
    user.write_text(f"collection = {json.dumps(str(folder))}\n")
    made = open_window(site=tmp_path / "none.toml", user=user)
    assert made.collect.collection.isVisible()
    qtbot.mouseClick(made.collect.collection, Qt.MouseButton.LeftButton)
    settle(made)
    assert [row.path.name for row in made.collect.model.ready] == ["OffCirc_BUC_1.dat"]


def test_without_a_collection_folder_there_is_no_such_button(window):
    assert not window.collect.collection.isVisible()


def test_one_decision_about_many_lines(qtbot, checked, settle, data_dir, two_desks):
    page = checked.check
    page.grouped.setChecked(False)
    page.table.setFocus()
    page.table.selectAll()
    lines = {row.line.key for row in page.chosen_rows() if row.line.number}
    assert len(lines) > 1
    qtbot.mouseClick(page.panel.drop, Qt.MouseButton.LeftButton)
    settle(checked)
    with Ledger(data_dir / LEDGER_NAME) as ledger:
        (one,) = DecisionBook(ledger).in_force()
    assert {each.key for each in one.lines} == lines
    dropped = [each for each in planned(data_dir, two_desks) if each.reason.startswith("dropped")]
    # A line that stands in two files is one transaction.
    assert {each.key for each in dropped} == lines


def test_where_one_stands_is_said_to_who_cannot_see_it(window, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(
        "offcirc.referent.frame.window.announce", lambda _source, text, **_more: said.append(text)
    )
    window.go(StepPlace.UPLOAD)
    assert said == ["Step 3: Upload, you are here"]
    window.header.tabs[StepPlace.UPLOAD].setFocus()
    window.go_back()
    assert said[-1].startswith("Step 2: Check, you are here")


def test_from_a_wrong_clock_to_where_it_is_set(qtbot, window, settle, tmp_path):
    late = [line(f"2018022009{n:02}", "R", f"3700000{n:04}") for n in range(30)]
    file = write(tmp_path / "late.dat", *late)
    window.add_paths([write(tmp_path / "a.dat", line("201801180900", "R", "1")), file])
    settle(window)
    window.go(StepPlace.CHECK)
    find(window, "clock-wrong")
    panel = window.check.panel
    assert panel.clock.objectName() == "wanted"
    assert not panel.item.isEnabled()
    qtbot.mouseClick(panel.clock, Qt.MouseButton.LeftButton)
    assert window.place is StepPlace.COLLECT
    assert window.collect.clock.time.hasFocus()
    (chosen,) = window.collect._chosen()
    assert chosen.path == file


def test_after_a_decision_the_files_are_not_read_again(
    qtbot, checked, settle, two_desks, monkeypatch
):
    asked = []
    inspect = uploads.inspect

    def noted(*more, **options):
        asked.append(options["again"])
        return inspect(*more, **options)

    monkeypatch.setattr(uploads, "inspect", noted)
    find(checked, "unclear-order")
    qtbot.mouseClick(checked.check.panel.second, Qt.MouseButton.LeftButton)
    settle(checked)
    assert "decision-before" in codes(checked)
    checked.add_paths([write(two_desks[0].parent / "C.dat", line("201801180900", "R", "1"))])
    settle(checked)
    assert asked == [True, False]
