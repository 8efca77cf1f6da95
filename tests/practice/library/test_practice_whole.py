"""The library as a whole, at the pages: taken away, brought in, kept, put back."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile

import httpx
import pytest

from offcirc.practice import keeping, state
from offcirc.practice.library import library

SURE = {"sure": "1"}


def repacked(content: bytes, name: str, edit) -> bytes:
    """A packed library with one file changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for each in before.namelist():
            text = before.read(each).decode()
            after.writestr(each, edit(text) if each.endswith(name) else text)
    return out.getvalue()


@pytest.fixture
def manager(start, browse):
    client = start()
    return client, browse(client.url, "responsable")


def identity(client) -> str:
    return str(client.http.get("/health").json()["identity"])


def packed(person) -> bytes:
    answer = person.http.get("/library/library.zip")
    assert answer.headers["content-type"] == "application/zip"
    return bytes(answer.content)


@pytest.mark.promise("practice-library-travels")
def test_what_is_taken_away_comes_back_the_same_and_is_another_library(manager, tmp_path):
    client, person = manager
    before, content = identity(client), packed(person)
    person.do(person.patron("9971598771305") + "/lend", item="d293004279")
    assert client.item("d293004279")["status"] == "on-loan"
    files = {"file": ("library.zip", content)}
    assert "Tick that you are sure" in person.do("/library/import", files=files)
    assert client.item("d293004279")["status"] == "on-loan"
    assert "has been brought in" in person.do("/library/import", files=files, **SURE)
    assert identity(client) != before
    answer = client.http.post("/lookup/items", json={"barcodes": ["d293004279"]})
    assert answer.status_code == 401, "whoever was signed in looks at the new library afresh"
    assert client.sign_in().status_code == 200
    assert client.item("d293004279")["status"] == "available"
    again = packed(person)
    for name in library.FILES:
        one, other = (zipfile.ZipFile(io.BytesIO(each)) for each in (content, again))
        assert one.read(f"library/{name}") == other.read(f"library/{name}"), name


@pytest.mark.promise("practice-import-page-names-the-line")
def test_a_fault_is_named_with_its_line_in_the_language_of_whoever_asks(manager):
    client, person = manager
    before, content = identity(client), packed(person)
    broken = repacked(content, "items.csv", lambda text: text.replace(",BUC,", ",NOWHERE,", 1))
    files = {"file": ("library.zip", broken)}
    assert re.search(r"items\.csv, line \d+", person.do("/library/import", files=files, **SURE))
    person.get("/library?lang=fr")
    text = person.do("/library/import", files=files, **SURE)
    assert re.search(r"items\.csv, ligne \d+", text)
    person.get("/library?lang=en")
    for wrong in (b"", b"PK\x03\x04 no zip", content[:-200]):
        text = person.do("/library/import", files={"file": ("x.zip", wrong)}, **SURE)
        assert "no ZIP file" in text
    missing = io.BytesIO()
    with zipfile.ZipFile(missing, "w") as archive:
        archive.writestr("../../policy.toml", "x")
    text = person.do("/library/import", files={"file": ("x.zip", missing.getvalue())}, **SURE)
    assert "has no file items.csv" in text
    assert identity(client) == before


def test_a_library_that_unpacks_without_end_is_refused(manager, monkeypatch):
    _client, person = manager
    monkeypatch.setattr(keeping, "_LARGEST_LIBRARY", 1000)
    text = person.do("/library/import", files={"file": ("x.zip", packed(person))}, **SURE)
    assert "too large" in text


@pytest.mark.promise("practice-snapshots-at-the-page")
def test_a_snapshot_is_gone_back_to_and_the_first_day_begins_again(manager, tmp_path):
    client, person = manager
    lend = person.patron("9971598771305") + "/lend"
    assert "Kept as" in person.do("/library/snapshot", name="morning")
    assert "already" in person.do("/library/snapshot", name="morning")
    assert "letters, digits" in person.do("/library/snapshot", name="../x")
    person.do(lend, item="d293004279")
    assert "as it was in" in person.do("/library/restore", name="morning", **SURE)
    client.sign_in()
    assert client.item("d293004279")["status"] == "available"
    person.do(lend, item="d293004279")
    assert "first day" in person.do("/library/reset", **SURE)
    client.sign_in()
    assert client.item("d293004279")["status"] == "available"
    assert "no snapshot" in person.do("/library/restore", name="never", **SURE)
    assert not list((tmp_path / "data").glob("coming-*"))


def test_others_are_signed_out_and_an_account_that_is_gone_is_too(manager, browse):
    client, person = manager
    other = browse(client.url)
    person.do("/library/snapshot", name="before")
    person.do(
        *("/settings/account",),
        **{"login": "nouvelle", "name": "N", "role": "manager", "desks": "BUC_PRET"},
        password="un-mot-de-passe",
    )
    person.do("/library/restore", name="before", **SURE)
    assert other.http.get("/jobs").headers["location"].startswith("/sign-in")
    assert "Settings" in person.get("/settings")
    content = packed(person)
    fewer = repacked(
        content,
        "accounts.csv",
        lambda text: text.replace("responsable,", "cheffe,", 1),
    )
    answer = person.post("/library/import", files={"file": ("x.zip", fewer)}, **SURE)
    assert answer.headers["location"] == "/sign-in"
    assert person.http.get("/jobs").status_code == 303


def test_nothing_is_replaced_while_a_file_is_worked_through(start, browse, tmp_path, monkeypatch):
    monkeypatch.setattr("offcirc.practice.web.serve.FileWorker._round", lambda self: False)
    person = browse(start().url, "responsable")
    person.do("/library/snapshot", name="before")
    with contextlib.closing(state.connect(tmp_path / "data" / state.DATABASE)) as connection:
        connection.execute(
            "INSERT INTO jobs (id, name, desk, login, who, files, status, started_at) VALUES (77, "
            "'x', 'BUC_PRET', 'referent', 'R', '[\"a\"]', 'running', '2018-01-01T00:00:00.000Z')"
        )
        connection.execute("INSERT INTO uploads (job, digest, total) VALUES (77, 'x', 1)")
        assert "Job 77 is being worked through" in person.get("/library")
        for act in ("reset", "restore", "snapshot"):
            text = person.do(f"/library/{act}", name="before", **SURE)
            assert "Not done:</strong> Job 77 is being worked through" in text, act
        connection.execute("DELETE FROM uploads")
        assert "has begun job 77 and not ended it" in person.get("/library")
        assert "first day" in person.do("/library/reset", **SURE)


def test_a_server_goes_on_with_what_was_brought_in_when_it_starts_again(
    tmp_path, folder, start, browse
):
    client = start(folder, tmp_path / "own")
    person = browse(client.url, "responsable")
    changed = repacked(
        packed(person), "policy.toml", lambda text: text.replace("BUC du", "La BU du")
    )
    person.do("/library/import", files={"file": ("x.zip", changed)}, **SURE)
    assert "La BU du Mirail" in httpx.get(client.url).text
    with pytest.raises(Exception, match="Another practice server"):
        start(folder, tmp_path / "own")
    with contextlib.closing(state.connect(tmp_path / "own" / state.DATABASE)) as connection:
        facts = dict(connection.execute("SELECT name, value FROM facts").fetchall())
    assert facts["digest"] == library.fingerprint(folder)[1]
    assert "La BU du Mirail" in facts["policy"]
