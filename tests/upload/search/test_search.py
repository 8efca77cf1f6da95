"""History: what happened to this barcode, this reader, on that day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from upload.kit import back, loan
from upload.past_kit import FINE, NOBODY, NOTHING, Told, past, uploaded

from offcirc import i18n
from offcirc.storage.ledger import linesearch
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.close.closing import close, look_at
from offcirc.upload.search import searchwords as words
from offcirc.upload.search.search import Query, search


@pytest.fixture
def day(ledger, tmp_path):
    return past(
        ledger,
        tmp_path / "a.dat",
        Told(loan(0, "UBX1", "9921")),
        Told(loan(1, "ubx2", "9921"), NOBODY),
        Told(back(2, "UBX1")),
        Told(loan(3, "X%_1", "P2"), NOTHING),
        Told(loan(24 * 60, "UBX1", "9955")),
        Told(b"damaged line"),
    )


def items(page):
    return [(hit.number, hit.item) for hit in page.hits]


def test_an_item_is_found_with_all_that_happened_to_it(ledger, day):
    page = search(ledger, Query("UBX1"))
    assert items(page) == [(5, "UBX1"), (3, "UBX1"), (1, "UBX1")]
    hit = page.hits[2]
    assert (hit.upload.id, hit.file, hit.patron, hit.at) == (1, "a.dat", "9921", loan(0, "").at)
    assert [change.state for change in hit.history] == [LineState.SENDING, LineState.RECORDED]
    assert page.next is None


def test_a_reader_is_found(ledger, day):
    page = search(ledger, Query(" 9921 "))
    assert items(page) == [(2, "ubx2"), (1, "UBX1")]
    assert page.hits[0].message == "User not found. Barcode: 9921"
    assert page.hits[0].history[-1].message == "User not found. Barcode: 9921"


@pytest.mark.parametrize(
    ("text", "found", "anywhere"),
    [
        ("ubx", {1, 2, 3, 5}, False),
        ("UBX2", {2}, False),
        ("99", {1, 2, 5}, False),
        ("bx1", {1, 3, 5}, True),
        ("21", {1, 2}, True),
        ("%", {4}, True),
        ("_1", {4}, True),
        ("nobody", set(), True),
        ("' OR 1=1 --", set(), True),
    ],
)
def test_beginnings_come_first_and_anything_else_after(ledger, day, text, found, anywhere):
    page = search(ledger, Query(text))
    assert {hit.number for hit in page.hits} == found
    assert page.anywhere is anywhere


def test_a_day_is_found_alone_and_with_a_text(ledger, day):
    monday = loan(0, "").at.date()
    assert items(search(ledger, Query(day=monday)))[-1] == (1, "UBX1")
    assert len(search(ledger, Query(day=monday)).hits) == 4
    assert items(search(ledger, Query("UBX1", monday + timedelta(days=1)))) == [(5, "UBX1")]
    assert search(ledger, Query(day=date(1999, 1, 1))).hits == ()


def test_everything_is_there_page_by_page_each_line_once(ledger, day, tmp_path):
    uploaded(ledger, [tmp_path / "a.dat"], [FINE] * 6)
    seen = []
    page = search(ledger, Query(), limit=5)
    while True:
        seen += [hit.id for hit in page.hits]
        if page.next is None:
            break
        page = search(ledger, Query(), limit=5, after=page.next, anywhere=page.anywhere)
    assert len(seen) == len(set(seen)) == 12
    assert len(search(ledger, Query(job=2)).hits) == 6


@pytest.mark.parametrize("text", ["UBX", "bx"])
def test_pages_of_a_text_meet_without_gap(ledger, day, text):
    first = search(ledger, Query(text), limit=2)
    rest = search(ledger, Query(text), limit=9, after=first.next, anywhere=first.anywhere)
    whole = search(ledger, Query(text)).hits
    assert [hit.id for hit in (*first.hits, *rest.hits)] == [hit.id for hit in whole]


def test_a_beginning_that_very_many_lines_have_gives_the_same(ledger, day, monkeypatch):
    before = [hit.id for hit in search(ledger, Query("ub")).hits]
    monkeypatch.setattr(linesearch, "_MANY", 2)
    assert [hit.id for hit in search(ledger, Query("ub")).hits] == before
    assert [hit.id for hit in search(ledger, Query("99")).hits] == [5, 2, 1]


def test_no_question_goes_through_all_lines(ledger, day):
    asked = []
    ledger.database.conn.set_trace_callback(asked.append)
    search(ledger, Query("UBX1", loan(0, "").at.date()))
    search(ledger, Query(day=loan(0, "").at.date()))
    search(ledger, Query())
    ledger.database.conn.set_trace_callback(None)
    for question in asked:
        if question.lstrip().startswith("SELECT"):
            plan = ledger.database.execute(f"EXPLAIN QUERY PLAN {question}").fetchall()
            scans = [row[3] for row in plan if row[3].startswith(("SCAN l", "SCAN s"))]
            assert all("USING" in scan for scan in scans), (question, scans)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_story_of_a_line_is_told(ledger, day, tmp_path, language):
    close(
        ledger,
        [look_at(ledger, tmp_path / "a.dat", folder=ledger.path.parent)],
        folder=ledger.path.parent,
        who="Lou",
    )
    i18n.activate(language)
    hit = search(ledger, Query("ubx2")).hits[0]
    story = "\n".join(words.story(hit))
    assert "User not found. Barcode: 9921" in story
    assert hit.archive in story
    assert "BUC_PRET" in words.whereabouts(hit)
    assert {words.state(state) for state in LineState}
