"""A drill walked through from ``drill start`` to its score: real windows, real server, browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from drill.walk_kit import Walk, browsing, do
from helpers.xserver import XServer

pytestmark = pytest.mark.xvfb


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
