"""Likely readers: one slip away from an identifier that nobody has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.double import LOGIN, PASSWORD
from upload.kit import loan
from upload.past_kit import NOBODY, Told, past

from offcirc.servers.protocol import PatronFound
from offcirc.upload.base.errors import UnreadableFileError
from offcirc.upload.followup.slips import Edit, KnownFrom, likely, one_away, read_patrons

IDENTIFIERS = st.text("0123456789", min_size=4, max_size=14)


@given(IDENTIFIERS, st.data())
def test_whatever_slip_is_made_the_right_identifier_is_found(right, data):
    at = data.draw(st.integers(0, len(right) - 1))
    kind = data.draw(st.sampled_from(Edit))
    if kind is Edit.SWAPPED:
        wrong = right[:at] + right[at : at + 2][::-1] + right[at + 2 :]
    elif kind is Edit.CHANGED:
        wrong = right[:at] + data.draw(st.sampled_from("0123456789")) + right[at + 1 :]
    elif kind is Edit.MISSING:
        wrong = right[:at] + right[at + 1 :]
    else:
        wrong = right[:at] + data.draw(st.sampled_from("0123456789")) + right[at:]
    assert wrong == right or right in one_away(wrong)


@given(IDENTIFIERS)
def test_it_is_never_its_own_slip(text):
    assert text not in one_away(text)


def test_readers_whose_loans_were_recorded_are_likely(ledger, tmp_path):
    past(
        ledger,
        tmp_path / "a.dat",
        Told(loan(0, "I1", "9921000000164")),
        Told(loan(1, "I2", "9921000000164")),
        Told(loan(2, "I3", "9921000000614")),
        Told(loan(3, "I4", "9921000000999")),
        Told(loan(4, "I5", "9921000000146"), NOBODY),
    )
    found = likely(ledger, "9921000000146")
    assert [(slip.identifier, slip.edit, slip.loans) for slip in found] == [
        ("9921000000164", Edit.SWAPPED, 2)
    ]
    assert found[0].known == (KnownFrom.LOANS,)
    assert found[0].last == loan(1, "I2").at
    assert [slip.identifier for slip in likely(ledger, "992100000061")] == ["9921000000614"]


def test_refused_readers_are_not(ledger, tmp_path):
    past(ledger, tmp_path / "a.dat", Told(loan(0, "I1", "9921000000164"), NOBODY))
    assert likely(ledger, "9921000000146") == []


def test_short_identifiers_are_not_guessed_at(ledger, tmp_path):
    past(ledger, tmp_path / "a.dat", Told(loan(0, "I1", "12")))
    assert likely(ledger, "13") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("barcode;name\n9921000000164;Dupont\n", {"9921000000164": "Dupont"}),
        ("Nom,Code-barres\nDurand,123456\n,\n", {"123456": "Durand"}),
        ("123456\n234567\n", {"123456": "", "234567": ""}),
        ("", {}),
    ],
)
def test_a_list_of_readers_is_read_however_it_is_written(tmp_path, text, found):
    path = tmp_path / "readers.csv"
    for encoding in ("utf-8-sig", "cp1252"):
        path.write_text(text, encoding=encoding)
        assert read_patrons(path) == found


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UnreadableFileError):
        read_patrons(tmp_path / "none.csv")


def test_the_list_is_looked_through(ledger):
    (slip,) = likely(ledger, "X12346", patrons={"x12345": "Dupont", "other": ""})
    assert (slip.identifier, slip.name, slip.known) == ("x12345", "Dupont", (KnownFrom.LIST,))


def test_the_server_is_asked_about_every_neighbour_where_that_is_cheap(ledger, server, monkeypatch):
    asked = []

    def look_up(identifiers):
        asked.append(len(identifiers))
        return [
            PatronFound(each, each == "20001", "Lou" * (each == "20001")) for each in identifiers
        ]

    server.sign_in(LOGIN, PASSWORD)
    monkeypatch.setattr(server, "look_up_patrons", look_up)
    (slip,) = likely(ledger, "20010", server=server)
    assert (slip.identifier, slip.name, slip.edit) == ("20001", "Lou", Edit.SWAPPED)
    assert slip.known == (KnownFrom.SERVER,)
    assert len(asked) == 1
    assert asked[0] < 200
