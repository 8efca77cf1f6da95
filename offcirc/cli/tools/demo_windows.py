"""The demonstration for somebody with a screen: the real windows, and what to try in them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from offcirc import i18n
from offcirc.cli.frame import output, processes
from offcirc.cli.frame.exits import Exit
from offcirc.cli.uploads import credentials
from offcirc.i18n import _

_LOOK_SECONDS = 0.3
_END_SECONDS = 15


def run(folder: Path) -> Exit:
    """Open desk and uploader beside a practice server; end with the windows, or with Ctrl+C.

    The uploader opens when the desk has saved its file: two windows at once would lie on top of
    each other on most screens, and the second is of no use before the first has been used.
    """
    language = i18n.language()
    server_data = str(folder / "practice-server")
    with ExitStack() as stack:
        url = stack.enter_context(
            processes.practice_server("--data-dir", server_data, "--lang", language)
        )
        file = folder / "desk" / "OffCirc.dat"
        _tell(folder, url, file)
        desk = stack.enter_context(_window("desk", folder / "desk", language))
        while desk.poll() is None and not file.exists():
            time.sleep(_LOOK_SECONDS)
        uploader = stack.enter_context(_window("uploader", folder / "referent", language))
        while desk.poll() is None or uploader.poll() is None:
            time.sleep(_LOOK_SECONDS)
    output.say(_("Everything is kept in {folder}").format(folder=folder))
    return Exit.FINE


def _tell(folder: Path, url: str, file: Path) -> None:
    account = credentials.training_account(url)
    output.heading(_("OffCirc: try it"))
    output.say(
        _(
            "The desk’s window opens now, the referent’s (uploader) when the desk has saved"
            " its file or is closed."
        )
    )
    output.heading(_("In the desk’s window"))
    output.say(
        _("  Type a borrower, Enter, then item barcodes, each with Enter, as a scanner does:")
    )
    output.say("    9951658533103   UBX84850911   37084718953   37999000123")
    output.say(_("  Ctrl+Alt+R for a return:") + "  UBX99643558")
    output.say(_("  Then “Save To File”."))
    output.heading(_("In the referent’s window"))
    output.say(_("  Server: {url}").format(url=url))
    if account is not None:
        text = _("  User: {login}, password: {password}")
        output.say(text.format(login=account.login, password=account.password))
    output.say(_("  Circulation desk: {code}").format(code="BUC_PRET"))
    output.say(_("  File: {file}").format(file=file))
    output.say()
    output.say(_("Close both windows to end, or press Ctrl+C here."))


@contextmanager
def _window(name: str, data: Path, language: str) -> Iterator[subprocess.Popen[bytes]]:
    """A window's process while the ``with`` block lasts."""
    words = [name, "--data-dir", str(data), "--lang", language]
    process = subprocess.Popen(  # noqa: S603 - our own program
        processes.command(*words), env=processes.environment(), stdin=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()  # the desk saves what is pending when it is told to end
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
