"""A file that takes long to upload."""

from __future__ import annotations

from pathlib import Path

import pytest
from referent.window_kit import LONG


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """More returns than the server is sent at once, however many requests go side by side."""
    made = tmp_path / "long.dat"
    made.write_bytes(
        b"".join(
            b"201801%02d%02d%02dR%-80s\r\n" % (10 + n // 1440, n // 60 % 24, n % 60, b"x%05d" % n)
            for n in range(LONG)
        )
    )
    return made
