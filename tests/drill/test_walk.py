"""A drill walked through from ``drill start`` to its score: real windows, real server, browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from drill.walk_kit import Walk, browsing, do
from helpers.xserver import XServer

from offcirc.drill.truth import ActKind

pytestmark = [pytest.mark.xvfb, pytest.mark.prove(alone=True)]


def test_from_start_to_a_hundred_per_cent(x_server: XServer, tmp_path: Path) -> None:
    walk = Walk(x_server, tmp_path / "data", "everything")
    with walk.desks():
        walk.type()
    walk.put_clocks_right()
    with walk.server() as url:
        walk.upload(url)
        tasks, pages = walk.look(url, 1)
        with browsing(tmp_path / "browser", url) as browser:
            for task in tasks:
                if task["task"] in pages:
                    do(browser, url, task, pages[task["task"]])
        left, _pages = walk.look(url, 0)
        assert left == []
    assert walk.score(0)["percent"] == 100


def test_each_planted_mistake_is_named(x_server: XServer, tmp_path: Path) -> None:
    """A file not collected, a clock not put right, a return forgotten, a card too, a task left."""
    walk = Walk(x_server, tmp_path / "data", "everything")
    forgotten = next(each for each in walk.truth.lines if (each.desk, each.operation) == ("C", "R"))
    [excluded] = [act.items[0] for act in walk.truth.acts if act.kind is ActKind.DUE_DATE]
    without = next(line.patron for line in walk.truth.lines if line.item == excluded)
    slips = {forgotten: "forgotten"}
    slips |= {line: "no-card" for line in walk.truth.lines if line.patron == without}
    with walk.desks():
        walk.type(lambda line: slips.get(line, ""))
    with walk.server() as url:
        walk.upload(url, "B", "C")
        tasks, pages = walk.look(url, 1)
        wanted = [task for task in tasks if task["kind"] != "hold-shelf-processing"]
        with browsing(tmp_path / "browser", url) as browser:
            for task in wanted:
                if task["task"] in pages:
                    do(browser, url, task, pages[task["task"]])
        left, _pages = walk.look(url, 1)
        assert "hold-shelf-processing" in {task["kind"] for task in left}
    found = walk.score(1)["found"]
    not_collected = sum(line.desk == "A" for line in walk.truth.lines)
    assert {code: each["count"] for code, each in found.items()} == {
        "reader-before": 2,
        "missing": 1,
        "not-uploaded": not_collected + 1 + 2,
        "untrue": 2,
        "wrong-minute": 5,
        "not-scanned-again": 1,
    }
    assert found["reader-before"]["words"].startswith("2 items lent to the reader before")
