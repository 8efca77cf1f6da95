"""Signing in on a server, for the commands that ask or send something besides an upload."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Stop
from offcirc.cli.frame.parser import Context
from offcirc.cli.uploads import credentials
from offcirc.i18n import _
from offcirc.settings.kinds import WrongValueError
from offcirc.settings.load import ServerSettings

if TYPE_CHECKING:
    from offcirc.servers.protocol import Account, Server


def server_arguments(parser: argparse._ArgumentGroup) -> None:
    """Declare ``--server`` and ``--user``."""
    parser.add_argument(
        "--server",
        metavar=_("NAME|URL"),
        help=_("name of a server in the settings, or its address; the only one set if not given"),
    )
    parser.add_argument(
        "--user", metavar=_("NAME"), help=_("user name to sign in with (also OFFCIRC_USER)")
    )


@contextmanager
def signed_in(
    name_or_url: str | None, user: str | None, context: Context
) -> Iterator[tuple[Server, Account]]:
    """A server, signed in on, and who is.

    Raises:
        Stop: nobody said which server or who signs in.
        ServerError: signing in failed.
    """
    from offcirc.servers.registry import open_server, profile_of

    target = target_of(name_or_url, context)
    profile = profile_of(target, context.settings.servers())
    with open_server(target.url, {target.url: profile}) as server:
        who = credentials.find(user or target.user, server.url)
        yield server, server.sign_in(who.login, who.password)


def target_of(name_or_url: str | None, context: Context) -> ServerSettings:
    """The server to upload to.

    Raises:
        Stop: nobody said which, or it is unknown.
    """
    known = context.settings.servers()
    if name_or_url is not None and (folder := _carried(name_or_url)) is not None:
        return folder
    if name_or_url is None:
        if len(known) == 1:
            return next(iter(known.values()))
        text = _("Which server? Give --server with its address{names}.")
        names = _(" or one of: {names}").format(names=", ".join(known)) if known else ""
        raise Stop(text.format(names=names))
    try:
        server = context.settings.server(name_or_url)
    except WrongValueError:
        raise Stop(
            _(
                "“{url}” is not an address of a server. It should look like"
                " https://library.example:8080, without user name or password."
            ).format(url=output.visible(_without_password(name_or_url)))
        ) from None
    if server is None:
        text = _("There is no server “{name}” in the settings. {known}")
        names = ", ".join(known)
        hint = (
            _("Known: {names}.").format(names=names)
            if known
            else _("Give its address, which begins with http:// or https://.")
        )
        raise Stop(text.format(name=output.visible(name_or_url), known=hint))
    return server


def _without_password(url: str) -> str:
    scheme, _colon, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _carried(text: str) -> ServerSettings | None:
    """The server that ``KIND:FOLDER`` stands for; ``None`` for any other text.

    Raises:
        Stop: the folder is missing.
    """
    from offcirc.servers.registry import folder_named

    found = folder_named(text)
    if found is None:
        return None
    system, folder = found
    if not folder:
        raise Stop(_("In which folder? It should look like alma-file:/srv/offcirc/alma."))
    return ServerSettings("", "", system.kind, folder=str(Path(folder).expanduser()))
