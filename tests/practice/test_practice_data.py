from __future__ import annotations

import contextlib
import select
import subprocess
import sys
from datetime import date

import pytest
from helpers import TOP

from offcirc.core.barcodes.checkdigits import Check, verify
from offcirc.practice import accounts, keeping, state
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
        assert (first / name).stat().st_mode & 0o077 == 0
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
    assert (tmp_path / "snapshots" / "before.db").stat().st_mode & 0o077 == 0


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
        with subprocess.Popen(words, stdout=subprocess.PIPE, env={"PYTHONPATH": str(TOP)}) as one:
            assert one.stdout.readline() == b"going\n"
            select.select([one.stdout], [], [], pause)  # killed at some other place each time
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
