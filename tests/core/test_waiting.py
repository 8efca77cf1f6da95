"""What was shown and is not recorded stays on the list until it is."""

from __future__ import annotations

from offcirc.core.waiting import LeftToRecord, Waiting, Way


def listed(waiting: Waiting) -> list[str]:
    return [each.text for each in waiting.entries]


def test_twelve_that_no_disk_took_are_all_there_newest_first() -> None:
    waiting = Waiting()
    for number in range(12):
        waiting.add(LeftToRecord(f"370000341{number:02}", way=Way.RECORD))
    assert listed(waiting) == [f"370000341{number:02}" for number in reversed(range(12))]
    assert waiting.settle("37000034104", by_hand=False)
    assert "37000034104" not in listed(waiting)
    assert len(waiting.entries) == 11
    assert not waiting.settle("37000099999", by_hand=False)


def test_the_same_one_again_is_one() -> None:
    waiting = Waiting()
    waiting.add(LeftToRecord("A1", "first"))
    waiting.add(LeftToRecord("B2"))
    waiting.add(LeftToRecord("A1", "second"))
    assert listed(waiting) == ["A1", "B2"]
    assert waiting.entries[0].why == "second"


def test_the_end_of_a_barcode_is_answered_by_the_whole() -> None:
    waiting = Waiting()
    waiting.add(LeftToRecord("99999", cut=True))
    waiting.add(LeftToRecord("34179"))
    assert waiting.settle("37000099999", by_hand=False)
    assert listed(waiting) == ["34179"], "only what is known to be cut"
    assert not waiting.settle("37000034179", by_hand=False)


def test_the_beginning_of_a_barcode_is_answered_by_the_one_that_comes_next() -> None:
    waiting = Waiting()
    waiting.add(LeftToRecord("370000", cut=True))
    waiting.add(LeftToRecord("UBX002", cut=True))
    assert not waiting.settle("37000034179", by_hand=False), "all begin so"
    assert waiting.settle("UBX00252850", by_hand=False)
    assert listed(waiting) == ["370000"]
    assert waiting.settle("37000034179", by_hand=False)


def test_what_is_corrected_in_the_field_is_answered_by_its_correction_alone() -> None:
    waiting = Waiting()
    waiting.add(LeftToRecord("3700 0034179"))
    waiting.edited("37000034179")
    assert waiting.settle("37000034179", by_hand=True)
    assert not waiting.entries

    waiting.add(LeftToRecord("3700 0034179"))
    waiting.edited("3")  # typed over
    waiting.edited("37000034178")
    assert not waiting.settle("37000034178", by_hand=True)
    assert not waiting.settle("37000034177", by_hand=True), "in the field no longer"
    assert listed(waiting) == ["3700 0034179"]

    waiting.in_hand = waiting.entries[0]
    assert not waiting.settle("37000034179", by_hand=False), "a scan corrects nothing"


def test_put_away_is_gone() -> None:
    waiting = Waiting()
    waiting.add(LeftToRecord("A1"))
    waiting.add(LeftToRecord("B2"))
    waiting.put_away(waiting.entries[1])
    assert listed(waiting) == ["B2"]
    waiting.put_away(waiting.entries[0])
    assert waiting.in_hand is None
