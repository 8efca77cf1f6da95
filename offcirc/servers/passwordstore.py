"""The password store of the person's account on this PC (Windows Credential Manager and its like).

Opening it may take a while and may ask the desktop for leave: never from a window's thread. What
it is made of belongs to the PC and its settings, so it may fail in every way, and none of them is
a mistake of this program.
"""

from __future__ import annotations

import os
import threading

from offcirc.i18n import _

SERVICE = "offcirc"
"""The name under which passwords lie there; one kept by one door opens the other."""
VARIABLE = "OFFCIRC_PASSWORD"
MAIL_VARIABLE = "OFFCIRC_MAIL_PASSWORD"
"""Variables of the environment that hold a password, and go before the store."""
PATIENCE = 10.0
"""Seconds after which a store that is only tried is taken for one that does not answer."""


class BrokenStoreError(Exception):
    """The store cannot be used; the message is a reason without a password in it."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "The password store of this PC cannot be used ({reason}): type the password. Whoever "
            "looks after this PC can put the store in order (“offcirc doctor”)."
        ).format(reason=str(self))


def kept(url: str, login: str) -> str:
    """The password of a login at a server; empty if none is kept, or this PC has no store.

    Raises:
        BrokenStoreError: it has one that does not work.
    """
    if not url or not login:
        return ""
    try:
        import keyring  # noqa: PLC0415 - which looks for a store at once, and may fail
        from keyring.errors import NoKeyringError  # noqa: PLC0415

        try:
            found = keyring.get_password(SERVICE, _name(url, login))
        except NoKeyringError:
            return ""
    except Exception as error:
        raise _broken(error) from None
    return found if isinstance(found, str) else ""


def kept_if_any(url: str, login: str) -> str:
    """The same; empty, too, where the store does not work."""
    try:
        return kept(url, login)
    except BrokenStoreError:
        return ""


def remembered(url: str, login: str, variable: str = VARIABLE) -> str:
    """The password for a login at a server, from the environment or the store; else empty.

    Raises:
        BrokenStoreError: this PC's store does not work.
    """
    return os.environ.get(variable) or kept(url, login)


def keep(url: str, login: str, password: str) -> bool:
    """Keep a password; false when this PC has no store that can."""
    try:
        import keyring  # noqa: PLC0415

        keyring.set_password(SERVICE, _name(url, login), password)
        return bool(keyring.get_password(SERVICE, _name(url, login)) == password)
    except Exception:
        return False


def forget(url: str, login: str) -> None:
    """Keep no password of a login at a server; where no store works, none is kept."""
    try:
        import keyring  # noqa: PLC0415

        if keyring.get_password(SERVICE, _name(url, login)) is not None:
            keyring.delete_password(SERVICE, _name(url, login))
    except Exception:
        return


def exists() -> bool:
    """Whether this PC has a store, tried by asking it for a password that nobody kept.

    Raises:
        BrokenStoreError: it has one that does not work, or does not answer.
    """
    outcome: list[bool | BrokenStoreError] = []

    def work() -> None:
        try:
            outcome.append(_exists())
        except Exception as error:
            outcome.append(_broken(error))

    # A store may wait for somebody to unlock it, for ever.
    thread = threading.Thread(target=work, daemon=True, name="password-store")
    thread.start()
    thread.join(PATIENCE)
    found = outcome[0] if outcome else BrokenStoreError(_("it does not answer"))
    if isinstance(found, BrokenStoreError):
        raise found
    return found


def _exists() -> bool:
    import keyring  # noqa: PLC0415
    from keyring.errors import NoKeyringError  # noqa: PLC0415

    try:
        keyring.get_password(SERVICE, _name("doctor", "nobody"))
    except NoKeyringError:
        return False
    return True


def _broken(error: Exception) -> BrokenStoreError:
    # Its message only where it is Python's own about a module: others may quote what was asked.
    detail = f": {error}" if isinstance(error, ImportError) else ""
    number = error.args[0] if error.args else None
    if isinstance(number, int):  # Windows' own, such as 1312: its policy allows none to be kept
        detail = f" {number}"
    return BrokenStoreError(f"{type(error).__name__}{detail}")


def _name(url: str, login: str) -> str:
    return f"{login} @ {url.rstrip('/')}"
