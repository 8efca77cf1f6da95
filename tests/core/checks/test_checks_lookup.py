"""What a look-up says about lines."""

from __future__ import annotations

import pytest

from offcirc.core.checks.lookup import look
from offcirc.core.checks.verdicts import Code, Severity
from offcirc.servers.protocol import ItemFound, PatronFound

ITEMS = {"I": ItemFound("I", True), "GONE": ItemFound("GONE", False)}
PATRONS = {
    "P": PatronFound("P", True, expires_on="2026-12-31"),
    "NOBODY": PatronFound("NOBODY", False),
    "BLOCKED": PatronFound("BLOCKED", True, blocks=("fine", "lost card")),
    "OLD": PatronFound("OLD", True, expires_on="2025-12-31T23:59"),
    "ODD": PatronFound("ODD", True, expires_on="31/12/2020"),
}


@pytest.mark.parametrize(
    ("item", "patron", "expected"),
    [
        ("I", "P", []),
        ("GONE", "P", [(Code.ITEM_UNKNOWN, "")]),
        ("GONE", "NOBODY", [(Code.ITEM_UNKNOWN, ""), (Code.PATRON_UNKNOWN, "")]),
        ("I", "BLOCKED", [(Code.PATRON_BLOCKED, "fine, lost card")]),
        ("I", "OLD", [(Code.PATRON_EXPIRED, "2025-12-31")]),
        ("I", "ODD", []),
        ("never looked up", "neither", []),
        ("I", "", []),
    ],
)
def test_what_was_looked_up_is_told(
    item: str, patron: str, expected: list[tuple[str, str]]
) -> None:
    found = list(look(item, patron, "2026-03-02T09:00", ITEMS, PATRONS))
    assert [(code, detail) for code, _severity, _act, detail in found] == expected


def test_a_blocked_reader_s_loan_goes_through_and_an_unknown_one_s_does_not() -> None:
    severities = {
        code: severity
        for patron in ("BLOCKED", "NOBODY")
        for code, severity, *_rest in look("I", patron, "2026-03-02T09:00", ITEMS, PATRONS)
    }
    assert severities == {
        Code.PATRON_BLOCKED: Severity.NOTE,
        Code.PATRON_UNKNOWN: Severity.WARNING,
    }
