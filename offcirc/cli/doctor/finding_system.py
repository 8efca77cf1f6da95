"""The doctor's look at the PC around the program: clock, language, windows, keyring, servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from offcirc import RELEASED, __version__, i18n, ourselves, resources, words
from offcirc.cli.doctor.finding import DoctorFinding, fine, problem, worth_knowing
from offcirc.cli.frame import output
from offcirc.cli.frame.places import has_display
from offcirc.core.clockwatch import LIFETIME
from offcirc.i18n import _
from offcirc.settings.files import Written
from offcirc.settings.load import ServerSettings, Settings

_RELEASED = datetime.fromisoformat(RELEASED).replace(tzinfo=UTC)
_TOLERANCE = timedelta(minutes=5)
_WINDOW_SECONDS = 20


def version() -> DoctorFinding:
    """Which program this is."""
    python = ".".join(map(str, sys.version_info[:3]))
    text = _("OffCirc {version}, Python {python}, {system}.")
    return fine("version", text.format(version=__version__, python=python, system=sys.platform))


def settings(found: Settings) -> Iterator[DoctorFinding]:
    """Whether the settings files are in order."""
    from offcirc.settings.sense import contradictions

    complaints = found.complaints + contradictions(found)
    for complaint in complaints:
        yield problem("settings", complaint.sentence(), _("Correct the settings."))
    yield from map(_source, found.sources, _roles(found))
    if not complaints:
        yield fine("settings", _("The settings are in order."))


def _roles(found: Settings) -> tuple[str, ...]:
    roles = (_("In addition"), _("Whole machine"), _("This account"))
    return roles[-len(found.sources) :]


def _source(written: Written, role: str) -> DoctorFinding:
    """Whether a settings file is in force."""
    shown = output.visible(str(written.path))
    if written.complaints:
        text = _("{role}: {file} is left out.")
        return problem("settings-file", text.format(role=role, file=shown), _("Correct it."))
    text = _("{role}: {file} is in force.") if written.exists else _("{role}: {file} is not there.")
    return fine("settings-file", text.format(role=role, file=shown))


def clock(latest: datetime | None, now: datetime | None = None) -> DoctorFinding:
    """Whether the PC's clock can be right; every loan is dated by it.

    Args:
        latest: when the last transaction of the journal was recorded, if there is one.
        now: the time; the system's when not given.
    """
    now = now or datetime.now(UTC)
    local = words.when(now.astimezone())
    zone = words.zone(now.astimezone()) or "?"
    advice = _("Set the clock of this PC before anything is recorded.")
    if now < _RELEASED:
        text = _("The clock shows {time}, earlier than this program was made.")
        return problem("clock", text.format(time=local), advice)
    if now > _RELEASED + LIFETIME:
        text = _("The clock shows {time}, many years after this program was made.")
        return problem("clock", text.format(time=local), advice)
    if latest is not None and latest > now + _TOLERANCE:
        text = _("The clock shows {time}, but the last transaction was recorded at {last}.")
        last = words.when(latest.astimezone())
        return problem("clock", text.format(time=local, last=last), advice)
    text = _("The clock shows {time} ({zone}). Is that right?")
    return fine("clock", text.format(time=local, zone=zone))


def language() -> DoctorFinding:
    """Whether the program speaks the language it should."""
    active = i18n.language()
    name = {"en": _("English"), "fr": _("French")}[active]
    try:
        complete = active == "en" or any(resources.path(f"locale/{active}").rglob("*.mo"))
    except FileNotFoundError:
        complete = False
    if not complete:
        return problem(
            "language",
            _("The texts in the language chosen are missing."),
            _("The installation is incomplete: install OffCirc again."),
        )
    return fine("language", _("Language: {name}.").format(name=name))


def windows() -> DoctorFinding:
    """Whether the windows can open: Qt is there, and the system's libraries that it needs."""
    try:
        from PySide6 import QtWidgets  # noqa: F401 - to see whether it can be imported
    except ImportError as error:
        return problem(
            "windows",
            _("The windows cannot be opened: {reason}.").format(reason=error.msg),
            _("Install OffCirc again, or the system library that is named."),
        )
    if not has_display():
        return worth_knowing(
            "windows",
            _("Qt is installed, but there is no display here, so no window can be opened."),
            _("The commands check, upload, jobs, report, server and demo work without one."),
        )
    # Qt ends the whole process when it cannot use the display, so another one tries.
    try:
        tried = subprocess.run(  # noqa: S603 - our own program
            ourselves.command(module="offcirc.windows.probe"),
            env=ourselves.environment(),
            capture_output=True,
            text=True,
            timeout=_WINDOW_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        tried = None
    if tried is not None and "opened" in tried.stdout:
        return fine("windows", _("The windows can be opened."))
    lines = tried.stderr.strip().splitlines() if tried else []
    reason = next((line for line in lines if "librar" in line or "xcb-cursor" in line), "")
    return problem(
        "windows",
        _("The windows cannot be opened: {reason}.").format(
            reason=reason.rstrip(".") or _("the display does not answer")
        ),
        _("Install the system library that is named, or sign in on the screen of this PC."),
    )


def keyring() -> DoctorFinding:
    """Whether passwords can be kept in the system's keyring; only uploading needs one."""
    from offcirc.servers.passwordstore import BrokenStoreError, exists

    try:
        usable = exists()
    except BrokenStoreError as error:
        return worth_knowing(
            "keyring",
            _("The system’s keyring cannot be used ({reason}).").format(reason=error),
            _(
                "Passwords are asked for at each upload. Look at PYTHON_KEYRING_BACKEND and at"
                " keyringrc.cfg, and at whether the keyring is unlocked."
            ),
        )
    if usable:
        return fine("keyring", _("The system’s keyring can keep the passwords for uploading."))
    return worth_knowing(
        "keyring",
        _("This system has no keyring: passwords are asked for at each upload."),
    )


def servers(found: Settings) -> Iterator[DoctorFinding]:
    """Whether the servers in the settings answer, and are what they should be."""
    from offcirc.servers.errors import in_the_open, unencrypted
    from offcirc.servers.passwordstore import kept_if_any

    for server in found.servers().values():
        if password := kept_if_any(server.url, server.user):
            yield from _signed_in(server, found, password)
        else:
            yield _folder(server) if server.folder and not server.url else _server(server)
        if server.plain_http and in_the_open(server.url):
            yield worth_knowing(
                "server",
                unencrypted(server.url),
                _("Ask the people who run it for an address that begins with https://."),
            )


def _folder(server: ServerSettings) -> DoctorFinding:
    """Whether files for Alma can be written where they belong."""
    folder = Path(server.folder)
    name = server.name
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        text = _("Files of the server {name} go to {folder}.").format(name=name, folder=folder)
        return fine("server", text)
    if folder.exists():
        text = _("Files of the server {name} cannot be written to {folder}.")
        return problem(
            "server",
            text.format(name=name, folder=folder),
            _("Choose another folder in the settings, or let this account write to it."),
        )
    text = _("The folder {folder} of the server {name} is made at its first use.")
    return worth_knowing("server", text.format(name=name, folder=folder))


def _signed_in(server: ServerSettings, found: Settings, password: str) -> Iterator[DoctorFinding]:
    """Whether an upload could begin, where this PC keeps the password."""
    from offcirc.servers.connection import tried
    from offcirc.servers.errors import ServerError
    from offcirc.servers.registry import open_server, profile_of

    profile = profile_of(server, found.servers())
    try:
        with open_server(server.url, {server.url: profile}) as opened:
            told = tried(opened, server.user, password, desk=server.desk)
    except ServerError as error:
        yield problem("server", error.words(), _("Correct its address in the settings."))
        return
    for sentence in told.problems:
        advice = _("“offcirc servers test {name}” tells more.").format(name=server.name)
        yield problem("server", sentence, advice)
    if told.ok:
        yield fine("server", " ".join((f"{server.name}:", *told.good)))


def _reached(server: ServerSettings) -> DoctorFinding:
    """Whether a server answers, without signing in."""
    from offcirc.servers.connection import reach
    from offcirc.servers.errors import ServerError

    try:
        reach(server.url)
    except ServerError as error:
        return problem("server", error.words(), _("Uploading waits until the server answers."))
    text = _("The server {name} answers at {url}.")
    return fine("server", text.format(name=server.name, url=server.url))


def _server(server: ServerSettings) -> DoctorFinding:
    from offcirc.servers.errors import ServerError
    from offcirc.servers.http import JsonClient

    if server.kind != "practice":
        return _reached(server)
    try:
        client = JsonClient(server.url, answer_seconds=10, plain_http=server.plain_http)
        try:
            answer = client.ask("GET", "/api/v1/health")
        finally:
            client.close()
    except ServerError as error:
        return problem("server", error.words(), _("Uploading waits until the server answers."))
    body = answer.body
    if not isinstance(body, dict) or "service" not in body:
        text = _("What answers at {url} is not a library server.").format(url=server.url)
        return problem("server", text, _("Check its address in the settings."))
    text = _("The server {name} answers at {url}.")
    return fine("server", text.format(name=server.name, url=server.url))
