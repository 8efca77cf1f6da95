"""Signing in on a server, for the commands that ask or send something besides an upload."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offcirc.cli.frame.parser import Context
from offcirc.cli.uploads import credentials
from offcirc.i18n import _

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
    from offcirc.cli.uploads.upload import target_of
    from offcirc.servers.registry import open_server, profile_of

    target = target_of(name_or_url, context)
    profile = profile_of(target, context.settings.servers())
    with open_server(target.url, {target.url: profile}) as server:
        who = credentials.find(user or target.user, server.url)
        yield server, server.sign_in(who.login, who.password)
