"""Being signed in to FOLIO: a token that is gone after ten minutes, renewed in mid-upload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from offcirc.servers.errors import (
    NotAllowedError,
    NotThisKindOfServerError,
    ServerFailedError,
    ServerRefusedError,
    SessionExpiredError,
    TryLaterError,
    WrongPasswordError,
)
from offcirc.servers.folio.wire import any_of, permissions_in
from offcirc.servers.http import JsonClient, Reply
from offcirc.servers.renewing import Renewing

PAGE = 1000
"""Records of one answer."""
ASKED = 40
"""Values in one query: an address has room for some thousand characters."""

_ACCESS, _REFRESH = "folioAccessToken", "folioRefreshToken"


class FolioSession:
    """One account at one tenant. Safe for several threads, once signed in.

    The password is kept in memory to sign in again when even the refresh token has expired.
    """

    def __init__(
        self, url: str, tenant: str, *, answer_seconds: float, plain_http: bool = False
    ) -> None:
        """Prepare; nothing is sent yet; see :class:`offcirc.servers.http.JsonClient`."""
        self.client = JsonClient(
            url, answer_seconds=answer_seconds, plain_http=plain_http, plain_text=True
        )
        self.url = self.client.url
        self._tenant = tenant
        self._credentials: tuple[str, str] | None = None
        self._tokens: Mapping[str, str] = {}
        self._renewing = Renewing(self.url)

    def sign_in(self, login: str, password: str) -> None:
        """Sign in.

        Raises:
            WrongPasswordError: FOLIO does not know this login with this password.
            ServerError: as ever.
        """
        self._credentials = (login, password)
        body = {"username": login, "password": password}
        reply = self._send("POST", "/authn/login-with-expiry", body)
        if reply.status in (401, 422):
            raise WrongPasswordError(self.url)
        if reply.status == 404:
            raise NotThisKindOfServerError(self.url)
        self.done(reply)
        if not reply.cookies.get(_ACCESS):
            raise NotThisKindOfServerError(self.url)
        self._tokens = reply.cookies

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask; a token that has expired (nothing was done then) is renewed, then ask again."""
        renewed = False
        while True:
            tokens = self._tokens
            reply = self._send(method, path, body, params, _ACCESS)
            if reply.status != 401:
                return reply
            if renewed:
                raise SessionExpiredError(self.url)
            renewed = self._renewing.renewed(partial(self._are_tokens, tokens), self._renew)

    def done(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that says that the request was done.

        Raises:
            ServerError: it says anything else. FOLIO's words are left out: they may name readers.
        """
        status = reply.status
        if 200 <= status < 300:
            if not isinstance(reply.body, dict):
                raise NotThisKindOfServerError(self.url)
            return reply.body
        if status in (429, 503):
            raise TryLaterError(self.url, "", reply.retry_after)
        if status >= 500:
            raise ServerFailedError(self.url, f"HTTP {status}")
        if status == 403:
            raise NotAllowedError(self.url, permissions_in(reply.text or str(reply.body)))
        # Neither 404 nor 409 is about an upload: FOLIO knows of none.
        raise ServerRefusedError(self.url, f"HTTP {status}", 400)

    def records(self, path: str, name: str, query: str = "") -> Iterator[dict[str, Any]]:
        """All records that a query finds, whatever their number."""
        got = 0
        while True:
            params = {"limit": str(PAGE), "offset": str(got)} | ({"query": query} if query else {})
            body = self.done(self.ask("GET", path, params=params))
            rows = body.get(name)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise NotThisKindOfServerError(self.url)
            yield from rows
            got += len(rows)
            if len(rows) < PAGE:
                return

    def found(
        self, path: str, name: str, field: str, values: Sequence[str], also: str = ""
    ) -> Iterator[dict[str, Any]]:
        """The records whose field is one of the values, and that match ``also``."""
        distinct = list(dict.fromkeys(values))
        for start in range(0, len(distinct), ASKED):
            query = any_of(field, distinct[start : start + ASKED])
            wanted = f"{query} and ({also})" if also else query
            yield from self.records(path, name, f"{wanted} sortby id")

    def close(self) -> None:
        """Let go of the connections and forget the password. Idempotent."""
        self._credentials = None
        self._tokens = {}
        self.client.close()

    def _are_tokens(self, tokens: Mapping[str, str]) -> bool:
        return self._tokens is tokens

    def _renew(self) -> None:
        reply = self._send("POST", "/authn/refresh", None, None, _REFRESH, _ACCESS)
        if reply.status in (200, 201) and reply.cookies.get(_ACCESS):
            self._tokens = {**self._tokens, **reply.cookies}
        elif self._credentials is None:
            raise SessionExpiredError(self.url)
        else:
            self.sign_in(*self._credentials)

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        *cookies: str,
    ) -> Reply:
        headers = {"x-okapi-tenant": self._tenant, "Accept": "application/json, text/plain"}
        known = [f"{name}={self._tokens[name]}" for name in cookies if name in self._tokens]
        if known:
            headers["Cookie"] = "; ".join(known)
        return self.client.ask(method, path, body, headers=headers, params=params)
