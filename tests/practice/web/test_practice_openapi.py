"""The document is valid, names every address, and real answers are as it says."""

from __future__ import annotations

import re
from typing import Any

import httpx
import jsonschema
import pytest

from offcirc.core.registration import new_card
from offcirc.practice.library.policy import parse
from offcirc.practice.web import openapi
from offcirc.practice.web.api import Api
from offcirc.practice.web.house import House

GOOD = {
    "key": "good",
    "at": "2018-01-15T10:00",
    "operation": "L",
    "item": "d293004279",
    "patron": "9905305912362",
    "line": 1,
    "file": "OffCirc.dat",
}
BAD = {"key": "bad", "at": "2018-01-15T10:00", "operation": "R", "item": "nope"}
NEW = {"card": "PROV000000000", "at": "2018-01-15T10:00"}
DOCUMENT = openapi.document("0")


def fits(value: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(
        value
    )


def strict(schema: Any) -> Any:
    """The same schema with every object closed: an answer has no field it does not describe."""
    if isinstance(schema, dict):
        closed = {name: strict(value) for name, value in schema.items()}
        if schema.get("type") == "object" and "properties" in schema:
            closed["additionalProperties"] = False
        return closed
    if isinstance(schema, list):
        return [strict(value) for value in schema]
    return schema


def described(path: str) -> str:
    path = re.sub(r"/jobs/[0-9]+", "/jobs/{id}", path)
    return re.sub(r"(/export/\w+)/[0-9]+", r"\1/{start}", path)


def check(answer: httpx.Response) -> Any:
    path = described(answer.request.url.path)
    operation = DOCUMENT["paths"][path][answer.request.method.lower()]
    assert str(answer.status_code) in operation["responses"], (path, answer.status_code)
    schema = operation["responses"][str(answer.status_code)]["content"]["application/json"]
    whole = {**strict(schema["schema"]), "components": strict(DOCUMENT["components"])}
    jsonschema.Draft202012Validator(whole).validate(answer.json())
    return answer.json()


def test_every_schema_is_one() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_document_and_the_routes_name_the_same_addresses(shared) -> None:
    served = shared.http.get("/openapi.json").json()
    assert served["paths"] == DOCUMENT["paths"]
    api = Api(House(None, parse(MINIMAL), "x", None))  # type: ignore[arg-type]
    routes = {
        (re.sub(r":int", "", route.path), method)
        for route in api.routes()
        for method in (route.methods or ()) - {"HEAD"}
    }
    names = {
        (path, method.upper())
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert routes == names


def test_real_answers_are_as_described(start) -> None:
    client = start(signed_in=False)
    http = client.http
    check(http.get("/health"))
    check(http.get("/openapi.json"))
    check(http.get("/desks"))
    check(client.sign_in("referent", "wrong"))
    check(client.sign_in("moniteur", "bac-a-sable-2"))
    check(client.sign_in())
    check(http.get("/desks"))
    check(http.post("/jobs", json={"desk": "nowhere"}))
    job = check(http.post("/jobs", json={"desk": "BUC_PRET", "files": ["OffCirc.dat"]}))["id"]
    fits({"transactions": [GOOD, BAD]}, request_schema("/api/v1/jobs/{id}/transactions"))
    check(client.send(job, [GOOD, BAD]))
    check(client.send(job, [{**GOOD, "item": "other"}]))
    check(client.send(job, []))
    check(http.get(f"/jobs/{job}"))
    check(http.get("/jobs/1"))
    check(http.post(f"/jobs/{job}/finish"))
    check(client.send(job, [GOOD]))
    check(http.get(f"/jobs/{job}"))
    check(http.get("/jobs"))
    check(http.post("/dry-run", json={"desk": "BUC_PRET", "transactions": [GOOD, BAD]}))
    check(http.post("/lookup/keys", json={"keys": ["good", "bad", "absent"]}))
    check(http.post("/lookup/items", json={"barcodes": [GOOD["item"], "37074505499", "nope"]}))
    check(http.post("/lookup/patrons", json={"identifiers": [GOOD["patron"], "nope"]}))
    card = new_card()
    for sent in (
        [{"card": card, "at": "2018-01-15T10:00", "name": "Diallo, Awa", "note": None}],
        [{"card": card, "at": "2018-01-15T10:00", "status": "refused"}],
        [{"card": new_card(), "at": "2018-01-15T10:00Z", "status": "validated", "real_card": "1"}],
    ):
        fits({"registrations": sent}, request_schema("/api/v1/registrations"))
        told = check(http.post("/registrations", json={"registrations": sent}))
        assert told["registrations"][0]["card"] == sent[0]["card"]
    for wrong in (
        *({}, {"registrations": []}, {"registrations": ["x"]}),
        *({"registrations": [{"card": "9905305912362", "at": "2018-01-15T10:00"}]},),
        *({"registrations": [{"card": card, "at": "2018-01-15T10:00", "real_card": "1"}]},),
        *({"registrations": [{"card": card, "at": "2018-01-15T10:00", "status": "?"}]},),
        *({"registrations": [{"card": card, "at": "soon"}]},),
    ):
        assert http.post("/registrations", json=wrong).status_code == 400
    assert "timezone" in check(http.get("/export/policy"))["policy"]
    patrons, items = (check(http.get(f"/export/{what}/0")) for what in ("patrons", "items"))
    assert (len(patrons["patrons"]), len(items["items"]), items["next"]) == (60, 200, None)
    assert len(check(http.get("/export/items/150"))["items"]) == 50
    check(http.post("/lookup/keys", content=b"x" * 3_000_000))


@pytest.mark.parametrize(
    "wrong",
    [
        {"transactions": []},
        {"transactions": [{**GOOD, "operation": "X"}]},
        {"transactions": [{key: GOOD[key] for key in ("key", "at", "operation")}]},
        {"transactions": [{**GOOD, "patron": ""}]},
        {"transactions": [{**GOOD, "patron": None}]},
        {"transactions": [{**BAD, "at": "2018-13-15T10:00"}]},
        {"transactions": [{**BAD, "item": " "}]},
        {"transactions": [{**BAD, "key": ""}]},
        {"transactions": [{**BAD, "line": 2**53}]},
        {"transactions": [{**BAD, "file": "x" * 256}]},
        *({"transactions": [{**BAD, name: "a\x07b"}]} for name in ("key", "item", "file", "desk")),
        {"transactions": [{**BAD, "patron": "\u202e1"}]},
        {"transactions": [{**BAD, "at": "2018-02-29T10:00"}]},
        {"transactions": [{**BAD, "at": "1900-02-29T10:00"}]},
        {"transactions": [{**BAD, "at": "2018-04-31T10:00"}]},
        {"transactions": [{**BAD, "at": "0000-01-01T10:00"}]},
    ],
)
def test_the_document_refuses_what_the_service_refuses(shared, wrong) -> None:
    with pytest.raises(jsonschema.ValidationError):
        fits(wrong, request_schema("/api/v1/jobs/{id}/transactions"))
    answer = shared.http.post(f"/jobs/{shared.open_job()}/transactions", json=wrong)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("jobs", {"desk": "BUC_PRET", "files": {}}),
        ("jobs", {"desk": "BUC_PRET", "files": ""}),
        ("jobs", {"desk": "BUC_PRET", "files": [""]}),
        ("jobs", {"desk": "", "files": []}),
        ("jobs", {"desk": "BUC_PRET", "name": "x" * 201}),
        ("dry-run", {"desk": "", "transactions": [GOOD]}),
        ("lookup/items", {"barcodes": [""]}),
        ("lookup/items/deeds", {"barcodes": [" "]}),
        ("lookup/patrons", {"identifiers": ["x" * 256]}),
        ("lookup/patrons/deeds", {"identifiers": [""]}),
        ("lookup/keys", {"keys": ["x" * 201]}),
        ("session", {"login": "", "password": "x"}),
        ("session", {"login": "x", "password": "a\tb"}),
        ("jobs", {"desk": "BUC_PRET", "name": "\ufeff"}),
        ("jobs", {"desk": "BUC_PRET", "files": ["a\x00"]}),
        ("lookup/items", {"barcodes": ["\x85"]}),
        ("registrations", {"registrations": [{**NEW, "card": ""}]}),
        ("registrations", {"registrations": [{**NEW, "card": "PROV1"}]}),
        ("registrations", {"registrations": [{**NEW, "at": "1899-01-15T10:00"}]}),
        ("registrations", {"registrations": [{**NEW, "name": "a\x1bb"}]}),
        ("registrations", {"registrations": [{**NEW, "real_card": "1"}]}),
        ("registrations", {"registrations": [{**NEW, "status": "validated"}]}),
        ("registrations", {"registrations": [{**NEW, "status": "validated", "real_card": " "}]}),
        ("registrations", {"registrations": [{**NEW, "status": "", "real_card": "1"}]}),
    ],
)
def test_the_document_knows_what_is_empty_or_too_long(shared, path: str, wrong: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        fits(wrong, request_schema(f"/api/v1/{path}"))
    assert shared.http.post(f"/{path}", json=wrong).status_code == 400


@pytest.mark.parametrize(
    "more",
    [
        {"at": "2000-02-29T23:59:59.5+23:59"},
        {"at": "0004-02-29T10:00Z"},
        {"at": "9999-12-31T23:59-23:59"},
        {"line": 3.0},
        {"item": "caf\u00e9\u00a0\U0001f600", "file": "", "desk": None},
    ],
)
def test_the_service_takes_what_the_document_takes(shared, more: dict[str, Any]) -> None:
    sent = {"transactions": [{**BAD, "key": repr(more), **more}]}
    fits(sent, request_schema("/api/v1/jobs/{id}/transactions"))
    answer = shared.http.post(f"/jobs/{shared.open_job()}/transactions", json=sent)
    assert answer.status_code == 200
    assert answer.json()["results"][0]["status"] == "rejected"


def test_a_job_without_files_is_as_described(shared) -> None:
    for body in ({"desk": "BUC_PRET"}, {"desk": "BUC_PRET", "files": None, "name": None}):
        fits(body, request_schema("/api/v1/jobs"))
        assert shared.http.post("/jobs", json=body).json()["files"] == []


def test_what_an_address_allows_is_all_that_it_allows(shared) -> None:
    for path, methods in (("/jobs", "GET, HEAD, POST"), ("/session", "POST")):
        answer = shared.http.request("OPTIONS", path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, methods)
    assert httpx.delete(f"{shared.url}/jobs").headers["Allow"] == "GET, HEAD, POST"


def request_schema(path: str) -> dict[str, Any]:
    body = DOCUMENT["paths"][path]["post"]["requestBody"]
    schema: dict[str, Any] = body["content"]["application/json"]["schema"]
    return schema


MINIMAL = """
timezone = "Europe/Paris"
rules = []
[libraries.A]
name = "A"
circ_desk = "A"
hours = { mon = "08:00-20:00" }
grace_days = 0
short_loan_grace_days = 0
"""


def test_a_place_in_a_list_that_is_none_is_answered_as_described(shared) -> None:
    for what in ("items", "patrons"):
        answer = shared.http.get(f"/export/{what}/x")
        told = DOCUMENT["paths"][f"/api/v1/export/{what}/{{start}}"]["get"]["responses"]
        assert str(answer.status_code) in told
