"""The page of drills: begun, its papers taken, played, its score read, line by line."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

import pytest
from drill.drill_kit import Played
from practice.conftest import Browser

from offcirc.cli.tools.drill import door
from offcirc.practice.web.serve import running


@contextlib.contextmanager
def trainer(data, served, library=None):
    """The manager at the pages of a practice server that knows of drills."""
    with running(library, served, drills=door(data, served)) as url:
        person = Browser(url)
        with person.http:
            person.sign_in("responsable", "BUC_PRET")
            yield person


@pytest.mark.promise("drills-at-the-page")
def test_a_drill_is_begun_at_the_page_with_its_papers_in_the_visitors_language(tmp_path):
    with trainer(tmp_path, tmp_path / "practice") as person:
        text = person.get("/drills")
        assert text.count('action="/drills"') == 6
        assert "Two days, four desks" in text
        assert "Not done" in person.do("/drills", name="../x", seed="1")
        assert "Not done" in person.do("/drills", name="two-days", seed="one")
        text = person.do("/drills", name="two-days", seed="3")
        assert "The drill is ready" in text
        (script,) = re.findall(r'href="(/drills/[^"]+/script\.pdf)"', text)
        (folder,) = (tmp_path / "drills").iterdir()
        assert "server --library" in text
        assert str(folder) in text
        assert "0 %" in text
        english = person.http.get(script)
        assert english.headers["content-type"] == "application/pdf"
        person.get(f"/drills/{folder.name}?lang=fr")
        french = person.http.get(script)
        for content, language in ((english.content, b"(en)"), (french.content, b"(fr)")):
            assert content.startswith(b"%PDF")
            assert b"/Lang " + language in content
        assert person.http.get(script.replace("script", "cards")).content.startswith(b"%PDF")
        assert folder.name in person.get("/drills")
        for wrong in ("script.pdf/", "truth.pdf", "..%2Fscript.pdf"):
            assert person.http.get(f"/drills/{folder.name}/{wrong}").status_code in (404, 307)
        assert person.http.get("/drills/nothing").status_code == 404


@pytest.mark.promise("drills-at-the-page")
def test_the_score_page_names_each_desk_and_line_and_is_100_when_all_is_done(tmp_path):
    played = Played(tmp_path, "half-day")
    loans = [line for line in played.truth.lines if line.operation == "L"]
    wrong = next(line for line in loans if line.patron != loans[0].patron)
    played.type(lambda line: [replace(line, patron=loans[0].patron) if line == wrong else line])
    played.upload()
    folder = played.folder
    title = played.truth.labels[wrong.item]
    with trainer(tmp_path / "x", folder / "server", folder / "library") as person:
        assert "played here" in person.get("/drills")
        text = person.get(f"/drills/{folder.name}")
        assert "This server is the one of this drill" in text
        assert "1 item lent to the reader before<ul><li>line " in text
        assert f"{title} · {wrong.item}</li>" in text
        assert "without a note" in text
        french = person.get(f"/drills/{folder.name}?lang=fr")
        assert "prêté au lecteur précédent" in french
    whole = Played(tmp_path / "whole", "half-day")
    whole.type()
    whole.upload()
    whole.follow_up()
    folder = whole.folder
    with trainer(tmp_path / "x", folder / "server", folder / "library") as person:
        text = person.get(f"/drills/{folder.name}")
        assert "100 %" in text
        assert "Nothing at all went wrong" in text


def test_a_server_without_drills_has_no_such_page(tmp_path):
    with running(None, tmp_path) as url:
        person = Browser(url)
        with person.http:
            person.sign_in("responsable", "BUC_PRET")
            assert person.http.get("/drills").status_code == 404
            assert 'href="/drills"' not in person.get("/")
