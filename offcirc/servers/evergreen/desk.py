"""Evergreen's gateway and its offline script: signed in at a workstation, and asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from offcirc.servers.errors import (
    NoAnswerError,
    NotAllowedError,
    NotThisKindOfServerError,
    ServerFailedError,
    ServerRefusedError,
    SessionExpiredError,
    TryLaterError,
    UnknownDeskError,
    WrongPasswordError,
)
from offcirc.servers.evergreen.events import code_of
from offcirc.servers.http import JsonClient, TextReply
from offcirc.servers.renewing import Renewing
from offcirc.servers.values import text

_GATEWAY = "/osrf-gateway-v1"
_OFFLINE = "/cgi-bin/offline/offline.pl"


class EvergreenDesk:
    """One account at one workstation; the token is renewed when it has expired."""

    def __init__(
        self, url: str, workstation: str, *, answer_seconds: float, plain_http: bool = False
    ) -> None:
        """Prepare; nothing is sent yet; see :class:`offcirc.servers.http.JsonClient`."""
        self.client = JsonClient(url, answer_seconds=answer_seconds, plain_http=plain_http)
        self.url = self.client.url
        self.workstation = workstation
        self._credentials: tuple[str, str] | None = None
        self._token = ""
        self._renewing = Renewing(self.url)

    def sign_in(self, login: str, password: str) -> None:
        """Sign in as staff at the workstation.

        Raises:
            WrongPasswordError: Evergreen does not know this login with this password.
            UnknownDeskError: the workstation is not registered.
            ServerError: as ever.
        """
        self._credentials = (login, password)
        asked = {"username": login, "password": password, "type": "staff"}
        form = {
            "service": "open-ils.auth",
            "method": "open-ils.auth.login",
            "param": json.dumps(asked | {"workstation": self.workstation}),
        }
        body = self._read(self.client.ask_text("POST", _GATEWAY, form))
        payload = body.get("payload") if isinstance(body, dict) else None
        event = payload[0] if isinstance(payload, list) and payload else None
        if not isinstance(event, dict):
            raise NotThisKindOfServerError(self.url)
        code = code_of(event)
        if code == "LOGIN_FAILED":
            raise WrongPasswordError(self.url)
        if code == "WORKSTATION_NOT_FOUND":
            raise UnknownDeskError(self.url, self.workstation)
        if code:
            raise NotAllowedError(self.url, code)
        session = event.get("payload")
        self._token = text(session, "authtoken") if isinstance(session, dict) else ""
        if not self._token:
            raise NotThisKindOfServerError(self.url)

    def ask(
        self, action: str, file: bytes | None = None, /, **more: str
    ) -> dict[str, Any] | list[Any]:
        """Ask the offline script; an expired token (nothing was done then) is renewed.

        Raises:
            NotAllowedError: the account may not do this; the permission is named.
            ServerError: as ever.
        """
        files = {"file": ("pending.xacts", file)} if file is not None else None
        renewed = False
        while True:
            token = self._token
            form = {"ses": token, "ws": self.workstation, "wc": "1", "action": action, **more}
            body = self._read(self.client.ask_text("POST", _OFFLINE, form, files=files))
            code = code_of(body) if isinstance(body, dict) else ""
            if code != "NO_SESSION":
                break
            if renewed:
                raise SessionExpiredError(self.url)
            renewed = self._renewing.renewed(partial(self._is_token, token), self._again)
        if code == "PERM_FAILURE":
            raise NotAllowedError(self.url, text(body, "ilsperm") if isinstance(body, dict) else "")
        if code == "WORKSTATION_NOT_FOUND":
            raise UnknownDeskError(self.url, self.workstation)
        return body

    def close(self) -> None:
        """Let go of the connections and forget the password. Idempotent."""
        self._credentials = None
        self._token = ""
        self.client.close()

    def _is_token(self, token: str) -> bool:
        return self._token == token

    def _again(self) -> None:
        if self._credentials is None:
            raise SessionExpiredError(self.url)
        self.sign_in(*self._credentials)

    def _read(self, reply: TextReply) -> dict[str, Any] | list[Any]:
        """The JSON of an answer, whatever kind of text it says it is."""
        status = reply.status
        if status in (429, 503):
            raise TryLaterError(self.url, "", reply.retry_after)
        if status >= 500:
            raise ServerFailedError(self.url, f"HTTP {status}")
        if status >= 400:
            raise ServerRefusedError(self.url, f"HTTP {status}", 400)
        if "html" in reply.kind:
            raise NotThisKindOfServerError(self.url)
        try:
            body = json.loads(reply.text)
        except (ValueError, RecursionError):
            raise NoAnswerError(self.url, "truncated answer") from None
        if not isinstance(body, dict | list):
            raise NotThisKindOfServerError(self.url)
        return body


def payload_text(body: Mapping[str, Any] | list[Any]) -> str:
    """The text that an event brings, such as the key of a session."""
    return text(body, "payload") if isinstance(body, dict) else ""
