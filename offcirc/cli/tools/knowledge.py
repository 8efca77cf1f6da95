"""``offcirc knowledge``: what desks may know offline, built, looked at, installed, erased."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.tools import knowledgeshow
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.core.rules.policy import Policy
    from offcirc.knowledge.building import Built, Sources
    from offcirc.knowledge.keys import KnowledgeKey
    from offcirc.knowledge.sources.columns import ExportReading

_MOST_PROBLEMS = 20
"""That are printed; all of them are counted, and JSON has them all."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``knowledge``."""
    parser.add_argument(
        "what",
        choices=("build", "check", "show", "install", "erase"),
        help=_(
            "build: make a file from exports or a server; check: is a file whole, ours and fresh;"
            " show: what it says of a reader or an item; install: take it on this PC; erase: erase"
            " what this PC knows, as when the outage is over"
        ),
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=path,
        metavar=_("FILE"),
        help=_(
            "check, show, install: the file; if not given, the installed one, and for install that"
            " of the collection folder"
        ),
    )
    build = parser.add_argument_group(_("build"))
    build.add_argument(
        "--patrons",
        nargs="+",
        type=path,
        default=[],
        metavar=_("FILE"),
        help=_(
            "exports of readers: CSV, XLSX, Alma’s export of blocks or users (XML), Evergreen’s"
            " list of blocks; several are put together"
        ),
    )
    build.add_argument(
        "--items",
        nargs="+",
        type=path,
        default=[],
        metavar=_("FILE"),
        help=_("exports of items: CSV or XLSX"),
    )
    build.add_argument(
        "--policy", type=path, metavar=_("POLICY.TOML"), help=_("the library’s rules of lending")
    )
    build.add_argument(
        "--server", metavar=_("NAME|URL"), help=_("ask this practice server instead")
    )
    build.add_argument("--user", metavar=_("NAME"), help=_("user name to sign in with there"))
    build.add_argument(
        "--level",
        choices=("1", "2", "3", "4"),
        help=_("how much; as the settings say if not given"),
    )
    build.add_argument("-o", "--output", type=path, metavar=_("FILE"), help=_("the file to make"))
    build.add_argument(
        "--as-of", metavar=_("TIME"), help=_("as of when the exports hold, if they do not say so")
    )
    build.add_argument(
        "--even-if-poorer",
        action="store_true",
        help=_("also if it holds much less than the file it replaces"),
    )
    show = parser.add_argument_group(_("show"))
    show.add_argument("--patron", metavar=_("CARD"), help=_("a reader’s card"))
    show.add_argument("--item", metavar=_("BARCODE"), help=_("an item barcode"))
    show.add_argument("--at", metavar=_("TIME"), help=_("as it holds then; now if not given"))
    format_argument(parser)
    parser.epilog = _(
        "Exit code 0: done, and fine; 1: done, and something deserves a look (rows left out, old"
        " data); 2: not done, what was there stays."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Build, check, show, install or erase."""
    if options.what == "build":
        return _build(options, context)
    if options.what == "erase":
        return _erase(options, context)
    key = _key(context, options.file)
    if options.what == "install":
        return _install(options, context, key)
    return knowledgeshow.run(options, context, key)


def _key(context: Context, file: Path | None) -> KnowledgeKey:
    """The library's key.

    Raises:
        Stop: there is none, or it is none.
    """
    from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault

    key = _found_key(context)
    if key is None:
        named = file or Path("OffCirc.knowledge")
        raise Stop(KnowledgeError(KnowledgeFault.NO_KEY, named).words())
    return key


def _found_key(context: Context) -> KnowledgeKey | None:
    from offcirc.knowledge.keys import BadKeyError
    from offcirc.knowledge.place import find_key

    try:
        return find_key(context.settings.text("knowledge.key"), context.data_dir)
    except BadKeyError:
        raise Stop(
            _("The key of the knowledge (knowledge.key) must be 64 hexadecimal digits.")
        ) from None


def _build(options: argparse.Namespace, context: Context) -> Exit:
    from offcirc.knowledge import building
    from offcirc.knowledge.known import KnowledgeLevel
    from offcirc.knowledge.place import make_key

    if options.output is None:
        raise Stop(_("Name the file to make with -o."))
    if bool(options.server) == bool(options.patrons or options.items):
        raise Stop(_("Name exports with --patrons and --items, or a server with --server."))
    settings = context.settings
    with building.alone(context.data_dir), _sources(options, context) as sources:
        key = _found_key(context)
        if key is None:
            key = make_key(context.data_dir)
            output.note(
                _(
                    "A new key is in {file}. Every desk needs it, in its settings (knowledge.key)"
                    " or as the same file in its data folder; never put it beside the knowledge."
                ).format(file=context.data_dir / "knowledge.key")
            )
        wish = building.BuildWish(
            options.output,
            settings.text("desk.library") or (sources.policy.name if sources.policy else ""),
            KnowledgeLevel(int(options.level or settings.text("knowledge.level"))),
            100 if options.even_if_poorer else settings.number("knowledge.poorer"),
        )
        with output.gauge(_("Hashing cards")) as gauge:
            built = building.build(sources, wish, key, lambda d, t: gauge.show(d, t, ""))
    _tell(built, options)
    return Exit.EXCEPTIONS if built.problems else Exit.FINE


@contextmanager
def _sources(options: argparse.Namespace, context: Context) -> Iterator[Sources]:
    from offcirc.knowledge import building

    if options.server:
        from offcirc.cli.uploads.signing import signed_in
        from offcirc.knowledge.sources import practiceserver

        with signed_in(options.server, options.user, context) as (server, _who):
            if not isinstance(server, practiceserver.Exporting):
                raise Stop(_("This server cannot tell all it has: build from its exports."))
            yield building.from_server(server)
        return
    policy = _policy(options.policy) if options.policy else None
    as_of = knowledgeshow.moment(options.as_of, "--as-of", policy) if options.as_of else None
    yield building.from_files(
        options.patrons, options.items, policy, _reading(context, policy), as_of
    )


def _policy(file: Path) -> Policy:
    from offcirc.practice.library import policy as policies
    from offcirc.practice.library.csvfile import decoded

    return policies.parse(decoded(file.name, file.read_bytes()))


def _reading(context: Context, policy: Policy | None) -> ExportReading:
    from offcirc.knowledge.sources import columns

    settings = context.settings
    return columns.ExportReading(
        columns.chosen(settings.text("knowledge.patron_columns"), columns.PATRON_COLUMNS),
        columns.chosen(settings.text("knowledge.item_columns"), columns.ITEM_COLUMNS),
        settings.text("knowledge.dates") == "mdy",
        datetime.now(policy.timezone if policy else None).date(),
    )


def _tell(built: Built, options: argparse.Namespace) -> None:
    facts = built.facts
    if options.format == "json":
        told = {
            **knowledgeshow.facts_told(facts),
            "path": str(options.output),
            "readers": built.patrons,
            "bytes": built.size,
            "problems": [
                {"file": each.file, "line": each.line or None, "message": each.words()}
                for each in built.problems
            ],
        }
        output.say(json.dumps(told, ensure_ascii=False))
        return
    for each in built.problems[:_MOST_PROBLEMS]:
        output.note(each.words())
    left = len(built.problems)
    if left:
        output.note(
            ngettext("{count} row left out.", "{count} rows left out.", left).format(count=left)
        )
    output.say(
        _(
            "{file}: {readers} readers, {items} items, level {level}, {size} MB, as of {as_of}."
        ).format(
            file=output.visible(str(options.output)),
            readers=built.patrons,
            items=facts.items,
            level=int(facts.level),
            size=f"{built.size / 1e6:.1f}",
            as_of=knowledgeshow.local(facts.oldest),
        )
    )


def _install(options: argparse.Namespace, context: Context, key: KnowledgeKey) -> Exit:
    from offcirc.knowledge.layout import NAME
    from offcirc.knowledge.place import KnowledgePlace

    share = context.settings.folder("collection")
    file = options.file or (share / NAME if share is not None else None)
    if file is None:
        raise Stop(_("Name the file, or set the collection folder in which it lies."))
    place = KnowledgePlace(context.data_dir)
    facts = place.install(file, key)
    place.erase_due(context.settings.number("knowledge.days"), datetime.now(UTC), key)
    if options.format == "json":
        output.say(json.dumps(knowledgeshow.facts_told(facts), ensure_ascii=False))
    else:
        text = _(
            "Installed: {library}, {patrons} readers’ identifiers, {items} items, as of {as_of}."
        )
        output.say(
            text.format(
                library=output.visible(facts.library),
                patrons=facts.patrons,
                items=facts.items,
                as_of=knowledgeshow.local(facts.oldest),
            )
        )
    return Exit.FINE


def _erase(options: argparse.Namespace, context: Context) -> Exit:
    from offcirc.knowledge.place import KnowledgePlace

    count = KnowledgePlace(context.data_dir).erase()
    if options.format == "json":
        output.say(json.dumps({"erased": count}))
    else:
        output.say(
            ngettext("{count} file erased.", "{count} files erased.", count).format(count=count)
        )
    return Exit.FINE
