"""The doctor's look at what this PC knows offline: whole, of this library, fresh enough."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from offcirc import words
from offcirc.cli.doctor.finding import DoctorFinding, fine, problem, worth_knowing
from offcirc.i18n import _
from offcirc.settings.load import Settings

_NAME = "knowledge"


def knowledge(folder: Path, settings: Settings) -> DoctorFinding:
    """Whether what is installed can be used; nothing installed is nothing wrong."""
    from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
    from offcirc.knowledge.keys import BadKeyError
    from offcirc.knowledge.known import Age, age
    from offcirc.knowledge.place import KnowledgePlace, find_key

    place = KnowledgePlace(folder)
    if place.current is None:
        return fine(_NAME, _("This PC knows nothing of readers and items without the system."))
    try:
        key = find_key(settings.text("knowledge.key"), folder)
    except BadKeyError:
        key = None
    try:
        if key is None:
            raise KnowledgeError(KnowledgeFault.NO_KEY, place.current)
        file = place.open(key)
        assert file is not None
        with file:
            file.check()
            facts = file.facts
    except KnowledgeError as error:
        return problem(_NAME, _("What this PC knows offline cannot be used."), error.words())
    text = _(
        "This PC knows {patrons} readers’ identifiers and {items} items as of {as_of}."
    ).format(
        patrons=facts.patrons,
        items=facts.items,
        as_of=words.when(facts.oldest.astimezone()),
    )
    figures = {"patrons": float(facts.patrons), "items": float(facts.items)}
    if age(facts.oldest, datetime.now(UTC)) is Age.FRESH:
        return fine(_NAME, text, figures)
    advice = _("That is old: have a new file built and installed.")
    return worth_knowing(_NAME, text, advice, figures)
