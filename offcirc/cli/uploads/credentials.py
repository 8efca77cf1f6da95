"""Who signs in, and with which password: never from an argument, which others could read.

The user comes from ``--user``, ``OFFCIRC_USER`` or the settings; the password from
``OFFCIRC_PASSWORD``, the system's keyring or a question on the terminal. A practice server on this
machine is played on with its training account when nobody says otherwise.
"""

from __future__ import annotations

import csv
import getpass
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from offcirc import resources
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Stop
from offcirc.commandline import is_terminal
from offcirc.core.loopback import is_this_machine
from offcirc.i18n import _


@dataclass(frozen=True, slots=True)
class Credentials:
    """What to sign in with."""

    login: str
    password: str = field(repr=False)


def find(user: str, url: str, environment: Mapping[str, str] | None = None) -> Credentials:
    """The credentials for a server, asking on the terminal for what is not known.

    Args:
        user: the user name given or set; may be empty.
        url: the server's address.
        environment: the environment; that of the process when not given.

    Raises:
        Stop: something is missing and there is no terminal to ask on.
    """
    environment = os.environ if environment is None else environment
    from offcirc.servers.errors import in_the_open, unencrypted

    if in_the_open(url) and not is_this_machine(url):
        output.note(unencrypted(url))
    password = environment.get("OFFCIRC_PASSWORD", "")
    if not user and not password and (training := training_account(url)):
        return training
    if not user:
        user = _asked(_("User name on {url}: ").format(url=url), hidden=False)
        if not user:
            raise Stop(
                _(
                    "Who signs in on {url}? Give the user name with --user, or set it in the"
                    " settings (servers.NAME.user) or in OFFCIRC_USER."
                ).format(url=url)
            )
    password = password or _from_keyring(user, url)
    if not password:
        question = _("Password of {user} on {url}: ").format(user=user, url=url)
        password = _asked(question, hidden=True)
    if not password:
        raise Stop(
            _(
                "The password is missing. Put it into the system’s keyring or into the variable"
                " OFFCIRC_PASSWORD, or start the command in a terminal, where it is asked for."
            )
        )
    return Credentials(user, password)


def mail_password(user: str, address: str, environment: Mapping[str, str] | None = None) -> str:
    """The password of a mail server's user, asking on the terminal; empty when nobody knows it.

    Args:
        user: the user name there.
        address: the mail server's address, such as ``smtp://smtp.library.example``.
        environment: the environment; that of the process when not given.
    """
    environment = os.environ if environment is None else environment
    question = _("Password of {user} on {url}: ").format(user=user, url=address)
    return (
        environment.get("OFFCIRC_MAIL_PASSWORD", "")
        or _from_keyring(user, address)
        or _asked(question, hidden=True)
    )


def training_account(url: str) -> Credentials | None:
    """The account of a practice server on this machine, if it is one; ``None`` for any other.

    The server tells it to those on its own machine; one that does not is tried with the account
    of the sample library.

    Raises:
        UnreachableError: nothing answers at that address of this machine.
    """
    if not is_this_machine(url):
        return None
    from offcirc.servers.errors import ServerError, UnreachableError
    from offcirc.servers.http import JsonClient

    try:
        client = JsonClient(url)
        try:
            answer = client.ask("GET", "/api/v1/health").body
        finally:
            client.close()
    except UnreachableError:
        raise  # to ask who signs in would hide that there is no server to sign in on
    except ServerError:
        return None  # whoever uploads next meets the same fault, and words it
    if not isinstance(answer, dict) or answer.get("service") != "offcirc-practice":
        return None
    told = answer.get("training_account")
    if isinstance(told, dict):
        login, password = told.get("login"), told.get("password")
        if isinstance(login, str) and isinstance(password, str):
            return Credentials(login, password)
    return _sample_account()


def _sample_account() -> Credentials | None:
    with suppress(OSError, KeyError, csv.Error):
        path = resources.path("practice/toulouse/accounts.csv")
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["role"] == "operator":
                    return Credentials(row["login"], row["password"])
    return None


def _from_keyring(user: str, url: str) -> str:
    """The password kept there, or nothing: a machine without a keyring is no fault."""
    from offcirc.servers.passwordstore import BrokenStoreError, kept

    try:
        return kept(url, user)
    except BrokenStoreError as error:
        output.note(error.words())
        return ""


def _asked(question: str, *, hidden: bool) -> str:
    if not is_terminal(sys.stdin):
        return ""
    if hidden:
        return getpass.getpass(question, stream=sys.stderr)
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
