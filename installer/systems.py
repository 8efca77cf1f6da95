"""The table of library systems in the README, made from what their adapters say of themselves.

``--check`` only says whether it is current. An adapter that learns more when it is signed in (Koha:
whether it may look up) shows what it can at best.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from offcirc.servers import registry
from offcirc.servers.protocol import EVERY_DATE, Abilities, Dated
from offcirc.servers.registry import Profile

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- systems: begin -->\n", "<!-- systems: end -->\n"
HEAD = (
    "| kind | times kept | blocks overridden | tried before | looked up and back | in one request"
    " | an answer that is lost |\n|---|---|---|---|---|---|---|\n"
)
ASKED_AT_BEST = {"koha"}
"""Of these it is known once somebody has signed in; a star stands beside what then is so."""
_ADDRESSES = {"sip2": "sip2://127.0.0.1:6001"}
_OPTIONS = {"tenant": "diku", "workstation": "desk"}


class SystemRow(NamedTuple):
    """A row of the table."""

    kind: str
    abilities: Abilities
    by_hand: bool


def rows() -> list[SystemRow]:
    """Every kind of server there is, and what it says of itself."""
    found = []
    for kind in registry.kinds():
        target = registry.file_target(kind)
        if target is not None:
            found.append(SystemRow(kind, target.abilities, by_hand=True))
            continue
        url = _ADDRESSES.get(kind, "http://127.0.0.1:8000")
        with registry.open_server(url, {url: Profile(url, kind, options=_OPTIONS)}) as server:
            abilities = server.abilities
            if kind in ASKED_AT_BEST:
                abilities = replace(abilities, look_up=True, look_back=True)
            found.append(SystemRow(kind, abilities, by_hand=False))
    return found


def table() -> str:
    """The table in Markdown."""
    lines = []
    for kind, abilities, by_hand in rows():
        kept = abilities.keeps_dates
        dates = "all" if kept == EVERY_DATE else ", ".join(d.value for d in Dated if d in kept)
        cells = (
            f"`{kind}`" + ("\\*" if kind in ASKED_AT_BEST else ""),
            dates or "none",
            "yes" if abilities.overrides_blocks else "no",
            "yes" if abilities.dry_run else "by look-up" if abilities.look_up else "no",
            "by `look_up`" if by_hand else "yes" if abilities.look_up else "no",
            "a file" if by_hand else str(abilities.batch_size),
            _lost(abilities, by_hand=by_hand),
        )
        lines.append(f"| {' | '.join(cells)} |")
    note = "\n\\* where the account may look items and readers up; else no, and *unknown*\n"
    return HEAD + "\n".join(lines) + "\n" + note


def _lost(abilities: Abilities, *, by_hand: bool) -> str:
    if by_hand:
        return "its report, or a look"
    if abilities.look_back and abilities.idempotent_keys:
        return "asked by its key"
    if abilities.look_back:
        return "looked up, else *unknown*"
    return "sent again under its key" if abilities.idempotent_keys else "*unknown*"


def main(arguments: list[str]) -> int:
    """Write the table, or check what is written."""
    text = README.read_text(encoding="utf-8")
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    new = f"{before}{BEGIN}{table()}{END}{after}"
    if "--check" not in arguments:
        README.write_text(new, encoding="utf-8")
        return 0
    return int(new != text)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
