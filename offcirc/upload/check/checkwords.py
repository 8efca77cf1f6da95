"""What collecting and checking have found, in words for a referent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from offcirc import words
from offcirc.core.checks.verdicts import Act, Code, Finding
from offcirc.core.dat.datline import Doubt
from offcirc.core.transaction import Problem
from offcirc.i18n import N_, _, ngettext
from offcirc.storage.ledger.decisions import Decision
from offcirc.storage.ledger.decisions import DecisionKind as Decided
from offcirc.upload.lines.source import CollectedFile, FileNote, Precision, UploadedBefore

_NAMES: dict[str, str] = {
    Code.SAME_FILE: N_("Same file twice"),
    Code.EARLIER_COPY: N_("Earlier copy"),
    Code.DESK_COPIED: N_("Desk copied"),
    Code.CLOCK_MOVED: N_("Clock moved"),
    Code.CLOCK_WRONG: N_("Clock wrong"),
    Code.SAME_LINE: N_("Same line twice"),
    Code.ALIKE: N_("Perhaps the same line"),
    Code.SCANNED_TWICE: N_("Scanned twice"),
    Code.LENT_TWICE: N_("Lent twice"),
    Code.LENT_AGAIN: N_("Lent again"),
    Code.RETURNED_TWICE: N_("Returned twice"),
    Code.NOT_ON_LOAN: N_("Not on loan"),
    Code.RETURNED_FIRST: N_("Returned before lent"),
    Code.UNCLEAR_ORDER: N_("Order not known"),
    Code.SWAPPED: N_("Item and borrower swapped"),
    Code.READER_AS_ITEM: N_("Reader instead of item"),
    Code.ITEM_AS_READER: N_("Item instead of reader"),
    Code.ITEM_CHECK_DIGIT: N_("Item misread"),
    Code.READER_CHECK_DIGIT: N_("Reader misread"),
    Code.ITEM_FORM: N_("Not an item barcode"),
    Code.READER_FORM: N_("Not a reader’s card"),
    Code.ISBN: N_("ISBN instead of barcode"),
    Code.FUTURE: N_("In the future"),
    Code.VERY_OLD: N_("Very old"),
    Code.CLOSED: N_("Outside opening hours"),
    Code.ITEM_UNKNOWN: N_("Unknown item"),
    Code.READER_UNKNOWN: N_("Unknown borrower"),
    Code.READER_BLOCKED: N_("Borrower blocked"),
    Code.READER_EXPIRED: N_("Account expired"),
    Code.RECORDED_EARLIER: N_("Already recorded"),
    Code.REFUSED_EARLIER: N_("Refused before"),
    Code.OPEN_EARLIER: N_("Sent before"),
    Doubt.RETURN_WITH_PATRON: N_("Return with borrower"),
    Doubt.BACKWARDS: N_("Clock went back"),
    Doubt.DAMAGED_PADDING: N_("Damaged blanks"),
    Doubt.BLANK_IN_PATRON: N_("Blank in borrower"),
    Doubt.JOINED: N_("Two on one line"),
    Doubt.ZERO_BYTES: N_("Power cut"),
    Problem.JOINED: N_("Two on one line"),
    Problem.ZERO_BYTES: N_("Power cut"),
}
_DAMAGED = N_("Damaged line")

_SENTENCES: dict[str, str] = {
    Code.SAME_FILE: N_("Holds the very same as {other}: it is taken once."),
    Code.EARLIER_COPY: N_("An earlier copy of {other}, which has all of its lines: left out."),
    Code.SAME_LINE: N_("The same line as {other}: it is sent once."),
    Code.SCANNED_TWICE: N_("The same as {other}, in the same minute: scanned twice?"),
    Code.LENT_TWICE: N_(
        "Lent to somebody else before ({other}), and not returned in between: a return was "
        "forgotten, or one of the barcodes was misread."
    ),
    Code.LENT_AGAIN: N_("Lent to the same borrower before ({other}): this renews the loan."),
    Code.RETURNED_TWICE: N_(
        "Returned before ({other}), and not lent in between: this return counts as in-house use."
    ),
    Code.NOT_ON_LOAN: N_("The library system says that this item is not on loan."),
    Code.RETURNED_FIRST: N_(
        "Returned shortly before ({other}) though it was not on loan, and lent here: the clock of "
        "one of the two desks was wrong, and the loan came first."
    ),
    Code.SWAPPED: N_("Item and borrower stand in each other’s place."),
    Code.READER_AS_ITEM: N_("A reader’s card stands where the item belongs."),
    Code.ITEM_AS_READER: N_("An item’s barcode stands where the borrower belongs."),
    Code.ITEM_FORM: N_("No item barcode of this library looks like that."),
    Code.READER_FORM: N_("No reader’s card of this library looks like that."),
    Code.ISBN: N_("The ISBN of the cover, not the library’s barcode."),
    Code.CLOSED: N_("The library is closed at that time: was the PC’s clock wrong?"),
    Code.ITEM_UNKNOWN: N_("The library system does not know this item."),
    Code.READER_UNKNOWN: N_("The library system does not know this borrower."),
    Code.READER_BLOCKED: N_("The library system blocks this borrower: {detail}"),
    Code.RECORDED_EARLIER: N_("Recorded by an earlier upload: it is not recorded again."),
    Code.REFUSED_EARLIER: N_("Refused in an earlier upload."),
    Code.OPEN_EARLIER: N_(
        "Sent by an earlier upload, and what became of it is not known yet: it is settled before "
        "anything is sent again."
    ),
}

_ACTS: dict[Act, str] = {
    Act.NONE: N_("Nothing to do."),
    Act.LOOK: N_("Look at both lines; ask the desk if need be."),
    Act.CORRECT: N_("Correct it if you can tell what was meant; else hold it back."),
    Act.SWAP: N_("Swap the two."),
    Act.HOLD: N_("Hold it back."),
    Act.DROP: N_("Drop one of the two."),
    Act.CHOOSE: N_("Say which of the two came first."),
    Act.CLOCK: N_("Find out how wrong the clock was and set the desk’s offset."),
}

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


# -- findings ---------------------------------------------------------------------------------


def finding_name(code: str) -> str:
    """A finding in two or three words."""
    return _(_NAMES.get(code, _DAMAGED))


def finding(found: Finding, files: Sequence[str]) -> str:
    """A finding as a sentence.

    Args:
        found: the finding.
        files: the names of the files by their index.
    """
    special = _SPECIAL.get(found.code)
    if special is not None:
        return special(found, _other(found, files))
    if found.code in Problem.__members__.values():
        return found.detail or words.problem(Problem(found.code))
    if found.code in Doubt.__members__.values():
        return words.doubt(Doubt(found.code))
    return _(_SENTENCES[found.code]).format(other=_other(found, files), detail=found.detail)


def _copied(found: Finding, other: str) -> str:
    count = int(found.detail)
    return ngettext(
        "{count} line of it stands in {other} too: one may be a copy of the other.",
        "{count} lines of it stand in {other} too: one may be a copy of the other.",
        count,
    ).format(count=count, other=other)


def _wrong_clock(found: Finding, _other: str) -> str:
    if found.detail == Code.FUTURE:
        return _("Most of its lines are in the future: the PC’s clock was wrong.")
    return _("Most of its lines are more than a year old: a wrong clock, or a forgotten file.")


def _check_digit(found: Finding, _other: str) -> str:
    if found.code == Code.ITEM_CHECK_DIGIT:
        text = _("The check digit of the item is wrong: misread, or a slip of the keyboard.")
    else:
        text = _("The check digit of the borrower is wrong: misread, or a slip of the keyboard.")
    if not found.detail:
        return text
    return _("{text} It should end in {digit}.").format(text=text, digit=found.detail)


def _moved(found: Finding, _other: str) -> str:
    return _(
        "The desk’s clock was moved while it recorded; times are corrected by up to {offset}."
    ).format(offset=offset(float(found.detail)))


def _expired(found: Finding, _other: str) -> str:
    day = words.day(date.fromisoformat(found.detail))
    return _("The borrower’s account expired on {day}.").format(day=day)


def _unclear(found: Finding, other: str) -> str:
    if found.detail:
        text = _(
            "The same borrower in the same minute as {other}, and nothing tells which came first. "
            "Unless you decide, {other} comes first."
        )
    else:
        text = _(
            "In the same minute as {other}, at another desk, and nothing tells which came first. "
            "Unless you decide, {other} comes first."
        )
    return text.format(other=other)


def _alike(_found: Finding, other: str) -> str:
    if other:
        return _(
            "Says the very same as {other}, and nothing tells whether it is the same line: it is "
            "taken for it and sent once. The desks’ manifests would tell."
        ).format(other=other)
    return _(
        "Says the very same as a line recorded by an earlier upload, and nothing tells whether it "
        "is the same line: it is taken for it and not recorded again."
    )


_SPECIAL: dict[str, Callable[[Finding, str], str]] = {
    Code.DESK_COPIED: _copied,
    Code.CLOCK_WRONG: _wrong_clock,
    Code.ITEM_CHECK_DIGIT: _check_digit,
    Code.READER_CHECK_DIGIT: _check_digit,
    Code.CLOCK_MOVED: _moved,
    Code.READER_EXPIRED: _expired,
    Code.UNCLEAR_ORDER: _unclear,
    Code.ALIKE: _alike,
}


def _other(found: Finding, files: Sequence[str]) -> str:
    """The other line or file."""
    if found.other_file < 0:
        return ""
    return place(files[found.other_file], found.other_number)


def place(file: str, number: int) -> str:
    """A line's place for people; of a whole file, its name."""
    if not number:
        return file
    return _("{file}, line {number}").format(file=file, number=number)


def suggestion(act: Act) -> str:
    """What might be done, as a sentence."""
    return _(_ACTS[act])


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


def offset(seconds: float) -> str:
    """What is added to a clock: ``+1 h 02 min 05 s``; empty for nothing."""
    total = round(abs(seconds))
    if not total:
        return ""
    hours, rest = divmod(total, 3600)
    minutes, rest = divmod(rest, 60)
    parts = []
    if hours:
        parts.append(_("{hours} h").format(hours=hours))
    if minutes:
        parts.append(_("{minutes} min").format(minutes=minutes))
    if rest:
        parts.append(_("{seconds} s").format(seconds=rest))
    return ("+" if seconds > 0 else "−") + " ".join(parts)


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
