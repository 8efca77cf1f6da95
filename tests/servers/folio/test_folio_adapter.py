"""What the adapter makes of each thing that FOLIO can say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from servers.double import LOGIN, PASSWORD, cut_after, hang_after
from servers.foliodouble import POINTS, TENANT, ZONE, FolioDouble, running_folio

from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Operation
from offcirc.servers.errors import (
    ServerRefusedError,
    SessionExpiredError,
    UnknownDeskError,
    WrongPasswordError,
)
from offcirc.servers.folio.adapter import FolioServer
from offcirc.servers.folio.past import loan_of
from offcirc.servers.folio.wire import faults
from offcirc.servers.protocol import Answer, Dated, Event, Outcome
from offcirc.servers.registry import Profile, open_server

DAY = datetime(2018, 3, 6, 10, 0)
OPTIONS = {"tenant": TENANT, "service_points": "SCI_PRET=cd2", "timezone": ZONE.key}
JOB = "x-BUC_PRET"
PATRON_BLOCK = "circulation.override-patron-block.post"


def event(minutes: int, item: str, patron: str = "", desk: str = "") -> Event:
    operation = Operation.LOAN if patron else Operation.RETURN
    key = hashlib.sha256(f"{minutes} {item} {patron}".encode()).hexdigest()
    at = DAY + timedelta(minutes=minutes)
    return Event(key, at, operation, item, patron, "a.dat", 1, desk)


@pytest.fixture
def folio() -> Iterator[FolioDouble]:
    with running_folio() as double:
        for number in range(9):
            double.add_item(f"I{number}")
        double.add_item("FIXED", loanable=False)
        for patron in ("P1", "P2"):
            double.add_user(patron)
        double.add_user("BAD", block="Fees")
        double.add_user("GONE", active=False)
        yield double


@pytest.fixture
def server(folio: FolioDouble) -> Iterator[FolioServer]:
    with FolioServer(folio.url, OPTIONS, answer_seconds=0.5) as server:
        server.sign_in(LOGIN, PASSWORD)
        yield server


def one(server: FolioServer, what: Event) -> Answer:
    [answer] = server.submit(JOB, [what])
    return answer


def aware(minutes: int) -> datetime:
    return (DAY + timedelta(minutes=minutes)).replace(tzinfo=ZONE)


def test_the_account_knows_its_desks(server: FolioServer) -> None:
    account = server.sign_in(LOGIN, PASSWORD)
    assert (account.name, account.desks) == ("Réfé Rent", ("BUC_PRET",))
    assert {desk.code for desk in server.desks()} == {"BUC_PRET", "SCI_PRET"}
    assert server.identity == f"folio {server.url} {TENANT}"
    assert server.clock() is not None


@pytest.mark.promise("folio-says-what-it-keeps")
def test_what_it_keeps_is_said_before(folio: FolioDouble) -> None:
    folio.permissions = [PATRON_BLOCK]
    with FolioServer(folio.url, OPTIONS) as server:
        server.sign_in(LOGIN, PASSWORD)
        assert server.abilities.keeps_dates == {Dated.LOANS, Dated.RETURNS}
        assert server.abilities.overrides_blocks
        assert server.abilities.width == 1
        renewals, overrides, blocks = server.limits()
    assert "time of the upload" in renewals
    assert "override-item-limit-block" in overrides
    assert PATRON_BLOCK not in overrides
    assert "manualblocks.collection.get" in blocks


def test_one_that_keeps_to_itself_what_may_be_done(folio: FolioDouble) -> None:
    folio.silent_about_itself = True
    with FolioServer(folio.url, OPTIONS) as server:
        assert server.sign_in(LOGIN, PASSWORD).desks == ()
        assert not server.abilities.overrides_blocks
        assert len(server.limits()) == 2


def test_nobody_gets_in_with_a_wrong_password_or_tenant(folio: FolioDouble) -> None:
    with FolioServer(folio.url, OPTIONS) as server, pytest.raises(WrongPasswordError):
        server.sign_in(LOGIN, "wrong")
    other = {**OPTIONS, "tenant": "other"}
    with FolioServer(folio.url, other) as server, pytest.raises(ServerRefusedError):
        server.sign_in(LOGIN, PASSWORD)


def test_a_service_point_that_is_not_there(folio: FolioDouble) -> None:
    wrong = {**OPTIONS, "service_points": "BUC_PRET=nowhere"}
    with FolioServer(folio.url, wrong) as server, pytest.raises(UnknownDeskError, match="nowhere"):
        server.sign_in(LOGIN, PASSWORD)
    with FolioServer(folio.url, OPTIONS) as server:
        server.sign_in(LOGIN, PASSWORD)
        with pytest.raises(UnknownDeskError):
            server.open_job("NOWHERE", [])


@pytest.mark.promise("folio-keeps-times")
def test_loans_and_returns_get_their_own_time_at_their_desk(
    folio: FolioDouble, server: FolioServer
) -> None:
    folio.lend("I2", "P2", aware(-99))
    assert server.submit(JOB, [event(0, "I1", "P1"), event(1, "I2", desk="SCI_PRET")]) == [
        Answer(Outcome.RECORDED, due_at=aware(0).astimezone(UTC) + timedelta(days=28)),
        Answer(Outcome.RECORDED, notes=(Note.IN_TRANSIT,)),
    ]
    assert folio.open_loans() == {"I1": ("P1", aware(0))}
    returned = next(loan for loan in folio.loans if loan["item"]["barcode"] == "I2")
    assert datetime.fromisoformat(returned["returnDate"]) == aware(1)
    [sent] = [body for _m, path, body in folio.requests if "check-in" in path]
    assert (sent["servicePointId"], sent["checkInDate"][-6:]) == (POINTS["cd2"], "+01:00")


def test_a_loan_of_which_not_all_is_done_is_a_loan(folio: FolioDouble, server: FolioServer) -> None:
    folio.partial = True
    assert one(server, event(0, "I1", "P1")).outcome is Outcome.RECORDED


def test_the_return_of_what_nobody_has(folio: FolioDouble, server: FolioServer) -> None:
    answer = one(server, event(0, "I1"))
    assert (answer.outcome, answer.notes) == (Outcome.RECORDED, (Note.IN_HOUSE_USE,))
    assert folio.in_house == {"I1": 1}


def test_late(folio: FolioDouble, server: FolioServer) -> None:
    folio.lend("I1", "P1", aware(-9000), due=aware(-1))
    assert one(server, event(0, "I1")).notes == (Note.LATE,)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (event(0, "NONE", "P1"), Reason.ITEM_UNKNOWN),
        (event(0, "NONE"), Reason.ITEM_UNKNOWN),
        (event(0, "I1", "NOBODY"), Reason.PATRON_UNKNOWN),
        (event(0, "I1", "GONE"), Reason.PATRON_BLOCKED),
        (event(0, "I9", "P1"), Reason.ON_LOAN_TO_ANOTHER),
    ],
)
def test_why_not(folio: FolioDouble, server: FolioServer, what: Event, reason: Reason) -> None:
    folio.add_item("I9")
    folio.lend("I9", "P2", aware(-99))
    answer = one(server, what)
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, reason)
    assert not folio.done


@pytest.mark.promise("folio-refuses-what-is-late")
@pytest.mark.parametrize("what", [event(-200, "I9"), event(-200, "I9", "P1")])
def test_what_is_older_than_the_last_loan_is_not_sent(
    folio: FolioDouble, server: FolioServer, what: Event
) -> None:
    """A check-in would end that loan, though the item had been lent since."""
    folio.add_item("I9")
    folio.lend("I9", "P2", aware(-99))
    assert one(server, what).reason is Reason.LATER_ACTION
    assert folio.open_loans() == {"I9": ("P2", aware(-99))}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"errors": [{"message": "Item is already checked out"}]}, Reason.ON_LOAN_TO_ANOTHER),
        ({"errors": [{"message": "No item with barcode 1 exists"}]}, Reason.ITEM_UNKNOWN),
        ({"errors": [{"message": "Could not find user with"}]}, Reason.PATRON_UNKNOWN),
        ({"errors": [{"message": "X has the item status Aged to lost and"}]}, Reason.NOT_FOR_LOAN),
        (
            {"errors": [{"message": "expired", "code": "USER_BARCODE_NOT_FOUND"}]},
            Reason.PATRON_UNKNOWN,
        ),
        ({"errors": [{"message": "max", "code": "ITEM_LIMIT_LOAN_TYPE"}]}, Reason.PATRON_BLOCKED),
        ({"errors": [{"message": "Something new"}]}, Reason.OTHER),
        ({"errors": "none"}, Reason.OTHER),
        ("text", Reason.OTHER),
    ],
)
def test_codes_come_first_and_words_second(body: Any, reason: Reason) -> None:
    assert faults(body)[0].reason is reason


@pytest.mark.promise("folio-overrides")
def test_blocks_are_overridden_where_that_is_permitted(
    folio: FolioDouble, server: FolioServer
) -> None:
    answer = one(server, event(0, "I1", "BAD"))
    assert (answer.outcome, answer.notes) == (Outcome.RECORDED, (Note.BLOCK_OVERRIDDEN,))
    answer = one(server, event(0, "FIXED", "P1"))
    assert answer.notes == (Note.BLOCK_OVERRIDDEN, Note.EXCLUDED)
    assert answer.due_at == aware(0)
    folio.limits = {"P1": 1}
    assert one(server, event(1, "I2", "P1")).notes == (Note.BLOCK_OVERRIDDEN,)


@pytest.mark.promise("folio-overrides")
def test_what_is_missing_for_an_override_is_named(folio: FolioDouble, server: FolioServer) -> None:
    folio.permissions = []
    answer = one(server, event(0, "I1", "BAD"))
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.PATRON_BLOCKED)
    assert answer.message.startswith("Patron blocked (")
    assert PATRON_BLOCK in answer.message
    assert not folio.open_loans()


def test_an_override_that_is_refused_after_all(folio: FolioDouble, server: FolioServer) -> None:
    """FOLIO offered it, and another answer came: nothing is lent."""
    original = folio._judge_loan

    def judge(body: Any) -> list[dict[str, Any]]:
        if "overrideBlocks" in body:
            folio.permissions = []
        return original(body)

    folio._judge_loan = judge  # type: ignore[method-assign]
    answer = one(server, event(0, "I1", "BAD"))
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.NOT_PERMITTED)


@pytest.mark.promise("folio-renewals")
def test_a_loan_to_who_has_the_item_renews_it_with_a_date_of_its_own(
    folio: FolioDouble, server: FolioServer
) -> None:
    folio.lend("I1", "P1", aware(-99))
    answer = one(server, event(0, "I1", "P1"))
    assert answer.notes == (Note.RENEWAL, Note.DATE_NOT_KEPT)
    assert answer.due_at is not None
    assert answer.due_at > datetime.now(UTC)
    again = one(server, event(1, "I1", "P1"))
    assert (again.outcome, again.notes) == (Outcome.RECORDED, (Note.RENEWAL, Note.NOT_RENEWABLE))
    assert folio.done["renewal", "I1", "P1"] == 1


def test_the_same_loan_again_renews_nothing(folio: FolioDouble, server: FolioServer) -> None:
    first = one(server, event(0, "I1", "P1"))
    again = one(server, event(0, "I1", "P1"))
    assert again == Answer(Outcome.RECORDED, replayed=True, due_at=first.due_at)
    assert folio.done.total() == 1


def test_a_lost_renewal_is_found(folio: FolioDouble, server: FolioServer) -> None:
    folio.lend("I1", "P1", aware(-99))
    folio.misbehave("renew-by-barcode", cut_after)
    lost = event(0, "I1", "P1")
    assert one(server, lost).outcome is Outcome.UNKNOWN
    [found] = server.look_back([lost])
    assert found is not None
    assert found.notes == (Note.RENEWAL, Note.DATE_NOT_KEPT)
    # Whoever looks without having sent it finds it too.
    with FolioServer(folio.url, OPTIONS) as other:
        other.sign_in(LOGIN, PASSWORD)
        assert other.look_back([lost]) == [found]
        assert other.look_back([event(-3, "I2", "P1")]) == [None]


def test_after_a_lost_line_the_rest_waits(folio: FolioDouble, server: FolioServer) -> None:
    folio.misbehave("check-out-by-barcode", hang_after)
    answers = server.submit(JOB, [event(0, "I1", "P1"), event(1, "I1"), event(2, "I2", "P2")])
    outcomes = [answer.outcome for answer in answers]
    assert outcomes == [Outcome.UNKNOWN, Outcome.TRY_LATER, Outcome.TRY_LATER]
    back = server.look_back([event(0, "I1", "P1"), event(1, "I1"), event(2, "I2", "P2")])
    assert [one and one.outcome for one in back] == [Outcome.RECORDED, None, None]


def test_a_return_that_was_never_sent_is_not_taken_for_one_before_it(
    folio: FolioDouble, server: FolioServer
) -> None:
    folio.misbehave("check-in-by-barcode", cut_after)
    lines = [event(0, "I1"), event(5, "I1")]
    server.submit(JOB, lines)
    [_first, second] = server.look_back(lines)
    assert second is None
    with FolioServer(folio.url, OPTIONS) as other:
        other.sign_in(LOGIN, PASSWORD)
        [first, second] = other.look_back(lines)
    assert first is not None
    assert second is not None
    assert (first.outcome, second.outcome) == (Outcome.RECORDED, Outcome.UNKNOWN)


@pytest.mark.promise("folio-tries-lines-together")
def test_a_trial_knows_what_earlier_lines_change(folio: FolioDouble, server: FolioServer) -> None:
    folio.lend("I1", "P1", aware(-99))
    folio.lend("I3", "P2", aware(-99))
    folio.limits = {"P1": 1}
    folio.permissions = []
    answers = server.dry_run(
        "BUC_PRET",
        [
            event(0, "I1"),
            event(1, "I1", "P2"),
            event(2, "I1", "P1"),
            event(3, "I1", "P2"),
            event(4, "I2", "P1"),
            event(5, "I3", "P1"),
            event(6, "I4"),
            event(7, "NONE", "P1"),
            event(-500, "I5", "BAD"),
            event(-500, "I3"),
        ],
    )
    assert [answer.outcome.value for answer in answers] == [
        "recorded", "recorded", "rejected", "recorded", "recorded",
        "rejected", "recorded", "rejected", "rejected", "rejected",
    ]  # fmt: skip
    reasons = [answer.reason for answer in answers if answer.outcome is Outcome.REJECTED]
    assert reasons == [
        Reason.ON_LOAN_TO_ANOTHER,
        Reason.ON_LOAN_TO_ANOTHER,
        Reason.ITEM_UNKNOWN,
        Reason.PATRON_BLOCKED,
        Reason.LATER_ACTION,
    ]
    assert answers[3].notes == (Note.RENEWAL, Note.DATE_NOT_KEPT)
    assert answers[6].notes == (Note.IN_HOUSE_USE,)
    assert not folio.done


def test_a_trial_tells_blocks_and_later_actions(folio: FolioDouble, server: FolioServer) -> None:
    folio.lend("I3", "P2", aware(0))
    blocked, late = server.dry_run("BUC_PRET", [event(0, "I1", "BAD"), event(-9, "I3")])
    assert blocked.notes == (Note.BLOCK_OVERRIDDEN,)
    assert late.reason is Reason.LATER_ACTION


def test_times_without_a_zone_are_universal() -> None:
    loan = loan_of({"loanDate": "2018-03-06T09:00:00.000"})
    assert loan.lent_at == aware(0)


def test_items_and_readers_are_looked_up(folio: FolioDouble, server: FolioServer) -> None:
    folio.lend("I1", "P1", aware(0))
    lent, there, missing = server.look_up_items(["I1", 'i"2*', "I3"])
    assert (lent.found, lent.on_loan, lent.patron, lent.lent_at) == (True, True, "P1", aware(0))
    assert (there.found, missing.found, missing.on_loan) == (False, True, False)
    reader, blocked, gone, nobody = server.look_up_patrons(["p1", "BAD", "GONE", "?"])
    assert (reader.identifier, reader.name, reader.group) == ("p1", "Lecteur, P1", "Students")
    assert (reader.loans, reader.items, reader.known_as[:2]) == (1, ("I1",), ("P1", "uP1"))
    assert (blocked.blocks, gone.blocks, nobody.found) == (("Fees",), ("inactive",), False)
    folio.permissions = []
    assert server.look_up_patrons(["BAD"])[0].blocks == ()


def test_many_items_are_asked_in_several_questions(folio: FolioDouble, server: FolioServer) -> None:
    asked = [f"M{number}" for number in range(95)]
    assert not any(item.found for item in server.look_up_items(asked))
    assert sum("/inventory/items" in path for _m, path, _b in folio.requests) == 3


def test_a_session_that_cannot_be_renewed_ends(
    folio: FolioDouble, server: FolioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folio.expire()
    folio.refreshing = False
    monkeypatch.setattr("servers.foliodouble.PASSWORD", "changed since")
    with pytest.raises(SessionExpiredError):
        server.look_up_items(["I1"])


def test_the_registry_opens_it(folio: FolioDouble, tmp_path: Path) -> None:
    profile = Profile(folio.url, "folio", options=OPTIONS)
    with open_server("lib", {"lib": profile}) as server:
        assert server.sign_in(LOGIN, PASSWORD).login == LOGIN
        assert server.finish_job(server.open_job("BUC_PRET", ["a"]).id).finished is not None
        assert server.preflight("BUC_PRET")[0].code == "desk"
