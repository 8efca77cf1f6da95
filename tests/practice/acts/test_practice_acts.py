"""What a person does at the pages: each act, and where it is seen afterwards."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest

from offcirc.core.registration import new_card

NOW = dt.datetime(2018, 1, 17, 17, 30)
DOCTOR, MASTER, LICENCE = "9971598771305", "9951658533103", "9905305912362"
QUITUS, OVERDUE = "299910600168", "9975308632452"
OURS, OTHERS, EXCLUDED = "d293004279", "37000034179", "OTOLO494718"


@pytest.fixture
def desk(start, browse) -> Callable[..., Any]:
    """Opens pages of one server whose clock stands at a day of the sample."""
    client = start(now=NOW)

    def begin(login: str = "referent", desk: str = "BUC_PRET") -> Any:
        return browse(client.url, login, desk)

    return begin


def loans(text: str) -> dict[str, str]:
    """The loans a reader's page lists: their numbers, by barcode."""
    rows = re.findall(r'name="loan" value="(\d+)" id=.*?<td class="code">(.*?)</td>', text, re.S)
    return {item: number for number, item in rows}


def test_a_reader_is_found_by_card_and_by_name_without_accents(desk) -> None:
    person = desk()
    reader = person.patron(DOCTOR)
    assert "Lecteur 002" in person.get(reader)
    assert person.patron("ut2j.lecteur002") == reader
    text = person.post("/readers", who="LÉCTEUR 00").text
    assert "10 readers found" in text
    assert "No reader has this card or name" in person.post("/readers", who="nobody").text
    assert "Lecteur 002" in person.get("/readers")
    for number in range(3, 9):
        person.get(person.patron(f"Lecteur 00{number}"))
    recent = re.findall(r'href="/readers/[0-9a-f]+">(Lecteur \d+)', person.get("/readers"))
    assert recent == [f"Lecteur 00{number}" for number in (8, 7, 6, 5, 4)]


def test_lend_renew_change_delete(desk) -> None:
    person = desk()
    reader = person.patron(DOCTOR)
    text = person.do(f"{reader}/lend", item=OURS)
    assert "Lent; due on 2018-02-21 20:00" in text
    loan = loans(text)[OURS]
    assert "Not renewable: Titre 001" in person.do(f"{reader}/renew", loan=loan)
    text = person.do(f"{reader}/due", loan=loan, day="2018-02-08")
    assert "2018-02-08 20:00" in text
    assert "BUC du Mirail is closed that day" in person.do(
        f"{reader}/due", loan=loan, day="2018-02-25"
    )
    assert "cannot be before the loan" in person.do(f"{reader}/due", loan=loan, day="2018-01-10")
    assert "no date" in person.do(f"{reader}/due", loan=loan, day="soon")
    history = person.get(person.item(OURS))
    assert "2018-02-21 20:00 → 2018-02-08 20:00" in history
    text = person.do(f"{reader}/delete-loans", loan=loan)
    assert OURS not in loans(text)
    assert "Loan deleted" in person.get(person.item(OURS))
    assert "Choose at least one loan" in person.do(f"{reader}/renew")


def test_a_renewal_moves_the_date_and_all_are_renewed_at_once(start, browse) -> None:
    client = start(now=dt.datetime(2018, 1, 1, 10))
    reader_of = browse(client.url).patron(LICENCE)
    client.record(
        {"key": "a", "at": "2017-12-12T10:00", "operation": "L", "item": OURS, "patron": LICENCE},
        {
            "key": "b",
            "at": "2017-12-12T10:00",
            "operation": "L",
            "item": "d566632954",
            "patron": LICENCE,
        },
    )
    person = browse(client.url)
    text = person.do(f"{reader_of}/renew", loan=list(loans(person.get(reader_of)).values()))
    assert "Renewed: 2." in text
    assert "offline loan" in text


def test_whose_loan_it_is_counts(desk) -> None:
    person = desk()
    mine, other = person.patron(DOCTOR), person.patron(MASTER)
    loan = loans(person.do(f"{mine}/lend", item=OURS))[OURS]
    assert "Choose at least one loan" in person.do(f"{other}/delete-loans", loan=loan)
    assert OURS in loans(person.get(mine))


def test_this_session_is_what_was_lent_since_signing_in(desk) -> None:
    person = desk()
    reader = person.patron(DOCTOR)
    person.do(f"{reader}/lend", item=OURS)
    assert OURS in loans(person.get(f"{reader}/loans?show=session"))
    assert OURS not in loans(desk().get(f"{reader}/loans?show=session"))
    assert OURS in loans(desk().get(f"{reader}/loans?show=all&sort=title"))


def test_blocks_stand_are_lifted_overridden_and_a_quitus_stays(desk) -> None:
    person = desk()
    reader = person.patron(DOCTOR)
    text = person.do(f"{reader}/block", kind="card-lost", until="2018-02-01", text="vue au guichet")
    assert "vue au guichet" in text
    assert "blocked" in person.do(f"{reader}/lend", item=OURS)
    assert "That day has passed" in person.do(f"{reader}/block", kind="other", until="2018-01-01")
    person.do(f"{reader}/override")
    assert "Lent; due" in person.do(f"{reader}/lend", item=OURS)
    assert "blocked" in desk().do(f"{reader}/lend", item="d566632954")
    source = re.search(r'name="source" value="(manual:\d+)"', person.get(f"{reader}/blocks"))
    assert source is not None
    assert "is lifted" in person.do(f"{reader}/lift", source=source[1])
    assert "Lent; due" in desk().do(f"{reader}/lend", item="d566632954")

    gone = person.patron(QUITUS)
    assert "overridden by nobody" in person.do(f"{gone}/override")
    assert "lifted by nobody" in person.do(f"{gone}/lift", source="library")
    assert "blocked" in person.do(f"{gone}/lend", item="37027760189")
    manager = desk("responsable")
    assert "overridden by nobody" in manager.do(f"{gone}/override")
    late = person.patron(OVERDUE)
    assert "is lifted" in person.do(f"{late}/lift", source="library")


def test_a_block_by_hand_is_told_to_programs(start, browse) -> None:
    client = start(now=NOW)
    person = browse(client.url)
    person.do(f"{person.patron(DOCTOR)}/block", kind="quitus")
    assert client.patron(DOCTOR)["blocks"] == ["quitus"]


def test_notes_are_seen_pop_up_and_go(desk) -> None:
    person = desk()
    for page, tab in ((person.patron(DOCTOR), "/notes"), (person.item(OURS), "")):
        text = person.do(
            f"{page}/note", text="Prêté à un usager inconnu <b>", popup="1", public="1"
        )
        assert "Prêté à un usager inconnu &lt;b&gt;" in text
        assert 'role="alert"' in person.get(page)
        assert "the reader may see it" in text
        number = re.search(r'name="note" value="(\d+)"', text)
        assert number is not None
        other = person.patron(MASTER)
        person.do(f"{other}/end-note", note=number[1])
        assert "usager inconnu" in person.get(page + tab)
        assert "usager inconnu" not in person.do(f"{page}/end-note", note=number[1])
        assert "is empty" in person.do(f"{page}/note", text=" ")


def test_contacts_of_a_university_account(desk) -> None:
    person = desk()
    reader = person.patron(DOCTOR)
    text = person.get(f"{reader}/record")
    assert "the next synchronisation brings it here" in text
    text = person.do(f"{reader}/contact", email="a@b.example", phone="1", address="x", external="1")
    assert "the next nightly import overwrites it" in text
    assert 'value="a@b.example"' in text
    assert "no e-mail" in person.do(f"{reader}/contact", email="nowhere")
    assert "registrar" in person.do(
        f"{reader}/identity", name="X", group="L", expires_on="2018-12-31"
    )
    other = person.patron(MASTER)
    person.do(f"{other}/contact", email="stays@b.example")
    manager = desk("responsable")
    assert "1 contacts overwritten" in manager.do("/settings/night/run")
    assert "a@b.example" not in person.get(f"{reader}/record")
    assert "stays@b.example" in person.get(f"{other}/record")


def test_requests_queue_shelf_cancel_and_the_next(desk) -> None:
    person = desk()
    first, second = person.patron(DOCTOR), person.patron(MASTER)
    for reader in (first, second):
        assert "is noted" in person.do(f"{reader}/request", item=OURS, pickup="BUC")
    assert "waits for it already" in person.do(f"{first}/request", item=OURS, pickup="BUC")
    assert "place 2 in the queue" in person.get(f"{second}/requests")
    assert OURS in person.get("/shelf")  # on the pick list
    text = person.do("/scan", item=OURS)
    assert "Titre 001: on the hold shelf, for Lecteur 002." in text
    shelf = person.get("/shelf")
    assert "active" in shelf
    assert "2018-01-26" in shelf  # eight open days: Sunday does not count
    assert "waits for you at BUC du Mirail" in person.get(letter(person, "Ready on the hold shelf"))
    request = re.search(r'name="request" value="(\d+)"', shelf)
    assert request is not None
    assert "Say why" in person.do("/shelf/cancel", request=request[1], reason="")
    person.do("/shelf/cancel", request=request[1], reason="doublon")
    assert "doublon" in person.get(letter(person, "Request cancelled"))
    assert "Lecteur 001" in person.get("/shelf")
    assert "requested by another" in person.do(f"{person.patron(LICENCE)}/lend", item=OURS)
    assert "Lent; due" in person.do(f"{second}/lend", item=OURS)
    assert "Filled" in person.get(f"{second}/requests")
    assert person.post("/shelf/cancel", request="999", reason="x").status_code == 404


def test_what_is_not_fetched_in_time_goes_to_the_next(start, browse, tmp_path) -> None:
    client = start(now=NOW)
    person = browse(client.url)
    first, second = person.patron(DOCTOR), person.patron(MASTER)
    for reader in (first, second):
        person.do(f"{reader}/request", item=OURS, pickup="SCI" if reader == second else "BUC")
    person.do("/scan", item=OURS)
    assert "Requests expired: 0" in person.do("/shelf/expire")
    from offcirc.practice.web import serve

    later = start(data_dir=copy_of(tmp_path), now=dt.datetime(2018, 1, 30, 9), signed_in=False)
    assert serve.LOOPBACK in later.url
    person = browse(later.url)
    assert "expired" in person.get("/shelf")
    assert "Requests expired: 1" in person.do("/shelf/expire")
    assert "Expired" in person.get(f"{first}/requests")
    assert "In transit" in person.get(person.item(OURS))  # the next fetches it elsewhere
    elsewhere = browse(later.url, desk="SCI_PRET")
    assert "on the hold shelf, for Lecteur 001" in elsewhere.do("/scan", item=OURS)


def copy_of(tmp_path: Any) -> Any:
    """The data folder of the running server as it is on disk."""
    import sqlite3
    from contextlib import closing

    (tmp_path / "later").mkdir(mode=0o700)
    with (
        closing(sqlite3.connect(tmp_path / "data" / "practice.db")) as there,
        closing(sqlite3.connect(tmp_path / "later" / "practice.db")) as copy,
    ):
        there.backup(copy)
    return tmp_path / "later"


def letter(person: Any, subject: str) -> str:
    """The address of the latest letter with this subject."""
    found = re.search(rf'href="(/letters/[0-9a-f]+)">{subject}', person.get("/letters"))
    assert found is not None, subject
    return found[1]


def test_letters_are_read_and_sent_again_and_stay_here(desk) -> None:
    person = desk()
    reader = person.patron(DOCTOR)
    assert "nothing to put into this letter" in person.do(f"{reader}/letter", kind="loan-receipt")
    assert "nothing to put into this letter" in person.do(f"{reader}/letter", kind="nonsense")
    person.do(f"{reader}/lend", item=OURS)
    for kind in ("loan-receipt", "activity"):
        assert "in the out-box" in person.do(f"{reader}/letter", kind=kind)
    page = letter(person, "Loan receipt")
    assert "Titre 001 (d293004279), due on 21/02/2018" in person.get(page)
    assert "<dt>Times</dt><dd>2</dd>" in person.do(f"{page}/resend")


def test_returns_with_their_next_step(desk) -> None:
    person = desk()
    text = person.do("/returns", item="37074505499")
    assert "put it back on its shelf. It came back late." in text
    assert "scan it again, then shelf" in person.do("/returns", item="d941101409")
    assert "on the hold shelf, for Lecteur 020" in person.do("/returns", item="d941101409")
    assert "Back to its shelf" in text
    assert "send it to BU Sciences" in person.do("/returns", item=OTHERS)
    assert "no item with the barcode TOTO" in person.do("/returns", item="TOTO")
    elsewhere = desk(desk="SCI_PRET")
    assert "Nothing has been returned in this session" in elsewhere.get("/returns")
    assert "put it back on its shelf" in elsewhere.do("/scan", item=OTHERS)
    assert "on loan: return it instead" in person.do("/scan", item="UBX47660813")


def test_the_book_drop_makes_nobody_late(start, browse) -> None:
    client = start(now=dt.datetime(2018, 1, 15, 8, 30))  # a Monday, before the desk is busy
    person = browse(client.url)
    assert "2018-01-13 18:00" in person.get("/returns")  # Saturday, closing time
    client.record(
        {"key": "a", "at": "2017-12-23T10:00", "operation": "L", "item": OURS, "patron": LICENCE}
    )
    assert 'value="2018-01-13T18:00"' in person.get("/returns?drop=1")
    text = person.do("/returns", item=OURS, at="2018-01-13T18:00")
    assert "came back late" not in text
    assert "2018-01-13 18:00" in person.get(person.item(OURS))
    assert "has not come yet" in person.do("/returns", item=OURS, at="2018-01-16T18:00")
    assert "no time" in person.do("/returns", item=OURS, at="noon")


def test_an_item_lost_found_and_claimed(desk) -> None:
    person = desk()
    page = person.item(OURS)
    assert "not on loan" in person.do(f"{page}/mark", what="claimed-returned")
    assert "Missing" in person.do(f"{page}/mark", what="lost")
    assert "was not missing" in person.do(f"{person.item('d566632954')}/mark", what="found")
    assert "In place" in person.do(f"{page}/mark", what="found")
    person.do(f"{person.patron(DOCTOR)}/lend", item=OURS)
    assert "Claimed returned" in person.do(f"{page}/mark", what="claimed-returned")
    assert "cannot be done" in person.do(f"{page}/mark", what="burnt")
    person.do("/returns", item=OURS)
    assert "In place" in person.get(page)
    assert "Counted as in-house use" in person.do(f"{page}/in-house")
    assert "<dt>In-house uses</dt><dd>1</dd>" in person.get(page)


def test_an_item_that_is_not_in_the_catalogue(desk) -> None:
    person = desk()
    sent = {"barcode": "NEW1", "title": "Neuf", "library": "BUC", "location": "63S"}
    text = person.do("/items/add", **sent)
    assert "Added by hand" in text
    assert "barcode already" in person.do("/items/add", **sent)
    for wrong in ({"barcode": "a b"}, {"title": " "}, {"library": "XXX"}, {"exception": "XXX"}):
        assert 'class="said wrong"' in person.do("/items/add", **{**sent, "barcode": "N2", **wrong})
    assert "Lent; due" in person.do(f"{person.patron(DOCTOR)}/lend", item="NEW1")


def test_the_rules_are_explained_and_excluded_items_stay(desk) -> None:
    person = desk()
    text = person.post(f"{person.item(OURS)}/rules", who=LICENCE).text
    assert "Consulter les règles" in person.get(f"{person.item(OURS)}/rules?lang=fr")
    person.get("/?lang=en")
    steps = re.findall(r"<li>(?:<strong>)?([^<]+)", text.partition('class="steps"')[2])
    assert [" ".join(each.split()) for each in steps[:5]] == [
        "Reader’s group: L; location: 63S.",
        "Length: 21 calendar days. At the longest 28 days, renewals included. Renewable.",
        "loan 2018-01-17 17:30",
        "21 days → 2018-02-07",
        "closing time → 2018-02-07 20:00",
    ]
    assert "Lent now, it would be due on 2018-02-07 20:00." in text
    text = person.post(f"{person.item(EXCLUDED)}/rules", who=LICENCE).text
    assert "exception EXCLU takes the place" in text
    assert "no such reader" in person.do(f"{person.item(OURS)}/rules", who="nobody")
    assert "excluded from loan" in person.do(f"{person.patron(LICENCE)}/lend", item=EXCLUDED)


def test_history_names_the_job_and_the_line(start, browse, sample) -> None:
    client = start(now=NOW)
    job = client.upload(sample / "OffCirc.dat")["id"]
    person = browse(client.url)
    text = person.get(person.item(OURS))
    assert f'<a href="/jobs/{job}">job {job}</a>, line 38, OffCirc.dat' in text


def test_a_registration_is_validated_and_is_a_reader_after_the_night(desk) -> None:
    person, limited = desk(), desk("moniteur")
    sent = {"name": "Zoé Exemple", "card": "9999000011112", "group": "L", "wanted": "Prêt\nWi-Fi"}
    limited.post("/registrations/new", **sent)
    assert "must not be empty" in person.do("/registrations/new", **{**sent, "card": ""})
    assert "a reader already" in person.do("/registrations/new", **{**sent, "card": DOCTOR})
    assert "waits to be validated" in person.get(letter(person, "Registration"))
    listed = person.get("/registrations?status=pending")
    assert "Prêt · Wi-Fi" in listed
    assert "Zoé" in person.post("/registrations", who="zoe", status="pending").text
    assert "No registration like this" in person.post("/registrations", who="zzz").text
    page = re.search(r'href="(/registrations/[0-9a-f]+)"', listed)
    assert page is not None
    text = person.get(page[1])
    wifi = re.findall(r'name="resource" value="(\d+)"', text)[1]
    person.do(f"{page[1]}/resource", resource=wifi, status="refused")
    text = person.do(f"{page[1]}/decide", status="validated")
    assert text.count('<span class="pill done">Validated') == 2  # itself and the loan
    assert text.count("Refused</span>") == 1
    assert "has been validated" in person.get(letter(person, "Registration"))
    assert "No reader has this card" in person.post("/readers", who=sent["card"]).text
    manager = desk("responsable")
    assert "1 new readers" in manager.do("/settings/night/run")
    reader = person.patron(sent["card"])
    assert "Zoé Exemple" in person.get(reader)
    assert "internal (library)" in person.get(reader)
    assert "a reader already" in person.do(f"{page[1]}/decide", status="refused")
    wrong = person.do(f"{reader}/identity", name="Zoé", group="nobody", expires_on="2018-12-31")
    assert "Choose a group" in wrong, "no rule would cover such a reader"
    unruled = {**sent, "card": "1", "group": "X"}
    assert "Choose a group" in person.do("/registrations/new", **unruled)
    text = person.do(f"{reader}/identity", name="Zoé E.", group="M", expires_on="2018-12-31")
    assert "Zoé E." in text


def test_what_a_desk_wrote_down_stands_there_once_until_it_has_a_real_card(start, browse) -> None:
    client = start(now=NOW)
    card = new_card()
    about = {"card": card, "at": "2018-01-15T10:00", "name": "Awa Diallo", "contact": "06 11 22"}
    sent = {"registrations": [{**about, "group": "étudiante", "birth_year": "1999"}]}
    for _again in range(2):
        (told,) = client.http.post("/registrations", json=sent).json()["registrations"]
        assert (told["status"], told["real_card"], told["at"]) == ("pending", "", None)
    person = browse(client.url)
    listed = person.get("/registrations")
    (page,) = re.findall(r'href="(/registrations/[0-9a-f]+)"', listed)
    assert "étudiante · 06 11 22 · 1999" in person.get(page)
    assert "2018-01-15 10:00" in listed
    assert "provisional one" in person.do(f"{page}/decide", status="validated")
    given = {"name": "Awa Diallo", "card": DOCTOR, "email": ""}
    assert "Choose a group" in person.do(f"{page}/change", group="étudiante", **given)
    # She had a card after all: the registration leads to the reader, and makes none.
    person.do(f"{page}/change", group="L", **given)
    person.do(f"{page}/decide", status="validated")
    (told,) = client.http.post("/registrations", json=sent).json()["registrations"]
    assert (told["status"], told["real_card"]) == ("validated", DOCTOR)
    deeds = client.http.post("/lookup/patrons/deeds", json={"identifiers": [card]}).json()
    assert [deed["kind"] for deed in deeds["deeds"][0]["deeds"]] == ["validated"]
    assert "0 new readers" in browse(client.url, "responsable").do("/settings/night/run")
    assert person.patron(DOCTOR) in person.get(page)


def test_the_night_writes_each_letter_once_and_calls_lost_what_is(start, browse, tmp_path) -> None:
    client = start(now=NOW)
    client.record(
        {
            "key": "a",
            "at": "2018-01-02T10:00",
            "operation": "L",
            "item": OURS,
            "patron": "9917608221700",
        },
        {
            "key": "b",
            "at": "2018-01-04T10:00",
            "operation": "L",
            "item": "UBX84850911",
            "patron": DOCTOR,
        },
    )
    manager = browse(client.url, "responsable")
    first = manager.do("/settings/night/run")
    assert "Courtesy notice" in manager.get("/letters")
    assert "First overdue letter" in manager.get("/letters")
    assert re.search(r"The night is over: [1-9]\d* letters", first)
    assert "The night is over: 0 letters" in manager.do("/settings/night/run")
    text = manager.do(
        "/settings/night",
        courtesy="3",
        overdue_1="1",
        overdue_2="2",
        overdue_3="3",
        lost="4",
        hour="",
    )
    assert "night is set" in text
    wrong = {"courtesy": "3", "overdue_1": "5", "overdue_2": "2", "overdue_3": "3", "lost": "4"}
    assert "must rise" in manager.do("/settings/night", **wrong)
    assert re.search(r"[1-9]\d* items lost", manager.do("/settings/night/run"))
    assert "Bill for a lost item" in manager.get("/letters")


def test_rules_are_changed_by_forms_with_the_checks_of_the_file(desk) -> None:
    manager = desk("responsable")
    person = desk()
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-20:00")
    calendar = {
        "code": "BUC",
        "name": "BUC",
        "grace_days": "3",
        "short_loan_grace_days": "1",
        **hours,
        "closures": "2018-02-24 2018-03-04\n2018-02-07 2018-02-08",
    }
    assert "hold from now on" in manager.do("/settings/library", **calendar)
    reader = person.patron(LICENCE)
    assert "Lent; due on 2018-02-09 20:00" in person.do(f"{reader}/lend", item=OURS)
    wrong = manager.do("/settings/library", **{**calendar, "mon": "25:00-26:00"})
    assert "libraries.BUC.hours.mon" in wrong
    assert "grace_days" in manager.do("/settings/library", **{**calendar, "grace_days": "three"})
    assert "not complete: 2018-02-24" in manager.do(
        "/settings/library", **{**calendar, "closures": "2018-02-24"}
    )
    rules = {"renewal": "loan-days", "location": "*", "group": "*", "days": "10", "max_days": "20"}
    assert "hold from now on" in manager.do("/settings/rules", **rules)
    assert "Lent; due on 2018-01-29" in person.do(f"{reader}/lend", item="d566632954")
    assert "no rule for location" in manager.do("/settings/rules", **{**rules, "group": "L"})
    assert "max_days" in manager.do("/settings/rules", **{**rules, "max_days": "2"})
    exceptions = {
        "code": "EXCLU",
        "kind": "excluded",
        "length": "",
        "renewable": "yes",
        "max_days": "",
    }
    assert "it must stay" in manager.do("/settings/exceptions", **exceptions)
    limits = {"most": "2", "group": "L", "library": "*", "material_type": "*", "exception": "*"}
    assert "hold from now on" in manager.do("/settings/limits", **limits)
    assert "Limit reached" in person.do(f"{reader}/lend", item="UBX84850911")
    # All of it is on disk, and what was refused is not.
    text = manager.get("/settings")
    assert "25:00" not in text
    assert "2018-02-07 2018-02-08" in text


def test_a_summer_has_one_return_date(desk) -> None:
    manager, person = desk("responsable"), desk()
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-20:00")
    days = {"grace_days": "3", "short_loan_grace_days": "1"}
    sent = {"code": "BUC", "name": "BUC", **hours, **days}
    wrong = manager.do(
        "/settings/library", **sent, fixed_returns="2018-01-31 2018-01-01 2018-03-15"
    )
    assert "fixed_returns" in wrong
    manager.do("/settings/library", **sent, fixed_returns="2018-01-01 2018-01-31 2018-03-15")
    assert "Lent; due on 2018-03-15" in person.do(f"{person.patron(LICENCE)}/lend", item=OURS)
    text = person.post(f"{person.item(OURS)}/rules", who=LICENCE).text
    assert "a fixed return date is in force → 2018-03-15" in text


def test_offline_loans_pass_every_limit(start, browse) -> None:
    client = start(now=NOW)
    manager = browse(client.url, "responsable")
    manager.do(
        "/settings/limits", most="0", group="*", library="*", material_type="*", exception="*"
    )
    answer = client.record(
        {"key": "a", "at": "2018-01-12T10:00", "operation": "L", "item": OURS, "patron": LICENCE}
    )
    assert answer[0]["status"] == "recorded"
    assert "Limit reached" in manager.do(f"{manager.patron(LICENCE)}/lend", item="d566632954")


def test_accounts_change_their_role_at_once(desk, browse) -> None:
    manager, person = desk("responsable"), desk()
    sent = {"login": "referent", "name": "R", "role": "limited", "desks": ["BUC_PRET"]}
    assert "account is kept" in manager.do("/settings/account", **sent)
    assert person.http.get("/jobs").status_code == 303  # signed out
    assert desk().http.get("/letters").status_code == 403
    assert "must be a manager" in manager.do(
        "/settings/account", login="responsable", name="x", role="operator", desks=["BUC_PRET"]
    )
    assert manager.http.get("/settings").status_code == 200
    assert "at least 10" in manager.do(
        "/settings/account", login="neuf", name="", role="operator", desks=[], password="court"
    )
    assert "not right" in manager.do("/settings/account", **{**sent, "role": "boss"})


def test_rules_survive_a_restart(tmp_path, start, browse) -> None:
    client = start(now=NOW)
    manager = browse(client.url, "responsable")
    manager.do(
        "/settings/rules", renewal="loan-days", location="*", group="*", days="9", max_days="9"
    )
    again = start(data_dir=copy_of(tmp_path), now=NOW, signed_in=False)
    person = browse(again.url)
    assert "Lent; due on 2018-01-26" in person.do(f"{person.patron(LICENCE)}/lend", item=OURS)


def test_programs_learn_where_the_page_of_a_reader_and_an_item_is(start, browse) -> None:
    client = start(now=NOW)
    person = browse(client.url)
    assert client.patron(DOCTOR)["page"] == person.patron(DOCTOR)
    assert client.item(OURS)["page"] == person.item(OURS)
