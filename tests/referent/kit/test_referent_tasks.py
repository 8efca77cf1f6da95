"""Work beside the window."""

from __future__ import annotations

from offcirc.referent.kit.tasks import Latest, TaskResult


def test_an_answer_that_comes_late_replaces_no_newer_one() -> None:
    shown: list[int] = []
    latest = Latest()
    first, second, third = (
        latest.answer(lambda result: shown.append(result.get())) for _ in range(3)
    )
    first(TaskResult(1))
    third(TaskResult(3))
    second(TaskResult(2))
    assert shown == [1, 3]
