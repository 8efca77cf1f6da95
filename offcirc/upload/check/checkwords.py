"""Files that were collected, and decisions, in words for a referent."""

from __future__ import annotations

from offcirc.i18n import N_, _, ngettext
from offcirc.storage.ledger.decisions import Decision
from offcirc.storage.ledger.decisions import DecisionKind as Decided
from offcirc.upload.check.findingwords import offset, place
from offcirc.upload.lines.source import CollectedFile, FileNote, Precision, UploadedBefore

_NOTES: dict[FileNote, str] = {
    FileNote.EMPTY: N_("Nothing was recorded in it."),
    FileNote.SAME_CONTENT: N_("Holds the very same as {other}: it is taken once."),
    FileNote.EARLIER_COPY: N_("An earlier copy of {other}, which has all of its lines: left out."),
    FileNote.MANIFEST_OLDER: N_(
        "It has grown since its manifest was written: of the later lines only the minute is known."
    ),
    FileNote.MANIFEST_MISMATCH: N_(
        "The manifest beside it is about other content and is ignored: only the minutes are known."
    ),
    FileNote.MANIFEST_DAMAGED: N_(
        "The manifest beside it is damaged and is ignored: only the minutes are known."
    ),
    FileNote.JOURNAL_UNUSABLE: N_(
        "The journal beside it cannot be read by this version: only the minutes are known."
    ),
    FileNote.CLOCK_MOVED: N_(
        "The desk’s clock was moved while it recorded; its lines are corrected by as much."
    ),
}

_DECISIONS: dict[Decided, str] = {
    Decided.CORRECT: N_("Corrected"),
    Decided.SWAP: N_("Item and borrower swapped"),
    Decided.HOLD: N_("Held back"),
    Decided.DROP: N_("Dropped"),
    Decided.LATER: N_("Left for another upload"),
    Decided.BEFORE: N_("Order chosen"),
    Decided.CLOCK: N_("Clock corrected"),
    Decided.UNDO: N_("Undone"),
}


# -- files ------------------------------------------------------------------------------------


def desk_of(source: CollectedFile) -> str:
    """Whose file it is; a guess is marked as one."""
    name = str(source.identity)
    if not name:
        return _("unknown desk")
    return _("{desk} (guessed)").format(desk=name) if source.guessed else name


def source_note(note: FileNote, source: CollectedFile) -> str:
    """Something to know about a file, as a sentence."""
    return _(_NOTES[note]).format(other=source.same_as)


def precision(source: CollectedFile) -> str:
    """How exactly its times are known."""
    match source.precision:
        case Precision.EXACT:
            return _("exact times")
        case Precision.PARTLY:
            return _("{exact} of {lines} lines with exact times").format(
                exact=source.exact, lines=source.readable
            )
    return _("minutes only")


def standing(source: CollectedFile) -> str:
    """How much of it was uploaded before, with counts."""
    if source.standing is UploadedBefore.NEW:
        return _("new")
    counts = []
    if source.recorded:
        counts.append(
            ngettext("{count} recorded", "{count} recorded", source.recorded).format(
                count=source.recorded
            )
        )
    if source.refused:
        counts.append(
            ngettext("{count} refused", "{count} refused", source.refused).format(
                count=source.refused
            )
        )
    if source.open:
        counts.append(
            ngettext("{count} not known", "{count} not known", source.open).format(
                count=source.open
            )
        )
    told = ", ".join(counts)
    if source.standing is UploadedBefore.ALL:
        return _("already uploaded: {counts}").format(counts=told)
    left = source.readable - source.recorded - source.refused - source.open - source.dropped
    new = ngettext("{count} new", "{count} new", left).format(count=left)
    return _("partly uploaded: {counts}, {new}").format(counts=told, new=new)


# -- decisions --------------------------------------------------------------------------------


def decision_name(act: Decided) -> str:
    """What was decided, in a few words."""
    return _(_DECISIONS[act])


def decision(one: Decision) -> str:
    """What was decided and about what, as a sentence; names readers."""
    about = _about(one)
    match one.act:
        case Decided.CORRECT:
            return _("{about}: {values}").format(about=about, values=_values(one))
        case Decided.BEFORE:
            first, second = (place(line.file, line.number) for line in one.lines)
            return _("{first} came before {second}").format(first=first, second=second)
        case Decided.CLOCK:
            name = one.lines[0].file
            return _("{file}: {offset}").format(file=name, offset=offset(one.seconds) or "0")
        case Decided.UNDO:
            return _("decision {number}").format(number=one.undoes)
    return about


def _about(one: Decision) -> str:
    """The lines that a decision is about; a stretch of one file in one piece."""
    lines = [line for line in one.lines if line.file]
    if len(lines) > 1:
        first, last = lines[0], lines[-1]
        if len({line.file for line in lines}) == 1 and last.number - first.number == len(lines) - 1:
            return _("{file}, lines {first} to {last}").format(
                file=first.file, first=first.number, last=last.number
            )
    about = ", ".join(place(line.file, line.number) for line in lines[:3])
    more = len(lines) - 3
    if more <= 0:
        return about
    return ngettext("{about} and {count} more", "{about} and {count} more", more).format(
        about=about, count=more
    )


def _values(one: Decision) -> str:
    """The new values of a correction."""
    change = one.change
    named = (
        (_("time"), change.minute.replace("T", " ")),
        (_("operation"), change.operation),
        (_("item"), change.item),
        (_("borrower"), change.patron),
    )
    return ", ".join(f"{name} {value}" for name, value in named if value)
