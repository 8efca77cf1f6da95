"""``--mail``: the report of an upload by mail."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Stop
from offcirc.cli.frame.parser import Context
from offcirc.cli.uploads import credentials, reports
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.upload.mail.mail import MailServer
    from offcirc.upload.report.report import JobReport


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--mail``."""
    parser.add_argument(
        "--mail",
        nargs="?",
        const="",
        action="append",
        type=_address,
        metavar=_("ADDRESS"),
        help=_(
            "also mail the report, to this address or to those of the setting mail.to; may be"
            " repeated"
        ),
    )


def _address(text: str) -> str:
    if text and "@" not in text:
        raise argparse.ArgumentTypeError(
            _("“{text}” is not a mail address; write --mail after the files").format(
                text=output.visible(text)
            )
        )
    return text


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail that can be sent: all that is needed is there.

    Attributes:
        server: by whom.
        to: to whom.
        names: whether it holds readers' names.
        password: of the mail server's user.
    """

    server: MailServer
    to: tuple[str, ...]
    names: bool
    password: str = field(repr=False)

    def send(self, report: JobReport) -> None:
        """Send a report, and say to whom.

        Raises:
            MailError: it was not sent.
        """
        from offcirc.upload.mail.mail import send

        taken = send(report, self.server, self.password, to=self.to, names=self.names)
        output.note(_("Report mailed to {addresses}.").format(addresses=", ".join(taken)))
        for address in self.to:
            if address not in taken:
                output.note(
                    _("The mail server does not take mail for {address}.").format(address=address)
                )


def prepare(options: argparse.Namespace, context: Context, *, after_upload: bool) -> Mailing | None:
    """What is needed to mail a report, looked for before any work is done; ``None``: no mail.

    Raises:
        MailError: a setting is missing.
        Stop: the password is missing.
    """
    settings = context.settings
    wanted: list[str] | None = options.mail
    if wanted is None:
        if not (after_upload and settings.switch("mail.after_upload")):
            return None
        wanted = []
    from offcirc.upload.mail.mail import check, mail_server

    server = mail_server(settings.text)
    to = check(server, [address for address in wanted if address])
    password = ""
    if server.user:
        password = credentials.mail_password(server.user, server.address)
        if not password:
            raise Stop(
                _(
                    "The password of {user} on the mail server {host} is missing. Put it into the"
                    " system’s keyring or into the variable OFFCIRC_MAIL_PASSWORD, or start the"
                    " command in a terminal, where it is asked for."
                ).format(user=server.user, host=server.host)
            )
    return Mailing(server, to, reports.names_travel(settings), password)
