"""What a desk was told of its rows stays with them: in the journal, and on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from offcirc.core.told import DeskTold, ToldCode, parse_told
from offcirc.core.transaction import Operation, record_now
from offcirc.storage.copies.linetimes import TimesPlace, ToldBy, read_times
from offcirc.storage.keeper.keeper import Keeper

AT = datetime(2018, 1, 15, 9, 0, tzinfo=UTC)
TOLD = DeskTold((ToldCode.EXCLUDED, ToldCode.OVERDUE), date(2018, 2, 5))


def test_as_text_and_back():
    assert str(TOLD) == "excluded overdue due=2018-02-05"
    assert parse_told(str(TOLD)) == TOLD
    assert parse_told("excluded later-word due=nonsense") == DeskTold((ToldCode.EXCLUDED,))
    assert not parse_told("")


def test_it_stays_with_the_row_and_comes_back_with_a_restored_one(tmp_path: Path):
    keeper = Keeper.open(tmp_path / "desk", fallback=tmp_path / "away")
    row = keeper.append(record_now(AT, Operation.LOAN, "d1", "9921000000164"))
    other = keeper.append(record_now(AT, Operation.RETURN, "d2"))
    keeper.tell([(row, str(TOLD))])
    keeper.close()
    keeper = Keeper.open(tmp_path / "desk", fallback=tmp_path / "away")
    first, second = keeper.rows_to_show(AT)
    assert (first.told, second.told) == (str(TOLD), "")
    assert second.transaction.id == other.transaction.id
    assert keeper.restore(keeper.void(first)).told == str(TOLD)
    keeper.close()


def test_it_goes_with_the_file(tmp_path: Path):
    keeper = Keeper.open(tmp_path / "desk", fallback=tmp_path / "away")
    keeper.append(record_now(AT, Operation.RETURN, "d2"))
    row = keeper.append(record_now(AT, Operation.LOAN, "d1", "9921000000164"))
    keeper.tell([(row, str(TOLD))])
    keeper.save()
    keeper.close()
    desk = tmp_path / "desk"
    place = TimesPlace(ToldBy.JOURNAL, desk / "journal.db", desk / "OffCirc.dat")
    assert read_times(place).told == {2: str(TOLD)}
