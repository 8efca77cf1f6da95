from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers.library import begin_library
from helpers.waiting import wait_until

from offcirc.practice import accounts
from offcirc.practice.library import library
from offcirc.practice.web import serve

PASSWORD = "bac-a-sable-1"


class Client:
    """Speaks to a practice server as an uploader would."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=30)

    def sign_in(self, login: str = "referent", password: str = PASSWORD) -> httpx.Response:
        answer = self.http.post("/session", json={"login": login, "password": password})
        if answer.status_code == 200:
            self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return answer

    def open_job(self, desk: str = "BUC_PRET", **more: Any) -> str:
        answer = self.http.post("/jobs", json={"desk": desk, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def send(self, job: str, transactions: list[dict[str, Any]]) -> httpx.Response:
        return self.http.post(f"/jobs/{job}/transactions", json={"transactions": transactions})

    def record(self, *transactions: dict[str, Any], desk: str = "BUC_PRET") -> list[dict[str, Any]]:
        answer = self.send(self.open_job(desk), list(transactions))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["results"])

    def upload(self, path: Path, desk: str = "BUC_PRET") -> dict[str, Any]:
        """Upload a whole file in one job and return the job with its messages."""
        job = self.open_job(desk, files=[path.name])
        answer = self.send(job, dat_lines(path))
        assert answer.status_code == 200, answer.text
        assert self.http.post(f"/jobs/{job}/finish").status_code == 200
        return dict(self.http.get(f"/jobs/{job}").json())

    def item(self, barcode: str) -> dict[str, Any]:
        answer = self.http.post("/lookup/items", json={"barcodes": [barcode]})
        return dict(answer.json()["items"][0])

    def patron(self, identifier: str) -> dict[str, Any]:
        answer = self.http.post("/lookup/patrons", json={"identifiers": [identifier]})
        return dict(answer.json()["patrons"][0])


def dat_lines(path: Path) -> list[dict[str, Any]]:
    """The sample files sliced by their columns; the codec has its own tests."""
    lines = []
    seen: dict[str, int] = {}
    for number, raw in enumerate(path.read_bytes().decode("ascii").splitlines(), start=1):
        again = seen[raw] = seen.get(raw, -1) + 1
        lines.append(
            {
                "key": hashlib.sha256(f"{raw}|{again}".encode()).hexdigest(),
                "line": number,
                "file": path.name,
                "at": f"{raw[:4]}-{raw[4:6]}-{raw[6:8]}T{raw[8:10]}:{raw[10:12]}",
                "operation": raw[12],
                "item": raw[13:93].strip(),
                "patron": raw[93:].strip(),
            }
        )
    return lines


def transaction(
    at: str, operation: str, item: str, patron: str = "", **more: Any
) -> dict[str, Any]:
    key = hashlib.sha256(f"{at}{operation}{item}{patron}".encode()).hexdigest()
    return {"key": key, "at": at, "operation": operation, "item": item, "patron": patron, **more}


@pytest.fixture(scope="session")
def sample() -> Path:
    return library.sample()


@pytest.fixture
def lines() -> Callable[[Path], list[dict[str, Any]]]:
    return dat_lines


@pytest.fixture
def tx() -> Callable[..., dict[str, Any]]:
    return transaction


@pytest.fixture
def folder(tmp_path: Path, sample: Path) -> Path:
    """A copy of the sample library that the test may change."""
    copy = tmp_path / "library"
    copy.mkdir()
    for name in library.FILES:
        shutil.copy(sample / name, copy / name)
    return copy


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever waits after wrong passwords: a second is soon over on a slow machine."""
    kind = accounts.WrongPasswords
    monkeypatch.setattr(accounts, "WrongPasswords", lambda: kind(lambda: 0.0))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Starts practice servers on real sockets; gives a client, signed in unless told not to."""
    with contextlib.ExitStack() as stack:

        def begin(
            folder: Path | None = None,
            data_dir: Path | None = None,
            *,
            now: Any = None,
            signed_in: bool = True,
        ) -> Client:
            if folder is None and data_dir is None:
                data_dir = tmp_path / "data"
                if not data_dir.exists():
                    begin_library(data_dir)
            url = stack.enter_context(serve.running(folder, data_dir or tmp_path / "data", now=now))
            client = Client(url)
            stack.enter_context(client.http)
            if signed_in:
                assert client.sign_in().status_code == 200
            return client

        yield begin


@pytest.fixture
def connect() -> Iterator[Callable[[str], Client]]:
    """A client for a server that runs already."""
    with contextlib.ExitStack() as stack:

        def begin(url: str) -> Client:
            client = Client(url)
            stack.enter_context(client.http)
            return client

        yield begin


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for tests that change nothing they look at."""
    with serve.running(None, tmp_path_factory.mktemp("shared")) as url:
        client = Client(url)
        with client.http:
            client.sign_in()
            yield client


PASSWORDS = {"referent": PASSWORD, "responsable": "bac-a-sable-3", "moniteur": "bac-a-sable-2"}


class Browser:
    """A person at the pages, signed in: follows links, fills in forms with what they hold."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = ""
        self.http = httpx.Client(base_url=url, timeout=30, headers={"Accept-Language": "en"})

    def sign_in(self, login: str, desk: str) -> None:
        self.token = self.token_of(self.http.get("/sign-in").text)
        answer = self.post("/sign-in", login=login, password=PASSWORDS[login])
        assert answer.status_code == 303, answer.text
        self.token = self.token_of(self.http.get("/desk").text)
        assert self.post("/desk", desk=desk).status_code == 303

    @staticmethod
    def token_of(text: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', text)
        assert found is not None, text
        return found[1]

    def get(self, path: str, status: int = 200) -> str:
        answer = self.http.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:600])
        return answer.text

    def post(self, path: str, /, files: Any = None, **fields: Any) -> httpx.Response:
        return self.http.post(path, data={"csrf": self.token, **fields}, files=files)

    def do(self, path: str, /, files: Any = None, **fields: Any) -> str:
        """Send a form, follow to where it leads, and give that page."""
        answer = self.post(path, files=files, **fields)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[:600])
        return self.get(answer.headers["location"])

    def upload(self, name: str, content: bytes, **fields: Any) -> httpx.Response:
        return self.post("/jobs", files={"file": (name, content)}, **fields)

    def patron(self, who: str) -> str:
        """The address of a reader's page."""
        return str(self.post("/readers", who=who).headers["location"])

    def item(self, what: str) -> str:
        """The address of an item's page."""
        return str(self.post("/items", what=what).headers["location"])

    def ended(self) -> int:
        """How many jobs have ended."""
        return self.get("/jobs").count("Completed Successfully")

    def finished(self, wanted: int = 1) -> list[str]:
        """The Process IDs of the jobs, once that many have ended."""
        wait_until(lambda: self.ended() >= wanted)
        return re.findall(r'scope="row" class="code whole">(\d+)<', self.get("/jobs"))


@pytest.fixture
def browse() -> Iterator[Callable[..., Browser]]:
    """People at the pages of a server that runs already."""
    with contextlib.ExitStack() as stack:

        def begin(url: str, login: str = "referent", desk: str = "BUC_PRET") -> Browser:
            browser = Browser(url)
            stack.enter_context(browser.http)
            browser.sign_in(login, desk)
            return browser

        yield begin
