"""The benchmarks' harness: that it compares what it says, and that a miss is shown as one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from helpers import TOP

BENCH = TOP / "tests" / "bench"


@pytest.fixture
def harness(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    import measuring
    import run

    return measuring, run


def test_a_ratio_is_the_median_over_the_floors_median(harness):
    measuring, _run = harness
    row = measuring.compared("x", [9.0, 3.0, 4.0], "ms", [2.0, 2.0, 100.0], "least", at_most=2)
    assert (row.value, row.floor, row.ratio, row.met, row.p99) == (4.0, 2.0, 2.0, True, None)
    assert measuring.compared("x", [4.1], "ms", [2.0], "least", at_most=2).met is False


@pytest.mark.parametrize(("value", "met"), [(299_999, False), (300_000, True)])
def test_more_is_better_where_the_aim_says_so(harness, value, met):
    measuring, _run = harness
    assert measuring.Row("x", value, "lines/s", at_least=300_000).met is met


def test_the_slowest_hundredth_is_told(harness):
    measuring, _run = harness
    assert measuring.p99([1.0] * 980 + [50.0] * 20) == pytest.approx(50.0)


def test_actions_are_measured_in_turn_and_none_always_first(harness):
    measuring, _run = harness
    calls = []
    samples = measuring.in_turn(
        2, [lambda n: calls.append(("a", n)), lambda n: calls.append(("b", n))]
    )
    assert calls == [("a", 0), ("b", 0), ("b", 1), ("a", 1)]
    assert [len(taken) for taken in samples] == [2, 2]


def test_the_table_shows_what_was_missed(harness):
    measuring, run = harness
    rows = [
        measuring.Row("check", 1_234_567.0, "lines/s", at_least=300_000),
        measuring.Row("start", 250.0, "ms", floor=100.0, floor_name="bare window", at_most=1.6),
    ]
    _headings, _rule, check, start = run.table(rows).splitlines()
    assert check.split("  ")[0] == "check"
    assert "1,234,567 lines/s" in check
    assert check.endswith("met")
    assert "100 ms (bare window)" in start
    assert "2.50 ×" in start
    assert start.endswith("MISSED")


def test_an_unknown_benchmark_is_named_with_the_known_ones():
    command = [sys.executable, str(BENCH / "run.py"), "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nonsense" in done.stdout
    assert "journal" in done.stdout


def test_every_benchmark_offers_what_the_harness_calls(harness, monkeypatch):
    found = sorted(BENCH.glob("bench_*.py"))
    assert len(found) >= 3
    for path in found:
        module = __import__(path.stem)
        assert callable(module.run)
