"""The mail server: how to reach it, and what can go wrong on the way, in sentences.

The way there is encrypted unless the library says otherwise, the server's certificate is always
checked, and a password never goes over a way that is not encrypted.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from offcirc.i18n import N_, _
from offcirc.upload.base.celltext import legible
from offcirc.upload.base.errors import MailError

SECONDS = 30.0
"""How long a mail server may take for an answer."""
_TROUBLE: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        N_(
            "The certificate of the mail server {host} is not trusted ({reason}); nothing was "
            "sent. If the library has a certificate authority of its own, name its file in the "
            "setting mail.ca_file."
        ),
    ),
    (
        ssl.SSLError,
        N_(
            "The mail server {host} does not speak TLS there ({reason}); nothing was sent. Check "
            "mail.port and mail.security: 587 goes with starttls, 465 with tls."
        ),
    ),
    (
        smtplib.SMTPAuthenticationError,
        N_(
            "The mail server {host} does not accept this user name and password ({reason}). Check "
            "mail.user and the password."
        ),
    ),
    (
        smtplib.SMTPNotSupportedError,
        N_(
            "The mail server {host} does not offer what the settings ask for ({reason}); nothing "
            "was sent. Check mail.security and mail.user."
        ),
    ),
    (
        smtplib.SMTPRecipientsRefused,
        N_("The mail server {host} does not take mail for this address: {reason}."),
    ),
    (
        smtplib.SMTPSenderRefused,
        N_("The mail server {host} does not take mail from the address in mail.from: {reason}."),
    ),
    (
        smtplib.SMTPResponseException,
        N_("The mail server {host} has refused the mail: {reason}."),
    ),
    (
        smtplib.SMTPServerDisconnected,
        N_(
            "The mail server {host} broke the connection, or said nothing. Check mail.port and "
            "mail.security, then try again."
        ),
    ),
    (
        OSError,
        N_(
            "The mail server {host} does not answer ({reason}). Check mail.server and mail.port, "
            "and that this PC has a network."
        ),
    ),
)
"""What can go wrong, the narrower before the wider."""
_ELSE = N_("The mail could not be sent by {host}: {reason}.")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes, as the settings ``mail.*`` say.

    Attributes:
        host: the mail server's name; empty when none is set.
        security: ``starttls``, ``tls`` or ``none``.
        user: who signs in; empty when nobody does.
        sender: the address that reports come from.
        to: the addresses they go to when nobody names another.
        ca_file: what the server's certificate is checked against; the system's own if ``None``.
        attach: the formats attached, without the dot.
    """

    host: str
    port: int
    security: str
    user: str
    sender: str
    to: tuple[str, ...]
    ca_file: Path | None
    attach: tuple[str, ...]

    @property
    def address(self) -> str:
        """Its address, under which a password store keeps the password."""
        return f"smtp://{self.host}"


def mail_server(setting: Callable[[str], str]) -> MailServer:
    """The mail server of the settings.

    Args:
        setting: the value of a setting as text, by its key.
    """
    ca_file = setting("mail.ca_file")
    return MailServer(
        host=setting("mail.server"),
        port=int(setting("mail.port")),
        security=setting("mail.security"),
        user=setting("mail.user"),
        sender=setting("mail.from"),
        to=_listed(setting("mail.to")),
        ca_file=Path(ca_file) if ca_file else None,
        attach=_listed(setting("mail.attach")),
    )


def deliver(
    server: MailServer, password: str, message: EmailMessage, to: Sequence[str]
) -> tuple[str, ...]:
    """Hand a message to the mail server.

    Args:
        server: the mail server.
        password: of its user, if there is one.
        message: what to send.
        to: to whom.

    Returns:
        the addresses it was taken for.

    Raises:
        MailError: it was taken for none; the words tell why and what to do.
    """
    if server.user and server.security == "none":
        raise MailError(
            server.host,
            _(
                "A password is not sent without encryption: set mail.security to starttls or tls, "
                "or take mail.user away."
            ),
        )
    with _wording(server), _connected(server) as connection:
        if server.user:
            _sign_in(connection, server.user, password)
        refused = connection.send_message(message, server.sender, list(to))
    return tuple(address for address in to if address not in refused)


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server, encrypted as the settings ask for."""
    name = socket.gethostname()  # not the full name: asking for it can take half a minute
    connection: smtplib.SMTP
    if server.security == "tls":
        connection = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=SECONDS, context=_tls(server)
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=SECONDS)
    try:
        if server.security == "starttls":
            connection.starttls(context=_tls(server))
        yield connection
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def _sign_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    """Sign in, also with letters that Python's own way does not let through (RFC 4616: UTF-8)."""
    if (user + password).isascii():
        connection.login(user, password)
        return
    connection.ehlo_or_helo_if_needed()
    ways = connection.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in ways:
        answer = connection.docmd("AUTH", "PLAIN " + _base64(f"\0{user}\0{password}"))
    elif "LOGIN" in ways:
        connection.docmd("AUTH", "LOGIN " + _base64(user))
        answer = connection.docmd(_base64(password))
    else:
        raise smtplib.SMTPNotSupportedError("AUTH PLAIN, AUTH LOGIN")
    if answer[0] not in (235, 503):  # signed in; was signed in already
        raise smtplib.SMTPAuthenticationError(*answer)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _tls(server: MailServer) -> ssl.SSLContext:
    """How the server's certificate is checked: always."""
    if server.ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(server.ca_file))
    except (OSError, ssl.SSLError):
        raise MailError(
            server.host,
            _("The certificate {file} of the setting mail.ca_file cannot be read.").format(
                file=legible(str(server.ca_file))
            ),
        ) from None


@contextmanager
def _wording(server: MailServer) -> Iterator[None]:
    """Turn what can go wrong on the way into a sentence."""
    try:
        yield
    except MailError:
        raise
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise MailError(server.host, _sentence(error, server)) from error


def _sentence(error: Exception, server: MailServer) -> str:
    host = f"{server.host}:{server.port}"
    for kind, text in _TROUBLE:
        if isinstance(error, kind):
            return _(text).format(host=host, reason=_reason(error))
    return _(_ELSE).format(host=host, reason=_reason(error))


def _reason(error: Exception) -> str:
    """The mail server's own words, or the system's."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        first = next(iter(error.recipients.items()), None)
        return _answer(first[1][0], first[1][1]) + f" ({first[0]})" if first else ""
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return legible(error.verify_message)
    if isinstance(error, OSError):
        return legible(error.strerror or str(error) or type(error).__name__)
    return legible(str(error))


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return legible(f"{code} {said}")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
