"""What can go wrong between this program and a library system, and how a librarian is told.

Every error is the world's, not a bug: it has words. None of them holds a reader's identifier or a
password, so that it may be logged.
"""

from __future__ import annotations

from offcirc.i18n import _


def in_the_open(url: str) -> bool:
    """Whether what goes to an address is not encrypted."""
    return url.partition(":")[0] in ("http", "sip2", "sip2+http")


def unencrypted(url: str) -> str:
    """The warning about a server that the library lets passwords go to all the same."""
    return _(
        "The way to {url} is not encrypted: everybody on it can read the password and the "
        "readers’ identifiers. Your library allows it in site.toml."
    ).format(url=url)


class ServerError(Exception):
    """Something is wrong with the library system, the network or the account.

    Attributes:
        url: the server's address, without credentials; empty when not known.
        detail: the server's or the system's own words; may be empty. Never holds request data.
    """

    def __init__(self, url: str = "", detail: str = "") -> None:
        super().__init__(f"{type(self).__name__}: {url} {detail}".rstrip())
        self.url = url
        self.detail = detail

    def words(self) -> str:
        """What to tell a librarian: what happened and what to do next, in the active language."""
        return self._with_detail(_("The server {url} cannot be used.").format(url=self.url))

    def _with_detail(self, text: str) -> str:
        if not self.detail:
            return text
        return _("{text} (The server says: {detail})").format(text=text, detail=self.detail)


class BadAddressError(ServerError):
    """The address given for the server is no web address, or holds a password."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "“{url}” is not the address of a server. An address looks like "
            "http://127.0.0.1:8000 and holds neither a login nor a password."
        ).format(url=self.url)


class PlainHttpError(ServerError):
    """The address is one of another machine and without encryption; nothing is sent there."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The way to {url} is not encrypted: everybody on it could read the password and the "
            "readers’ identifiers. Nothing was sent. Use an address that begins with https:// "
            "(or sip2s://); only your library can allow this one, in site.toml (plain_http)."
        ).format(url=self.url)


class UnknownServerError(ServerError):
    """The name given for the server is in no list."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "No server is called “{url}”. Give a name from the settings, or an address that "
            "begins with http:// or https://."
        ).format(url=self.url)


class ByHandError(ServerError):
    """The library system takes files that people carry to it: there is nothing to connect to."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{url} takes files by hand only. “offcirc upload FILES --server {url}” writes them, "
            "with a checklist."
        ).format(url=self.url)


class UnreachableError(ServerError):
    """No connection could be made: whatever was to be sent has certainly not been sent."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The server {url} does not answer. Check the network and that the server is running, "
            "then try again: what is already done is kept."
        ).format(url=self.url)


class CertificateError(UnreachableError):
    """Its certificate does not prove that it is the server asked for; nothing was sent."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{url} answers, but its certificate does not prove that it is this server: {reason}. "
            "Nothing was sent. Tell the people who run it."
        ).format(url=self.url, reason=self.detail)


class EncryptionError(UnreachableError):
    """Something listens there, but no encrypted connection came about; nothing was sent."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "{url} answers, but not with an encrypted connection ({reason}). Nothing was sent. "
            "Check the address and its port."
        ).format(url=self.url, reason=self.detail)


class NoAnswerError(ServerError):
    """The request was sent, but no usable answer came back: it may or may not have been done."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The connection to the server {url} broke before it answered. "
            "Try again: what is already done is kept, and nothing is recorded twice."
        ).format(url=self.url)


class TooSlowError(NoAnswerError):
    """The request was sent, but its answer was not whole when the time for it was up."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The server {url} takes too long to answer. "
            "Try again: what is already done is kept, and nothing is recorded twice."
        ).format(url=self.url)


class TryLaterError(ServerError):
    """The server is busy and has done nothing.

    Attributes:
        retry_after: seconds the server asks to wait, or ``None``.
    """

    def __init__(self, url: str = "", detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(url, detail)
        self.retry_after = retry_after

    def words(self) -> str:
        """What to tell a librarian."""
        return _("The server {url} is busy. Try again in a few minutes.").format(url=self.url)


class TooManyPasswordsError(TryLaterError):
    """Wrong passwords came too often: for a while not even the right one is looked at."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "Too many wrong passwords were tried on the server {url}. Wait {seconds} s, then try "
            "again."
        ).format(url=self.url, seconds=round(self.retry_after or 1))


class WrongPasswordError(ServerError):
    """The server does not know this login with this password."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The server {url} does not accept this login and password. Check Caps Lock; the "
            "account is that of the library system."
        ).format(url=self.url)


class NotAllowedError(ServerError):
    """The account may not do this: it lacks a permission, or the desk is not one of its own."""

    def words(self) -> str:
        """What to tell a librarian."""
        return self._with_detail(
            _(
                "The library system does not let this account do that: it lacks a permission, or "
                "the circulation desk chosen is not one of its own."
            )
        )


class NotOperatorError(NotAllowedError):
    """The account has not the role that Alma wants of who uploads, or not at this desk."""

    def words(self) -> str:
        """What to tell a librarian."""
        return self._with_detail(
            _(
                "This account may not upload. Uploading needs the role of Circulation Desk "
                "Operator (not Limited) at the circulation desk chosen."
            )
        )


class NotStaffError(NotAllowedError):
    """The account lets in a reader, or somebody who may not lend."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "This account may not upload: it is not an account of staff with the permission to "
            "lend."
        )


class UnknownDeskError(ServerError):
    """The server has no circulation desk of this code."""

    def words(self) -> str:
        """What to tell a librarian."""
        return self._with_detail(
            _("The server {url} does not know this circulation desk.").format(url=self.url)
        )


class SessionExpiredError(ServerError):
    """The sign-in has expired and signing in again did not help."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The sign-in on the server {url} has expired. Sign in again and resume the upload."
        ).format(url=self.url)


class NotThisKindOfServerError(ServerError):
    """Something answers at this address, but not the library system that was expected."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "What answers at {url} is not the library server: it may be a web page or the "
            "network’s sign-in page. Check the address, and open it in a browser to see."
        ).format(url=self.url)


class RedirectedError(NotThisKindOfServerError):
    """What answers sends us to another address, where nothing is sent."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The server {url} sends us on to {target}, and nothing was sent there. If that is the "
            "right address, give it instead."
        ).format(url=self.url, target=self.detail or "?")


class ServerFailedError(ServerError):
    """The server had an inner error: it may or may not have done what it was asked."""

    def words(self) -> str:
        """What to tell a librarian."""
        return self._with_detail(
            _("The server {url} has an inner error. Tell the people who run it.").format(
                url=self.url
            )
        )


class ServerRefusedError(ServerError):
    """The server refuses the request as such, and has done nothing.

    Attributes:
        status: the HTTP status.
        code: the server's name for the reason.
    """

    def __init__(self, url: str = "", detail: str = "", status: int = 0, code: str = "") -> None:
        super().__init__(url, detail)
        self.status = status
        self.code = code

    def words(self) -> str:
        """What to tell a librarian."""
        return self._with_detail(_("The server {url} refuses the request.").format(url=self.url))
