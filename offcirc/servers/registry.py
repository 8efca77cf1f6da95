"""From what a person calls a server to the adapter that speaks to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from offcirc.servers.errors import BadAddressError, ByHandError, UnknownServerError
from offcirc.servers.files.alma import AlmaFile
from offcirc.servers.files.csvfile import CsvTable
from offcirc.servers.files.destiny import Destiny
from offcirc.servers.files.koc import KohaQueue
from offcirc.servers.files.pending import PendingTransactions
from offcirc.servers.files.pmb import Pmb
from offcirc.servers.files.target import FileFormat, FileTarget
from offcirc.servers.protocol import Server

if TYPE_CHECKING:
    from offcirc.settings.load import ServerSettings

_TARGETS: tuple[FileTarget, ...] = (AlmaFile(), KohaQueue(), Pmb(), Destiny())
_FORMATS: tuple[FileFormat, ...] = (*_TARGETS, PendingTransactions(), CsvTable())


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
    if file_target(profile.kind) is not None:
        raise ByHandError(name_or_url)
    factory = _factories().get(profile.kind)
    if factory is None:
        raise BadAddressError(profile.url)
    return factory(profile)


def kinds() -> tuple[str, ...]:
    """The library systems that there is an adapter for, and those that take files by hand."""
    return (*_factories(), *(target.kind for target in _TARGETS))


def file_target(kind: str) -> FileTarget | None:
    """The system of this kind, or this identity in the ledger, that people carry files to."""
    return next((one for one in _TARGETS if kind in (one.kind, one.identity)), None)


def folder_named(text: str) -> tuple[FileTarget, str] | None:
    """The system and the folder that ``KIND:FOLDER`` names, such as ``alma-file:/srv/alma``."""
    kind, colon, folder = text.partition(":")
    target = file_target(kind.strip().lower()) if colon else None
    return None if target is None or folder.startswith("//") else (target, folder.strip())


def formats() -> dict[str, FileFormat]:
    """The files that can be written, by what the command line calls them."""
    return {one.format: one for one in _FORMATS}


def _kind_of(url: str) -> str:
    return "sip2" if url.lower().startswith("sip2") else "practice"


def _factories() -> dict[str, Callable[[Profile], Server]]:
    return {
        "practice": _practice,
        "evergreen": _evergreen,
        "folio": _folio,
        "koha": _koha,
        "sip2": _sip2,
    }


def _practice(profile: Profile) -> Server:
    from offcirc.servers.practice import WIDTH, PracticeServer  # noqa: PLC0415 - httpx takes 100 ms

    return PracticeServer(profile.url, width=profile.width or WIDTH, plain_http=profile.plain_http)


def _koha(profile: Profile) -> Server:
    from offcirc.servers.koha.server import WIDTH, KohaServer  # noqa: PLC0415

    return KohaServer(
        profile.url,
        width=profile.width or WIDTH,
        plain_http=profile.plain_http,
        queue=profile.options.get("queue") == "true",
        client_id=profile.options.get("client", ""),
        helper=partial(_signed_in, profile.helper) if profile.helper is not None else None,
        desk=profile.desk,
    )


def _sip2(profile: Profile) -> Server:
    from offcirc.servers.sip2.server import Sip2Server  # noqa: PLC0415

    return Sip2Server(
        profile.url, options=profile.options, desk=profile.desk, plain=profile.plain_http
    )


def _signed_in(profile: Profile) -> Server:
    """A server that is only asked, signed in with the password that this PC keeps for it."""
    from offcirc.servers import passwordstore  # noqa: PLC0415

    server = open_server(profile.url, {profile.url: profile})
    try:
        server.sign_in(profile.user, passwordstore.kept_if_any(profile.url, profile.user))
    except BaseException:
        server.close()
        raise
    return server


def _folio(profile: Profile) -> Server:
    from offcirc.servers.folio.adapter import FolioServer  # noqa: PLC0415 - httpx takes 100 ms

    return FolioServer(
        profile.url, profile.options, width=profile.width, plain_http=profile.plain_http
    )


def _evergreen(profile: Profile) -> Server:
    from offcirc.servers.evergreen.adapter import EvergreenServer  # noqa: PLC0415 - httpx takes 100 ms

    return EvergreenServer(profile.url, profile.options, plain_http=profile.plain_http)
