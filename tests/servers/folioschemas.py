"""What FOLIO's circulation takes: the few fields that matter, as published."""

from __future__ import annotations

from typing import Any

import jsonschema

_TEXT = {"type": "string"}
_ID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_TIME = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
_EMPTY = {"type": "object", "additionalProperties": False}
_DUE = {
    "type": "object",
    "properties": {"dueDate": _TIME},
    "required": ["dueDate"],
    "additionalProperties": False,
}
_OVERRIDE = {
    "type": "object",
    "properties": {
        "itemNotLoanableBlock": _DUE,
        "patronBlock": _EMPTY,
        "itemLimitBlock": _EMPTY,
        "renewalBlock": {"type": "object"},
        "renewalDueDateRequiredBlock": _DUE,
        "comment": _TEXT,
    },
    "additionalProperties": False,
}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "check-out-by-barcode": {
        "properties": {
            "itemBarcode": _TEXT,
            "userBarcode": _TEXT,
            "proxyUserBarcode": _TEXT,
            "servicePointId": _ID,
            "loanDate": _TIME,
            "overrideBlocks": _OVERRIDE,
            "forceLoanPolicyId": _ID,
        },
        "required": ["itemBarcode", "userBarcode", "servicePointId"],
    },
    "check-out-by-barcode-dry-run": {
        "properties": {
            "itemBarcode": _TEXT,
            "userBarcode": _TEXT,
            "proxyUserBarcode": _TEXT,
            "overrideBlocks": _OVERRIDE,
        },
        "required": ["itemBarcode", "userBarcode"],
    },
    "check-in-by-barcode": {
        "properties": {
            "itemBarcode": _TEXT,
            "checkInDate": _TIME,
            "servicePointId": _ID,
            "sessionId": _ID,
            "claimedReturnedResolution": {"enum": ["Found by library", "Returned by patron"]},
        },
        "required": ["itemBarcode", "checkInDate", "servicePointId"],
        "additionalProperties": False,
    },
    "renew-by-barcode": {
        "properties": {
            "itemBarcode": _TEXT,
            "userBarcode": _TEXT,
            "servicePointId": _ID,
            "overrideBlocks": _OVERRIDE,
        },
        "required": ["itemBarcode", "userBarcode"],
        "additionalProperties": False,
    },
}


def complaint(what: str, body: object) -> str:
    """What is wrong with a request; empty if nothing is."""
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}
    validator = jsonschema.Draft4Validator(schema | _SCHEMAS[what])
    return "; ".join(error.message for error in validator.iter_errors(body))
