"""From a finished scan to what it says: an order, a barcode mended and judged, or several."""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.core.barcodes.controlcards import Card, card_of
from offcirc.core.barcodes.layouts import Cause, MendedText, repair, suspect
from offcirc.core.barcodes.rules import Judgement, RuleSet, judge, split
from offcirc.core.transaction import Source
from offcirc.scanning.decoder import Scan, Typed


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scan or a typed text says.

    Attributes:
        raw: what came, for the journal; of several scans that ran together, this one's part.
        source: how it came.
        judgement: the barcode before the library's rules;
            :meth:`Judgement.verdict` says what to do with it in a field.
        card: the order, if it is a control card; then the judgement does not matter.
        repair: how it was mended, if it came garbled and that is proven.
        suspected: why it looks garbled, if it does and nothing is proven: for a hint.
        joined: whether it is one of several scans that ran together.
        turned: whether Caps Lock may have turned its letters, and no rule tells.
    """

    raw: str
    source: Source
    judgement: Judgement
    card: Card | None = None
    repair: MendedText | None = None
    suspected: Cause | None = None
    joined: bool = False
    turned: bool = False


def read(
    event: Scan | Typed,
    rules: RuleSet,
    *,
    pc: str | None = None,
    caps_lock: bool | None = None,
    proven: tuple[Cause, ...] = (),
) -> tuple[Reading, ...]:
    """What a scan or a typed text says: one reading, or several when scans ran together.

    Args:
        event: what the decoder gave.
        rules: the library's rules.
        pc: the PC's keyboard, one of :data:`offcirc.core.barcodes.layouts.LAYOUTS`, when known.
        caps_lock: whether Caps Lock is on, when it is known. A serial scanner does not mind.
        proven: why scans arrive garbled, as far as earlier ones have proven it.
    """
    source = event.source if isinstance(event, Scan) else Source.TYPED
    symbology = event.symbology if isinstance(event, Scan) else ""
    judgement = judge(event.text, rules, symbology)
    if judgement.kinds:
        return (Reading(event.raw, source, judgement),)
    card = card_of(judgement.text)
    if card is not None:
        return (Reading(event.raw, source, judgement, card),)
    pieces = split(event.text, rules)
    if pieces is not None:
        return tuple(
            Reading(piece, source, judge(piece, rules, symbology), joined=True) for piece in pieces
        )
    if source is Source.SERIAL:  # no keyboard is between this scanner and the program
        return (Reading(event.raw, source, judgement),)
    mended = repair(event.text, rules, pc=pc, caps_lock=caps_lock, proven=proven)
    if mended is not None:
        return (Reading(event.raw, source, judge(mended.text, rules), repair=mended),)
    suspected = suspect(event.text, rules, pc=pc, caps_lock=caps_lock)
    turned = bool(caps_lock) and source is Source.SCAN and any(map(str.isalpha, event.text))
    return (Reading(event.raw, source, judgement, suspected=suspected, turned=turned),)
