"""The drills as the practice server's pages show them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from offcirc.cli.tools.drill import commands
from offcirc.drill import truth
from offcirc.drill.errors import DrillError
from offcirc.drill.truth import Truth
from offcirc.practice.errors import LibraryError
from offcirc.practice.web.drilldoor import (
    BegunDrill,
    DrillDoor,
    PlayableDrill,
    ShownPart,
    ShownScore,
)


def door(data_dir: Path, served: Path) -> DrillDoor:
    """The drills of a data folder.

    Args:
        data_dir: below which drills are begun.
        served: the folder of the practice server; that of a drill shows this drill and those
            begun beside it.
    """
    here = served.absolute().parent
    if (here / truth.FILE).exists():
        return _Drills(here.parent.parent, here).door()
    return _Drills(data_dir, None).door()


class _Drills:
    """What makes and judges drills is imported once somebody asks: the server starts without."""

    def __init__(self, data_dir: Path, here: Path | None) -> None:
        self._data_dir, self._here = data_dir, here

    def door(self) -> DrillDoor:
        return DrillDoor(self._kinds, self._begun, self._start, self._paper, self._score)

    def _kinds(self) -> list[PlayableDrill]:
        from offcirc.drill import drillwords
        from offcirc.drill.scenarios import DRILLS

        return [
            PlayableDrill(name, drillwords.title(name), drillwords.about(name)) for name in DRILLS
        ]

    def _folders(self) -> dict[str, Path]:
        found = (self._data_dir / truth.DRILLS).glob(f"*/{truth.FILE}")
        return {each.parent.name: each.parent for each in sorted(found, reverse=True)}

    def _begun(self) -> list[BegunDrill]:
        found = []
        for key, folder in self._folders().items():
            with contextlib.suppress(DrillError):  # a damaged one is said where it is opened
                found.append(self._about(key, folder, truth.read(folder)))
        return found

    def _about(self, key: str, folder: Path, told: Truth) -> BegunDrill:
        from offcirc.drill import drillwords

        desks = tuple(
            f"{desk.letter} · {desk.circulation_desk} · {desk.library}" for desk in told.desks
        )
        title = drillwords.title(told.drill)
        return BegunDrill(
            *(key, title, told.since, desks, tuple(commands(folder, told)), folder == self._here)
        )

    def _start(self, name: str, seed: int) -> str:
        from offcirc.drill import making

        now = datetime.now().astimezone().replace(tzinfo=None)
        with _wording():
            return making.start(self._data_dir, name, seed=seed, now=now).folder.name

    def _paper(self, key: str, name: str) -> bytes | None:
        from offcirc.drill import papers

        folder = self._folders().get(key)
        write = {"script": papers.script, "cards": papers.cards}.get(name)
        if folder is None or write is None:
            return None
        with _wording():
            return write(truth.read(folder))

    def _score(self, key: str) -> ShownScore | None:
        from offcirc.drill import drillwords, scoring

        folder = self._folders().get(key)
        if folder is None:
            return None
        with _wording():
            found, told = scoring.score(folder), truth.read(folder)
        parts = []
        for _key, title, mark in drillwords.parts(found):
            findings = tuple(
                (drillwords.slip(each), tuple(drillwords.lines(each, told.labels)))
                for each in mark.findings
            )
            parts.append(ShownPart(title, mark.right, mark.of, findings))
        return ShownScore(found.percent, tuple(parts))


@contextlib.contextmanager
def _wording() -> Iterator[None]:
    try:
        yield
    except DrillError as error:
        raise LibraryError(str(error)) from None
