"""The barcode rules that come with the program, and a library's own on top of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from offcirc import resources
from offcirc.core.barcodes.rules import ANY, RuleSet

NAMES = ("any", "us-14", "fr")
"""The presets; the first is the one that holds when a library says nothing."""

# Reading rules costs the desk some of its start, and most desks have none: what reads them is
# imported where it is needed.


@cache
def preset(name: str) -> RuleSet:
    """The rules of a preset.

    Raises:
        KeyError: there is no preset of that name.
    """
    import tomllib  # noqa: PLC0415

    from offcirc.core.barcodes.ruletable import parse  # noqa: PLC0415

    if name not in NAMES:
        raise KeyError(name)
    text = resources.path(f"presets/{name}.toml").read_text("utf-8")
    return parse(tomllib.loads(text))


def build(table: Mapping[str, object]) -> RuleSet:
    """The rules of a library: those of the preset it names, with its own lists in their place.

    Args:
        table: the table :func:`offcirc.core.barcodes.ruletable.parse` reads, which may have a key
            ``preset`` besides.

    Raises:
        RulesError: with every mistake found; see :mod:`offcirc.core.barcodes.ruletable`.
    """
    name = table.get("preset", NAMES[0])
    rest = {key: value for key, value in table.items() if key != "preset"}
    if name == NAMES[0] and not rest:
        return ANY
    from offcirc.core.barcodes.ruletable import Mistake, RuleComplaint, RulesError, parse  # noqa: PLC0415

    if name in NAMES:
        return parse(rest, preset(str(name)))
    complaint = RuleComplaint(Mistake.WRONG_CHOICE, "preset", value=str(name), choices=NAMES)
    try:
        parse(rest)
    except RulesError as error:
        raise RulesError((complaint, *error.complaints)) from error
    raise RulesError((complaint,))
