from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from drill.drill_kit import Played
from helpers.rights import is_private

from offcirc.drill import drillwords, papers, scenarios, scoring
from offcirc.drill import truth as truths
from offcirc.drill.truth import ActKind, read
from offcirc.practice.library import library


@pytest.mark.promise("drill-to-the-end")
@pytest.mark.parametrize("name", scenarios.DRILLS)
def test_a_drill_without_a_slip_is_a_hundred_per_cent(tmp_path, name):
    played = Played(tmp_path, name)
    assert played.score().percent == 0
    played.type()
    assert not any(mark.findings for mark in played.score().desks.values())
    played.upload()
    played.follow_up()
    assert played.found() == {}
    assert played.score().percent == 100


def test_the_same_seed_is_the_same_drill(tmp_path):
    one, other = Played(tmp_path / "a", "everything"), Played(tmp_path / "b", "everything")
    assert replace(one.truth, since="") == replace(other.truth, since="")
    assert read(one.folder) == one.truth
    found = library.read(one.folder / "library")
    barcodes = {item.barcode for item in found.items}
    unknown = {line.item for line in one.truth.lines if line.status == "item-not-found"}
    assert unknown.isdisjoint(barcodes)
    assert {line.item for line in one.truth.lines} - unknown <= barcodes


def loan_number(played, number):
    return [line for line in played.truth.lines if line.operation == "L"][number]


@pytest.mark.promise("drill-names-the-mistake")
def test_each_planted_mistake_of_a_desk_is_found_and_named(tmp_path):
    played = Played(tmp_path, "half-day")
    lines = played.truth.lines
    loans = [line for line in lines if line.operation == "L"]
    first = loans[0].patron
    forgotten, turned, again, unwanted = loans[0], loans[1], loans[2], loans[-1]
    before = next(line for line in loans if line.patron not in (first, unwanted.patron))

    def slip(line):
        if line == forgotten:
            return []
        if line == turned:
            return [replace(line, operation="R", patron="")]
        if line == again:
            return [line, line]
        if line == before:
            return [replace(line, patron=first)]
        if line == unwanted:
            card = replace(line, item=first)
            return [replace(line, patron="9999999999999"), card, replace(line, item="37009999999")]
        return [line]

    played.type(slip)
    found = {each.slip.value: each for each in played.score().desks["A"].findings}
    assert {slip: each.count for slip, each in found.items()} == {
        "missing": 1,
        "wrong-operation": 1,
        "twice": 1,
        "reader-before": 1,
        "wrong-reader": 1,
        "card-as-item": 1,
        "extra": 1,
    }
    assert found["reader-before"].lines == ((6 - 1 + 1, before.item),)
    said = drillwords.finding(found["reader-before"])
    assert said.startswith("1 item lent to the reader before")
    # A reader's card is never repeated.
    assert first not in drillwords.finding(found["card-as-item"])


def test_a_line_at_another_desk_is_no_missing_line(tmp_path):
    played = Played(tmp_path, "two-days")
    moved = loan_number(played, 0)
    other = next(d.letter for d in played.truth.desks if d.letter != moved.desk)
    played.made = replace(
        played.made,
        truth=replace(
            played.truth,
            lines=tuple(
                replace(line, desk=other) if line == moved else line for line in played.truth.lines
            ),
        ),
    )
    played.type()
    desks = played.score().desks
    assert [each.slip for each in desks[moved.desk].findings] == [scoring.DrillSlip.OTHER_DESK]


def test_what_was_not_saved_is_said(tmp_path):
    played = Played(tmp_path, "other-network")
    played.type(save=False)
    assert played.found() == {"not-saved": 6, "not-uploaded": 6, "no-note-on-items": 2}


def test_a_file_of_the_original_program_is_judged_too(tmp_path):
    played = Played(tmp_path, "other-network")
    played.type()
    for journal in (played.folder / "desks" / "A").glob("journal.db*"):
        journal.unlink()
    assert not played.score().desks["A"].findings


def test_the_book_drop_as_of_now_is_a_slip(tmp_path):
    played = Played(tmp_path, "book-drop")
    played.type(lambda line: [replace(line, box=False)])
    assert played.found()["box-time"] == 5


def test_a_clock_that_nobody_put_right_is_seen_at_the_server(tmp_path):
    played = Played(tmp_path, "wrong-clock")
    played.type()
    played.upload(right=False)
    found = played.found()
    # B's returns come after A's loans then: the loans end the ones before, the returns end them.
    assert found["wrong-minute"] == 5
    assert set(found) <= {"wrong-minute", "refused"}


@pytest.mark.parametrize(
    ("kind", "slip"),
    [
        (ActKind.ITEM_UNKNOWN, "no-note-on-reader"),
        (ActKind.PATRON_UNKNOWN, "no-note-on-items"),
        (ActKind.DUE_DATE, "due-date-as-it-was"),
        (ActKind.SECOND_SCAN, "not-scanned-again"),
    ],
)
def test_each_act_that_was_left_out_is_named(tmp_path, kind, slip):
    name = "other-network" if kind is ActKind.PATRON_UNKNOWN else "half-day"
    played = Played(tmp_path, name)
    played.type()
    played.upload()
    played.follow_up(*set(ActKind) - {kind})
    assert set(played.found()) == {slip}
    assert played.score().percent < 100


def test_what_was_done_before_the_drill_began_does_not_count(tmp_path):
    played = Played(tmp_path, "other-network")
    played.type()
    played.upload()
    played.follow_up()
    assert played.score().percent == 100
    later = played.now.replace(tzinfo=None) + timedelta(days=1)
    truths.write(played.folder, replace(played.truth, since=later.isoformat(timespec="minutes")))
    assert played.found() == {"no-note-on-items": 2}


def test_a_loan_to_the_wrong_reader_that_was_uploaded_did_not_happen(tmp_path):
    played = Played(tmp_path, "two-days")
    wrong, right = loan_number(played, 0), loan_number(played, -1).patron
    played.type(lambda line: [replace(line, patron=right) if line == wrong else line])
    played.upload()
    found = played.found()
    assert found == {"wrong-reader": 1, "not-uploaded": 1, "untrue": 1}


def test_the_papers_have_every_card(tmp_path):
    played = Played(tmp_path, "everything")
    for paper in (papers.script(played.truth), papers.cards(played.truth)):
        assert paper.startswith(b"%PDF")
    assert is_private(played.folder / "cards.pdf")
