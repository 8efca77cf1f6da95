"""The session of a person on Koha: by token (24.05 and later), by password where none comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

from offcirc.servers.errors import (
    NoAnswerError,
    NotThisKindOfServerError,
    ServerFailedError,
    SessionExpiredError,
    TryLaterError,
    UnreachableError,
    WrongPasswordError,
)
from offcirc.servers.http import JsonClient, TextReply

SERVICE = "/cgi-bin/koha/offline_circ/service.pl"
QUEUE = "/cgi-bin/koha/offline_circ/list.pl"
SESSION = "CGISESSID"
AUTHENTICATION = "/cgi-bin/koha/svc/authentication"
_LOGIN_PAGE = ("main_auth", 'id="loginform"')

T = TypeVar("T")


class KohaSession:
    """Signs in, and again when the session has ended. Safe for several threads.

    The password is kept: older versions want it with each line, newer ones for a new session.

    Attributes:
        token: what goes with each POST; empty on older versions.
        cookie: the session, as a header has it.
        page: what Koha answered when the page of its queue was asked for.
    """

    def __init__(self, client: JsonClient) -> None:
        self._client = client
        self._credentials: tuple[str, str] | None = None
        self._renewing = threading.Lock()
        self.token = ""
        self.cookie = ""
        self.page: TextReply | None = None

    def open(self, login: str, password: str) -> None:
        """Sign in.

        Raises:
            WrongPasswordError, NotThisKindOfServerError, UnreachableError: as their names say.
        """
        self._credentials = (login, password)
        self._begin()

    def forget(self) -> None:
        """Forget the password."""
        self._credentials = None

    @property
    def shut_out(self) -> bool:
        """Whether this account does not get to the page of the queue."""
        page = self.page
        if page is None:
            return False
        return page.status in (401, 403) or any(sign in page.text for sign in _LOGIN_PAGE)

    def post(self, form: Mapping[str, str]) -> TextReply:
        """Send a line; when the session has expired (nothing was done then), once more."""
        renewed = False
        while True:
            token, session = self.token, self.cookie
            if token:
                headers = {"CSRF-TOKEN": token, "Cookie": session}
                reply = self._client.ask_text("POST", SERVICE, form, headers=headers)
            else:
                login, password = self._credentials or ("", "")
                old = {"userid": login, "password": password, "nocookie": "1"}
                reply = self._client.ask_text("POST", SERVICE, {**form, **old})
            if not _refused(reply):
                return reply
            if renewed or not token:
                raise SessionExpiredError(self._client.url)
            renewed = self._renew(session)

    def looked(self, ask: Callable[[], T]) -> T:
        """Ask the REST API; when the session has expired, once more."""
        session = self.cookie
        try:
            return ask()
        except SessionExpiredError:
            self._renew(session)
            return ask()

    def _renew(self, expired: str) -> bool:
        """Sign in again; false when another thread has done so meanwhile."""
        with self._renewing:
            if self.cookie != expired:
                return False
            try:
                self._begin()
            except WrongPasswordError:
                raise SessionExpiredError(self._client.url) from None
            except (NoAnswerError, ServerFailedError, NotThisKindOfServerError) as error:
                # Only the signing in was lost: what was to be asked has not been done.
                raise UnreachableError(self._client.url, error.detail) from None
            return True

    def _begin(self) -> None:
        """Sign in by token (24.05 and later); by password where no token comes."""
        if self._credentials is None:
            raise SessionExpiredError(self._client.url)
        login, password = self._credentials
        self.cookie = ""
        first = self._ask("GET", AUTHENTICATION)
        token = first.headers.get("csrf-token", "")
        if token:
            form = {"login_userid": login, "login_password": password}
            reply = self._ask("POST", AUTHENTICATION, form, token)
            if "<status>ok</status>" not in reply.text:
                raise WrongPasswordError(self._client.url)
            self.token = reply.headers.get("csrf-token", "") or token
            self.page = self._ask("GET", QUEUE)
            return
        if first.status == 200 and "<response" not in first.text:
            raise NotThisKindOfServerError(self._client.url)
        self.token = ""
        old = {"userid": login, "password": password}
        # An action that Koha does not know does nothing, but only for who may sign in.
        reply = self._ask("POST", SERVICE, {"action": "", **old})
        if _refused(reply):
            raise WrongPasswordError(self._client.url)
        if reply.status != 200 or reply.text.strip():
            raise NotThisKindOfServerError(self._client.url)
        self.page = self._ask("POST", QUEUE, {**old, "koha_login_context": "intranet"})

    def _ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None, token: str = ""
    ) -> TextReply:
        """Ask for something that belongs to signing in; the session comes and goes with it."""
        headers = {"CSRF-TOKEN": token} if token else {}
        if self.cookie:
            headers["Cookie"] = self.cookie
        reply = self._client.ask_text(method, path, form, headers=headers)
        if SESSION in reply.cookies:
            self.cookie = f"{SESSION}={reply.cookies[SESSION]}"
        pass_on(reply, self._client.url)
        return reply


def _refused(reply: TextReply) -> bool:
    """Whether Koha wants another sign-in, and has done nothing."""
    told = "Authentication failed." in reply.text or "auth_status" in reply.text
    return reply.status == 401 or (reply.status == 403 and "CSRF" in reply.text) or told


def pass_on(reply: TextReply, url: str, *, broken: bool = True) -> None:
    """What an answer says of the server as such.

    Raises:
        TryLaterError: it asks to wait.
        ServerFailedError: it is broken; with ``broken`` only.
    """
    if reply.status in (429, 503):
        raise TryLaterError(url, retry_after=reply.retry_after)
    if broken and reply.status >= 500:
        raise ServerFailedError(url)
