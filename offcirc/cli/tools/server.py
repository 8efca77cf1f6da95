"""``offcirc server``: the practice server, for training, drills and trying things out."""

from __future__ import annotations

import argparse
import contextlib
import shutil
from datetime import datetime
from pathlib import Path

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, path
from offcirc.cli.frame.processes import LISTENING
from offcirc.i18n import _
from offcirc.settings.load import Layer

PORT = 8000
"""Where a practice server is looked for when nobody says otherwise."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``server``."""
    parser.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help=_("port to listen on; 8000 or, if it is taken, a free one when not given; 0: free"),
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar=_("ADDRESS"),
        help=_(
            "address to listen on; the default only answers this machine, another one needs a"
            " certificate and passwords that are not the sample’s"
        ),
    )
    parser.add_argument(
        "--tls-cert", type=path, metavar=_("FILE"), help=_("certificate with its chain, PEM")
    )
    parser.add_argument(
        "--tls-key", type=path, metavar=_("FILE"), help=_("its key; needed with --tls-cert")
    )
    parser.add_argument(
        "--library",
        type=path,
        metavar=_("FOLDER"),
        help=_("a library to play: policy.toml, items.csv, patrons.csv…; the sample if not given"),
    )
    parser.add_argument(
        "--now",
        type=_moment,
        metavar=_("TIME"),
        help=_("what the server’s clock shows at its start, such as 2018-01-17T17:32"),
    )
    parser.add_argument(
        "--generate",
        type=_many,
        metavar="N",
        help=_("play a library made up, with N readers and twice as many items"),
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help=_("the same one, the same library")
    )
    parser.add_argument(
        "--no-luhn", action="store_true", help=_("barcodes of that library without check digit")
    )
    once = parser.add_mutually_exclusive_group()
    once.add_argument(
        "--export",
        type=path,
        metavar=_("FOLDER"),
        help=_("write the library as it is now into a new folder, and end"),
    )
    once.add_argument(
        "--snapshot", metavar=_("NAME"), help=_("keep the library as it is now, and end")
    )
    once.add_argument("--restore", metavar=_("NAME"), help=_("go back to a snapshot, and end"))
    once.add_argument(
        "--reset", action="store_true", help=_("begin again with the first day, and end")
    )
    parser.epilog = _("Prints “listening on http://…” when it is ready. Ctrl+C ends it.")


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Serve until told to end."""
    from offcirc.cli.tools import drill
    from offcirc.practice.errors import ExposedError, ListenError
    from offcirc.practice.state import folder_for
    from offcirc.practice.web.serve import Tls, serve

    tls = None
    if options.tls_cert is not None or options.tls_key is not None:
        if options.tls_cert is None or options.tls_key is None:
            raise ExposedError(_("--tls-cert and --tls-key go together."))
        tls = Tls(options.tls_cert, options.tls_key)

    def ready(url: str) -> None:
        # Scripts wait for this very line: it is the same in every language.
        print(f"{LISTENING}{url}", flush=True)

    # A folder given for this server is its own; in the folder of everything, each library
    # that is played has a place.
    folder = context.data_dir
    if options.generate is not None:
        options.library = _generated(folder, options)
    if context.settings.values["data_dir"].layer is not Layer.COMMAND_LINE:
        folder = folder_for(folder, options.library)
    if _kept(folder, options):
        return Exit.FINE
    door = drill.door(context.data_dir, folder)
    ports = [PORT, 0] if options.port is None else [options.port]
    for port in ports:
        try:
            serve(options.library, folder, options.host, port, options.now, ready, tls, door)
            break
        except ListenError:
            if port == ports[-1]:
                raise
    output.note(_("The practice server has ended."))
    return Exit.FINE


def _generated(folder: Path, options: argparse.Namespace) -> Path:
    """The folder of a library made up; the one that was made before is taken again."""
    from offcirc.practice.errors import LibraryError
    from offcirc.practice.library import generate

    if options.library is not None:
        raise LibraryError(_("--generate makes a library: --library does not go with it."))
    luhn = not options.no_luhn
    digits = "" if luhn else "-plain"
    made = folder / "generated" / f"{options.generate}-{options.seed}{digits}"
    if not made.exists():
        today = (options.now or datetime.now()).date()  # noqa: DTZ005 - this PC's day
        draft = made.with_name(made.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        new = generate.make(options.generate, options.seed, today=today, luhn=luhn)
        generate.write(draft, new)
        draft.replace(made)
    return made


def _kept(folder: Path, options: argparse.Namespace) -> bool:
    """Whether something was asked for that is done without serving; it is done then."""
    from offcirc.practice import keeping, state
    from offcirc.practice.library import export

    wanted = (options.export, options.snapshot, options.restore, options.reset or None)
    if all(each is None for each in wanted):
        return False
    with (
        state.opened(folder, options.library) as kept,
        contextlib.closing(state.connect(kept.database)) as connection,
    ):
        if options.export is not None:
            export.write(connection, options.export, kept.policy.timezone)
            output.note(_("Written: {folder}").format(folder=options.export.absolute()))
        elif options.snapshot is not None:
            keeping.snapshot(connection, folder, options.snapshot)
            output.note(_("Kept as “{name}”.").format(name=options.snapshot))
        elif options.restore is not None:
            with keeping.snapshot_of(folder, options.restore) as draft:
                keeping.put(connection, draft)
            output.note(_("The library is as it was in “{name}”.").format(name=options.restore))
        else:
            with keeping.first_day(folder, options.library) as draft:
                keeping.put(connection, draft)
            output.note(_("The library begins again with its first day."))
    return True


def _many(text: str) -> int:
    from offcirc.practice.library.generate import LEAST, MOST

    if text.isascii() and text.isdigit() and LEAST <= int(text) <= MOST:
        return int(text)
    raise argparse.ArgumentTypeError(
        _("“{text}” should be a whole number from {least} to {most}").format(
            text=output.visible(text), least=LEAST, most=MOST
        )
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(
        _("“{text}” is no port; a port is a number from 0 to 65535").format(
            text=output.visible(text)
        )
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("“{text}” is no time; write it like 2018-01-17T17:32").format(
                text=output.visible(text)
            )
        ) from None
