"""Who may read in the folder of readers' identifiers, by the rights of Windows too."""

from __future__ import annotations

import os
import stat

import pytest

from offcirc.cli.doctor import finding_data
from offcirc.cli.doctor.finding import Level
from offcirc.disk import access, durable
from offcirc.settings.places import data_dir


@pytest.mark.parametrize(
    ("descriptor", "wide"),
    [
        ("D:P(A;OICI;FA;;;S-1-5-21-1-2-3-1000)(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)", ()),
        ("D:(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;WD)", ("WD",)),
        ("D:AI(A;OICIID;0x1200a9;;;BU)(A;CIID;LC;;;BU)(A;ID;0x1301bf;;;AU)", ("BU", "AU")),
        ("D:(A;OICIIO;GA;;;BG)", ("BG",)),
        ("D:(A;;0x100000;;;WD)(D;;FA;;;BU)", ()),  # to wait is not to read; and one is refused
    ],
)
def test_whom_a_descriptor_lets_in(descriptor, wide):
    assert access.letting_in(descriptor) == wide


@pytest.mark.promise("closed-folder")
def test_a_data_folder_that_is_made_is_closed_to_others(tmp_path):
    for folder, make in (
        (tmp_path / "a" / "data", data_dir),
        (tmp_path / "b" / "fallback", durable.data_folder),
        (tmp_path / "c" / "library", access.make_closed),
    ):
        make(folder)
        assert access.others(folder) == ()


@pytest.mark.skipif(os.name != "nt", reason="only on Windows; elsewhere each has its mode")
def test_what_is_made_in_it_is_closed_too(tmp_path):
    folder = data_dir(tmp_path / "data")
    (folder / "OffCirc.dat").write_bytes(b"")
    assert access.others(folder / "OffCirc.dat") == ()


def test_a_folder_that_was_there_keeps_its_rights_and_the_doctor_says_whom_they_let_in(
    tmp_path, monkeypatch
):
    shared = tmp_path / "shared"
    shared.mkdir()
    if os.name != "nt":
        shared.chmod(0o755)
    durable.data_folder(shared)
    if os.name != "nt":
        assert stat.S_IMODE(shared.stat().st_mode) == 0o755
    found = finding_data.privacy(shared)
    assert found.level is Level.NOTE
    assert "everybody may read there" in found.sentence
    closed = tmp_path / "closed"
    durable.data_folder(closed)
    assert finding_data.privacy(closed).level is Level.FINE
    monkeypatch.setattr(access, "others", lambda _folder: None)
    assert finding_data.privacy(closed).level is Level.NOTE
