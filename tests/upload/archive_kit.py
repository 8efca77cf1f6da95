"""What an archive folder must be: each file as it was put there."""

from __future__ import annotations

from pathlib import Path

from offcirc.storage.closing.archive import look, read_index


def damaged(folder: Path) -> list[str]:
    """The names of the files in an archive folder that are not as they were put there."""
    told = read_index(folder)["contents"]
    assert told
    return [
        name
        for name, facts in told.items()
        if look(folder / name) != (facts["bytes"], facts["sha256"])
    ]
