"""What the window remembers from one day to the next: server, user name, circulation desk.

Nothing of it is a setting: a file that is missing or damaged only means that the fields are empty.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from offcirc.referent.kit.tasks import TaskResult, Tasks

FILE_NAME = "uploader.json"


@dataclass(frozen=True, slots=True)
class Memory:
    """The choices of last time; empty for none.

    Attributes:
        server: a name of the settings, or an address.
        user: the user name.
        desk: the circulation desk's code.
        folder: where files were last chosen.
    """

    server: str = ""
    user: str = ""
    desk: str = ""
    folder: str = ""


def recall(data_dir: Path) -> Memory:
    """What was remembered; never raises."""
    try:
        told = json.loads((data_dir / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Memory()
    if not isinstance(told, dict):
        return Memory()
    names = [field.name for field in fields(Memory)]
    texts = {name: told[name] for name in names if isinstance(told.get(name), str)}
    return Memory(**texts)


class ChoiceKeeper(QObject):
    """The choices of last time, and of now.

    Attributes:
        choices: what is remembered.
    """

    def __init__(self, data_dir: Path, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._data_dir = data_dir
        self._tasks = tasks
        self.choices = recall(data_dir)

    def remember(self, **changes: str) -> None:
        """Remember other choices; they are written in the background."""
        fresh = replace(self.choices, **changes)
        if fresh != self.choices:
            self.choices = fresh
            self._tasks.run_task(partial(keep, self._data_dir, fresh), _kept)


def _kept(_result: TaskResult[None]) -> None:
    """Nothing depends on it."""


def keep(data_dir: Path, memory: Memory) -> None:
    """Remember; does nothing when the folder cannot be written."""
    from offcirc.disk import durable
    from offcirc.disk.errors import StorageError

    try:
        content = json.dumps(asdict(memory), ensure_ascii=False, indent=1)
        durable.replace(data_dir / FILE_NAME, content.encode())
    except (StorageError, OSError):
        return
