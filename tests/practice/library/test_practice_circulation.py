"""What lines do to the tables, through the service and over real sockets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from offcirc.practice.library import library

# Free items of the sample, one per owner, and readers by group.
BUC_ITEM = "d293004279"  # 63S
SCI_ITEM = "d620685970"  # 63S
EXCLUDED = "OTOLO104602"
SEVEN_DAYS = "OTOLO526305"
ON_LOAN = "37074505499"  # to 9974219029765 since 20 December 2017, due 10 January 2018
REQUESTED = "d941101409"  # by 9934648620646; on loan to 9943896129980
LICENCE = "9905305912362"  # group L, good until October
MASTER = "9951658533103"
QUITUS = "299910600168"
OVERDUE = "9975308632452"

OUTAGE = datetime(2018, 1, 16, 8, 0)


def test_the_sample_day_gives_what_is_expected(start, sample: Path) -> None:
    expected = json.loads((sample / "expected.json").read_text(encoding="utf-8"))
    client = start()
    job = client.upload(sample / "OffCirc.dat")
    assert job["records_processed"] == expected["records"] == 57
    assert job["records_with_exceptions"] == expected["exceptions"] == 9
    assert {str(each["line"]): each["message"] for each in job["messages"]} == expected["lines"]
    assert job["status"] == "completed"
    assert job["name"] == "Prêts - Télécharger les transactions hors-ligne"
    assert job["records_replayed"] == 0


def test_uploaded_again_nothing_is_recorded_twice(start, sample: Path, tmp_path: Path) -> None:
    client = start()
    first = client.upload(sample / "OffCirc.dat")
    other_name = tmp_path / "mirail 30 mai.dat"
    other_name.write_bytes((sample / "OffCirc.dat").read_bytes())
    before = client.item("37073113780")
    again = client.upload(other_name)
    assert again["records_replayed"] == again["records_processed"] == 57
    assert [each["message"] for each in again["messages"]] == [
        each["message"] for each in first["messages"]
    ]
    assert {each["file"] for each in again["messages"]} == {other_name.name}
    assert client.item("37073113780") == before
    # The first job's own row has not changed.
    assert client.http.get(f"/jobs/{first['id']}").json() == first


def test_two_desks_in_the_order_of_the_day(start, sample: Path, lines) -> None:
    client = start()
    merged = [
        line for name in ("desk-A.dat", "desk-B.dat") for line in lines(sample / "two-desks" / name)
    ]
    answers = client.record(*sorted(merged, key=lambda line: line["at"]))
    assert [answer["message"] for answer in answers] == [""] * 28


def test_two_desks_the_wrong_way_round(start, sample: Path) -> None:
    client = start()
    assert client.upload(sample / "two-desks" / "desk-B.dat")["records_with_exceptions"] == 0
    job = client.upload(sample / "two-desks" / "desk-A.dat")
    assert job["records_with_exceptions"] == 12
    assert {each["code"] for each in job["messages"]} == {"later-action"}


def test_the_due_date_counts_from_the_recorded_date(start, tx) -> None:
    client = start(now=OUTAGE)
    [answer] = client.record(tx("2018-01-15T09:14", "L", BUC_ITEM, LICENCE))
    assert answer["due_at"] == "2018-02-05T20:00:00+01:00"
    found = client.item(BUC_ITEM)
    assert found["status"] == "on-loan"
    assert found["loaned_at"] == "2018-01-15T09:14:00+01:00"
    assert found["loaned_to"] == LICENCE
    assert found["due_at"] == answer["due_at"]


def test_the_owner_decides_the_closing_time(start, tx) -> None:
    client = start(now=OUTAGE)
    [answer] = client.record(tx("2018-01-15T09:14", "L", SCI_ITEM, LICENCE))
    assert answer["due_at"] == "2018-02-05T19:00:00+01:00"


def test_a_due_date_in_the_past_is_the_servers_now(start, tx) -> None:
    client = start(now=datetime(2018, 6, 1, 10, 0))
    [answer] = client.record(tx("2018-01-15T09:14", "L", BUC_ITEM, LICENCE))
    assert answer["due_at"].startswith("2018-06-01T10:00:")
    assert "due-at-upload" in answer["notes"]


def test_an_excluded_item_is_due_when_it_was_lent(start, tx) -> None:
    client = start(now=datetime(2018, 6, 1, 10, 0))
    [answer] = client.record(tx("2018-01-15T09:14", "L", EXCLUDED, LICENCE))
    assert answer["status"] == "recorded"
    assert answer["due_at"] == "2018-01-15T09:14:00+01:00"
    assert answer["notes"] == ["item-excluded"]


def test_a_reader_is_found_by_primary_id_as_well(start, tx) -> None:
    client = start(now=OUTAGE)
    [answer] = client.record(tx("2018-01-15T09:14", "L", BUC_ITEM, "ut1.lecteur005"))
    assert answer["status"] == "recorded"
    assert client.item(BUC_ITEM)["loaned_to"] == LICENCE


@pytest.mark.parametrize(
    ("patron", "note"), [(QUITUS, "patron-quitus"), (OVERDUE, "patron-overdue")]
)
def test_blocked_readers_loans_go_through(start, tx, patron: str, note: str) -> None:
    client = start(now=OUTAGE)
    [answer] = client.record(tx("2018-01-15T09:14", "L", BUC_ITEM, patron))
    assert answer["status"] == "recorded"
    assert note in answer["notes"]


def test_an_unknown_item_comes_before_an_unknown_reader(start, tx) -> None:
    client = start()
    answers = client.record(
        tx("2018-01-15T09:14", "L", "nope", "nobody"),
        tx("2018-01-15T09:15", "L", BUC_ITEM, "nobody"),
        tx("2018-01-15T09:16", "R", "nope"),
    )
    assert [answer["message"] for answer in answers] == [
        "Item not found. Barcode: nope",
        "User not found. Barcode: nobody",
        "Item not found. Barcode: nope",
    ]
    assert client.item(BUC_ITEM)["status"] == "available"


def test_on_loan_to_someone_else_is_returned_then_lent(start, tx) -> None:
    client = start(now=OUTAGE)
    [answer] = client.record(tx("2018-01-15T09:14", "L", ON_LOAN, LICENCE))
    assert answer["status"] == "recorded"
    assert answer["notes"] == ["returned-first", "late", "suspended"]
    assert client.item(ON_LOAN)["loaned_to"] == LICENCE
    # Five days late from 10 January, of which three are grace: suspended for two days.
    assert client.patron("9974219029765")["suspended_until"] == "2018-01-17"
    assert client.patron("9974219029765")["blocks"] == ["suspended"]


def test_the_same_reader_again_is_a_renewal_up_to_the_maximum(start, tx) -> None:
    client = start(now=datetime(2018, 1, 2, 8, 0))
    answers = client.record(
        tx("2018-01-02T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-06T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-18T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-18T11:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-25T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-27T10:00", "L", BUC_ITEM, LICENCE),
    )
    assert [answer["due_at"][:10] for answer in answers] == [
        "2018-01-23",
        "2018-01-23",  # 7 days from then are earlier
        "2018-01-25",
        "2018-01-25",  # twice on one day
        "2018-01-30",  # the longest duration, 28 days from the first loan
        "2018-01-30",
    ]
    assert ["not-renewable" in answer["notes"] for answer in answers] == [
        False, True, False, True, False, False,
    ]  # fmt: skip
    assert "renewal-maximum" in answers[5]["notes"]
    assert client.patron(LICENCE)["loans"] == 1


def test_a_requested_item_is_not_renewed(start, tx) -> None:
    client = start(now=datetime(2018, 1, 20, 8, 0))
    [answer] = client.record(tx("2018-01-24T10:00", "L", REQUESTED, "9943896129980"))
    assert "not-renewable" in answer["notes"]


def test_a_reader_with_an_overdue_item_renews_nothing(start, tx) -> None:
    client = start(now=datetime(2018, 1, 2, 8, 0))
    answers = client.record(
        tx("2018-01-02T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-02T10:01", "L", SEVEN_DAYS, LICENCE),
        tx("2018-01-20T10:00", "L", BUC_ITEM, LICENCE),
    )
    assert answers[2]["due_at"] == answers[0]["due_at"]
    assert {"patron-overdue", "not-renewable"} <= set(answers[2]["notes"])


def test_a_newcomer_of_today_lends_as_on_any_day(start, tx) -> None:
    client = start()
    now = datetime.now(ZoneInfo("Europe/Paris")).replace(second=0, microsecond=0)
    [fine] = client.record(tx(now.isoformat(timespec="minutes")[:16], "L", BUC_ITEM, MASTER))
    assert fine["notes"] in ([], ["in-future"])
    assert datetime.fromisoformat(fine["due_at"]) > now + timedelta(days=27)
    shipped = [row.split(",") for row in (library.sample() / "patrons.csv").read_text().split()]
    found = [client.patron(row[1]) for row in shipped if row[1].isdigit()]
    valid = [each for each in found if each["expires_on"] > now.date().isoformat()]
    assert (len(found), len(valid)) == (60, 51)


def test_some_exceptions_are_not_renewed(start, tx) -> None:
    client = start(now=datetime(2018, 1, 2, 8, 0))
    first, second = client.record(
        tx("2018-01-02T10:00", "L", SEVEN_DAYS, LICENCE),
        tx("2018-01-05T10:00", "L", SEVEN_DAYS, LICENCE),
    )
    assert first["due_at"] == second["due_at"] == "2018-01-09T20:00:00+01:00"
    assert second["status"] == "recorded"
    assert "not-renewable" in second["notes"]


def test_another_librarys_item_goes_in_transit(start, tx) -> None:
    client = start(now=OUTAGE)
    client.record(tx("2018-01-15T09:14", "L", SCI_ITEM, LICENCE))
    [answer] = client.record(tx("2018-01-15T10:14", "R", SCI_ITEM))
    assert answer == {**answer, "status": "recorded", "notes": ["in-transit"]}
    assert client.item(SCI_ITEM)["status"] == "in-transit"
    # Scanned at its owner's desk, it has arrived.
    [answer] = client.record(tx("2018-01-15T11:14", "R", SCI_ITEM), desk="SCI_PRET")
    assert answer["code"] == "not-on-loan"
    assert client.item(SCI_ITEM)["status"] == "available"


def test_a_requested_item_reaches_the_hold_shelf_at_the_second_scan(start, tx) -> None:
    client = start(now=OUTAGE)
    [first] = client.record(tx("2018-01-15T10:14", "R", REQUESTED))
    assert first["notes"] == ["hold-shelf-processing"]
    assert client.item(REQUESTED)["status"] == "hold-shelf-processing"
    client.record(tx("2018-01-15T10:15", "R", REQUESTED))
    assert client.item(REQUESTED)["status"] == "hold-shelf"
    other, own = client.record(
        tx("2018-01-15T11:00", "L", REQUESTED, LICENCE),
        tx("2018-01-15T11:10", "L", REQUESTED, "9934648620646"),
    )
    assert "requested-by-other" in other["notes"]
    assert "request-filled" in own["notes"]
    assert client.item(REQUESTED)["requested"] is False


def test_a_return_of_what_is_not_on_loan_counts_as_in_house_use(start, tx) -> None:
    client = start()
    [answer] = client.record(tx("2018-01-15T10:14", "R", BUC_ITEM))
    assert answer["status"] == "rejected"
    assert answer["message"] == (f"Return item failed, item was not on loan. Barcode: {BUC_ITEM}")
    assert client.item(BUC_ITEM)["in_house_uses"] == 1


def test_a_later_action_leaves_everything_alone(start, tx) -> None:
    client = start(now=OUTAGE)
    client.record(tx("2018-01-15T12:00", "L", BUC_ITEM, LICENCE))
    before = client.item(BUC_ITEM)
    answers = client.record(
        tx("2018-01-15T11:59", "R", BUC_ITEM),
        tx("2018-01-15T11:58", "L", BUC_ITEM, MASTER),
    )
    assert {answer["message"] for answer in answers} == {
        f"A later action on this item happened. Barcode: {BUC_ITEM}"
    }
    assert client.item(BUC_ITEM) == before


def test_within_one_minute_the_order_of_the_file_holds(start, tx) -> None:
    client = start(now=OUTAGE)
    answers = client.record(
        tx("2018-01-15T12:00:31", "L", BUC_ITEM, LICENCE),
        tx("2018-01-15T12:00", "R", BUC_ITEM),
        tx("2018-01-15T12:00:02", "L", BUC_ITEM, MASTER),
    )
    assert [answer["status"] for answer in answers] == ["recorded"] * 3
    assert client.item(BUC_ITEM)["loaned_to"] == MASTER


def test_an_events_time_is_the_recorded_one(start, tx) -> None:
    """Uploaded today, it must not make the rest of the day's lines "earlier"."""
    client = start(now=OUTAGE)
    client.record(tx("2018-01-15T10:00", "L", BUC_ITEM, LICENCE))
    [answer] = client.record(tx("2018-01-15T10:05", "R", BUC_ITEM))
    assert answer["status"] == "recorded"


def test_late_returns_suspend_and_the_longest_counts(start, tx) -> None:
    client = start(now=datetime(2018, 1, 2, 8, 0))
    client.record(
        tx("2018-01-02T10:00", "L", BUC_ITEM, LICENCE),  # due 23 January
        tx("2018-01-02T10:01", "L", SEVEN_DAYS, LICENCE),  # due 9 January, short
        tx("2018-01-02T10:02", "L", SCI_ITEM, LICENCE),
    )
    [late] = client.record(tx("2018-01-19T09:00", "R", SEVEN_DAYS))
    assert late["notes"] == ["late", "suspended", "in-future"]
    assert client.patron(LICENCE)["suspended_until"] == "2018-01-28"
    [late] = client.record(tx("2018-01-29T09:00", "R", BUC_ITEM))
    assert client.patron(LICENCE)["suspended_until"] == "2018-02-01"
    [late] = client.record(tx("2018-01-25T09:00", "R", SCI_ITEM), desk="SCI_PRET")
    assert late["notes"] == ["late", "in-future"]  # two days: within the grace
    assert client.patron(LICENCE)["suspended_until"] == "2018-02-01"


def test_a_shorter_suspension_does_not_shorten_a_longer_one(start, tx) -> None:
    client = start(now=datetime(2018, 1, 2, 8, 0))
    client.record(
        tx("2018-01-02T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-02T10:01", "L", SEVEN_DAYS, LICENCE),
        tx("2018-02-10T10:00", "R", SEVEN_DAYS),
        tx("2018-01-28T10:00", "R", BUC_ITEM),
    )
    assert client.patron(LICENCE)["suspended_until"] == "2018-03-13"


@pytest.mark.parametrize(
    ("sent", "local"),
    [
        ("2018-01-15T14:20", "2018-01-15T14:20:00+01:00"),
        ("2018-01-15T14:20:31", "2018-01-15T14:20:31+01:00"),
        ("2018-01-15T14:20:31.250", "2018-01-15T14:20:31+01:00"),
        ("2018-01-15T13:20Z", "2018-01-15T14:20:00+01:00"),
        ("2018-01-15T08:20-05:00", "2018-01-15T14:20:00+01:00"),
        ("2018-03-25T02:30", "2018-03-25T03:30:00+02:00"),  # skipped by the clock change
        ("2018-10-28T02:30", "2018-10-28T02:30:00+02:00"),  # twice: the first
        ("2018-10-28T02:30+01:00", "2018-10-28T02:30:00+01:00"),
    ],
)
def test_times_with_and_without_offset(shared, tx, sent: str, local: str) -> None:
    item = shared.item(BUC_ITEM)
    results = shared.http.post(
        "/dry-run",
        json={"desk": "BUC_PRET", "transactions": [tx(sent, "L", EXCLUDED, LICENCE)]},
    ).json()["results"]
    assert results[0]["due_at"] == local
    assert shared.item(BUC_ITEM) == item


def test_a_date_no_library_knows_is_refused_line_by_line(start, tx) -> None:
    client = start()
    wrong, right = client.record(
        tx("0201-01-15T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-15T10:00", "L", BUC_ITEM, LICENCE),
    )
    assert wrong["code"] == "invalid-date"
    assert right["status"] == "recorded"


def test_a_library_of_its_own(folder: Path, start, tx) -> None:
    items = folder / "items.csv"
    items.write_bytes(items.read_bytes() + "ÉÀ-1,L’été,BUC,63S,,Livre,\r\n".encode())
    client = start(folder, now=OUTAGE)
    [answer] = client.record(tx("2018-01-15T10:00", "L", "ÉÀ-1", LICENCE))
    assert answer["status"] == "recorded"
    assert client.item("ÉÀ-1")["title"] == "L’été"
    assert library.read(folder).items[-1].barcode == "ÉÀ-1"


def test_offline_loans_pass_the_limits_and_it_is_said(folder: Path, start, tx) -> None:
    policy = folder / "policy.toml"
    limits = '\n[[limits]]\ngroup = "L"\nmaterial_type = "Livre"\nmost = 1\n'
    policy.write_text(policy.read_text(encoding="utf-8") + limits, encoding="utf-8")
    client = start(folder, now=datetime(2018, 1, 2, 8, 0))
    answers = client.record(
        tx("2018-01-02T10:00", "L", BUC_ITEM, LICENCE),
        tx("2018-01-02T10:01", "L", SEVEN_DAYS, LICENCE),
        tx("2018-01-02T10:02", "L", SCI_ITEM, MASTER),
        tx("2018-01-03T10:00", "L", BUC_ITEM, LICENCE),
    )
    assert [answer["status"] for answer in answers] == ["recorded"] * 4
    over = ["over-limit" in answer["notes"] for answer in answers]
    assert over == [False, True, False, False], "a renewal adds nothing"
