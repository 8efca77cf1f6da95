from __future__ import annotations

import pytest

from offcirc.core.rules.policy import HeldItem, Limit, passed

BOOK, DVD, SHORT = HeldItem("A", "Livre"), HeldItem("A", "DVD"), HeldItem("B", "Livre", "J7")


@pytest.mark.parametrize(
    ("limit", "held", "new", "over"),
    [
        (Limit(2), [BOOK], BOOK, False),
        (Limit(2), [BOOK, DVD], SHORT, True),
        (Limit(2, group="M"), [BOOK, DVD], SHORT, False),
        (Limit(2, group="L"), [BOOK, DVD], SHORT, True),
        (Limit(1, library="A"), [BOOK], SHORT, False),
        (Limit(1, library="A"), [BOOK, SHORT], DVD, True),
        (Limit(0, material="DVD"), [], DVD, True),
        (Limit(0, material="DVD"), [DVD, DVD], BOOK, False),
        (Limit(1, exception="J7"), [SHORT], SHORT, True),
        (Limit(1, exception="J7"), [BOOK, BOOK], SHORT, False),
    ],
)
def test_limits(limit, held, new, over):
    assert passed([limit], "L", held, new) == ((limit,) if over else ())
