"""Signing in again when a session has expired, once for all threads that notice it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from offcirc.servers.errors import (
    NoAnswerError,
    NotThisKindOfServerError,
    ServerFailedError,
    SessionExpiredError,
    UnreachableError,
    WrongPasswordError,
)


class Renewing:
    """Keeps threads from renewing what another has renewed already."""

    def __init__(self, url: str) -> None:
        """Prepare; ``url`` is the server's, for what is told of it."""
        self._url = url
        self._lock = threading.Lock()

    def renewed(self, still: Callable[[], bool], again: Callable[[], object]) -> bool:
        """Sign in again; false when another thread has done so meanwhile.

        Args:
            still: whether the session is still the one that has expired.
            again: signs in.

        Raises:
            SessionExpiredError: the password does not hold any more.
            UnreachableError: only the signing in was lost: what was to be asked was not done.
            ServerError: as ever.
        """
        with self._lock:
            if not still():
                return False
            try:
                again()
            except WrongPasswordError:
                raise SessionExpiredError(self._url) from None
            except (NoAnswerError, ServerFailedError, NotThisKindOfServerError) as error:
                raise UnreachableError(self._url, error.detail) from None
            return True
