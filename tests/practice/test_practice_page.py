from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from offcirc.practice.web import serve
from offcirc.practice.web.page import _language

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
    assert "Nothing has been uploaded yet." in text
    assert f"--server {shared.url} --desk BUC_PRET" in text


def test_the_pages_speak_french(shared) -> None:
    text = page(shared.url, "fr-FR,fr;q=0.9,en;q=0.5")
    assert '<html lang="fr">' in text
    assert "ENTRAÎNEMENT" in text
    assert "Bureaux de prêt" in text
    assert "In transit" not in text


def test_a_chosen_language_stays_chosen(shared) -> None:
    text = page(f"{shared.url}/?lang=fr", "en")
    assert "ENTRAÎNEMENT" in text
    assert 'href="/?lang=fr"' in text


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
    assert _language(chosen, accepted) == language


def test_a_jobs_page_has_almas_row_and_report(start, sample: Path) -> None:
    client = start()
    job = client.upload(sample / "OffCirc.dat")["id"]
    text = page(f"{client.url}/jobs/{job}")
    for word in (job, "Completed Successfully", "Records processed", "Records with exceptions"):
        assert word in text
    rows = re.findall(r'<td class="number">(\d+)</td>\s*<td class="words">.*?"en">(.*?)<', text)
    assert ("18", "Item not found. Barcode: TOTO31400") in rows
    assert [int(line) for line, _words in rows] == [5, 12, 18, 19, 27, 38, 39, 44, 52]
    french = page(f"{client.url}/jobs/{job}", "fr")
    assert "Enregistrements avec échecs" in french
    assert "Terminé avec succès" in french
    assert "Exemplaire inconnu" in french
    assert "Item not found. Barcode: TOTO31400" in french
    assert job in page(client.url)


def test_a_second_upload_is_said_to_have_changed_nothing(start, sample: Path) -> None:
    client = start()
    client.upload(sample / "OffCirc.dat")
    job = client.upload(sample / "OffCirc.dat")["id"]
    assert "nothing was recorded twice" in page(f"{client.url}/jobs/{job}")


def test_hostile_texts_are_only_texts(start, tx) -> None:
    client = start()
    job = client.open_job(name=f"<b>{HOSTILE}", files=[f'"><img src=x>{HOSTILE}', "b"])
    client.send(
        job,
        [
            tx("2018-01-15T10:00", "L", HOSTILE, f"'\"{HOSTILE}", file=f"{HOSTILE}.dat"),
            tx("2018-01-15T10:00", "L", "{{7001*7003}}", "{0.__class__}", line=3),
        ],
    )
    for language in ("en", "fr"):
        for text in (page(f"{client.url}/jobs/{job}", language), page(client.url, language)):
            assert "<script" not in text
            assert "<img src=x" not in text
            assert str(7001 * 7003) not in text
    text = page(f"{client.url}/jobs/{job}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{7001*7003}}" in text
    assert "{0.__class__}" in text


def test_a_page_that_is_not(shared) -> None:
    for path in ("/jobs/12", "/jobs/99999999999999999999999"):
        answer = httpx.get(shared.url + path)
        assert answer.status_code == 404
        assert "no job with this Process ID" in answer.text


def test_nothing_comes_from_elsewhere(shared) -> None:
    text = page(shared.url)
    assert re.findall(r'(?:src|href)="(?!/|\?|#)([^"]*)"', text) == []
    assert "style=" not in text
    for name in re.findall(r'(?:src|href)="(/[a-z]+\.[a-z]+)"', text):
        assert httpx.get(shared.url + name).status_code == 200
    style = httpx.get(f"{shared.url}/style.css").text
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize(
    ("client", "status"),
    [(("192.0.2.7", 50000), 403), (None, 403), (("127.0.0.1", 50000), 200), (("::1", 50000), 200)],
)
def test_a_report_is_only_shown_on_the_machine_of_the_server(
    connect, sample: Path, tmp_path: Path, client: tuple[str, int] | None, status: int
) -> None:
    with serve.running(None, tmp_path / "data") as url:
        server = connect(url)
        server.sign_in()
        job = server.upload(sample / "OffCirc.dat")["id"]
    with serve._prepared(None, tmp_path / "data", serve.LOOPBACK, 0, None) as (server, _, _):
        transport = httpx.ASGITransport(server.config.app, client=client)
        answer = asyncio.run(get(transport, f"http://127.0.0.1/jobs/{job}"))
    assert answer.status_code == status
    assert ("9900452388527" in answer.text) is (status == 200)


async def get(transport: httpx.ASGITransport, url: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.get(url)
