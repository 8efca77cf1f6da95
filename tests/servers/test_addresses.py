"""Addresses of servers: one spelling, no login in them, and names from the settings."""

import sys
from types import ModuleType

import pytest

from offcirc import i18n, systems
from offcirc.servers import errors, registry
from offcirc.servers.errors import BadAddressError, ByHandError, ServerError, UnknownServerError
from offcirc.servers.files.destiny import Destiny
from offcirc.servers.http import normalised
from offcirc.servers.practice import WIDTH
from offcirc.servers.registry import (
    Profile,
    file_target,
    folder_named,
    formats,
    kinds,
    open_server,
)
from offcirc.systems import SYSTEMS, LibrarySystem


@pytest.mark.parametrize(
    ("given", "spelt"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        (" HTTP://Library.Example:80/ ", "http://library.example"),
        ("https://library.example:443/ils/", "https://library.example/ils"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_one_spelling(given: str, spelt: str) -> None:
    assert normalised(given) == spelt


@pytest.mark.parametrize(
    "given",
    [
        "ftp://library.example",
        "http://",
        "http:///x",
        "http://library.example:99999",
        "http://user:S3CRET@library.example",
        "http://library.example/?password=S3CRET",
        "http://library.example/#x",
        "http://a b",
        "://",
    ],
)
def test_no_address(given: str) -> None:
    with pytest.raises(BadAddressError) as caught:
        normalised(given)
    assert "S3CRET" not in caught.value.words()
    assert "S3CRET" not in str(caught.value)


def test_a_server_by_address_or_by_name() -> None:
    with open_server("http://127.0.0.1:1") as server:
        assert server.url == "http://127.0.0.1:1"
    with open_server("sandbox", {"sandbox": Profile("http://127.0.0.1:2")}) as server:
        assert server.url == "http://127.0.0.1:2"
    assert "practice" in kinds()


def test_the_settings_may_say_how_many_requests_go_at_once() -> None:
    with open_server("http://127.0.0.1:1") as server:
        assert server.abilities.width == WIDTH
    with open_server("slow", {"slow": Profile("http://127.0.0.1:2", width=2)}) as server:
        assert server.abilities.width == 2


def test_an_unknown_name() -> None:
    with pytest.raises(UnknownServerError, match="sandbox"):
        open_server("sandbox")


def test_an_unknown_kind() -> None:
    with pytest.raises(BadAddressError):
        open_server("x", {"x": Profile("http://127.0.0.1:2", "unheard-of")})


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda one: one.kind)
def test_every_system_of_the_list_has_its_adapter(system: LibrarySystem) -> None:
    if system.by_hand:
        target = file_target(system.kind)
        assert target is not None
        assert target.kind == system.kind
        assert formats()[target.format] is target
        with pytest.raises(ByHandError):
            open_server("x", {"x": Profile("", system.kind)})
        return
    url = "sip2://127.0.0.1:1" if system.kind == "sip2" else "http://127.0.0.1:1"
    needed = {system.needs: "x"} if system.needs else {}
    with open_server("x", {"x": Profile(url, system.kind, options=needed)}) as server:
        assert server.url == url


def test_a_system_more_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    class Letters(Destiny):
        kind = identity = format = "letters"

    module = ModuleType("offcirc.servers.letters")
    module.__dict__["Letters"] = Letters
    monkeypatch.setitem(sys.modules, module.__name__, module)
    entry = LibrarySystem("letters", "Letters", "letters:Letters", by_hand=True)
    monkeypatch.setattr(systems, "SYSTEMS", (*SYSTEMS, entry))
    registry.targets.cache_clear()
    try:
        assert "letters" in kinds()
        assert isinstance(file_target("letters"), Letters)
        assert isinstance(formats()["letters"], Letters)
        assert folder_named("letters:/srv") is not None
    finally:
        registry.targets.cache_clear()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_error_has_words_in_both_languages(language: str) -> None:
    kinds_of_error = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, ServerError)
    ]
    assert len(kinds_of_error) > 12
    i18n.activate(language)
    try:
        texts = {kind: kind("http://x", "their words").words() for kind in kinds_of_error}
    finally:
        i18n.activate("en")
    assert all(len(text) > 20 and "{" not in text for text in texts.values())
    if language == "fr":
        assert all(text != kind("http://x", "their words").words() for kind, text in texts.items())
