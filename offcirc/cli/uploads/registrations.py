"""``offcirc registrations``: readers without a card, validated or refused before the upload."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offcirc import words
from offcirc.cli.files.sources import within
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument
from offcirc.cli.frame.places import account
from offcirc.cli.uploads import signing
from offcirc.core.registration import is_provisional
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.storage.registrations.registry import RegistrationRow, Registry


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``registrations``."""
    parser.add_argument(
        "act",
        choices=("list", "validate", "refuse", "undo", "send", "key"),
        metavar=_("ACTION"),
        help=_(
            "list them; validate or refuse one; undo that, within a day; send them to a practice"
            " server’s list and take over what was decided there; or make a key for the "
            "settings (registrations.key)"
        ),
    )
    parser.add_argument(
        "about",
        nargs="*",
        metavar=_("FILE or ID"),
        help=_(
            "to list: OffCirc.dat files or folders, beside which registrations lie; else the "
            "number of one, or its provisional card"
        ),
    )
    parser.add_argument(
        "--state",
        choices=("pending", "validated", "refused", "all"),
        default="all",
        help=_("list only those of this state"),
    )
    parser.add_argument(
        "--card", default="", metavar=_("CARD"), help=_("to validate: the reader’s real card")
    )
    parser.add_argument("--reason", default="", metavar=_("REASON"), help=_("to refuse: why"))
    parser.add_argument(
        "--who", default="", metavar=_("NAME"), help=_("who decides; your user name if not given")
    )
    signing.server_arguments(parser.add_argument_group(_("sending them")))
    format_argument(parser)
    parser.epilog = _(
        "Loans to a provisional card are held back until its registration is decided; validated, "
        "they go up under the real card, at their time. Exit code 0: done, and nothing waits;"
        " 1: done, and registrations wait; 2: not done."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """List or decide."""
    if options.act == "key":
        from offcirc.storage.registrations.seal import new_key

        output.say(new_key())
        return Exit.FINE
    about_files = options.act in ("list", "send")
    if about_files:
        take_in(within([Path(one) for one in options.about]), context)
    elif len(options.about) != 1 or (options.act == "validate") != bool(options.card):
        raise Stop(_("Give the number of one registration; to validate it, the real card too."))
    with _registry(context) as registry:
        if options.act == "send":
            _send(registry, options, context)
        elif not about_files:
            _decide(registry, options)
        rows = registry.rows()
    if about_files:
        shown = [row for row in rows if options.state in ("all", row.state.value)]
    else:
        shown = [row for row in rows if options.about[0] in (row.about.id, row.about.card)]
    if options.format == "json":
        facts = {"registrations": [_facts(row) for row in shown]}
        output.say(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        _tell(shown)
    waiting = about_files and any(not row.decided for row in rows)
    return Exit.EXCEPTIONS if waiting else Exit.FINE


def take_in(files: list[Path], context: Context) -> None:
    """Take in the registrations beside files, and say what came.

    Raises:
        Stop: the key in the settings is none.
        StorageError: the registry cannot be written.
    """
    from offcirc.storage.registrations.seal import WrongKeyError
    from offcirc.upload.registrations import registrationwords
    from offcirc.upload.registrations.gathering import gather

    try:
        found = gather(files, context.data_dir, context.settings.text("registrations.key"))
    except WrongKeyError as error:
        raise Stop(registrationwords.wrong_key()) from error
    for sentence in registrationwords.came(found):
        output.note(sentence)


@contextmanager
def _registry(context: Context) -> Iterator[Registry]:
    from offcirc.storage.registrations.registry import Registry
    from offcirc.storage.registrations.seal import WrongKeyError, seal_of
    from offcirc.upload.registrations import registrationwords

    try:
        seal = seal_of(context.data_dir, context.settings.text("registrations.key"))
    except WrongKeyError as error:
        raise Stop(registrationwords.wrong_key()) from error
    with Registry(context.data_dir, seal) as registry:
        yield registry


def _send(registry: Registry, options: argparse.Namespace, context: Context) -> None:
    from offcirc.servers.protocol import TakesRegistrations
    from offcirc.upload.registrations import gathering, registrationwords

    with signing.signed_in(options.server, options.user, context) as (server, _account):
        if not isinstance(server, TakesRegistrations):
            raise Stop(_("Only a practice server has a list of registrations of its own."))
        output.note(registrationwords.sent(*gathering.send(registry, server)))


def _decide(registry: Registry, options: argparse.Namespace) -> None:
    from offcirc.storage.registrations.registry import NoSuchRegistrationError
    from offcirc.upload.registrations import registrationwords

    who = options.who or account()
    known = {row.about.card: row.about.id for row in registry.rows()}
    number = known.get(options.about[0], options.about[0])
    try:
        if options.act == "validate":
            if is_provisional(options.card):
                raise Stop(registrationwords.no_provisional())
            registry.validate(number, options.card, who)
        elif options.act == "refuse":
            registry.refuse(number, who, options.reason)
        else:
            registry.reopen(number, who)
    except NoSuchRegistrationError:
        raise Stop(registrationwords.gone()) from None


def _tell(rows: list[RegistrationRow]) -> None:
    from offcirc.upload.registrations import registrationwords

    if not rows:
        output.say(_("There is no registration."))
        return
    columns = (
        output.PrintedColumn(_("Card"), 13),
        output.PrintedColumn(_("State"), 16),
        output.PrintedColumn(_("When"), 16),
        output.PrintedColumn(_("Desk"), 24),
        output.PrintedColumn(_("Name"), 28),
        output.PrintedColumn(_("Real card"), 0),
    )
    with output.Table(columns) as table:
        for row in rows:
            about = row.about
            cells = (
                about.card,
                registrationwords.state(row.state),
                words.when(about.at.astimezone()),
                about.desk,
                about.name if not row.erased else _("(erased)"),
                row.real_card,
            )
            table.add(tuple(map(output.visible, cells)))


def _facts(row: RegistrationRow) -> dict[str, Any]:
    about = row.about
    return {
        "id": about.id,
        "card": about.card,
        "state": row.state.value,
        "at": about.at.isoformat(),
        "desk": about.desk,
        "name": about.name,
        "contact": about.contact,
        "group": about.group,
        "birth_year": about.birth_year,
        "note": about.note,
        "real_card": row.real_card,
        "reason": row.reason,
        "who": row.who,
        "decided": row.decided.isoformat() if row.decided is not None else None,
        "erased": row.erased,
    }
