"""From what a person calls a server to the adapter that speaks to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from offcirc import systems
from offcirc.servers.errors import BadAddressError, ByHandError, UnknownServerError
from offcirc.servers.files.csvfile import CsvTable
from offcirc.servers.files.pending import PendingTransactions
from offcirc.servers.files.target import FileFormat, FileTarget
from offcirc.servers.protocol import Server
from offcirc.systems import LibrarySystem

if TYPE_CHECKING:
    from offcirc.settings.load import ServerSettings


@dataclass(frozen=True, slots=True)
class Profile:
    """A server that the settings name.

    Attributes:
        url: its address.
        kind: which library system it is; one of :func:`kinds`.
        width: how many requests go to it side by side; 0: as many as the system bears.
        plain_http: whether passwords may go there unencrypted.
        options: what only some library systems need, by name.
        user: who signs in there when nobody is asked.
        desk: code of the circulation desk, for systems that do not tell theirs.
        helper: the server to look up at where this one cannot.
    """

    url: str
    kind: str = "practice"
    width: int = 0
    plain_http: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    desk: str = ""
    helper: Profile | None = None

    def open_helper(self) -> Server:
        """The server that is only asked, signed in with the password that this PC keeps for it."""
        from offcirc.servers import passwordstore  # noqa: PLC0415 - only some systems need one

        helper = self.helper
        assert helper is not None
        server = open_server(helper.url, {helper.url: helper})
        try:
            server.sign_in(helper.user, passwordstore.kept_if_any(helper.url, helper.user))
        except BaseException:
            server.close()
            raise
        return server


def profile_of(server: ServerSettings, named: Mapping[str, ServerSettings]) -> Profile:
    """A server as the settings name it.

    Args:
        server: the server.
        named: all that the settings name, for the one that it is looked up at.
    """
    other = named.get(server.options.get("look_up", ""))
    # A helper that has a helper could go on for ever.
    helper = profile_of(other, {}) if other is not None else None
    return Profile(
        server.url,
        server.kind,
        server.width,
        server.plain_http,
        server.options,
        server.user,
        server.desk,
        helper,
    )


def open_server(name_or_url: str, named: Mapping[str, Profile] | None = None) -> Server:
    """The server of this name or address; nothing is sent yet.

    Args:
        name_or_url: a name in ``named``, or an address with ``http://`` or ``https://``.
        named: the servers that the settings name.

    Raises:
        UnknownServerError: neither.
        ByHandError: it is one that people carry files to.
        BadAddressError: the address is not usable.
        PlainHttpError: it is another machine's, and passwords would go there unencrypted.
    """
    profile = (named or {}).get(name_or_url)
    if profile is None:
        if "://" not in name_or_url:
            raise UnknownServerError(name_or_url)
        profile = Profile(name_or_url, _kind_of(name_or_url))
    system = systems.system_of(profile.kind)
    if system is None:
        raise BadAddressError(profile.url)
    if system.by_hand:
        raise ByHandError(name_or_url)
    return cast(Server, _adapter(system).of(profile))


def kinds() -> tuple[str, ...]:
    """The library systems that there is an adapter for, and those that take files by hand."""
    return tuple(one.kind for one in systems.SYSTEMS)


def file_target(kind: str) -> FileTarget | None:
    """The system of this kind, or this identity in the ledger, that people carry files to."""
    return next((one for one in targets() if kind in (one.kind, one.identity)), None)


def folder_named(text: str) -> tuple[FileTarget, str] | None:
    """The system and the folder that ``KIND:FOLDER`` names, such as ``alma-file:/srv/alma``."""
    kind, colon, folder = text.partition(":")
    target = file_target(kind.strip().lower()) if colon else None
    return None if target is None or folder.startswith("//") else (target, folder.strip())


def formats() -> dict[str, FileFormat]:
    """The files that can be written, by what the command line calls them."""
    every: tuple[FileFormat, ...] = (*targets(), PendingTransactions(), CsvTable())
    return {one.format: one for one in every}


def tells_loan_times(url: str) -> bool:
    """Whether the server of this address tells since when an item is on loan; over SIP2 none."""
    return _kind_of(url) != "sip2"


def _kind_of(url: str) -> str:
    return "sip2" if url.lower().startswith("sip2") else "practice"


@cache
def targets() -> tuple[FileTarget, ...]:
    """All systems that people carry files to."""
    return tuple(_adapter(one)() for one in systems.SYSTEMS if one.by_hand)


def _adapter(system: LibrarySystem) -> Any:
    """The class that serves a system; only now, as some load a library that takes 100 ms."""
    module, _colon, name = system.adapter.partition(":")
    return getattr(import_module(f"offcirc.servers.{module}"), name)
