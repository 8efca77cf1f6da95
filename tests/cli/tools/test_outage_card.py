"""``offcirc doctor --card``."""

from __future__ import annotations

import pytest


@pytest.mark.promise("outage-card-from-the-command-line")
def test_the_card_is_written(offcirc, tmp_path):
    ran = offcirc("doctor", "--card", "card.pdf", env={"OFFCIRC_LANG": "fr"})
    assert ran.code == 0
    assert (tmp_path / "card.pdf").read_bytes().startswith(b"%PDF")
