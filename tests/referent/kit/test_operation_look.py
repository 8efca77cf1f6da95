"""Each operation has a sign and a colour of its own or its kind's in the referent's window."""

from __future__ import annotations

from offcirc.core.transaction import Operation
from offcirc.referent.kit.look import operation_ink, operation_sign


def test_no_operation_is_without_sign_or_colour() -> None:
    assert len({operation_sign(each) for each in Operation}) == len(Operation)
    assert all(operation_ink(each) is not None for each in Operation)
    assert operation_sign(None) == ""
    assert operation_ink(None) is None
