"""What the lines of several desks say about each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.checks.across import COPIED_LINES, NEAR, Across
from offcirc.core.checks.verdicts import Act, Code, Finding, Severity

START = datetime(2026, 3, 2, 9, 0)


@dataclass(frozen=True)
class Line:
    """A line in the one order."""

    file: int
    number: int
    minute: str
    operation: str
    item: str
    patron: str = ""
    name: str = ""
    twin: int = -1
    reason: str = ""

    @property
    def key(self) -> bytes:
        said = self.name or f"{self.file}/{self.number}"
        return sha256(said.encode()).digest()


def line(minutes: int, operation: str, item: str, patron: str = "", **more: object) -> Line:
    at = (START + timedelta(minutes=minutes)).isoformat(timespec="minutes")
    return Line(**{"file": 0, "number": minutes + 1, **more}, **{
        "minute": at, "operation": operation, "item": item, "patron": patron
    })  # fmt: skip


def found(*lines: Line, files: int = 2, free: tuple[str, ...] = ()) -> list[Finding]:
    across = Across([20] * files, [b"m%d" % n for n in range(files)], free.__contains__)
    findings = [one for each in lines for one in across.see(each)]
    return findings + list(across.about_files())


def codes(*lines: Line, **options: object) -> list[str]:
    return [one.code for one in found(*lines, **options)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line(0, "L", "A", "P"), line(5, "L", "A", "Q")], [Code.LENT_TWICE]),
        ([line(0, "L", "A", "P"), line(5, "L", "A", "P")], [Code.LENT_AGAIN]),
        ([line(0, "L", "A", "P"), line(0, "L", "A", "P", number=2)], [Code.SCANNED_TWICE]),
        ([line(0, "R", "A"), line(0, "R", "A", number=2)], [Code.SCANNED_TWICE]),
        ([line(0, "R", "A"), line(5, "R", "A")], [Code.RETURNED_TWICE]),
        ([line(0, "L", "A", "P"), line(5, "R", "A"), line(9, "L", "A", "Q")], []),
        ([line(0, "R", "A"), line(5, "L", "A", "P")], []),
        ([line(0, "L", "A", "P"), line(5, "L", "B", "Q")], []),
        ([line(0, "L", "A", "P"), line(0, "R", "A", number=2)], []),
    ],
)
def test_an_item_s_lines_are_compared_with_the_one_before(
    lines: list[Line], expected: list[str]
) -> None:
    assert codes(*lines) == expected


def test_a_finding_names_both_lines() -> None:
    one, other = line(0, "L", "A", "P"), line(5, "L", "A", "Q", file=1, number=44)
    (finding,) = found(one, other)
    assert (finding.file, finding.number, finding.key) == (1, 44, other.key)
    assert (finding.other_file, finding.other_number, finding.other_key) == (0, 1, one.key)
    assert (finding.severity, finding.act) == (Severity.WARNING, Act.LOOK)


def test_the_same_line_in_two_files_is_told_once_and_counts_as_one() -> None:
    one = line(0, "L", "A", "P", name="same")
    twin = line(0, "L", "A", "P", name="same", file=1, number=9, twin=0)
    later = line(5, "R", "A")
    findings = found(one, twin, later)
    assert [f.code for f in findings] == [Code.SAME_LINE]
    assert (findings[0].file, findings[0].other_file, findings[0].other_number) == (1, 0, 1)
    assert (findings[0].severity, findings[0].act) == (Severity.NOTE, Act.NONE)


def test_a_line_that_only_says_the_same_is_taken_for_the_other_one_and_doubted() -> None:
    one = line(0, "R", "A", name="same")
    alike = line(0, "R", "A", name="same", file=1, number=9, twin=0, reason="alike")
    (doubt,) = found(one, alike)
    assert (doubt.code, doubt.severity, doubt.act) == (Code.ALIKE, Severity.WARNING, Act.LOOK)
    assert (doubt.number, doubt.other_file, doubt.other_number) == (9, 0, 1)


def test_a_twin_is_known_even_when_something_happened_in_between() -> None:
    one = line(0, "L", "A", "P", name="same")
    twin = line(9, "L", "A", "P", name="same", file=1, twin=0)
    assert codes(one, line(1, "R", "A"), twin, line(10, "L", "A", "Q")) == [Code.SAME_LINE]


def test_a_desk_that_was_copied_is_told_for_the_file_as_a_whole() -> None:
    lines = [
        line(n, "L", f"I{n}", "P", name=f"n{n}", file=file, twin=file - 1)
        for n in range(COPIED_LINES)
        for file in (0, 1)
    ]
    across = Across([COPIED_LINES, 9], [b"a", b"b"])
    for each in lines:
        list(across.see(each))
    (finding,) = across.about_files()
    assert (finding.code, finding.file, finding.number) == (Code.DESK_COPIED, 1, 0)
    assert (finding.key, finding.other_file, finding.detail) == (b"b", 0, str(COPIED_LINES))
    # A few lines in common are a coincidence.
    assert Code.DESK_COPIED not in codes(*lines[:-2])


def test_returned_before_lent_is_told_when_it_was_not_on_loan() -> None:
    back, lent = line(0, "R", "A"), line(NEAR, "L", "A", "P", file=1)
    assert codes(back, lent, free=("A",)) == [Code.NOT_ON_LOAN, Code.RETURNED_FIRST]
    assert codes(back, lent) == []
    earlier = line(-60, "R", "A", number=99)
    assert codes(earlier, back, lent) == [Code.RETURNED_TWICE, Code.RETURNED_FIRST]
    same_desk = line(NEAR, "L", "A", "P")
    assert codes(earlier, back, same_desk) == [Code.RETURNED_TWICE]
    much_later = line(NEAR + 1, "L", "A", "P", file=1)
    assert codes(earlier, back, much_later) == [Code.RETURNED_TWICE]


def test_a_clock_that_was_wrong_is_told_for_the_file_as_a_whole() -> None:
    across = Across([3, 3], [b"a", b"b"])
    for file in (0, 1, 1):
        across.odd_time(file, Code.FUTURE)
    (finding,) = across.about_files()
    assert (finding.code, finding.file, finding.detail) == (Code.CLOCK_WRONG, 1, Code.FUTURE)
    assert finding.act is Act.CLOCK


events = st.builds(
    line,
    st.integers(0, 30),
    st.sampled_from("LR"),
    st.sampled_from("AB"),
    st.sampled_from("PQ"),
    file=st.integers(0, 1),
    number=st.integers(1, 2**31),
)


@given(st.lists(events, max_size=12))
def test_nothing_is_said_of_lines_that_follow_each_other_as_they_should(
    lines: list[Line],
) -> None:
    """Whatever is found is a lend after a lend, a return after a return, or a twin."""
    lines = [
        line_ if line_.operation == "L" else line(0, "R", line_.item, file=line_.file, number=n + 1)
        for n, line_ in enumerate(lines)
    ]
    last: dict[str, str] = {}
    across = Across([20, 20], [b"", b""])
    seen: dict[bytes, int] = {}
    returned_twice: set[str] = set()
    for each in lines:
        said = {one.code for one in across.see(each)}
        twin = seen.setdefault(each.key, each.file) != each.file
        if twin:
            assert said == {Code.SAME_LINE}
            continue
        repeated = last.get(each.item) == each.operation
        if said == {Code.RETURNED_FIRST}:
            # Two returns, then a loan at another desk: its clock may be behind.
            assert each.operation == "L"
            assert each.item in returned_twice
        else:
            assert bool(said) == repeated, (each, said)
        (returned_twice.add if repeated and each.operation == "R" else returned_twice.discard)(
            each.item
        )
        last[each.item] = each.operation


def test_findings_are_as_the_command_line_words_them() -> None:
    assert len({code.value for code in Code}) == len(Code)
