"""Every drill by its commands: begun, its files checked and uploaded, its work done, its score."""

from __future__ import annotations

import re
import shlex
from datetime import date, timedelta
from pathlib import Path

import pytest
from drill.drill_kit import Played
from practice.conftest import PASSWORD, Browser

from offcirc.drill.scenarios import DRILLS

SLOWLY = pytest.mark.prove(alone=True)


@pytest.mark.promise("drill-to-the-end")
@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each == "everything" else SLOWLY) for each in DRILLS]
)
def test_a_drill_from_its_start_to_a_hundred_per_cent(offcirc, serve, tmp_path, name):
    begun = offcirc("drill", "start", name, "--data-dir", tmp_path, "--format", "json").json
    played = Played(tmp_path, name, Path(begun["folder"]))
    played.type()
    upload = shlex.split(begun["commands"][-1])[1:]
    referent = ("--data-dir", upload[upload.index("--data-dir") + 1])
    told = offcirc("check", played.folder / "desks", *referent)
    assert told.code in (0, 1), told
    for desk, file in zip(played.truth.desks, played.files, strict=True):
        if desk.clock:
            decided = offcirc("decide", "clock", file, f"{-60 * desk.clock}", *referent)
            assert decided.code == 0, decided
    env = {"OFFCIRC_PASSWORD": PASSWORD}
    with serve(played.folder / "server", "--library", played.folder / "library") as server:
        upload[upload.index("--server") + 1] = server.url
        sent = offcirc(*upload, env=env)
        assert sent.code == int(bool(played.truth.acts)), sent
        where = ("--look", "--format", "json", "--server", server.url, "--user", "referent")
        looked = offcirc("followup", *where, *referent, env=env)
        pages = dict(re.findall(r"^(\w\d+): (http.*)$", looked.err, re.MULTILINE))
        person = Browser(server.url)
        with person.http:
            person.sign_in("referent", "BUC_PRET")
            for task in looked.json["tasks"]:
                for page in pages.get(task["task"], "").split():
                    act(person, task["kind"], page.removeprefix(server.url), task["lines"][0])
        left = offcirc("followup", *where, *referent, env=env)
        assert (left.code, left.json["tasks"]) == (0, [])
    score = offcirc("drill", "score", "--data-dir", tmp_path, "--format", "json")
    assert (score.code, score.json["percent"]) == (0, 100), score


def act(person: Browser, kind: str, page: str, line: dict[str, str]) -> None:
    """Do at a page what a task asks for."""
    if kind == "hold-shelf-processing":
        person.do("/scan", item=line["item"])
    elif kind == "item-excluded":
        [reader] = re.findall(r'<main.*?href="(/readers/[^"/]+)', person.get(page), re.DOTALL)
        row = next(each for each in person.get(reader).split("<tr") if line["item"] in each)
        [loan] = re.findall(r'name="loan" value="(\d+)"', row)
        person.do(f"{reader}/due", loan=loan, day=f"{date.today() + timedelta(days=9)}")
    else:
        assert kind in {"reader-unknown", "item-unknown"}
        [form] = re.findall(r'action="([^"]+/note)"', person.get(page))
        person.do(form, text=line["note"] or "Has an item nobody knows")
