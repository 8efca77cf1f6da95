"""The service described as an OpenAPI 3.1 document."""

from __future__ import annotations

from typing import Any

from offcirc.core.answers import Note
from offcirc.core.registration import CARD_PATTERN, FIELDS, LIMIT
from offcirc.core.transaction import OPERATIONS
from offcirc.practice.messages import Refusal
from offcirc.practice.web.bodies import (
    DAY_AND_TIME,
    DAY_AND_TIME_OPENED,
    FILLED,
    LARGEST_NUMBER,
    MOST_LOOKUPS,
    MOST_TRANSACTIONS,
    PRINTED,
    REGISTRATION_STATUSES,
)

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_ALIKE: Schema = {
    **_FLAG,
    "description": (
        "Answered before under another key, of a transaction that says the same: a key of 64 "
        "digits tells what a line says, 32 more tell the line from others that say the same."
    ),
}
_PAGE: Schema = {
    **_TEXT,
    "description": "Address of its page on this server, which tells nothing of what it is about.",
}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_MOMENT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_NUMBER_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}

_SENT: Schema = {**_TEXT, "pattern": PRINTED}
"""A text that clients send."""
_SENT_OR_NULL: Schema = {**_TEXT_OR_NULL, "pattern": PRINTED}


def _filled(longest: int) -> Schema:
    """A text that clients send and that must not be blank."""
    return {**_TEXT, "minLength": 1, "maxLength": longest, "pattern": FILLED}


_ERRORS = {
    "400": "The request is not as described; the sentence names the field.",
    "401": "Not signed in, or the session has expired.",
    "403": "Not with this role or not at this circulation desk.",
    "404": "No such circulation desk, job or place in a list.",
    "409": "The job is finished.",
    "413": "The request is too large.",
    "429": "Too many wrong passwords; Retry-After says when one is looked at again.",
    "500": "A mistake of the server, which it has logged.",
    "503": "The server cannot write to its disk; nothing has been recorded.",
}


def document(version: str) -> dict[str, Any]:
    """The document for this version of the program."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OffCirc practice server",
            "version": version,
            "description": (
                "A small library system for training and tests. Loans and returns recorded "
                "while the real system was down are applied at their recorded times, each under "
                "an idempotency key: the same key again is answered the same and does nothing, "
                "whatever its time; with another item, reader or operation it is rejected. "
                "Times without an offset are local times of the library. An answer is only sent "
                "once what it says is on disk."
            ),
        },
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"session": []}],
    }


def _paths() -> dict[str, Any]:
    return {
        "/api/v1/health": {
            "get": _operation("Who answers here", _ref("Health"), signed_in=False),
        },
        "/api/v1/openapi.json": {
            "get": _operation("This document", {"type": "object"}, signed_in=False),
        },
        "/api/v1/session": {
            "post": _operation(
                "Sign in",
                _ref("Session"),
                takes=_object(login=_filled(200), password={**_SENT, "maxLength": 1000}),
                errors="400 401 403 413 429",
                signed_in=False,
            ),
        },
        "/api/v1/desks": {
            "get": _operation("Circulation desks", _object(desks=_list(_ref("Desk")))),
        },
        "/api/v1/jobs": {
            "get": _operation("The latest jobs, newest first", _object(jobs=_list(_ref("Job")))),
            "post": _operation(
                "Begin a job, which groups an upload",
                _ref("Job"),
                takes=_object(
                    ["desk"],
                    desk=_filled(100),
                    name={**_SENT_OR_NULL, "maxLength": 200},
                    files={**_list(_filled(255)), "type": ["array", "null"], "maxItems": 1000},
                ),
                errors="400 401 403 404 413",
                status="201",
            ),
        },
        "/api/v1/jobs/{id}": {
            "parameters": [_JOB_ID],
            "get": _operation("A job and its refused lines", _ref("JobReport"), errors="401 404"),
        },
        "/api/v1/jobs/{id}/transactions": {
            "parameters": [_JOB_ID],
            "post": _operation(
                "Record transactions, applied in the order given",
                _object(results=_list(_ref("Result"))),
                takes=_object(transactions=_some(_ref("Transaction"), MOST_TRANSACTIONS)),
                errors="400 401 403 404 409 413 503",
            ),
        },
        "/api/v1/jobs/{id}/finish": {
            "parameters": [_JOB_ID],
            "post": _operation("End a job", _ref("Job"), errors="401 403 404"),
        },
        "/api/v1/dry-run": {
            "post": _operation(
                "What would be answered, one after the other; nothing is kept",
                _object(results=_list(_ref("Result"))),
                takes=_object(
                    desk=_filled(100), transactions=_some(_ref("Transaction"), MOST_TRANSACTIONS)
                ),
                errors="400 401 403 404 413",
            ),
        },
        "/api/v1/lookup/keys": {
            "post": _lookup("What became of transactions", "keys", "results", "KeyFound", 200),
        },
        "/api/v1/lookup/items": {
            "post": _lookup("What is known of items", "barcodes", "items", "Item"),
        },
        "/api/v1/lookup/patrons": {
            "post": _lookup("What is known of readers", "identifiers", "patrons", "Patron"),
        },
        "/api/v1/lookup/items/deeds": {
            "post": _lookup("What was done by hand about items", "barcodes", "deeds", "Deeds"),
        },
        "/api/v1/lookup/patrons/deeds": {
            "post": _lookup("What was done by hand about readers", "identifiers", "deeds", "Deeds"),
        },
        "/api/v1/registrations": {
            "post": _operation(
                "Take in what desks wrote down of new readers, each once; what was decided",
                _object(registrations=_list(_ref("RegistrationDecided"))),
                takes=_object(registrations=_some(_ref("Registration"), MOST_LOOKUPS)),
                errors="400 401 413 503",
            ),
        },
        "/api/v1/export/policy": {
            "get": _operation(
                "The library's rules as a policy.toml", _object(policy=_TEXT, time=_MOMENT)
            ),
        },
        "/api/v1/export/patrons/{start}": _export("readers", "patrons", "Patron"),
        "/api/v1/export/items/{start}": _export("items", "items", "Item"),
    }


def _export(whose: str, name: str, schema: str) -> dict[str, Any]:
    start = {
        "name": "start",
        "in": "path",
        "required": True,
        "description": "`next` of the answer before; 0 at first",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
    found = _object(**{name: _list(_ref(schema)), "next": _NUMBER_OR_NULL})
    told = _operation(f"All {whose}, some at a time", found, errors="401 404")
    return {"parameters": [start], "get": told}


_JOB_ID: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Process ID",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}


def _schemas() -> dict[str, Schema]:
    job = {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "Process ID"},
        "name": _TEXT,
        "desk": _TEXT,
        "who": _TEXT,
        "files": _list(_TEXT),
        "status": _one_of("running", "completed"),
        "started_at": _MOMENT,
        "finished_at": _MOMENT_OR_NULL,
        "run_seconds": _COUNT,
        "records_processed": _COUNT,
        "records_with_exceptions": _COUNT,
        "records_replayed": {
            **_COUNT,
            "description": "How many of them an earlier job had already had answered.",
        },
    }
    return {
        "Error": _object(error=_object(code=_TEXT, message=_TEXT)),
        "Health": _object(
            service={"const": "offcirc-practice"},
            version=_TEXT,
            library=_TEXT,
            identity={
                **_TEXT,
                "description": "Names this very state: a fresh copy of a library has another.",
            },
            timezone=_TEXT,
            time=_MOMENT,
        ),
        "Session": _object(
            token=_TEXT,
            login=_TEXT,
            name=_TEXT,
            role=_one_of("operator", "manager"),
            desks=_list(_TEXT),
        ),
        "Desk": _object(code=_TEXT, name=_TEXT, library=_TEXT),
        "Job": _object(**job),
        "JobReport": _object(**job, messages=_list(_ref("Message"))),
        "Message": _object(
            key=_TEXT,
            line=_NUMBER_OR_NULL,
            file=_TEXT_OR_NULL,
            at={**_TEXT, "description": "Local time of the library, to the minute."},
            operation={
                **_one_of(*OPERATIONS, ""),
                "description": "Empty: a line nobody can read.",
            },
            item=_TEXT,
            patron=_TEXT,
            code=_one_of(*Refusal),
            message=_TEXT,
            replayed=_FLAG,
        ),
        "Transaction": _loan_needs_patron(
            ["key", "at", "operation", "item"],
            key=_filled(200),
            line={**_NUMBER_OR_NULL, "maximum": LARGEST_NUMBER},
            file={**_SENT_OR_NULL, "maxLength": 255},
            at={
                **_TEXT,
                "pattern": DAY_AND_TIME,
                "description": "When it happened; without an offset, the library's local time.",
                "examples": ["2018-01-15T14:20", "2018-01-15T14:20:31.250+01:00"],
            },
            operation=_one_of(*OPERATIONS),
            item=_filled(255),
            patron={**_SENT_OR_NULL, "maxLength": 255, "description": "Needed for a loan."},
            desk={
                **_SENT_OR_NULL,
                "maxLength": 100,
                "description": "Circulation desk where it happened; the job's if not given.",
            },
        ),
        "Result": _object(
            key=_TEXT,
            status=_one_of("recorded", "rejected"),
            code=_one_of("", *Refusal),
            message=_TEXT,
            replayed={
                **_FLAG,
                "description": "Answered before under this key; nothing was done this time.",
            },
            due_at=_MOMENT_OR_NULL,
            notes=_list(_one_of(*Note)),
            alike=_ALIKE,
        ),
        "KeyFound": _object(
            ["key", "status", "message"],
            key=_TEXT,
            status=_one_of("recorded", "rejected", "absent"),
            code=_one_of("", *Refusal),
            message=_TEXT,
            due_at=_MOMENT_OR_NULL,
            notes=_list(_one_of(*Note)),
            job=_TEXT,
            alike=_ALIKE,
        ),
        "Item": _object(
            ["barcode", "found"],
            barcode=_TEXT,
            found=_FLAG,
            page=_PAGE,
            title=_TEXT,
            library={**_TEXT, "description": "Code of the owning library."},
            location=_TEXT,
            exception=_TEXT,
            excluded=_FLAG,
            requested=_FLAG,
            in_house_uses=_COUNT,
            status=_one_of(
                *("available", "on-loan", "in-transit", "hold-shelf-processing", "hold-shelf"),
                "missing",
            ),
            due_at=_MOMENT_OR_NULL,
            loaned_at=_MOMENT_OR_NULL,
            loaned_to={**_TEXT_OR_NULL, "description": "Barcode of the reader."},
        ),
        "Deeds": _object(
            name=_TEXT,
            page=_PAGE,
            deeds=_list(
                _object(
                    kind={**_TEXT, "enum": ["note", "due-changed", "second-scan", "validated"]},
                    who=_TEXT,
                    at=_MOMENT,
                )
            ),
        ),
        "Registration": _registration(),
        "RegistrationDecided": _object(
            card=_TEXT,
            status=_one_of(*REGISTRATION_STATUSES),
            real_card={**_TEXT, "description": "Empty unless validated."},
            who=_TEXT,
            at=_MOMENT_OR_NULL,
        ),
        "Patron": _object(
            ["identifier", "found"],
            identifier=_TEXT,
            found=_FLAG,
            page=_PAGE,
            primary_id=_TEXT,
            barcode=_TEXT,
            name=_TEXT,
            group=_TEXT,
            expires_on={**_TEXT, "format": "date"},
            blocks=_list(_TEXT),
            suspended_until={**_TEXT_OR_NULL, "format": "date", "description": "Last day."},
            loans=_COUNT,
        ),
    }


def _registration() -> Schema:
    card, none = {"not": {"pattern": CARD_PATTERN}}, {**_TEXT_OR_NULL, "maxLength": 0}
    return {
        **_object(
            ["card", "at"],
            card={
                **{**_TEXT, "pattern": CARD_PATTERN},
                "description": "The provisional card: Luhn over Crockford's base 32 checks it.",
                "examples": ["PROV000000000"],
            },
            at={**_TEXT, "pattern": DAY_AND_TIME_OPENED, "description": "When it was noted."},
            status=_one_of(*REGISTRATION_STATUSES),
            real_card={**_SENT_OR_NULL, "maxLength": 255, "description": "If validated."},
            **{key: {**_SENT_OR_NULL, "maxLength": LIMIT} for key in ("desk", *FIELDS)},
        ),
        "if": _object(status={"const": "validated"}),
        "then": _object(real_card={**_filled(255), **card}),
        "else": {"properties": {"real_card": none}},
    }


def _operation(
    summary: str,
    gives: Schema,
    *,
    takes: Schema | None = None,
    errors: str = "401",
    status: str = "200",
    signed_in: bool = True,
) -> Schema:
    wrong = set(errors.split()) if signed_in or takes is not None else set()
    responses = {status: {"description": "Done.", "content": _json(gives)}}
    for code in sorted(wrong | {"500"}):
        responses[code] = {"description": _ERRORS[code], "content": _json(_ref("Error"))}
    operation: Schema = {"summary": summary, "responses": responses}
    if takes is not None:
        operation["requestBody"] = {"required": True, "content": _json(takes)}
    if not signed_in:
        operation["security"] = []
    return operation


def _lookup(summary: str, field: str, answer: str, found: str, longest: int = 255) -> Schema:
    return _operation(
        summary,
        _object(**{answer: _list(_ref(found))}),
        takes=_object(**{field: _some(_filled(longest), MOST_LOOKUPS)}),
        errors="400 401 413",
    )


def _object(required: list[str] | None = None, /, **properties: Schema) -> Schema:
    """An object; every property is required unless the required ones are named."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def _loan_needs_patron(required: list[str], /, **properties: Schema) -> Schema:
    lends = [code for code, operation in OPERATIONS.items() if operation.lends]
    return {
        **_object(required, **properties),
        "if": _object(operation=_one_of(*lends)),
        "then": _object(patron=_filled(255)),
    }


def _list(element: Schema) -> Schema:
    return {"type": "array", "items": element}


def _some(element: Schema, most: int) -> Schema:
    return {"type": "array", "items": element, "minItems": 1, "maxItems": most}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}
