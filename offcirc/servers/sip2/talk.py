"""One question at a time over a wire: signing in, numbers, messages that came damaged."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from offcirc.servers.errors import (
    NoAnswerError,
    NotThisKindOfServerError,
    ServerFailedError,
    SessionExpiredError,
    UnreachableError,
    WrongPasswordError,
)
from offcirc.servers.sip2 import codec
from offcirc.servers.sip2.codec import CannotSayError, GarbledError, SipMessage, WrongSumError
from offcirc.servers.sip2.wires import Wire

TRIES = 3
"""How often damaged messages go again, in both directions."""


class Talk:
    """Asks a system. Safe for several threads, one after the other.

    Attributes:
        status: what the system says of itself (98), read and not believed; ``None``: nothing yet.
    """

    def __init__(self, url: str, wire: Wire, *, charset: str) -> None:
        """Prepare; nothing is sent yet."""
        self.status: SipMessage | None = None
        self._url = url
        self._wire = wire
        self._charset = charset
        self._location = ""
        self._credentials: tuple[str, str] | None = None
        self._lock = threading.Lock()
        self._number = 0

    def sign_in(self, login: str, password: str, location: str) -> None:
        """Connect and sign in, afresh.

        Raises:
            ServerError: it is not to be.
        """
        with self._lock:
            self._credentials, self._location = (login, password), location
            self._wire.close()
            try:
                self._open()
            except (GarbledError, NoAnswerError):
                raise NotThisKindOfServerError(self._url) from None
            except CannotSayError:
                raise WrongPasswordError(self._url) from None

    def ask(
        self, code: str, fixed: Mapping[str, str], fields: Sequence[tuple[str, str]]
    ) -> SipMessage:
        """Ask one question.

        Raises:
            CannotSayError: a value cannot be sent; nothing was.
            NoAnswerError: sent, but no usable answer came.
            ServerError: nothing was sent.
        """
        with self._lock:
            codec.encode(code, fixed, fields, charset=self._charset)
            self._ready()
            return self._exchange(code, fixed, fields)

    def forget(self) -> None:
        """Forget the password and let go of the connection."""
        with self._lock:
            self._credentials = None
            self._wire.close()

    def _ready(self) -> None:
        if self._credentials is None:
            raise SessionExpiredError(self._url)
        try:
            self._open()
        except WrongPasswordError:
            raise SessionExpiredError(self._url) from None
        except (NoAnswerError, ServerFailedError, NotThisKindOfServerError) as error:
            # Only the signing in was lost: what was to be asked has not been done.
            raise UnreachableError(self._url, error.detail) from None

    def _open(self) -> None:
        login, password = self._credentials or ("", "")
        if not self._wire.open(login, password):
            return
        self._number = 0
        if login and not self._wire.signs_in:
            fields = [("CN", login), ("CO", password), ("CP", self._location)]
            fixed = {"uid_algorithm": "0", "password_algorithm": "0"}
            if self._exchange("93", fixed, fields).fixed["ok"] != "1":
                self._wire.close()
                raise WrongPasswordError(self._url)
        fixed = {"status": "0", "width": "080", "version": "2.00"}
        self.status = self._exchange("99", fixed, ())

    def _exchange(
        self, code: str, fixed: Mapping[str, str], fields: Sequence[tuple[str, str]]
    ) -> SipMessage:
        number = self._number
        self._number = (self._number + 1) % 10
        frame = codec.encode(code, fixed, fields, sequence=number, charset=self._charset)
        question = frame
        for _try in range(TRIES):
            try:
                answer = codec.decode(self._wire.ask(question), self._charset)
            except WrongSumError:
                question = codec.ASK_AGAIN
                continue
            except GarbledError:
                break
            if answer.code == "96":
                question = frame  # it could not read us, and has done nothing
                continue
            if answer.code != codec.ANSWERS[code] or answer.sequence not in ("", str(number)):
                break  # the answer to another question says nothing about this one
            return answer
        self._wire.close()
        raise NoAnswerError(self._url, "garbled answer")

    @property
    def clock(self) -> datetime | None:
        """What the system's clock showed; aware, or naive by the library's own time."""
        if self._wire.clock is not None or self.status is None:
            return self._wire.clock
        return codec.read_moment(self.status.fixed["date"])
