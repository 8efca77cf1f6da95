"""``offcirc server``: the practice server, for training, drills and trying things out."""

from __future__ import annotations

import argparse
from datetime import datetime

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, path
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
            "address to listen on; the default only answers this machine, and PCs that shall"
            " upload to another one need plain_http in their site.toml"
        ),
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
    parser.epilog = _("Prints “listening on http://…” when it is ready. Ctrl+C ends it.")


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Serve until told to end."""
    from offcirc.practice.errors import ListenError
    from offcirc.practice.state import folder_for
    from offcirc.practice.web.serve import serve

    def ready(url: str) -> None:
        # Scripts wait for this very line: it is the same in every language.
        print(f"listening on {url}", flush=True)

    # A folder given for this server is its own; in the folder of everything, each library
    # that is played has a place.
    folder = context.data_dir
    if context.settings.values["data_dir"].layer is not Layer.COMMAND_LINE:
        folder = folder_for(folder, options.library)
    ports = [PORT, 0] if options.port is None else [options.port]
    for port in ports:
        try:
            serve(options.library, folder, options.host, port, options.now, ready)
            break
        except ListenError:
            if port == ports[-1]:
                raise
    output.note(_("The practice server has ended."))
    return Exit.FINE


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
