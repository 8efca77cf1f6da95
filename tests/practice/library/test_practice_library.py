from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offcirc.practice.errors import LibraryError
from offcirc.practice.library import library


def test_the_sample_is_read_whole(sample: Path) -> None:
    found = library.read(sample)
    assert found.label == "toulouse"
    assert [len(found.items), len(found.patrons), len(found.loans)] == [200, 60, 40]
    assert len(found.events) == 1
    assert len(found.accounts) == 3
    assert found.events[0].at.astimezone(UTC) == datetime(2018, 1, 18, 8, 26, tzinfo=UTC)
    requested = [item for item in found.items if item.requested_by]
    assert [item.requested_by for item in requested] == ["ups.lecteur020"]
    assert found.accounts[0].desks == ("BUC_PRET", "SCI_PRET")


def test_the_digest_tells_contents_apart(folder: Path, sample: Path) -> None:
    same = library.fingerprint(folder)[1]
    assert same == library.fingerprint(sample)[1]
    events = folder / "events.csv"
    events.write_bytes(events.read_bytes() + b"\r\n")
    assert library.fingerprint(folder)[1] != same


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.removeprefix(b"\xef\xbb\xbf"),
        lambda raw: b"\xef\xbb\xbf" + raw.removeprefix(b"\xef\xbb\xbf"),
        lambda raw: raw.replace(b"\r\n", b"\n"),
        lambda raw: raw.replace(b"\r\n", b"\n").rstrip(b"\n"),
        lambda raw: raw.replace(b"\r\n", b"\r\n\r\n"),
        lambda raw: raw.replace(b",", b";"),
        lambda raw: raw.replace(b"\r\n", b",,\r\n", 1).replace(b"block", b"block,more", 1),
    ],
    ids=["no-bom", "bom", "lf", "no-last-newline", "blank-lines", "semicolons", "more-columns"],
)
def test_csv_as_spreadsheets_write_it(folder: Path, sample: Path, change) -> None:
    file = folder / "patrons.csv"
    changed = change(file.read_bytes())
    if b"more" in changed:
        rows = changed.split(b"\r\n")
        changed = b"\r\n".join([rows[0], *(row + b",x,y,z" for row in rows[1:] if row)])
    file.write_bytes(changed)
    assert library.read(folder).patrons == library.read(sample).patrons


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("items.csv", "barcode,title", "code,title", "items.csv, line 1: the column 'barcode'"),
        ("items.csv", "d293004279,Titre 001,BUC", "d293004279,Titre 001,XYZ", "line 3: "),
        ("items.csv", "d293004279,Titre 001,BUC,63S,", "d293004279,Titre 001,BUC,63S,J8", "'J8'"),
        ("items.csv", "d293004279,", "37000034179,", "line 3: this barcode is there twice"),
        ("items.csv", "d293004279,", ",", "line 3: the cell 'barcode' is empty"),
        ("items.csv", "d293004279,Titre 001,BUC,63S,,Livre,", "d293004279,Titre 001", "2 cells"),
        ("items.csv", "Titre 001", '"Titre 001', "items.csv, line"),
        ("patrons.csv", ",2018-01-25,", ",25/01/2018,", "patrons.csv, line 2: the cell 'exp"),
        ("patrons.csv", ",*-10-31,", ",*-02-29,", "patrons.csv, line 3: the cell 'exp"),
        ("patrons.csv", "9951658533103", "9921000000164", "line 3: this reader's"),
        ("patrons.csv", "ups.lecteur001", "ut1.lecteur000", "line 3: this reader's"),
        ("loans.csv", "37074505499,", "37999999999,", "loans.csv, line 2: the item is not in"),
        ("loans.csv", "9974219029765,", "9900000000000,", "line 2: the reader is not in"),
        ("loans.csv", "2017-12-20T05:15", "20/12/2017", "line 2: the cell 'loaned_at'"),
        ("loans.csv", "d941101409,", "37074505499,", "line 3: this item is on loan twice"),
        ("events.csv", "37012238159", "37999999999", "events.csv, line 2: the item is not in"),
        ("accounts.csv", ",limited,", ",boss,", "accounts.csv, line 3: the role"),
        ("accounts.csv", "SCI_PRET", "MED_PRET", "line 2: no library has the circulation desk"),
        ("accounts.csv", "moniteur,", "referent,", "line 3: this login is there twice"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    path = folder / file
    text = path.read_bytes().decode("utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))
    with pytest.raises(LibraryError) as caught:
        library.read(folder)
    sentence = str(caught.value)
    assert sentence.startswith(file)
    assert expected in sentence


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "loans.csv").unlink()
    with pytest.raises(LibraryError, match=r"has no file loans\.csv"):
        library.read(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no library folder"):
        library.read(tmp_path / "nowhere")


def test_an_empty_file_needs_its_column_names(folder: Path) -> None:
    (folder / "events.csv").write_bytes(b"")
    with pytest.raises(LibraryError, match=r"events\.csv, line 1: the line of column names"):
        library.read(folder)


def test_another_encoding_is_named_with_its_line(folder: Path) -> None:
    path = folder / "patrons.csv"
    path.write_bytes(path.read_bytes().replace(b"Lecteur 001", "Éléonore".encode("cp1252")))
    with pytest.raises(LibraryError, match=r"patrons\.csv, line 3: not UTF-8"):
        library.read(folder)


def test_every_loan_needs_a_rule(folder: Path) -> None:
    path = folder / "policy.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('location = "*"', 'location = "63S"'), encoding="utf-8")
    with pytest.raises(LibraryError, match="location 'LIBRE' and group 'Autorises'"):
        library.read(folder)


def test_the_sample_cites_no_file_that_is_not_in_it() -> None:
    """Nor anything else that whoever reads it does not have."""
    folder = library.sample()
    for file in folder.iterdir():
        if file.suffix in (".toml", ".csv"):
            for name in re.findall(r"[\w-]+\.(?:md|txt|html|csv|toml|dat)\b", file.read_text()):
                assert (folder / name).exists(), f"{file.name} names {name}"
