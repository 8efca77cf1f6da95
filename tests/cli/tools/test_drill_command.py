from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import pytest
from cli.conftest import serving
from drill.drill_kit import Played
from practice.conftest import Browser

from offcirc.drill.scenarios import DRILLS
from offcirc.servers.practice import PracticeServer
from offcirc.settings.load import load
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.handover.handover import hand_over, preview_handover
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.lines.playing import PracticeFileError
from offcirc.upload.run import preview_upload, run_upload


def test_the_drills_are_listed_begun_and_judged(offcirc, tmp_path):
    listed = offcirc("drill", "list", "--format", "json")
    assert listed.code == 0
    assert [each["name"] for each in listed.json["drills"]] == list(DRILLS)
    assert "Everything at once" in offcirc("drill", "list").out

    assert offcirc("drill", "score").code == 2
    assert offcirc("drill", "start").code == 2
    wrong = offcirc("drill", "start", "no-such-drill")
    assert (wrong.code, wrong.out) == (2, "")
    assert "half-day" in wrong.err

    begun = offcirc("drill", "start", "half-day", "--format", "json")
    assert begun.code == 0
    assert "desk --data-dir" in begun.json["commands"][1]
    judged = offcirc("drill", "score", "--format", "json")
    assert judged.code == 1
    assert judged.json["percent"] == 0
    [finding] = judged.json["desks"]["A"]["findings"]
    assert (finding["code"], finding["count"]) == ("missing", 11)
    said = offcirc("drill", "score", "--lang", "fr").out
    assert "11 lignes non enregistrées" in said
    other = offcirc("drill", "score", "--drill", tmp_path)
    assert other.code == 2


def test_a_whole_drill_is_fine(offcirc, tmp_path):
    played = Played(tmp_path, "wrong-clock")
    played.type()
    played.upload()
    judged = offcirc("drill", "score", "--drill", played.folder, "--format", "json")
    assert (judged.code, judged.json["percent"]) == (0, 100)
    text = offcirc("drill", "score", "--drill", played.folder)
    assert "100 %" in text.out


@pytest.mark.promise("practice-files-stay-in-practice")
def test_files_of_a_desk_that_plays_go_to_practice_servers_alone(offcirc, server, tmp_path):
    played = Played(tmp_path, "other-network")
    played.type()
    desks = played.folder / "desks"
    for words in (
        ("merge", desks, "-o", "out.dat"),
        ("export", desks, "--to", "koc", "-o", "out.koc"),
        ("export", desks, "--to", "alma", "-o", "alma.dat"),
    ):
        ran = offcirc(*words)
        assert ran.code == 2
        assert "Recorded in practice" in ran.err
        assert not (tmp_path / str(words[-1])).exists()
    sent = offcirc("upload", desks, "--server", server.url, "--desk", "BUC_PRET")
    assert sent.code == 1

    plan = make_plan(played.files)
    real = PracticeServer(server.url)
    real._abilities = replace(real.abilities, practice=False)
    with Ledger(tmp_path / "ledger.db") as ledger:
        for upload in (run_upload, preview_upload):
            with pytest.raises(PracticeFileError):
                upload(played.files, real, ledger, desk="BUC_PRET", who="x")
        for hand in (preview_handover, hand_over):
            more = {"who": "x"} if hand is hand_over else {}
            with pytest.raises(PracticeFileError):
                hand(plan, ledger, folder=tmp_path / "alma", **more)
    real.close()


def test_what_makes_a_desk_play_holds_against_a_lock(tmp_path):
    site, data = tmp_path / "site.toml", tmp_path / "desk"
    data.mkdir()
    site.write_text('locked = ["desk"]\n[desk]\nlibrary = "BUC"\n')
    (data / "practice.toml").write_text("[desk]\npractice = true\n")
    found = load({"data_dir": str(data)}, environment={}, site=site, user=tmp_path / "user.toml")
    assert found.switch("desk.practice")
    assert found.complaints == ()
    elsewhere = load({"data_dir": str(tmp_path)}, environment={}, site=site, user=site)
    assert not elsewhere.switch("desk.practice")


def test_a_library_is_made_up_exported_kept_and_begun_again(offcirc, tmp_path):
    made = ("server", "--generate", "50", "--seed", "3", "--data-dir", tmp_path / "s")
    assert offcirc(*made, "--export", tmp_path / "one").code == 0
    assert offcirc(*made, "--snapshot", "one").code == 0
    assert offcirc(*made, "--restore", "one").code == 0
    assert offcirc(*made, "--reset").code == 0
    assert offcirc(*made, "--restore", "two").code == 2
    assert offcirc(*made, "--export", tmp_path / "one").code == 2
    assert offcirc("server", "--generate", "3").code == 2
    assert offcirc(*made, "--library", tmp_path / "one", "--reset").code == 2
    again = ("--library", tmp_path / "one", "--data-dir", tmp_path / "t")
    assert offcirc("server", *again, "--export", tmp_path / "two").code == 0
    one, two = ((tmp_path / name / "loans.csv").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_command_says_where_and_ticks_off(tmp_path, offcirc):
    played = Played(tmp_path, "other-network")
    played.type()
    played.upload()
    played.follow_up()
    folder = played.folder
    with serving(folder / "server", "--library", str(folder / "library")) as server:
        ran = offcirc(
            *("followup", "--look", "--server", server.url, "--user", "referent"),
            *("--data-dir", folder),
            env={"OFFCIRC_PASSWORD": "bac-a-sable-1"},
        )
    assert ran.code == 0, ran
    assert ran.err.count("Note put at the server by Référent") == 2
    again = offcirc("followup", "--format", "json", "--data-dir", folder)
    assert again.code == 0


def test_the_server_shows_the_drills_that_were_begun(offcirc, serve, tmp_path):
    ran = offcirc("drill", "start", "half-day", "--data-dir", tmp_path / "data", "--format", "json")
    folder = Path(ran.json["folder"])
    with serve(folder / "server", "--library", folder / "library") as server:
        person = Browser(server.url)
        with person.http:
            person.sign_in("responsable", "BUC_PRET")
            text = person.get(f"/drills/{folder.name}")
            assert "This server is the one of this drill" in text
            for command in ran.json["commands"]:
                words = command.partition(" ")[2]
                assert html.escape(words, quote=True).replace("&quot;", "&#34;") in text
