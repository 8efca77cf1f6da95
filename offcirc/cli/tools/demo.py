"""``offcirc demo``: an outage from the first scan to the last line of the report, on this machine.

Nothing is played: a practice server is started, the desk's window receives real keys, the files
are uploaded by the same commands a referent uses. It all stays in one folder, which is kept.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from offcirc import i18n, resources
from offcirc.cli.frame import output, processes
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, path
from offcirc.cli.frame.places import has_display
from offcirc.cli.uploads import credentials
from offcirc.commandline import is_terminal
from offcirc.disk.access import make_closed
from offcirc.i18n import _, ngettext

SAMPLE = "practice/toulouse/OffCirc.dat"
"""Two days of an outage in Toulouse, 57 lines, nine of them refused."""
DESK = "BUC_PRET"
_STEP_SECONDS = 90


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``demo``."""
    parser.add_argument(
        "--output",
        type=path,
        metavar=_("FOLDER"),
        help=_("where everything is kept; a new temporary folder if not given"),
    )
    parser.add_argument(
        "--no-windows",
        action="store_true",
        help=_("tell the story here, even on a machine with a screen"),
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Tell the story here, or open the windows for somebody who can try them."""
    # Told to end, it must take its server and windows with it.
    signal.signal(getattr(signal, "SIGBREAK", signal.SIGTERM), signal.default_int_handler)
    folder = new_folder(options.output)
    if has_display() and is_terminal(sys.stdout) and not options.no_windows:
        return _with_windows(folder)
    return _story(folder)


def new_folder(wanted: Path | None) -> Path:
    """A new folder of its own for this demonstration: an earlier one is never touched.

    Raises:
        OSError: it cannot be made.
    """
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="offcirc-demo-"))
    number = 1
    folder = wanted.absolute()
    while folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        number += 1
        folder = wanted.absolute().with_name(f"{wanted.name}-{number}")
    make_closed(folder)
    return folder


def _story(folder: Path) -> Exit:
    output.say(_("OffCirc: an outage, from the first scan to the last line of the report."))
    output.say(
        _("Everything happens on this machine, in the folder {folder}").format(folder=folder)
    )

    output.heading(_("1. A library to practise on"))
    language = i18n.language()
    server_data = str(folder / "practice-server")
    with processes.practice_server(
        "--port", "0", "--data-dir", server_data, "--lang", language
    ) as url:
        output.say(_("The practice server plays a library of Toulouse: {url}").format(url=url))

        output.heading(_("2. The library system is down: the desk goes on lending"))
        desk_file = _outage(folder)

        output.heading(_("3. What the desk has kept"))
        _show_file(desk_file)

        output.heading(_("4. The system is back: the referent uploads the desk’s file"))
        today = folder / "report-today.html"
        _upload(folder, url, desk_file, today)

        output.heading(_("5. A longer outage: two days, one desk of the same library"))
        sample = resources.path(SAMPLE)
        longer = folder / "report-toulouse.html"
        _upload(folder, url, sample, longer)

        output.heading(_("6. Once more the same file, by mistake"))
        output.say(_("Nothing is recorded twice, whichever PC it is uploaded from:"))
        _upload(folder, url, sample, None)

    output.heading(_("To look at"))
    for title, name in (
        (_("The desk’s window:"), "desk-loan.png"),
        ("", "desk-return.png"),
        ("", "desk-saved.png"),
        (_("The reports, for any browser:"), today.name),
        ("", longer.name),
        (_("The desk’s file:"), desk_file.relative_to(folder)),
    ):
        if title:
            output.say(title)
        output.say(f"  {folder / name}")
    output.say()
    text = _(
        "Try it yourself: “{program} server”, “{program} desk” and “{program} uploader”;"
        " “--help” tells more."
    )
    output.say(text.format(program=processes.typed()))
    return Exit.FINE


def _outage(folder: Path) -> Path:
    """Let the real window record a short outage; return its OffCirc.dat.

    Raises:
        Stop: the window could not be opened, or did not do what it should.
    """
    data = folder / "desk"
    words = ["--data-dir", str(data), "--lang", i18n.language(), "--pictures", str(folder)]
    done = processes.run(
        processes.command(*words, module="offcirc.desk.program.rehearsal"),
        timeout=_STEP_SECONDS,
        QT_QPA_PLATFORM="offscreen",
    )
    for line in done.stdout.splitlines():
        output.say(f"  {line}")
    if done.returncode:
        # The last line says what is missing; those before say where in the program.
        reason = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        text = _(
            "The desk’s window did not work here ({reason}). “{program} doctor” tells what to do."
        )
        shown = output.visible(reason.removeprefix("ImportError: "))
        raise Stop(text.format(reason=shown, program=processes.typed()))
    return data / "OffCirc.dat"


def _show_file(file: Path) -> None:
    lines = file.read_bytes().decode("ascii").splitlines()
    text = ngettext(
        "{file} holds {count} line: date, time, L or R, item barcode, borrower.",
        "{file} holds {count} lines: date, time, L or R, item barcode, borrower.",
        len(lines),
    )
    output.say(text.format(file=file.name, count=len(lines)))
    output.say()
    for line in lines:
        output.say(f"  {line}")


def _upload(folder: Path, url: str, file: Path, report: Path | None) -> None:
    """Upload a file as a referent would, and show what the command prints.

    Args:
        folder: the demonstration's.
        url: the server's address.
        file: what to upload.
        report: where the report goes; without one, the uploading PC is another one and only the
            job's row is shown.

    Raises:
        Stop: the upload did not come to its end.
    """
    words = [str(file), "--server", url, "--desk", DESK]
    typed = " ".join([processes.typed(), "upload", file.name, *words[1:]])
    output.say(f"$ {typed}")
    output.say()
    if report is not None:
        words += ["--report", str(report)]
    data = folder / ("referent" if report is not None else "another-pc")
    options = ["--data-dir", str(data), "--lang", i18n.language()]
    # On a terminal the command draws its table itself, as wide as the terminal is.
    inherit = report is not None and output.on_terminal(sys.stdout)
    done = processes.run(
        processes.command("upload", *words, *options), timeout=_STEP_SECONDS, inherit=inherit
    )
    if not inherit:
        shown = done.stdout if report is not None else done.stdout.partition("\n\n")[0]
        for line in shown.splitlines():
            output.say(f"  {line}".rstrip())
    if done.returncode not in (Exit.FINE, Exit.EXCEPTIONS):
        reason = (done.stderr or "").strip() or str(done.returncode)
        raise Stop(_("The upload did not come to its end: {reason}").format(reason=reason))


_LOOK_SECONDS = 0.3
_END_SECONDS = 15


def _with_windows(folder: Path) -> Exit:
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
