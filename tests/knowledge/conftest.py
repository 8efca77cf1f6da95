from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from offcirc.knowledge import writing
from offcirc.knowledge.keys import KnowledgeKey, new_key
from offcirc.knowledge.known import KnowledgeLevel, PatronFlag
from offcirc.knowledge.records import ItemRecord, PatronList, PatronRecord
from offcirc.practice.library import library, policy

NOW = datetime(2018, 1, 15, 8, 0, tzinfo=UTC)
READERS = [
    PatronRecord({"9921000000164", "ut1.lecteur000"}, group="L", name="Camille Aubert"),
    PatronRecord({"9921000000172"}, {PatronFlag.QUITUS}, group="M", name="Dominique Blanc"),
    PatronRecord({"9921000000180"}, set(), date(2018, 1, 20), None, "D", "Sacha Caron"),
    PatronRecord({"9921000000198"}, set(), None, date(2018, 1, 17), "L", "Claude Durand"),
]
ITEMS = [
    ItemRecord("d293004279", "BUC", "63S", title="Germinal"),
    ItemRecord("d293004280", "BUC", "63S", "EXCLU", title="Larousse"),
    ItemRecord("d293004281", "SCI", "63S", requested=True, note="3 CD dedans"),
]


@pytest.fixture
def key() -> KnowledgeKey:
    return new_key()


@pytest.fixture
def make(tmp_path: Path, key: KnowledgeKey) -> Callable[..., Path]:
    """Makes a small file of knowledge."""

    def build(level: int = 2, name: str = "OffCirc.knowledge", **more) -> Path:
        readers = PatronList()
        for record in more.get("readers", READERS):
            readers.add(
                PatronRecord(
                    set(record.cards),
                    set(record.flags),
                    record.suspended_until,
                    record.expires_on,
                    record.group,
                    record.name,
                )
            )
        as_of = more.get("as_of", NOW)
        contents = writing.Contents(
            "BUC du Mirail",
            KnowledgeLevel(level),
            policy.parse((library.sample() / "policy.toml").read_text(encoding="utf-8")),
            readers,
            more.get("items", ITEMS),
            as_of,
            lambda: as_of,
            more.get("made", NOW),
        )
        path = tmp_path / name
        path.unlink(missing_ok=True)
        writing.write(path, contents, more.get("key", key), lambda done, total: None)
        return path

    return build
