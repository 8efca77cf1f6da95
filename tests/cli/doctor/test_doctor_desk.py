"""The doctor on what belongs to a desk: each fault named in a sentence."""

from __future__ import annotations

import os

from helpers import pseudo_terminal

from offcirc.cli.doctor import finding_data, finding_desk
from offcirc.cli.doctor.finding import Level
from offcirc.scanning.serialids import PortInfo
from offcirc.settings.load import load


def settings(tmp_path, text: str = ""):
    site = tmp_path / "site.toml"
    site.write_text(text, encoding="utf-8")
    return load(environment={}, site=site, user=tmp_path / "none.toml")


def test_a_desk_without_a_name_is_worth_knowing(tmp_path):
    assert finding_desk.name(settings(tmp_path)).level is Level.NOTE
    named = finding_desk.name(settings(tmp_path, '[desk]\nname = "Desk 2"\n'))
    assert (named.level, "Desk 2" in named.sentence) == (Level.FINE, True)


def test_rules_that_overlap_are_said_with_an_example(tmp_path):
    text = "[barcode]\nitem = [{pattern='3\\d{3}'}]\npatron = [{pattern='\\d{4}'}]\n"
    (found,) = finding_desk.rules(settings(tmp_path, text))
    assert found.level is Level.NOTE
    assert "3000" in found.sentence


def test_rules_in_order(tmp_path):
    (found,) = finding_desk.rules(settings(tmp_path))
    assert found.level is Level.FINE


def test_a_scanner_this_account_may_not_read(tmp_path, monkeypatch):
    master, slave = pseudo_terminal()
    try:
        port = PortInfo(os.ttyname(slave), 0x0C2E, 0x0B6A, description="Honeywell scanner")
        (found,) = finding_desk.scanners(settings(tmp_path), [port])
        assert found.level is Level.FINE
        monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may read anything
        (found,) = finding_desk.scanners(settings(tmp_path), [port])
    finally:
        os.close(master)
        os.close(slave)
    assert found.level is Level.PROBLEM
    assert "Honeywell scanner" in found.sentence
    assert "dialout" in found.advice


def test_a_chosen_scanner_that_is_not_there(tmp_path):
    chosen = settings(tmp_path, '[scanner]\nserial = ["0c2e:0b6a"]\n')
    (found,) = finding_desk.scanners(chosen, [])
    assert found.level is Level.NOTE
    assert "0c2e:0b6a" in found.sentence


def test_no_scanner_is_fine(tmp_path):
    (found,) = finding_desk.scanners(settings(tmp_path), [])
    assert found.level is Level.FINE


def test_a_collection_folder_that_is_gone(tmp_path):
    gone = settings(tmp_path, f"collection = '{tmp_path / 'gone'}'\n")
    assert finding_desk.collection(gone).level is Level.PROBLEM
    (tmp_path / "gone").mkdir()
    assert finding_desk.collection(gone).level is Level.FINE
    assert list((tmp_path / "gone").iterdir()) == []
    assert finding_desk.collection(settings(tmp_path)).level is Level.FINE


def test_a_sick_pc_is_named_fault_by_fault(offcirc, home, tmp_path):
    site = home / "site" / "offcirc"
    site.mkdir(parents=True)
    text = f"collection = '{tmp_path / 'gone'}'\n[desk]\nnmae = 'x'\n"
    (site / "site.toml").write_text(text + '[servers.alma]\nurl = "http://127.0.0.1:9"\n')
    ran = offcirc("doctor", "--format", "json")
    assert ran.code == 1
    levels = {check["name"]: check["level"] for check in ran.json["checks"]}
    assert {levels[name] for name in ("settings", "collection", "server")} == {"problem"}
    assert all(check["advice"] for check in ran.json["checks"] if check["level"] == "problem")


def test_a_computer_name_that_does_not_fit_is_a_problem(tmp_path):
    site = tmp_path / "site.toml"
    site.write_text("[desk]\ncomputer = 'NO-SUCH-{n}-PC'\nname = 'Desk {n}'\nlibrary = 'BUC'\n")
    found = load(environment={}, site=site, user=tmp_path / "none")
    finding = finding_desk.name(found)
    assert finding.level is Level.PROBLEM
    assert "NO-SUCH-{n}-PC" in finding.sentence


def test_an_offcirc_dat_that_is_a_link_to_nowhere(tmp_path):
    link = tmp_path / "OffCirc.dat"
    link.symlink_to(tmp_path / "gone" / "OffCirc.dat")
    finding = finding_data.dat_file(link, tmp_path)
    assert finding.level is Level.PROBLEM
    assert "leads nowhere" in finding.sentence
