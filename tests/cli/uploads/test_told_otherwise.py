"""What the desk said, against what the system computed: the list of readers told another date."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from offcirc.core.told import DeskTold, ToldCode
from offcirc.core.transaction import Operation, record_now
from offcirc.storage.keeper.keeper import Keeper

READER = "9921000000164"
RIGHT, WRONG = "37000034179", "d293004279"


@pytest.mark.promise("told-another-date-is-listed")
def test_readers_who_were_told_another_date_are_listed(offcirc, server, tmp_path: Path):
    at = datetime(2018, 1, 15, 10, 0).astimezone()
    keeper = Keeper.open(tmp_path / "desk", fallback=tmp_path / "away")
    rows = [keeper.append(record_now(at, Operation.LOAN, item, READER)) for item in (RIGHT, WRONG)]
    due = date(2018, 2, 5)
    keeper.tell(
        [
            (rows[0], str(DeskTold((), due))),
            (rows[1], str(DeskTold((ToldCode.OVERDUE,), date(2017, 12, 24)))),
        ]
    )
    keeper.save()
    keeper.close()
    words = ("--server", server.url, "--desk", "BUC_PRET", "--format", "json")
    ran = offcirc("upload", "desk/OffCirc.dat", *words)
    assert ran.json["recorded"] == 2
    told = [one for one in ran.json["remarks"] if "told-otherwise" in one["notes"]]
    assert WRONG in [one["item"] for one in told]
    wrong = next(one for one in told if one["item"] == WRONG)
    assert "said=2017-12-24" in wrong["notes"]
    assert "desk-told" in wrong["notes"]
    right = [one for one in told if one["item"] == RIGHT]
    assert all("said=2018-02-05" in one["notes"] for one in right)
    text = offcirc("report", "1")
    assert "Another date was told" in text.out + text.err
    assert "the desk said 2017-12-24" in text.out
    left = offcirc("followup", "--format", "json").json["tasks"]
    named = [each["lines"][0]["item"] for each in left if each["kind"] == "told-otherwise"]
    assert WRONG in named
    assert "the desk said 2017-12-24" in offcirc("followup").out
