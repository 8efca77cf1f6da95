"""The table of library systems in README and manual, made from what their adapters say.

``--check`` only says whether it is current. An adapter that learns more when it is signed in (Koha:
whether it may look up) shows what it can at best.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from offcirc.servers import registry
from offcirc.servers.protocol import EVERY_DATE, Abilities, Dated
from offcirc.servers.registry import Profile

TOP = Path(__file__).resolve().parent.parent
README = TOP / "README.md"
BEGIN, END = "<!-- systems: begin -->\n", "<!-- systems: end -->\n"
HEADS = (
    *("kind", "times kept", "blocks overridden", "tried before", "looked up and back"),
    *("in one request", "an answer that is lost"),
)
NOTE = "where the account may look items and readers up; else no, and *unknown*"
FRENCH = {
    "kind": "type",
    "times kept": "heures gardées",
    "blocks overridden": "blocages outrepassés",
    "tried before": "essai préalable",
    "looked up and back": "recherche, avant et après",
    "in one request": "par requête",
    "an answer that is lost": "une réponse perdue",
    "all": "toutes",
    "none": "aucune",
    "loans": "prêts",
    "returns": "retours",
    "loans, returns": "prêts, retours",
    "yes": "oui",
    "no": "non",
    "by look-up": "par recherche",
    "by `look_up`": "par `look_up`",
    "a file": "un fichier",
    "its report, or a look": "son rapport, ou une recherche",
    "asked by its key": "demandée par sa clé",
    "looked up, else *unknown*": "recherchée, sinon *incertaine*",
    "sent again under its key": "renvoyée sous sa clé",
    "*unknown*": "*incertaine*",
    NOTE: "là où le compte peut rechercher exemplaires et lecteurs ; sinon non, et *incertaine*",
}
"""Of what the table says; numbers and kinds are the same."""
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


def table() -> list[tuple[str, ...]]:
    """What the table says, a row for each kind."""
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
        lines.append(cells)
    return lines


def markdown() -> str:
    """The table as the README has it."""
    lines = [HEADS, ("---",) * len(HEADS), *table()]
    body = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{body}\n\n\\* {NOTE}\n"


def page(language: str) -> str:
    """The table as the manual has it."""

    def said(text: str) -> str:
        words = FRENCH.get(text, text) if language == "fr" else text
        words = re.sub(r"`([^`]*)`", r"<code>\1</code>", words.replace("\\*", "&#42;"))
        words = re.sub(r"\*([^*]*)\*", r"<i>\1</i>", words)
        return words.replace(" ;", "\u00a0;")

    head = "".join(f"<th>{said(cell)}</th>" for cell in HEADS)
    body = "".join(
        f"<tr>{''.join(f'<td>{said(cell)}</td>' for cell in cells)}</tr>\n" for cells in table()
    )
    return f"<table>\n<tr>{head}</tr>\n{body}</table>\n<p>&#42; {said(NOTE)}</p>\n"


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
    stale = 0
    pages = {TOP / f"resources/help/{each}/admin.html": page(each) for each in ("en", "fr")}
    for path, told in {README: markdown(), **pages}.items():
        text = path.read_text(encoding="utf-8")
        before, begin, rest = text.partition(BEGIN)
        _old, end, after = rest.partition(END)
        assert begin, path
        assert end, path
        new = f"{before}{BEGIN}{told}{END}{after}"
        stale += new != text
        if "--check" not in arguments:
            path.write_text(new, encoding="utf-8")
    return int(stale > 0 and "--check" in arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
