"""``offcirc servers``: which library systems there are, and whether one can be uploaded to."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, format_argument
from offcirc.cli.uploads import credentials
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.servers.connection import ConnectionFound


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be asked."""
    parser.add_argument("ask", choices=("list", "test"), help=_("list them, or test one"))
    parser.add_argument(
        "server",
        nargs="?",
        metavar=_("NAME|URL"),
        help=_("name of a server in the settings, or its address; the only one set if not given"),
    )
    parser.add_argument(
        "--user", metavar=_("NAME"), help=_("user name to sign in with (also OFFCIRC_USER)")
    )
    format_argument(parser)
    parser.epilog = _(
        "A test signs in and looks around; nothing is recorded. Exit code 0: an upload may begin;"
        " 1: something stands in its way; 2: it could not be tried."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """List the servers, or test one."""
    if options.ask == "list":
        return _list(options.format, context)
    from offcirc.cli.uploads import handover
    from offcirc.cli.uploads.signing import target_of
    from offcirc.servers.connection import ConnectionFound, tried
    from offcirc.servers.errors import ByHandError, ServerError
    from offcirc.servers.registry import open_server, profile_of

    target = target_of(options.server, context)
    if handover.system_of(target) is not None:
        raise ByHandError(target.name or target.folder)
    profile = profile_of(target, context.settings.servers())
    try:
        with open_server(target.url, {target.url: profile}) as server:
            who = credentials.find(options.user or target.user, server.url)
            found = tried(server, who.login, who.password, desk=target.desk)
    except ServerError as error:
        found = ConnectionFound(target.url, problems=(error.words(),))
    _show(found, target.kind, options.format)
    return Exit.FINE if found.ok else Exit.EXCEPTIONS


def _list(form: str, context: Context) -> Exit:
    from offcirc.settings.options import declared

    named = context.settings.servers()
    kinds = dict(declared("servers.*.kind").kind.choices)
    if form == "json":
        rows = [
            {"name": one.name, "kind": one.kind, "address": one.url or one.folder}
            for one in named.values()
        ]
        output.say(json.dumps({"kinds": list(kinds), "servers": rows}, ensure_ascii=False))
        return Exit.FINE
    output.heading(_("Library systems that there is a door to"))
    for kind, name in kinds.items():
        words = _(name)
        output.say(f"  {kind:<12} {words}")
    output.heading(_("Servers in the settings"))
    for one in named.values():
        output.say(f"  {one.name:<12} {one.kind:<12} {output.visible(one.url or one.folder)}")
    if not named:
        output.say("  " + _("None."))
    return Exit.FINE


def _show(found: ConnectionFound, kind: str, form: str) -> None:
    if form == "json":
        answer = {
            "ok": found.ok,
            "kind": kind,
            "abilities": dict(found.abilities),
            "problems": list(found.problems),
            "limits": list(found.limits),
            "clock_seconds": found.clock_seconds,
        }
        output.say(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for sign, sentences in (("✓", found.good), ("✗", found.problems), ("•", found.limits)):
        for sentence in sentences:
            output.say(f"{sign} {output.visible(sentence)}")
