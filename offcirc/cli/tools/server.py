"""``offcirc server``: the practice server, for training, drills and trying things out."""

from __future__ import annotations

import argparse
from datetime import datetime

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
    parser.epilog = _("Prints “listening on http://…” when it is ready. Ctrl+C ends it.")


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Serve until told to end."""
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
    if context.settings.values["data_dir"].layer is not Layer.COMMAND_LINE:
        folder = folder_for(folder, options.library)
    ports = [PORT, 0] if options.port is None else [options.port]
    for port in ports:
        try:
            serve(options.library, folder, options.host, port, options.now, ready, tls)
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
