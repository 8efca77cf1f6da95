from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from offcirc.practice.web.pages.frame import language_of

HOSTILE = "<script>alert(1)</script>"


def page(url: str, language: str = "en") -> str:
    answer = httpx.get(url, headers={"Accept-Language": language})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def test_the_first_page_says_what_this_is(shared) -> None:
    text = page(shared.url)
    assert '<html lang="en">' in text
    assert "PRACTICE" in text
    assert "BUC du Mirail, BU Sciences" in text
    assert "Sign in" in text
    assert f"--server {shared.url} --desk BUC_PRET" in text


def test_the_pages_speak_french(shared) -> None:
    text = page(shared.url, "fr-FR,fr;q=0.9,en;q=0.5")
    assert '<html lang="fr">' in text
    assert "ENTRAÎNEMENT" in text
    assert "Bureaux de prêt" in text
    assert "In transit" not in text


def test_a_chosen_language_stays_chosen(shared, browse) -> None:
    text = page(f"{shared.url}/?lang=fr", "en")
    assert "ENTRAÎNEMENT" in text
    assert 'href="/?lang=fr"' in text
    browser = browse(shared.url)
    assert "ENTRAÎNEMENT" in browser.get("/jobs?lang=fr")
    assert "ENTRAÎNEMENT" in browser.get("/items")


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "fr", "fr"),
        (None, "en-GB,fr;q=0.9", "en"),
        (None, "de,fr;q=0.4,en;q=0.2", "fr"),
        (None, "fr;q=0", "en"),
        (None, "fr;q=x,,;;", "en"),
        ("fr", "en", "fr"),
        ("xx", "fr", "fr"),
    ],
)
def test_languages(chosen: str | None, accepted: str, language: str) -> None:
    assert language_of(chosen, accepted) == language


def test_a_jobs_page_has_almas_row_and_report(start, browse, sample: Path) -> None:
    client = start()
    job = client.upload(sample / "OffCirc.dat")["id"]
    browser = browse(client.url)
    text = browser.get(f"/jobs/{job}")
    for word in (job, "Completed Successfully", "Records processed", "Records with exceptions"):
        assert word in text
    rows = re.findall(r'<td class="number">(\d+)</td>\s*<td class="words">.*?"en">(.*?)<', text)
    assert ("18", "Item not found. Barcode: TOTO31400") in rows
    assert [int(line) for line, _words in rows] == [5, 12, 18, 19, 27, 38, 39, 44, 52]
    french = browser.get(f"/jobs/{job}?lang=fr")
    assert "Enregistrements avec échecs" in french
    assert "Terminé avec succès" in french
    assert "Exemplaire inconnu" in french
    assert "Item not found. Barcode: TOTO31400" in french
    assert job in browser.get("/jobs")


def test_a_second_upload_is_said_to_have_changed_nothing(start, browse, sample: Path) -> None:
    client = start()
    client.upload(sample / "OffCirc.dat")
    job = client.upload(sample / "OffCirc.dat")["id"]
    assert "nothing was recorded twice" in browse(client.url).get(f"/jobs/{job}")


def test_hostile_texts_are_only_texts(start, browse, tx) -> None:
    client = start()
    job = client.open_job(name=f"<b>{HOSTILE}", files=[f'"><img src=x>{HOSTILE}', "b"])
    client.send(
        job,
        [
            tx("2018-01-15T10:00", "L", HOSTILE, f"'\"{HOSTILE}", file=f"{HOSTILE}.dat"),
            tx("2018-01-15T10:00", "L", "{{7001*7003}}", "{0.__class__}", line=3),
        ],
    )
    browser = browse(client.url)
    for path in (f"/jobs/{job}", "/jobs", f"/jobs/{job}?lang=fr", "/jobs"):
        text = browser.get(path)
        assert "<script" not in text
        assert "<img src=x" not in text
        assert str(7001 * 7003) not in text
    text = browser.get(f"/jobs/{job}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{7001*7003}}" in text
    assert "{0.__class__}" in text


def test_a_page_that_is_not(shared, browse) -> None:
    browser = browse(shared.url)
    for path in ("/jobs/12", "/jobs/99999999999999999999999", "/readers/00", "/items/00", "/x"):
        assert "There is nothing here any more" in browser.get(path, 404)
    assert "First page" in browser.get("/sign-out", 405)
    assert browser.http.get("/sign-out").headers["allow"] == "POST"
    assert "Il n’y a plus rien" in httpx.get(f"{shared.url}/nowhere?lang=fr").text


def test_nothing_comes_from_elsewhere(shared) -> None:
    text = page(shared.url)
    assert re.findall(r'(?:src|href)="(?!/|\?|#)([^"]*)"', text) == []
    assert "style=" not in text
    for name in re.findall(r'(?:src|href)="(/[a-z]+\.[a-z]+)"', text):
        assert httpx.get(shared.url + name).status_code == 200
    style = httpx.get(f"{shared.url}/style.css").text
    fonts = re.findall(r'url\("([^"]*)"\)', style)
    assert len(fonts) == style.count("url(") == 3
    assert all(httpx.get(shared.url + font).status_code == 200 for font in fonts)
    assert "@import" not in style
