"""A desk that knows: a small OffCirc.knowledge installed, and its answers waited for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from desk.side.test_readings import settings
from desk.window_kit import Desk
from pytestqt.qtbot import QtBot

from offcirc.desk.knowing.knower import Knower
from offcirc.knowledge import writing
from offcirc.knowledge.keys import new_key
from offcirc.knowledge.known import KnowledgeLevel, PatronFlag
from offcirc.knowledge.place import KEY_NAME, KnowledgePlace
from offcirc.knowledge.records import ItemRecord, PatronList, PatronRecord
from offcirc.practice.library import library, policy

NOW = datetime(2018, 1, 15, 9, 30, tzinfo=UTC)
AS_OF = datetime(2018, 1, 14, 21, 0, tzinfo=UTC)
PLAIN, LATE, QUITUS, PAUSED, GONE = (f"99210000001{last}" for last in (64, 72, 80, 98, 10))
BOOK, KEPT, WANTED, OTHERS, NOTED = (f"d29300427{last}" for last in range(5))
READERS = (
    PatronRecord({PLAIN}, group="L"),
    PatronRecord({LATE}, {PatronFlag.OVERDUE}, group="M"),
    PatronRecord({QUITUS}, {PatronFlag.QUITUS}, group="M"),
    PatronRecord({PAUSED}, set(), date(2018, 1, 19), None, "D"),
    PatronRecord({GONE}, set(), None, date(2018, 1, 10), "L"),
)
ITEMS = [
    ItemRecord(BOOK, "BUC", "63S", title="Germinal"),
    ItemRecord(KEPT, "BUC", "63S", "EXCLU"),
    ItemRecord(WANTED, "BUC", "63S", requested=True),
    ItemRecord(OTHERS, "SCI", "63S"),
    ItemRecord(NOTED, "BUC", "63S", note="3 CD dedans"),
]
KEY = new_key()


def make(path: Path, level: int = 2, as_of: datetime = AS_OF, items: list = ITEMS) -> Path:
    """A file of knowledge of the practice library."""
    readers = PatronList()
    for each in READERS:
        readers.add(
            PatronRecord(
                set(each.cards), set(each.flags), each.suspended_until, each.expires_on, each.group
            )
        )
    rules = policy.parse((library.sample() / "policy.toml").read_text(encoding="utf-8"))
    contents = writing.Contents(
        *("BUC du Mirail", KnowledgeLevel(level), rules, readers, items, as_of),
        lambda: as_of,
        as_of,
    )
    path.unlink(missing_ok=True)
    writing.write(path, contents, KEY, lambda _done, _total: None)
    return path


def install(desk: Desk, path: Path) -> None:
    """Put a file where the desk looks, with its key."""
    KnowledgePlace(desk.folder).install(path, KEY)
    (desk.folder / KEY_NAME).write_text(f"{KEY.text}\n")


class KnowingDesk:
    """A desk, its file of knowledge and the wait for what it says of it.

    Attributes:
        desk: the desk.
        at: what its clock says.
    """

    def __init__(self, desk: Desk, tmp_path: Path, qtbot: QtBot, at: datetime = NOW) -> None:
        self.desk = desk
        self._folder = tmp_path
        self._qtbot = qtbot
        self.at = at.astimezone()
        desk.now = lambda: self.at

    def begin(self, text: str = "", *, installed: bool = True, **more: object) -> KnowingDesk:
        """Open the desk, and let it know."""
        if installed:
            install(self.desk, make(self._folder / "OffCirc.knowledge", **more))  # type: ignore[arg-type]
        self.desk.open()
        text = f'[desk]\ncirculation_desk = "BUC_PRET"\n[knowledge]\ndays = 0\n{text}'
        self.companions = self.desk.window.attach(settings(self._folder, text))
        self.companions.begin_to_know()
        if installed:
            self.wait(lambda: self.knower.state.facts is not None)
        return self

    @property
    def knower(self) -> Knower:
        """What says what is known."""
        knower = self.companions.knower
        assert knower is not None
        return knower

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the desk work until something has happened."""
        self._qtbot.waitUntil(until, timeout=20_000)

    def settle(self) -> None:
        """Until everything that was asked is answered and said."""
        answered = []
        self.wait(lambda: not self.knower._waiting)
        asking = self.knower._asking
        assert asking is not None
        asking._work.put(lambda: answered.append(True))
        self.wait(lambda: bool(answered))
        self._qtbot.wait(1)
