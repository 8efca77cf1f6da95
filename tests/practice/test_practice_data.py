from __future__ import annotations

import contextlib
from datetime import date

import pytest
from helpers.rights import is_closed, is_private

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
    keeping.snapshot(tmp_path, None, "before")
    identity = change(tmp_path)
    with pytest.raises(StateError, match="already"):
        keeping.snapshot(tmp_path, None, "before")
    keeping.snapshot(tmp_path, None, "after")
    assert keeping.names(tmp_path) == ["after", "before"]
    keeping.restore(tmp_path, None, "before")
    restored, changed = titles(tmp_path)
    assert not changed
    assert restored != identity, "another state is another server for a ledger"
    keeping.restore(tmp_path, None, "after")
    assert titles(tmp_path)[1]
    keeping.reset(tmp_path, None)
    fresh, changed = titles(tmp_path)
    assert not changed
    assert fresh not in (identity, restored)
    assert keeping.names(tmp_path) == ["after", "before"]
    assert is_private(tmp_path / "snapshots" / "before.db")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 65])
def test_a_snapshot_has_a_name_fit_for_a_file(tmp_path, name):
    with pytest.raises(StateError):
        keeping.snapshot(tmp_path, None, name)


def test_there_is_no_going_back_to_what_was_never_kept_or_is_in_use(tmp_path):
    with pytest.raises(StateError, match="no snapshot"):
        keeping.restore(tmp_path, None, "never")
    with state.opened(tmp_path, None), pytest.raises(StateError, match="running"):
        keeping.reset(tmp_path, None)
