"""A finding in words: its name, a sentence, and some three words for a column of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from offcirc import words
from offcirc.core.checks.verdicts import Act, Code, Finding
from offcirc.core.dat.datline import Doubt
from offcirc.core.transaction import Problem
from offcirc.i18n import N_, _, ngettext


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What is said of a finding, in English; ``{other}`` is the other line, or its file.

    Attributes:
        name: two or three words.
        sentence: all of it.
        brief: what a column has room for; its name when there is nothing shorter to say.
    """

    name: str = N_("Damaged line")
    sentence: str = ""
    brief: str = ""


_FINDINGS: dict[str, FindingWords] = {
    Code.SAME_FILE: FindingWords(
        N_("Same file twice"),
        sentence=N_("Holds the very same as {other}: it is taken once."),
        brief=N_("Same content as {other}"),
    ),
    Code.EARLIER_COPY: FindingWords(
        N_("Earlier copy"),
        sentence=N_("An earlier copy of {other}, which has all of its lines: left out."),
        brief=N_("Earlier copy of {other}"),
    ),
    Code.DESK_COPIED: FindingWords(N_("Desk copied")),
    Code.CLOCK_MOVED: FindingWords(N_("Clock moved")),
    Code.CLOCK_WRONG: FindingWords(N_("Clock wrong"), brief=N_("Most of its times are wrong")),
    Code.SAME_LINE: FindingWords(
        N_("Same line twice"),
        sentence=N_("The same line as {other}: it is sent once."),
        brief=N_("Also in {other}"),
    ),
    Code.ALIKE: FindingWords(N_("Perhaps the same line")),
    Code.SCANNED_TWICE: FindingWords(
        N_("Scanned twice"),
        sentence=N_("The same as {other}, in the same minute: scanned twice?"),
        brief=N_("Same minute: {other}"),
    ),
    Code.LENT_TWICE: FindingWords(
        N_("Lent twice"),
        sentence=N_(
            "Lent to somebody else before ({other}), and not returned in between: a return was "
            "forgotten, or one of the barcodes was misread."
        ),
        brief=N_("Lent before: {other}"),
    ),
    Code.LENT_AGAIN: FindingWords(
        N_("Lent again"),
        sentence=N_("Lent to the same borrower before ({other}): this renews the loan."),
        brief=N_("Lent before: {other}"),
    ),
    Code.RETURNED_TWICE: FindingWords(
        N_("Returned twice"),
        sentence=N_(
            "Returned before ({other}), and not lent in between: this return counts as in-house "
            "use."
        ),
        brief=N_("Returned before: {other}"),
    ),
    Code.NOT_ON_LOAN: FindingWords(
        N_("Not on loan"),
        sentence=N_("The library system says that this item is not on loan."),
        brief=N_("Not on loan in the system"),
    ),
    Code.RETURNED_FIRST: FindingWords(
        N_("Returned before lent"),
        sentence=N_(
            "Returned shortly before ({other}) though it was not on loan, and lent here: the "
            "clock of one of the two desks was wrong, and the loan came first."
        ),
        brief=N_("Returned before: {other}"),
    ),
    Code.UNCLEAR_ORDER: FindingWords(N_("Order not known"), brief=N_("Same minute: {other}")),
    Code.SWAPPED: FindingWords(
        N_("Item and borrower swapped"),
        sentence=N_("Item and borrower stand in each other’s place."),
        brief=N_("Each in the other’s place"),
    ),
    Code.PATRON_AS_ITEM: FindingWords(
        N_("Reader instead of item"),
        sentence=N_("A reader’s card stands where the item belongs."),
        brief=N_("A reader’s card as item"),
    ),
    Code.ITEM_AS_PATRON: FindingWords(
        N_("Item instead of reader"),
        sentence=N_("An item’s barcode stands where the borrower belongs."),
        brief=N_("An item as borrower"),
    ),
    Code.ITEM_CHECK_DIGIT: FindingWords(N_("Item misread")),
    Code.PATRON_CHECK_DIGIT: FindingWords(N_("Reader misread")),
    Code.ITEM_FORM: FindingWords(
        N_("Not an item barcode"),
        sentence=N_("No item barcode of this library looks like that."),
        brief=N_("Not an item barcode"),
    ),
    Code.PATRON_FORM: FindingWords(
        N_("Not a reader’s card"),
        sentence=N_("No reader’s card of this library looks like that."),
        brief=N_("Not a reader’s card"),
    ),
    Code.ISBN: FindingWords(
        N_("ISBN instead of barcode"),
        sentence=N_("The ISBN of the cover, not the library’s barcode."),
        brief=N_("The ISBN of the cover"),
    ),
    Code.FUTURE: FindingWords(N_("In the future"), brief=N_("Later than now")),
    Code.VERY_OLD: FindingWords(N_("Very old"), brief=N_("More than a year ago")),
    Code.CLOSED: FindingWords(
        N_("Outside opening hours"),
        sentence=N_("The library is closed at that time: was the PC’s clock wrong?"),
        brief=N_("The library was closed"),
    ),
    Code.ITEM_UNKNOWN: FindingWords(
        N_("Unknown item"),
        sentence=N_("The library system does not know this item."),
        brief=N_("Not in the library system"),
    ),
    Code.PATRON_UNKNOWN: FindingWords(
        N_("Unknown borrower"),
        sentence=N_("The library system does not know this borrower."),
        brief=N_("Not in the library system"),
    ),
    Code.PATRON_BLOCKED: FindingWords(
        N_("Borrower blocked"),
        sentence=N_("The library system blocks this borrower: {detail}"),
        brief=N_("Blocked: {detail}"),
    ),
    Code.PATRON_EXPIRED: FindingWords(N_("Account expired")),
    Code.RECORDED_EARLIER: FindingWords(
        N_("Already recorded"),
        sentence=N_("Recorded by an earlier upload: it is not recorded again."),
        brief=N_("By an earlier upload"),
    ),
    Code.REFUSED_EARLIER: FindingWords(
        N_("Refused before"),
        sentence=N_("Refused in an earlier upload."),
        brief=N_("In an earlier upload"),
    ),
    Code.OPEN_EARLIER: FindingWords(
        N_("Sent before"),
        sentence=N_(
            "Sent by an earlier upload, and what became of it is not known yet: it is settled "
            "before anything is sent again."
        ),
        brief=N_("By an earlier upload"),
    ),
    Doubt.RETURN_WITH_PATRON: FindingWords(N_("Return with borrower")),
    Doubt.BACKWARDS: FindingWords(N_("Clock went back")),
    Doubt.DAMAGED_PADDING: FindingWords(N_("Damaged blanks")),
    Doubt.BLANK_IN_PATRON: FindingWords(N_("Blank in borrower")),
    Doubt.JOINED: FindingWords(N_("Two on one line")),
    Doubt.ZERO_BYTES: FindingWords(N_("Power cut")),
    Problem.JOINED: FindingWords(N_("Two on one line")),
    Problem.ZERO_BYTES: FindingWords(N_("Power cut")),
    Problem.TOO_SHORT: FindingWords(brief=N_("Too short")),
    Problem.LINE_TOO_LONG: FindingWords(brief=N_("Too long")),
    Problem.BAD_CHARACTERS: FindingWords(brief=N_("Characters that cannot be")),
    Problem.IMPOSSIBLE_DATE: FindingWords(brief=N_("No possible date and time")),
    Problem.UNKNOWN_OPERATION: FindingWords(brief=N_("Neither loan nor return")),
    Problem.NO_ITEM: FindingWords(brief=N_("No item")),
    Problem.NO_PATRON: FindingWords(brief=N_("No borrower")),
    Problem.BLANK_IN_ITEM: FindingWords(brief=N_("A blank in the item")),
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


def finding_name(code: str) -> str:
    """A finding in two or three words."""
    return _(_said(code).name)


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
    return _(_FINDINGS[found.code].sentence).format(other=_other(found, files), detail=found.detail)


def brief(found: Finding, desks: Sequence[str]) -> str:
    """A finding in some three words; where the other line is, is told by its desk."""
    code, other = found.code, _near(found, desks)
    if code in _BRIEF:
        return _BRIEF[code](found, other)
    text = _said(code).brief
    if not text and code in Problem.__members__.values():
        return words.problem(Problem(code))
    return _(text or _said(code).name).format(other=other, detail=found.detail)


def _said(code: str) -> FindingWords:
    return _FINDINGS.get(code, FindingWords())


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
    Code.PATRON_CHECK_DIGIT: _check_digit,
    Code.CLOCK_MOVED: _moved,
    Code.PATRON_EXPIRED: _expired,
    Code.UNCLEAR_ORDER: _unclear,
    Code.ALIKE: _alike,
}


def _check_digit_brief(found: Finding, _other: str) -> str:
    text = _("Should end in {digit}") if found.detail else _("Wrong check digit")
    return text.format(digit=found.detail)


def _copied_brief(found: Finding, other: str) -> str:
    count = int(found.detail)
    text = ngettext("{count} line also in {other}", "{count} lines also in {other}", count)
    return text.format(count=words.number(count), other=other)


def _moved_brief(found: Finding, _other: str) -> str:
    moved = offset(float(found.detail))
    return _("Corrected by up to {offset}").format(offset=moved)


def _expired_brief(found: Finding, _other: str) -> str:
    day = words.day(date.fromisoformat(found.detail))
    return _("Expired on {day}").format(day=day)


_BRIEF: dict[str, Callable[[Finding, str], str]] = {
    Code.ITEM_CHECK_DIGIT: _check_digit_brief,
    Code.PATRON_CHECK_DIGIT: _check_digit_brief,
    Code.DESK_COPIED: _copied_brief,
    Code.CLOCK_MOVED: _moved_brief,
    Code.PATRON_EXPIRED: _expired_brief,
}


def _other(found: Finding, files: Sequence[str]) -> str:
    """The other line or file."""
    if found.other_file < 0:
        return ""
    return place(files[found.other_file], found.other_number)


def _near(found: Finding, desks: Sequence[str]) -> str:
    """The other line: its number, and its desk where that is another one."""
    if found.other_file < 0:
        return ""
    if found.other_file == found.file and found.other_number:
        return _("line {number}").format(number=found.other_number)
    desk = desks[found.other_file].split(" · ")[-1]
    return f"{desk} · {found.other_number}" if found.other_number else desk


def place(file: str, number: int) -> str:
    """A line's place for people; of a whole file, its name."""
    if not number:
        return file
    return _("{file}, line {number}").format(file=file, number=number)


def suggestion(act: Act) -> str:
    """What might be done, as a sentence."""
    return _(_ACTS[act])


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
