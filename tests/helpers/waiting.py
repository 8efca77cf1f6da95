"""Waiting for what another process or thread does, without guessing how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    predicate: Callable[[], T], timeout: float = 60.0, *, what: str = "the expected state"
) -> T:
    """Ask again and again until the answer is truthy, and return it.

    Args:
        predicate: asked every few milliseconds; an exception in it ends the wait.
        timeout: seconds after which the test has failed: generous, for it only costs on failure.
        what: what is being waited for, for the message.

    Raises:
        AssertionError: it did not come in time.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {timeout} s; last answer: {answer!r}")
        time.sleep(0.005)


def holds(path: Path, data: bytes) -> bool:
    """Whether a file has this content; on Windows it cannot be opened while it is replaced."""
    try:
        return path.read_bytes() == data
    except OSError:
        return False
