"""Who is let in, what each form proves, which role sees what, and what the network may reach."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from offcirc.practice.errors import ExposedError
from offcirc.practice.web import serve
from offcirc.practice.web.app import build
from offcirc.practice.web.house import House

CLOSED_TO_THE_LIMITED = {
    "/registrations",
    "/registrations/{ref}",
    "/letters",
    "/letters/{ref}",
    "/settings",
}


OPEN = {
    "/",
    "/sign-in",
    "/style.css",
    "/icon.svg",
    *(f"/fonts/{n}.ttf" for n in ("text", "bold", "code")),
}


def concrete(path: str) -> str:
    return re.sub(r"\{id:int\}", "1", re.sub(r"\{(ref|tab)\}", "0123456789abcdef", path))


def addresses() -> list[tuple[str, str]]:
    class Bare(House):
        def adopt(self, policy: object) -> None:
            self.policy = policy  # type: ignore[assignment]

    house = Bare(None, None, "x", None)  # type: ignore[arg-type]
    app = build(house, lambda: None)
    return [
        (route.path, method)
        for route in app._app.routes  # type: ignore[attr-defined]
        for method in sorted((route.methods or set()) - {"HEAD"})
        if not route.path.startswith("/api/")
    ]


ADDRESSES = addresses()


@pytest.mark.promise("pages-are-closed")
@pytest.mark.parametrize(("path", "method"), [each for each in ADDRESSES if each[0] not in OPEN])
def test_no_page_is_shown_to_whoever_has_not_signed_in(shared, path: str, method: str) -> None:
    answer = httpx.request(method, shared.url + concrete(path))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_a_role_sees_what_is_its_own(shared, browse) -> None:
    """Each address as each role: 403 where it is closed, and nowhere else."""
    closed: dict[str, set[str]] = {}
    for login in ("moniteur", "referent", "responsable"):
        browser = browse(shared.url, login)
        closed[login] = {
            f"{method} {path}"
            for path, method in ADDRESSES
            if path != "/sign-out"
            if browser.http.request(
                method, concrete(path), data={"csrf": browser.token}
            ).status_code
            == 403
        }
    settings = {
        f"{method} {path}"
        for path, method in ADDRESSES
        if path.startswith(("/settings", "/library", "/drills"))
    }
    assert closed["responsable"] == set()
    assert closed["referent"] == settings
    assert closed["moniteur"] == settings | {f"GET {path}" for path in CLOSED_TO_THE_LIMITED} | {
        f"POST {path}"
        for path in (
            "/jobs",
            "/jobs/{id:int}/mail",
            *(f"/readers/{{ref}}/{act}" for act in ("due", "delete-loans", "block", "lift")),
            *(f"/readers/{{ref}}/{act}" for act in ("override", "contact", "identity")),
            "/items/add",
            "/items/{ref}/mark",
            "/registrations",
            *(f"/registrations/{{ref}}/{act}" for act in ("change", "decide", "resource")),
            "/letters/{ref}/resend",
        )
    }


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_a_form_without_its_token_does_nothing(start, browse, token: str) -> None:
    client = start()
    browser = browse(client.url, "responsable")
    for path, method in ADDRESSES:
        if method == "POST":
            answer = browser.http.post(concrete(path), data={"csrf": token, "desk": "SCI_PRET"})
            assert answer.status_code == 403, path
            assert "Nothing was done" in answer.text
    assert "BUC_PRET" in browser.get("/jobs")


def test_the_form_to_sign_in_proves_itself_as_well(shared) -> None:
    with httpx.Client(base_url=shared.url) as http:
        sent = {"login": "referent", "password": "bac-a-sable-1", "csrf": "x"}
        assert http.post("/sign-in", data=sent).status_code == 403
        http.get("/sign-in")
        assert http.post("/sign-in", data=sent).status_code == 403


def test_headers_and_cookies_are_strict(shared, browse) -> None:
    browser = browse(shared.url)
    answer = browser.http.get("/readers")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "form-action 'self'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    with httpx.Client(base_url=shared.url) as http:
        form = http.get("/sign-in")
        token = re.search(r'name="csrf" value="([^"]+)"', form.text)
        assert token is not None
        sent = {"login": "referent", "password": "bac-a-sable-1", "csrf": token[1]}
        answer = http.post("/sign-in", data=sent)
    for cookie in answer.headers.get_list("set-cookie") + form.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Secure" not in cookie  # this server speaks HTTP to its own machine


def test_whoever_tries_passwords_waits_at_the_page_as_well(no_time_passes, start) -> None:
    url = start(signed_in=False).url
    with httpx.Client(base_url=url) as http:
        token = re.search(r'name="csrf" value="([^"]+)"', http.get("/sign-in").text)
        assert token is not None

        def tried(password: str) -> httpx.Response:
            sent = {"login": "referent", "password": password, "csrf": token[1]}
            return http.post("/sign-in", data=sent)

        answers = [tried("wrong").status_code for _ in range(6)]
        assert answers[0] == 401
        assert answers[-1] == 429
        assert "Retry-After" in tried("bac-a-sable-1").headers
        api = httpx.post(
            f"{url}/api/v1/session", json={"login": "referent", "password": "bac-a-sable-1"}
        )
        assert api.status_code == 429


def test_where_to_go_after_signing_in_is_on_this_server(shared) -> None:
    with httpx.Client(base_url=shared.url) as http:
        for wanted in ("//evil.example", "https://evil.example", "/\\evil.example", "/\n"):
            text = http.get("/sign-in", params={"next": wanted}).text
            assert 'name="next" value="/"' in text


def test_signing_out_ends_it(shared, browse) -> None:
    browser = browse(shared.url)
    cookie = dict(browser.http.cookies)
    browser.do("/sign-out")
    answer = httpx.get(f"{shared.url}/jobs", cookies=cookie)
    assert answer.status_code == 303


def test_the_desk_is_always_in_the_header_and_only_ones_own(start, browse) -> None:
    browser = browse(start().url, desk="SCI_PRET")
    assert "<strong>SCI_PRET</strong>" in browser.get("/items")
    limited = browse(browser.url, "moniteur")
    assert "not an operator at this circulation desk" in limited.do("/desk", desk="SCI_PRET")
    assert "<strong>BUC_PRET</strong>" in limited.get("/items")


def test_a_changed_password_puts_the_others_out(start, browse) -> None:
    url = start().url
    one, other = browse(url), browse(url)
    sent = {"old": "bac-a-sable-1", "new": "tout-neuf-2026", "again": "tout-neuf-2026"}
    assert "not right" in one.do("/password", **{**sent, "old": "x"})
    assert "at least 10" in one.do("/password", **{**sent, "new": "court", "again": "court"})
    assert "twice alike" in one.do("/password", **{**sent, "again": "autre-chose"})
    assert "has been changed" in one.do("/password", **sent)
    assert one.http.get("/jobs").status_code == 200
    assert other.http.get("/jobs").status_code == 303


@pytest.mark.promise("network-needs-tls")
def test_the_network_is_not_answered_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(ExposedError, match="in the clear"):
        serve.serve(None, tmp_path, host="0.0.0.0")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> serve.Tls:
    if shutil.which("openssl") is None:
        pytest.skip("only on systems with openssl")
    folder = tmp_path_factory.mktemp("tls")
    made = serve.Tls(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", str(made.key)),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-out", str(made.certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return made


def test_nor_with_the_passwords_of_the_sample(tmp_path: Path, tls: serve.Tls, browse) -> None:
    with pytest.raises(ExposedError, match="referent, moniteur, responsable"):
        serve.serve(None, tmp_path, host="0.0.0.0", tls=tls)
    with serve.running(None, tmp_path) as url:
        for login in ("referent", "responsable", "moniteur"):
            browser = browse(url, login)
            old = {"referent": 1, "moniteur": 2, "responsable": 3}[login]
            new = f"tout-neuf-{login}"
            browser.do("/password", old=f"bac-a-sable-{old}", new=new, again=new)
    with serve._prepared(None, tmp_path, "0.0.0.0", 0, None, tls) as (_server, _listener, address):
        assert address.startswith("https://")


def test_over_tls_the_cookie_is_for_tls_alone(tmp_path: Path, tls: serve.Tls) -> None:
    trust = ssl.create_default_context(cafile=str(tls.certificate))
    with serve.running(None, tmp_path, tls=tls) as url, httpx.Client(verify=trust) as http:
        cookie = http.get(f"{url}/sign-in").headers["set-cookie"]
    assert url.startswith("https://")
    assert cookie.startswith("__Host-offcirc")
    assert "Secure" in cookie


def test_a_certificate_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x", encoding="utf-8")
    for file in (tmp_path / "x", tmp_path / "missing"):
        with pytest.raises(ExposedError, match="cannot be used"):
            serve.serve(None, tmp_path / "data", tls=serve.Tls(file, file))


def test_no_reader_is_ever_in_an_address(start, browse) -> None:
    client = start(now=dt.datetime(2018, 1, 17, 17, 30))
    browser = browse(client.url, "responsable")
    reader, item = browser.patron("9971598771305"), browser.item("d293004279")
    pages = [reader, item, "/", "/readers", "/registrations", "/letters", "/shelf", "/returns"]
    browser.do(f"{reader}/lend", item="d293004279")
    browser.do(f"{reader}/letter", kind="activity")
    for path in pages:
        for address in re.findall(r'(?:href|action|formaction)="([^"]*)"', browser.get(path)):
            assert not re.search(r"9971598771305|lecteur002|d293004279|Lecteur", address)
