"""A real mail server for tests, with a certificate made on the spot."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "referent", "très secret"


def certificate(folder: Path, name: str = "localhost") -> Path:
    """A certificate of this machine, signed by itself, with its key: a PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@dataclass
class Letter:
    """A mail as it came in."""

    sender: str
    to: list[str]
    message: EmailMessage
    encrypted: bool


@dataclass
class Box:
    """What the mail server does with mail.

    Attributes:
        letters: what it has taken.
        strangers: addresses it does not take mail for.
        answer: what it says to a mail instead of taking it.
        signed_in: who has signed in.
    """

    letters: list[Letter] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    answer: str = ""
    signed_in: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.strangers:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append(
            Letter(
                envelope.mail_from,
                envelope.rcpt_tos,
                message,
                server.transport.get_extra_info("ssl_object") is not None,
            )
        )
        return "250 OK"

    def check(
        self, _server: Any, _session: Any, _envelope: Any, _how: str, said: Any
    ) -> AuthResult:
        fine = (
            isinstance(said, LoginPassword)
            and said.login.decode() == USER
            and said.password.decode() == PASSWORD
        )
        if fine:
            self.signed_in.append(USER)
        return AuthResult(success=fine, handled=fine)


class _Controller(Controller):
    """On a port that the system picks."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def post_office(box: Box, pem: Path | None, *, at_once: bool = False) -> Iterator[int]:
    """A mail server on this machine; its port.

    Args:
        box: what it does with mail.
        pem: its certificate; without one it offers no encryption.
        at_once: TLS from the beginning, instead of STARTTLS.
    """
    tls = None
    if pem is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem)
    controller = _Controller(
        box,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls if at_once else None,
        tls_context=None if at_once else tls,
        require_starttls=tls is not None and not at_once,
        authenticator=box.check,
        auth_require_tls=not at_once,
    )
    # It logs what clients do wrong, which is what some tests are about.
    log = logging.getLogger("mail.log")
    before, log.disabled = log.disabled, True
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
        log.disabled = before
