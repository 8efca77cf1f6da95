from __future__ import annotations

import concurrent.futures
import json
import socket
import sqlite3
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers import raw

from offcirc.practice import accounts
from offcirc.practice.web import bodies

ITEM = "d293004279"
OTHER = "d620685970"
LICENCE = "9905305912362"
MASTER = "9951658533103"
GOOD = {"key": "k", "at": "2018-01-15T10:00", "operation": "L", "item": ITEM, "patron": LICENCE}


def error_of(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["message"].endswith(".")
    return str(error["code"])


def test_who_answers_here(shared) -> None:
    health = httpx.get(f"{shared.url}/api/v1/health").json()
    assert health["service"] == "offcirc-practice"
    assert health["library"] == "BUC du Mirail, BU Sciences"


def test_two_fresh_copies_are_two_servers(start, tmp_path: Path) -> None:
    names = {
        start(data_dir=tmp_path / name).http.get("/health").json()["identity"]
        for name in ("one", "two")
    }
    assert len(names) == 2


def test_signing_in_tells_who_and_where(shared) -> None:
    answer = shared.sign_in().json()
    assert answer["login"] == "referent"
    assert answer["name"] == "Référent"
    assert answer["role"] == "operator"
    assert answer["desks"] == ["BUC_PRET", "SCI_PRET"]


@pytest.mark.parametrize(
    ("login", "password"), [("referent", "wrong"), ("referent", ""), ("nobody", "bac-a-sable-1")]
)
def test_a_wrong_password_is_refused(shared, login: str, password: str) -> None:
    assert error_of(shared.sign_in(login, password), 401) == "bad-credentials"


def test_the_limited_role_is_refused_at_the_door(shared) -> None:
    answer = shared.sign_in("moniteur", "bac-a-sable-2")
    assert error_of(answer, 403) == "limited-role"
    assert "Limited" in answer.json()["error"]["message"]
    # Its password is checked first: an outsider does not learn that the account exists.
    assert error_of(shared.sign_in("moniteur", "wrong"), 401) == "bad-credentials"


def test_an_operator_only_uploads_at_his_own_desks(folder: Path, start) -> None:
    path = folder / "accounts.csv"
    path.write_bytes(path.read_bytes().replace(b"BUC_PRET;SCI_PRET", b"BUC_PRET"))
    client = start(folder)
    assert error_of(client.http.post("/jobs", json={"desk": "SCI_PRET"}), 403) == "desk-not-allowed"
    assert error_of(client.http.post("/jobs", json={"desk": "MED_PRET"}), 404) == "unknown-desk"
    answer = client.http.post("/dry-run", json={"desk": "SCI_PRET", "transactions": [GOOD]})
    assert error_of(answer, 403) == "desk-not-allowed"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/desks"),
        ("GET", "/jobs"),
        ("POST", "/jobs"),
        ("GET", "/jobs/1"),
        ("POST", "/jobs/1/transactions"),
        ("POST", "/jobs/1/finish"),
        ("POST", "/dry-run"),
        ("POST", "/lookup/keys"),
        ("POST", "/lookup/items"),
        ("POST", "/lookup/patrons"),
    ],
)
def test_nothing_without_signing_in(shared, method: str, path: str) -> None:
    url = f"{shared.url}/api/v1{path}"
    assert error_of(httpx.request(method, url), 401) == "not-signed-in"
    stale = httpx.request(method, url, headers={"Authorization": "Bearer long-gone"})
    assert error_of(stale, 401) == "session-expired"
    assert stale.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_ends_when_it_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = accounts.Sessions()
    account = accounts.SignedIn("a", "A", "operator", ())
    clock = [1000.0]
    monkeypatch.setattr(accounts.time, "monotonic", lambda: clock[0])
    token = sessions.start(account)
    clock[0] += accounts.IDLE_SECONDS - 1
    assert sessions.holder(token) == account
    clock[0] += accounts.IDLE_SECONDS - 1
    assert sessions.holder(token) == account
    clock[0] += accounts.IDLE_SECONDS + 1
    assert sessions.holder(token) is None
    assert sessions.holder(token) is None


def test_passwords_are_kept_as_hashes(start, tmp_path: Path) -> None:
    start()
    kept = b"".join(raw(path) for path in (tmp_path / "data").glob("practice.db*"))
    assert b"bac-a-sable" not in kept
    assert "Référent".encode() in kept


def test_desks(shared) -> None:
    assert shared.http.get("/desks").json() == {
        "desks": [
            {"code": "BUC_PRET", "name": "BUC du Mirail", "library": "BUC"},
            {"code": "SCI_PRET", "name": "BU Sciences", "library": "SCI"},
        ]
    }


def test_a_job_from_beginning_to_end(start, tx) -> None:
    client = start(now=datetime(2018, 1, 17, 17, 32, 47))
    job = client.open_job(files=["OffCirc.dat"])
    begun = client.http.get(f"/jobs/{job}").json()
    assert begun["status"] == "running"
    assert begun["finished_at"] is None
    assert begun["started_at"].startswith("2018-01-17T17:32:4")
    client.send(job, [GOOD, tx("2018-01-15T10:00", "R", "nope", line=7, file="OffCirc.dat")])
    ended = client.http.post(f"/jobs/{job}/finish").json()
    assert ended["status"] == "completed"
    assert (ended["records_processed"], ended["records_with_exceptions"]) == (2, 1)
    assert ended["who"] == "Référent"
    assert client.http.post(f"/jobs/{job}/finish").json()["finished_at"] == ended["finished_at"]
    assert error_of(client.send(job, [{**GOOD, "key": "k2"}]), 409) == "job-finished"
    [message] = client.http.get(f"/jobs/{job}").json()["messages"]
    assert (message["line"], message["file"]) == (7, "OffCirc.dat")
    assert message["message"] == "Item not found. Barcode: nope"
    second = client.open_job(name="Essai")
    listed = client.http.get("/jobs").json()["jobs"]
    assert [each["id"] for each in listed] == [second, job]
    assert listed[0]["name"] == "Essai"


@pytest.mark.parametrize("job", ["1", "99999999999999999999999999"])
def test_a_job_that_is_not(shared, job: str) -> None:
    assert error_of(shared.http.get(f"/jobs/{job}"), 404) == "unknown-job"
    assert error_of(shared.send(job, [GOOD]), 404) == "unknown-job"
    assert error_of(shared.http.post(f"/jobs/{job}/finish"), 404) == "unknown-job"


def test_the_same_key_is_answered_the_same_and_does_nothing(start, tx) -> None:
    client = start(now=datetime(2018, 1, 16, 8, 0))
    sent = [
        tx("2018-01-15T10:00", "L", ITEM, LICENCE),
        tx("2018-01-15T10:10", "R", "nope"),
        tx("2018-01-15T10:20", "R", OTHER),
    ]
    first = client.record(*sent)
    uses = client.item(OTHER)["in_house_uses"]
    again = client.record(*sent)
    assert [answer.pop("replayed") for answer in first] == [False] * 3
    assert [answer.pop("replayed") for answer in again] == [True] * 3
    assert again == first
    assert client.item(OTHER)["in_house_uses"] == uses == 1
    assert client.patron(LICENCE)["loans"] == 1


def test_the_same_key_twice_in_one_request(start, tx) -> None:
    client = start()
    line = tx("2018-01-15T10:00", "R", ITEM)
    first, second = client.record(line, line)
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert client.item(ITEM)["in_house_uses"] == 1


def test_a_key_knows_minutes_only(start) -> None:
    """One PC may send what its manifest knows, another what OffCirc.dat says."""
    client = start()
    client.record({**GOOD, "at": "2018-01-15T10:00:31.250"})
    [again] = client.record(GOOD)
    assert again["replayed"]
    [again] = client.record({**GOOD, "at": "2018-01-15T10:00:00+01:00"})
    assert again["replayed"]


def test_a_key_outlives_a_clock_put_right(start) -> None:
    """One referent has put a desk's clock right, another has not: it is one transaction."""
    client = start()
    client.record(GOOD)
    [again] = client.record({**GOOD, "at": "2018-01-15T11:42"})
    assert (again["status"], again["replayed"]) == ("recorded", True)
    assert client.item(ITEM)["loaned_at"].startswith("2018-01-15T10:00")


@pytest.mark.parametrize("change", [{"operation": "R"}, {"item": OTHER}, {"patron": MASTER}])
def test_a_key_used_for_something_else_is_refused_and_that_line_alone(start, tx, change) -> None:
    client = start()
    client.record(GOOD)
    innocent = tx("2018-01-15T12:00", "R", OTHER)
    first, second, third = client.record(GOOD, {**GOOD, **change}, innocent)
    assert (first["status"], first["replayed"]) == ("recorded", True)
    assert (second["status"], second["code"], second["replayed"]) == (
        "rejected",
        "key-reused",
        False,
    )
    assert second["message"].startswith("Another transaction was recorded under this key.")
    assert third["code"] == "not-on-loan"
    assert client.item(OTHER)["in_house_uses"] == 1
    # What the key stands for has not changed.
    wanted = {"keys": [GOOD["key"]]}
    [found] = client.http.post("/lookup/keys", json=wanted).json()["results"]
    assert found["status"] == "recorded"
    assert client.item(ITEM)["loaned_to"] == GOOD["patron"]


def test_the_same_key_from_many_at_once(start, connect, tx) -> None:
    client = start()
    count = 8
    others = [connect(client.url) for _ in range(count)]
    for other in others:
        other.http.headers["Authorization"] = client.http.headers["Authorization"]
    jobs = [client.open_job() for _ in range(count)]
    together = threading.Barrier(count)
    sent = [tx(f"2018-01-15T10:{minute:02}", "R", ITEM) for minute in range(20)]

    def send(other: Any, job: str) -> list[dict[str, Any]]:
        together.wait()
        return list(other.send(job, sent).json()["results"])

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(send, others, jobs))
    done = [[answer.pop("replayed") for answer in each] for each in answers]
    assert sorted(each[0] for each in done) == [False] + [True] * (count - 1)
    assert all(each == answers[0] for each in answers)
    assert client.item(ITEM)["in_house_uses"] == len(sent)


def test_many_single_lines_at_once_are_each_recorded(start, connect, tx) -> None:
    client = start()
    width, each = 8, 10
    job = client.open_job()
    others = [connect(client.url) for _ in range(width)]

    def send(number: int) -> list[int]:
        http = others[number].http
        http.headers["Authorization"] = client.http.headers["Authorization"]
        return [
            others[number].send(job, [tx(f"2018-01-{1 + number:02}T10:{k:02}", "R", ITEM)])
            .status_code
            for k in range(each)
        ]  # fmt: skip

    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        statuses = [status for part in pool.map(send, range(width)) for status in part]
    assert statuses == [200] * (width * each)
    assert client.http.get(f"/jobs/{job}").json()["records_processed"] == width * each


def test_a_dry_run_adds_up_and_keeps_nothing(start, tx) -> None:
    client = start(now=datetime(2018, 1, 16, 8, 0))
    recorded = tx("2018-01-15T09:00", "R", "nope")
    client.record(recorded)
    sent = [
        recorded,
        tx("2018-01-15T10:00", "L", ITEM, LICENCE),
        tx("2018-01-15T10:10", "R", ITEM),
        tx("2018-01-15T10:20", "R", ITEM),
        tx("2018-01-15T10:05", "L", ITEM, MASTER),
    ]
    before = client.item(ITEM), client.http.get("/jobs").json()
    answer = client.http.post("/dry-run", json={"desk": "BUC_PRET", "transactions": sent})
    results = answer.json()["results"]
    assert [each["code"] for each in results] == [
        "item-not-found", "", "", "not-on-loan", "later-action"
    ]  # fmt: skip
    assert [each["replayed"] for each in results] == [True, False, False, False, False]
    assert (client.item(ITEM), client.http.get("/jobs").json()) == before
    wanted = {"keys": [each["key"] for each in sent]}
    found = client.http.post("/lookup/keys", json=wanted).json()["results"]
    assert [each["status"] for each in found] == ["rejected"] + ["absent"] * 4


def test_looking_back_at_keys(start, tx) -> None:
    client = start()
    good, bad = GOOD, tx("2018-01-15T10:00", "R", "nope")
    client.record(good, bad)
    found = client.http.post(
        "/lookup/keys", json={"keys": [bad["key"], "never", good["key"]]}
    ).json()["results"]
    assert [(each["status"], each["message"]) for each in found] == [
        ("rejected", "Item not found. Barcode: nope"),
        ("absent", ""),
        ("recorded", ""),
    ]


def test_looking_up_items_and_readers(shared) -> None:
    items = shared.http.post(
        "/lookup/items", json={"barcodes": ["nope", "37074505499", "OTOLO104602"]}
    ).json()["items"]
    assert items[0] == {"barcode": "nope", "found": False}
    assert items[1]["title"].startswith("Titre ")
    assert items[1]["status"] == "on-loan"
    assert items[1]["due_at"] == "2018-01-10T20:00:00+01:00"
    assert items[2]["excluded"] is True
    patrons = shared.http.post(
        "/lookup/patrons", json={"identifiers": ["299910600168", "ut1.lecteur004", "nope"]}
    ).json()["patrons"]
    assert patrons[0]["name"] == "Lecteur 009"
    assert "quitus" in patrons[0]["blocks"]
    assert patrons[1]["barcode"] == "9975308632452"
    assert "overdue" in patrons[1]["blocks"]
    assert patrons[1]["expires_on"].endswith("-10-31")
    assert patrons[2] == {"identifier": "nope", "found": False}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key": None}, "transactions[0].key"),
        ({"key": ""}, "transactions[0].key"),
        ({"key": "x" * 201}, "transactions[0].key"),
        ({"key": 7}, "transactions[0].key"),
        ({"at": None}, "transactions[0].at"),
        ({"at": "15/01/2018 10:00"}, "transactions[0].at"),
        ({"at": "2018-01-15"}, "transactions[0].at"),
        ({"at": "2018-02-30T10:00"}, "transactions[0].at"),
        ({"at": "2018-01-15T24:01"}, "transactions[0].at"),
        ({"at": "2018-01-15T10:00+99:00"}, "transactions[0].at"),
        ({"at": "٢٠١٨-01-15T10:00"}, "transactions[0].at"),
        ({"at": 1516006800}, "transactions[0].at"),
        ({"operation": "l"}, "transactions[0].operation"),
        ({"operation": ["L"]}, "transactions[0].operation"),
        ({"item": " "}, "transactions[0].item"),
        ({"item": "a\nb"}, "transactions[0].item"),
        ({"item": "\ud800"}, "transactions[0].item"),
        ({"item": {"a": 1}}, "transactions[0].item"),
        ({"patron": ""}, "transactions[0].patron"),
        ({"patron": None}, "transactions[0].patron"),
        ({"patron": "x" * 256}, "transactions[0].patron"),
        ({"line": "5"}, "transactions[0].line"),
        ({"line": -1}, "transactions[0].line"),
        ({"line": True}, "transactions[0].line"),
        ({"line": 10**30}, "transactions[0].line"),
        ({"file": 5}, "transactions[0].file"),
    ],
)
def test_a_wrong_transaction_is_named_by_its_field(shared, change, field: str) -> None:
    content = json.dumps({"transactions": [{**GOOD, **change}]})
    answer = shared.http.post(f"/jobs/{shared.open_job()}/transactions", content=content)
    assert error_of(answer, 400) == "bad-request"
    assert answer.json()["error"]["message"].startswith(field)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"transactions": 5}',
        b'{"transactions": []}',
        b'{"transactions": [5]}',
        b'{"transactions": NaN}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe{\x00",
        b"\x00" * 100,
    ],
)
def test_a_body_that_is_not_as_it_should_be(shared, content: bytes) -> None:
    answer = shared.http.post(f"/jobs/{shared.open_job()}/transactions", content=content)
    assert error_of(answer, 400) == "bad-request"


def test_unknown_fields_are_ignored(start) -> None:
    client = start()
    [answer] = client.record({**GOOD, "colour": "blue", "patron_name": {"x": [1]}})
    assert answer["status"] == "recorded"


def test_a_batch_holds_at_most_a_thousand(start, tx) -> None:
    client = start()
    many = [{**tx("2018-01-15T10:00", "R", "nope"), "key": str(k)} for k in range(1001)]
    job = client.open_job()
    assert error_of(client.send(job, many), 400) == "bad-request"
    answer = client.send(job, many[:1000])
    assert len(answer.json()["results"]) == 1000
    assert [each["key"] for each in answer.json()["results"]] == [str(k) for k in range(1000)]


def test_what_is_too_large_is_refused(shared) -> None:
    content = b" " * (bodies.BODY_LIMIT + 1)
    answer = shared.http.post("/lookup/keys", content=content)
    assert error_of(answer, 413) == "too-large"
    longest = {
        **GOOD, "key": "k" * 200, "item": "\u00e9" * 255, "patron": "p" * 255, "file": "f" * 255
    }  # fmt: skip
    fits = json.dumps({"transactions": [longest] * 1000}, ensure_ascii=False).encode()
    assert len(fits) <= bodies.BODY_LIMIT


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/jobs")])
def test_other_addresses_answer_in_json_too(shared, method: str, path: str) -> None:
    answer = shared.http.request(method, path)
    assert answer.status_code in (404, 405)
    assert answer.json()["error"]["code"] in ("not-found", "method-not-allowed")


def test_a_foreign_host_name_is_refused(shared) -> None:
    port = shared.url.rpartition(":")[2]
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1.evil.example",
        f"127.0.0.1.evil.example:{port}",
        f"localhost.evil.example:{port}",
        f"[::1].evil.example:{port}",
        f"127.0.0.1:{port}@evil.example",
        f"evil.example/127.0.0.1:{port}",
        f"127.evil:{port}",
        "127.0.0.1:1",
        "localhost",
        "localhost:",
        "localhost:x",
        "",
    ):
        answer = httpx.get(f"{shared.url}/api/v1/health", headers={"Host": host})
        assert error_of(answer, 400) == "foreign-host", host
    for host in (f"localhost:{port}", f"LOCALHOST:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
        fine = httpx.get(f"{shared.url}/api/v1/health", headers={"Host": host})
        assert fine.status_code == 200


def test_every_answer_has_the_protective_headers(shared) -> None:
    for path in ("/", "/style.css", "/api/v1/health", "/api/v1/desks", "/nowhere"):
        headers = httpx.get(shared.url + path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_a_full_disk_is_told_and_nothing_is_half_done(start, tx, monkeypatch, expected_log) -> None:
    expected_log.append("the disk refused: SQLITE_FULL")
    client = start()
    job = client.open_job()
    from offcirc.practice import recording

    whole = recording._keep

    def full(connection: sqlite3.Connection, line: Any, *rest: Any) -> Any:
        if line.item == "last":
            # The real error of a real SQLite: this database may grow no further.
            connection.execute("PRAGMA max_page_count = 1")
            connection.execute("INSERT INTO facts VALUES ('x', zeroblob(9000000))")
        return whole(connection, line, *rest)

    monkeypatch.setattr(recording, "_keep", full)
    sent = [tx("2018-01-15T10:00", "R", ITEM), tx("2018-01-15T10:01", "R", "last")]
    answer = client.send(job, sent)
    assert error_of(answer, 503) == "storage"
    assert answer.headers["Retry-After"] == "5"
    assert client.item(ITEM)["in_house_uses"] == 0
    assert client.http.get(f"/jobs/{job}").json()["records_processed"] == 0
    monkeypatch.undo()


def test_a_mistake_of_ours_is_logged_without_identifiers(
    start, tx, monkeypatch, caplog: pytest.LogCaptureFixture, expected_log
) -> None:
    expected_log.append("^bug: KeyError at ")
    client = start()
    job = client.open_job()
    from offcirc.practice import recording

    def broken(connection: Any, line: Any, *rest: Any) -> Any:
        raise KeyError(line.patron)

    monkeypatch.setattr(recording, "_keep", broken)
    answer = client.send(job, [GOOD])
    assert error_of(answer, 500) == "internal-error"
    assert "KeyError at " in caplog.text
    assert LICENCE not in caplog.text
    assert LICENCE not in answer.text
    monkeypatch.undo()
    assert client.record({**GOOD, "key": "k2"})[0]["status"] == "recorded"
    assert [record for record in caplog.records if record.levelname != "ERROR"] == []


def test_a_line_may_name_the_desk_where_it_happened(start, tx) -> None:
    """An item that came back to its own library is not in transit, whatever desk uploads."""
    client = start()
    client.record(GOOD)
    [elsewhere] = client.record(tx("2018-01-15T11:00", "R", ITEM), desk="SCI_PRET")
    assert "in-transit" in elsewhere["notes"]
    client.record({**GOOD, "key": "k2", "at": "2018-01-15T12:00"})
    home = {**tx("2018-01-15T13:00", "R", ITEM), "desk": "BUC_PRET"}
    [at_home] = client.record(home, desk="SCI_PRET")
    assert "in-transit" not in at_home["notes"]


def test_a_line_may_not_name_a_desk_that_is_not(start, tx) -> None:
    client = start()
    job = client.open_job()
    line = {**tx("2018-01-15T11:00", "R", ITEM), "desk": "NOPE"}
    assert error_of(client.send(job, [line]), 404) == "unknown-desk"
    assert client.item(ITEM)["in_house_uses"] == 0


def test_wrong_passwords_are_slowed_down(no_time_passes, start) -> None:
    client = start()
    for _turn in range(accounts.FREE_TRIES):
        assert error_of(client.sign_in(password="wrong"), 401) == "bad-credentials"
    answer = client.sign_in()
    assert error_of(answer, 429) == "too-many-passwords"
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_wait_grows_is_limited_and_ends_with_the_right_password() -> None:
    now = [0.0]
    wrong = accounts.WrongPasswords(lambda: now[0])
    waits = []
    for _turn in range(14):
        wrong.wrong("login a", "from x")
        waits.append(wrong.wait("login a", "from y"))
        now[0] += waits[-1]
        assert wrong.wait("login a", "from x") == 0
    assert waits == [0] * 4 + [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    wrong.wrong("login b", "from x")
    assert wrong.wait("login c", "from x") == 60
    wrong.right("login b", "from x")
    assert wrong.wait("login c", "from x") == 0
    now[0] += 1000
    wrong.wrong("login a")
    assert wrong.wait("login a") == 0


@pytest.mark.parametrize("path", ["/session", "/lookup/keys"])
def test_a_client_that_breaks_off_is_no_mistake_of_ours(start, path: str) -> None:
    client = start()
    client.sign_in()
    host, port = client.url.removeprefix("http://").split(":")
    token = client.http.headers["Authorization"]
    with socket.create_connection((host, int(port))) as broken:
        broken.sendall(
            f"POST /api/v1{path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {token}\r\n"
            "Content-Length: 1000\r\nContent-Type: application/json\r\n\r\n{".encode()
        )
    # Asked after it and answered: the broken request has been dealt with by then.
    assert client.http.get("/desks").status_code == 200
    # What the server logs fails the test.
