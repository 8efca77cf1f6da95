"""Who signs in, and with which password: never from an argument, which others could read.

The user comes from ``--user``, ``OFFCIRC_USER`` or the settings; the password from
``OFFCIRC_PASSWORD``, the system's keyring or a question on the terminal. A practice server on this
machine is played on with its training account when nobody says otherwise.
"""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass, field

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


def find(user: str, url: str) -> Credentials:
    """The credentials for a server, asking on the terminal for what is not known.

    Args:
        user: the user name given or set; may be empty.
        url: the server's address.

    Raises:
        Stop: something is missing and there is no terminal to ask on.
    """
    from offcirc.servers.errors import in_the_open, unencrypted
    from offcirc.servers.passwordstore import VARIABLE

    if in_the_open(url) and not is_this_machine(url):
        output.note(unencrypted(url))
    if not user and not os.environ.get(VARIABLE) and (training := training_account(url)):
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
    password = _known_or_asked(user, url, VARIABLE)
    if not password:
        raise Stop(
            _(
                "The password is missing. Put it into the system’s keyring or into the variable"
                " OFFCIRC_PASSWORD, or start the command in a terminal, where it is asked for."
            )
        )
    return Credentials(user, password)


def mail_password(user: str, address: str) -> str:
    """The password of a mail server's user, asking on the terminal; empty when nobody knows it.

    Args:
        user: the user name there.
        address: the mail server's address, such as ``smtp://smtp.library.example``.
    """
    from offcirc.servers.passwordstore import MAIL_VARIABLE

    return _known_or_asked(user, address, MAIL_VARIABLE)


def training_account(url: str) -> Credentials | None:
    """The account of a practice server on this machine, if it is one; ``None`` for any other.

    Raises:
        UnreachableError: nothing answers at that address of this machine: to ask who signs in
            would hide that there is no server to sign in on.
    """
    if not is_this_machine(url):
        return None
    from offcirc.servers.http import ANSWER_SECONDS
    from offcirc.servers.training import find as find_training

    found = find_training(url, ANSWER_SECONDS)
    return Credentials(found.login, found.password) if found and found.login else None


def _known_or_asked(user: str, url: str, variable: str) -> str:
    """The password of the environment, the keyring or the terminal; empty when none tells it."""
    from offcirc.servers.passwordstore import BrokenStoreError, remembered

    try:
        found = remembered(url, user, variable)
    except BrokenStoreError as error:
        output.note(error.words())
        found = ""
    question = _("Password of {user} on {url}: ").format(user=user, url=url)
    return found or _asked(question, hidden=True)


def _asked(question: str, *, hidden: bool) -> str:
    if not is_terminal(sys.stdin):
        return ""
    if hidden:
        return getpass.getpass(question, stream=sys.stderr)
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
