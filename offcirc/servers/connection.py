"""Whether a library system can be uploaded to: found out step by step, recording nothing."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from offcirc.i18n import _, ngettext
from offcirc.servers.errors import (
    CertificateError,
    EncryptionError,
    ServerError,
    UnreachableError,
    in_the_open,
)
from offcirc.servers.http import CONNECT_SECONDS
from offcirc.servers.protocol import Abilities, Account, Dated, Server

TOLERANCE = 120
"""Seconds that clocks may differ: desks write minutes."""
_PORTS = {"http": 80, "https": 443, "sip2": 6001, "sip2s": 6443}


@dataclass(frozen=True, slots=True)
class ConnectionFound:
    """What a test of a connection has found.

    Attributes:
        url: the address.
        good: what is as it should be, in sentences of the active language.
        problems: what would keep an upload from beginning, or would spoil it.
        limits: what the system, or this account, can and cannot do.
        abilities: the same, for programs.
        clock_seconds: by how much its clock is ahead of this PC's; ``None``: it does not say.
    """

    url: str
    good: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    abilities: Mapping[str, object] = field(default_factory=dict)
    clock_seconds: int | None = None

    @property
    def ok(self) -> bool:
        """Whether an upload may begin."""
        return not self.problems


def reach(url: str) -> None:
    """Connect and look at the certificate; nothing is sent.

    Raises:
        UnreachableError: there is no connection, or none to be trusted.
    """
    web = urlsplit(url.removeprefix("sip2+"))
    host, port = web.hostname or "", web.port or _PORTS.get(web.scheme, 443)
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS) as plain:
            if web.scheme in ("https", "sip2s"):
                ssl.create_default_context().wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        raise CertificateError(url, error.verify_message) from None
    except ssl.SSLError as error:
        raise EncryptionError(url, error.reason or type(error).__name__) from None
    except OSError as error:
        raise UnreachableError(url, type(error).__name__) from None


def tried(
    server: Server, login: str, password: str, *, desk: str = "", now: datetime | None = None
) -> ConnectionFound:
    """Sign in and look around; nothing is recorded.

    Args:
        server: not signed in yet; stays open.
        login: the user name.
        password: the password.
        desk: code of the circulation desk that is to be uploaded at, if that is known.
        now: the time; this PC's if not given.
    """
    good: list[str] = []
    try:
        account = server.sign_in(login, password)
        good.append(_reached(server.url))
        good.append(_("{login} is signed in.").format(login=login))
        known = {one.code for one in server.desks()}
    except ServerError as error:
        return ConnectionFound(server.url, tuple(good), (error.words(),))
    problems = _at_desks(account, known, desk, good)
    seconds = _clock(server, now or datetime.now(UTC), good, problems)
    return ConnectionFound(
        server.url,
        tuple(good),
        tuple(problems),
        (*told(server.abilities), *server.limits()),
        facts(server.abilities),
        seconds,
    )


def _reached(url: str) -> str:
    if url.startswith(("https:", "sip2s:", "sip2+https:")):
        return _("{url} answers, and its certificate is good.").format(url=url)
    if in_the_open(url):
        return _("{url} answers, without encryption.").format(url=url)
    return _("{url} answers.").format(url=url)


def _at_desks(account: Account, known: set[str], desk: str, good: list[str]) -> list[str]:
    if not account.desks:
        return [_("This account may upload at no circulation desk.")]
    if desk and desk not in known:
        return [_("The system does not know the circulation desk {desk}.").format(desk=desk)]
    if desk and desk not in account.desks:
        return [_("This account may not upload at {desk}.").format(desk=desk)]
    codes = ", ".join(account.desks)
    text = ngettext(
        "This account may upload at the circulation desk {desks}.",
        "This account may upload at the circulation desks {desks}.",
        len(account.desks),
    )
    good.append(text.format(desks=codes))
    return []


def _clock(server: Server, now: datetime, good: list[str], problems: list[str]) -> int | None:
    shown = server.clock()
    if shown is None:
        return None
    seconds = round((shown - now).total_seconds())
    minutes = max(1, round(abs(seconds) / 60))
    if abs(seconds) <= TOLERANCE:
        good.append(_("Its clock and that of this PC agree."))
    elif seconds > 0:
        text = _("Its clock is {minutes} min ahead of this PC’s: one of them is wrong.")
        problems.append(text.format(minutes=minutes))
    else:
        text = _("Its clock is {minutes} min behind this PC’s: one of them is wrong.")
        problems.append(text.format(minutes=minutes))
    return seconds


def facts(abilities: Abilities) -> dict[str, object]:
    """What a system can honour, for programs."""
    return {
        "keeps_dates": sorted(abilities.keeps_dates),
        "overrides_blocks": abilities.overrides_blocks,
        "dry_run": abilities.dry_run,
        "look_up": abilities.look_up,
        "look_back": abilities.look_back,
        "batch_size": abilities.batch_size,
        "width": abilities.width,
    }


def told(abilities: Abilities) -> tuple[str, ...]:
    """What a system can honour, in sentences of the active language."""
    return (
        *_dates(abilities),
        _("Loans to blocked readers are recorded all the same.")
        if abilities.overrides_blocks
        else _("Loans to blocked readers may be refused."),
        _("Lines can be tried without recording them.")
        if abilities.dry_run
        else _("Lines cannot be tried: items and readers can be looked up beforehand.")
        if abilities.look_up
        else _("Nothing can be asked before the upload."),
        _("A line whose answer is lost is looked up before anything is sent again.")
        if abilities.look_back
        else _("A line whose answer is lost is sent again: the system knows it by its key.")
        if abilities.idempotent_keys
        else _("A line whose answer is lost stays unknown, for a person to look up."),
    )


def _dates(abilities: Abilities) -> tuple[str, ...]:
    kept = abilities.keeps_dates
    told = []
    if Dated.LOANS not in kept:
        told.append(_("Loans get the date of the upload, not that of the desk."))
    if Dated.RETURNS not in kept:
        told.append(_("Returns get the date of the upload, not that of the desk."))
    if Dated.RENEWALS not in kept and Dated.LOANS in kept:
        told.append(_("Renewals get the date of the upload, not that of the desk."))
    return tuple(told) or (_("Loans and returns keep the time of the desk."),)
