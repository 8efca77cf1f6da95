from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers import TOP
from helpers.library import begin_library
from helpers.rights import is_closed, is_private

from offcirc.core.barcodes.checkdigits import Check, verify
from offcirc.practice import accounts, keeping, lookups, state
from offcirc.practice.acts import deeds, filejobs, items, letters, patrons, queues
from offcirc.practice.errors import LibraryError, StateError
from offcirc.practice.library import export, generate, library

DAY = date(2026, 11, 27)


def test_the_same_seed_makes_the_same_library(tmp_path):
    one, other = generate.make(300, 7, today=DAY), generate.make(300, 7, today=DAY)
    assert one == other
    assert one != generate.make(300, 8, today=DAY)
    generate.write(tmp_path / "g", one)
    found = library.read(tmp_path / "g")
    assert (len(found.patrons), len(found.items), len(found.loans)) == (300, 600, 60)
    for code in (*(p.barcode for p in found.patrons), *(i.barcode for i in found.items)):
        assert verify(Check.LUHN_RTL, code)
    # A number in every name: it is nobody's.
    assert all(any(map(str.isdigit, patron.name)) for patron in found.patrons)
    plain = generate.make(300, 7, today=DAY, luhn=False)
    assert {len(item.barcode) for item in plain.items} == {10}
    with pytest.raises(LibraryError, match="not empty"):
        generate.write(tmp_path / "g", one)


def exported(data, source, folder):
    with (
        state.opened(data, source) as kept,
        contextlib.closing(state.connect(kept.database)) as connection,
    ):
        export.write(connection, folder, kept.policy.timezone)
    return folder


@pytest.mark.promise("practice-export-comes-back")
def test_what_is_exported_comes_back_the_same(tmp_path):
    first = exported(tmp_path / "a", None, tmp_path / "one")
    second = exported(tmp_path / "b", first, tmp_path / "two")
    for name in library.FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
        assert is_closed(first / name)
    sample, found = library.read(library.sample()), library.read(first)
    assert (sample.items, sample.patrons, sample.loans) == (
        found.items,
        found.patrons,
        found.loans,
    )
    with contextlib.closing(state.connect(tmp_path / "b" / state.DATABASE)) as connection:
        entry = accounts.find(connection, "referent")
    assert accounts.password_fits(entry, "bac-a-sable-1")
    assert not accounts.password_fits(entry, "scrypt")


@pytest.mark.promise("practice-import-names-the-line")
def test_a_faulty_line_of_an_import_is_named(tmp_path):
    folder = exported(tmp_path / "a", None, tmp_path / "one")
    lines = (folder / "items.csv").read_text("utf-8").splitlines(keepends=True)
    lines[4] = lines[4].replace(",BUC,", ",NOWHERE,").replace(",SCI,", ",NOWHERE,")
    (folder / "items.csv").write_text("".join(lines), "utf-8")
    with pytest.raises(LibraryError, match=r"items\.csv, line 5"):
        library.read(folder)


def snapshot(data, name):
    with (
        state.opened(data, None) as kept,
        contextlib.closing(state.connect(kept.database)) as connection,
    ):
        keeping.snapshot(connection, data, name)


def put(data, coming):
    with (
        state.opened(data, None) as kept,
        contextlib.closing(state.connect(kept.database)) as connection,
        coming as draft,
    ):
        keeping.put(connection, draft)
    assert not list(data.glob("coming-*"))


def change(data):
    with (
        state.opened(data, None) as kept,
        contextlib.closing(state.connect(kept.database)) as connection,
    ):
        connection.execute("UPDATE items SET title = 'changed'")
        return kept.identity


def titles(data):
    with (
        state.opened(data, None) as kept,
        contextlib.closing(state.connect(kept.database)) as connection,
    ):
        found = {row[0] for row in connection.execute("SELECT title FROM items")}
        return kept.identity, "changed" in found


def test_one_goes_back_to_a_snapshot_and_to_the_first_day(tmp_path):
    snapshot(tmp_path, "before")
    identity = change(tmp_path)
    with pytest.raises(StateError, match="already"):
        snapshot(tmp_path, "before")
    snapshot(tmp_path, "after")
    assert keeping.names(tmp_path) == ["after", "before"]
    put(tmp_path, keeping.snapshot_of(tmp_path, "before"))
    restored, changed = titles(tmp_path)
    assert not changed
    assert restored != identity, "another state is another server for a ledger"
    put(tmp_path, keeping.snapshot_of(tmp_path, "after"))
    assert titles(tmp_path)[1]
    put(tmp_path, keeping.first_day(tmp_path, None))
    fresh, changed = titles(tmp_path)
    assert not changed
    assert fresh not in (identity, restored)
    assert keeping.names(tmp_path) == ["after", "before"]
    assert is_private(tmp_path / "snapshots" / "before.db")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 65])
def test_a_snapshot_has_a_name_fit_for_a_file(tmp_path, name):
    with pytest.raises(StateError):
        snapshot(tmp_path, name)


def test_there_is_no_going_back_to_what_was_never_kept_or_is_in_use(tmp_path):
    with pytest.raises(StateError, match="no snapshot"):
        put(tmp_path, keeping.snapshot_of(tmp_path, "never"))
    with state.opened(tmp_path, None), pytest.raises(StateError, match="running"):
        snapshot(tmp_path, "name")


TOGGLE = """
import contextlib, sys
from pathlib import Path
from offcirc.practice import keeping, state
folder = Path(sys.argv[1])
with state.opened(folder, None) as kept, contextlib.closing(state.connect(kept.database)) as db:
    print("going", flush=True)
    while True:
        for name in ("a", "b"):
            with keeping.snapshot_of(folder, name) as draft:
                keeping.put(db, draft)
"""


@pytest.mark.promise("practice-snapshots-at-the-page")
def test_a_library_comes_into_its_place_whole_or_not_at_all(tmp_path):
    """Killed while it goes back and forth between two snapshots: it is one of them."""
    snapshot(tmp_path, "a")
    change(tmp_path)
    snapshot(tmp_path, "b")
    for pause in (0.0, 0.05, 0.13, 0.3, 0.41):
        words = [sys.executable, "-c", TOGGLE, tmp_path]
        environment = os.environ | {"PYTHONPATH": str(TOP)}
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as one:
            try:
                assert one.stdout.readline().strip() == b"going"
                with pytest.raises(subprocess.TimeoutExpired):
                    one.wait(pause)  # killed at some other place each time
            finally:
                one.kill()
        with (
            state.opened(tmp_path, None) as kept,
            contextlib.closing(state.connect(kept.database)) as connection,
        ):
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            said = {
                title == "changed" for (title,) in connection.execute("SELECT title FROM items")
            }
        assert len(said) == 1
        assert not list(tmp_path.glob("coming-*")), "what the kill left is cleared away"


def test_a_file_kept_beside_its_position_is_kept_apart(tmp_path: Path) -> None:
    database = begin_library(tmp_path / "data") / state.DATABASE
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE uploads")
        connection.execute("DROP TABLE contents")
        connection.execute(
            "CREATE TABLE job_files (job INTEGER PRIMARY KEY, digest TEXT, content BLOB, "
            "position INTEGER, total INTEGER, fault TEXT)"
        )
        connection.execute("INSERT INTO job_files VALUES (7, 'd', x'4c', 100, 200, '')")
    for _start in range(2):
        with state.opened(tmp_path / "data", None):
            pass
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT * FROM uploads").fetchall() == [(7, "d", 100, 200, "")]
        assert connection.execute("SELECT * FROM contents").fetchall() == [(7, b"L")]


def test_any_part_of_a_name_or_title_is_found_whatever_has_changed(tmp_path: Path) -> None:
    begin_library(tmp_path / "data")
    with (
        state.opened(tmp_path / "data", None) as kept,
        closing(state.connect(kept.database)) as db,
    ):
        db.execute("UPDATE patrons SET name = 'Zoé d’Agate \"x\"' WHERE name = 'Lecteur 002'")
        db.execute("UPDATE items SET title = 'Œuvres d’Éluard' WHERE title = 'Titre 003'")
        db.execute(
            "INSERT INTO items (barcode, title, library, location, exception, place) "
            "VALUES ('n', 'Eluard et Arp', 'BUC', '63S', '', 'available')"
        )

        def titles(text: str) -> list[str]:
            return [row["title"] for row in items.search(db, text)]

        def found(text: str) -> list[str]:
            return [row["name"] for row in patrons.search(db, text)]

        assert found("ZOE D’A") == found('te "x') == found('"') == ['Zoé d’Agate "x"']
        assert found("Lecteur 002") == found("zzz") == found("teur*") == []
        assert len(found("lecteur 00")) == 9
        assert titles("eluard") == ["Eluard et Arp", "Œuvres d’Éluard"]
        assert titles("rp") == ["Eluard et Arp"]
        assert titles("Titre 003") == []
        assert titles("n") == ["Eluard et Arp"]


@pytest.mark.parametrize(
    ("table", "column"), [("patrons", "group"), ("items", "location"), ("items", "exception")]
)
def test_the_values_of_a_column_are_all_there_once(tmp_path: Path, table, column) -> None:
    begin_library(tmp_path / "data")
    with (
        state.opened(tmp_path / "data", None),
        closing(state.connect(tmp_path / "data" / state.DATABASE)) as db,
    ):
        rows = db.execute(f'SELECT DISTINCT "{column}" FROM {table} ORDER BY 1')
        assert lookups.distinct(db, table, column) == [row[0] for row in rows]
        db.execute(f"DELETE FROM {table}")
        assert lookups.distinct(db, table, column) == []


LOOKS = {
    "jobs under way": (filejobs.progress, ()),
    "jobs to go on with": (filejobs.due, ()),
    "the letters of one reader": (letters.outbox, ("x",)),
    "a reader by name": (patrons.search, ("lecteur 1",)),
    "an item by title": (items.search, ("titre 1",)),
    "the groups of readers": (lookups.distinct, ("patrons", "group")),
    "what to fetch": (queues.picks, (SimpleNamespace(library=SimpleNamespace(code="BUC")),)),
    "the hold shelf": (queues.shelf, (SimpleNamespace(library=SimpleNamespace(code="BUC")),)),
    "what was asked for a reader": (deeds.of_patrons, (["x"], UTC)),
}


@pytest.mark.parametrize("look", LOOKS)
def test_no_look_reads_a_whole_table(tmp_path: Path, look: str) -> None:
    """Each step of it finds its rows by an index or by their number."""
    begin_library(tmp_path / "data")
    act, arguments = LOOKS[look]
    asked: list[str] = []
    with state.opened(tmp_path / "data", None) as kept, closing(state.connect(kept.database)) as db:
        db.set_trace_callback(asked.append)
        act(db, *arguments)
        db.set_trace_callback(None)
        mine = [each for each in asked if each.startswith(("SELECT", "WITH"))]
        assert mine
        for statement in mine:
            for row in db.execute(f"EXPLAIN QUERY PLAN {statement}"):
                assert not re.fullmatch(r"SCAN (patrons|items|jobs|j|letters|uploads|r)", row[3])
                assert "place=?" not in row[3], "as many as there are items"
