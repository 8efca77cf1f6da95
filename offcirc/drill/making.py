"""The folder of a drill: its library, its desks, its papers, its truth."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from offcirc.disk import durable
from offcirc.drill import papers, scenarios
from offcirc.drill import truth as truths
from offcirc.drill.scoring import DESKS
from offcirc.drill.truth import DRILLS, DrillDesk, DrillError, Truth
from offcirc.i18n import _
from offcirc.practice.library import generate, library
from offcirc.settings.places import PRACTICE_NAME

LIBRARY = "library"
SCRIPT, CARDS = "script.pdf", "cards.pdf"
_HOURS = {
    "BUC": "Mon-Thu 08:00-20:00, Fri 08:00-19:00, Sat 09:00-18:00",
    "SCI": "Mon-Thu 08:30-19:00, Fri 08:30-18:00",
}


@dataclass(frozen=True, slots=True)
class MadeDrill:
    """A drill that can be begun."""

    folder: Path
    truth: Truth


def start(data_dir: Path, name: str, *, seed: int, now: datetime) -> MadeDrill:
    """Make the folder of a drill, for its owner alone.

    Args:
        data_dir: below which it is made.
        name: of the drill.
        seed: the same one gives the same drill.
        now: local time.

    Raises:
        DrillError: there is no such drill, or its folder cannot be made.
        StorageError: something cannot be written.
    """
    truth, made = scenarios.compose(name, seed, now)
    truth = replace(truth, since=now.isoformat(timespec="minutes"))
    folder = _free(data_dir / DRILLS / f"{now:%Y%m%d-%H%M%S}-{name}")
    names = {
        code: one.name for code, one in library.read(library.sample()).policy.libraries.items()
    }
    try:
        for each in (folder.parent, folder, folder / DESKS):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        for desk in truth.desks:
            own = folder / DESKS / desk.letter
            own.mkdir(mode=0o700)
            generate.put(own / PRACTICE_NAME, _settings(desk, names[desk.library]))
    except OSError as error:
        raise DrillError(
            _("The folder '{folder}' cannot be written: {reason}.").format(
                folder=folder, reason=error.strerror or error
            )
        ) from None
    generate.write(folder / LIBRARY, made)
    durable.replace(folder / SCRIPT, papers.script(truth))
    durable.replace(folder / CARDS, papers.cards(truth))
    truths.write(folder, truth)
    return MadeDrill(folder, truth)


def newest(data_dir: Path) -> Path:
    """The folder of the drill that was begun last.

    Raises:
        DrillError: none was begun.
    """
    found = sorted((data_dir / DRILLS).glob(f"*/{truths.FILE}"))
    if not found:
        raise DrillError(_("No drill has been begun here: “drill start NAME” begins one."))
    return found[-1].parent


def _free(wanted: Path) -> Path:
    folder, number = wanted, 1
    while folder.exists():
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    return folder


def _settings(desk: DrillDesk, name: str) -> str:
    """The settings that make a desk one of this drill."""
    lines = {
        "practice": "true",
        "practice_clock": str(desk.clock),
        "library": json.dumps(name),
        "circulation_desk": json.dumps(desk.circulation_desk),
        "name": json.dumps(desk.letter),
    }
    table = "".join(f"{key} = {value}\n" for key, value in lines.items())
    return f"[desk]\n{table}\n[check]\nhours = {json.dumps(_HOURS[desk.library])}\n"
