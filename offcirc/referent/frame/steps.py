"""The steps of the job, and how far each of them is: what the bar at the top shows.

Nothing here knows a widget: the facts go in, the states come out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from offcirc.i18n import _, ngettext, pgettext
from offcirc.referent.kit.figures import number


class StepPlace(StrEnum):
    """The pages of the window: six steps; new readers and the past aside."""

    COLLECT = "collect"
    CHECK = "check"
    UPLOAD = "upload"
    REPORT = "report"
    FOLLOWUP = "followup"
    CLOSE = "close"
    REGISTRATIONS = "registrations"
    HISTORY = "history"


STEPS = (
    StepPlace.COLLECT,
    StepPlace.CHECK,
    StepPlace.UPLOAD,
    StepPlace.REPORT,
    StepPlace.FOLLOWUP,
    StepPlace.CLOSE,
)


class Stage(StrEnum):
    """How far a step is."""

    DONE = "done"
    NEXT = "next"
    """What to do now: the first step that is not done."""
    ATTENTION = "attention"
    """Something here waits for the referent."""
    AHEAD = "ahead"
    CLOSED = "closed"
    """There is nothing to see here yet."""


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What the states of the steps depend on.

    Attributes:
        sources: files on the list that can be uploaded.
        left_out: files on the list that cannot.
        reading: files are being read.
        lines: lines of the files that can be uploaded.
        open_questions: findings that ought to be decided before the upload.
        checked: the referent has been through the check of just these files.
        uploading: an upload is under way.
        unfinished: lines that an upload has left; 0 when none has.
        uploaded: the files on the list have been uploaded, or the report shown is of a complete
            upload.
        report: there is a report to show.
        exceptions: its lines that were not recorded.
        report_seen: the referent has looked at it.
        waiting: files that were carried to a library system, and wait for an answer.
        todo: points of the work list that are open.
        todo_all: all its points.
        to_close: files that were uploaded and not put away yet.
        closed: files that were put away.
    """

    sources: int = 0
    left_out: int = 0
    reading: bool = False
    lines: int = 0
    open_questions: int = 0
    checked: bool = False
    uploading: bool = False
    unfinished: int = 0
    uploaded: bool = False
    report: bool = False
    exceptions: int = 0
    report_seen: bool = False
    waiting: int = 0
    todo: int = 0
    todo_all: int = 0
    to_close: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class StepView:
    """What the bar shows of one step.

    Attributes:
        stage: how far it is.
        caption: a number and what it counts, in two or three words; may be empty.
    """

    stage: Stage
    caption: str = ""


def board(facts: StepFacts, steps: Collection[StepPlace] = STEPS) -> Mapping[StepPlace, StepView]:
    """Every step's state.

    Args:
        facts: how things stand.
        steps: the steps that this window has, in their order.
    """
    views = {place: _VIEWS[place](facts) for place in STEPS if place in steps}
    # The first step that is neither done nor waiting for somebody is where the job goes on.
    for place, view in views.items():
        if view.stage in (Stage.ATTENTION, Stage.CLOSED):
            break
        if view.stage is Stage.AHEAD:
            views[place] = StepView(Stage.NEXT, view.caption)
            break
    return views


def aside(count: int, waiting: int) -> StepView | None:
    """What the bar shows of registrations; ``None`` when there are none."""
    if not count:
        return None
    if not waiting:
        return StepView(Stage.AHEAD)
    text = ngettext("{count} to validate", "{count} to validate", waiting)
    return StepView(Stage.ATTENTION, text.format(count=number(waiting)))


def stage_words(stage: Stage) -> str:
    """How far a step is, for who cannot see its colour; empty when there is nothing to say."""
    return {
        Stage.DONE: pgettext("step", "done"),
        Stage.NEXT: pgettext("step", "next"),
        Stage.ATTENTION: pgettext("step", "needs your attention"),
        Stage.AHEAD: "",
        Stage.CLOSED: pgettext("step", "nothing here yet"),
    }[stage]


def _collect(facts: StepFacts) -> StepView:
    if facts.reading:
        return StepView(Stage.AHEAD, _("reading…"))
    if not facts.sources:
        stage = Stage.ATTENTION if facts.left_out else Stage.AHEAD
        return StepView(stage, _files(facts.left_out) if facts.left_out else "")
    return StepView(Stage.DONE, _files(facts.sources))


def _check(facts: StepFacts) -> StepView:
    if not facts.lines:
        return StepView(Stage.CLOSED)
    if facts.open_questions:
        text = ngettext("{count} question", "{count} questions", facts.open_questions)
        return StepView(Stage.ATTENTION, text.format(count=number(facts.open_questions)))
    if facts.uploaded:
        return StepView(Stage.DONE)
    return StepView(Stage.DONE if facts.checked else Stage.AHEAD)


def _upload(facts: StepFacts) -> StepView:
    if facts.uploading:
        return StepView(Stage.AHEAD, _("under way"))
    if facts.unfinished:
        text = ngettext("{count} left", "{count} left", facts.unfinished)
        return StepView(Stage.ATTENTION, text.format(count=number(facts.unfinished)))
    if facts.uploaded:
        return StepView(Stage.DONE)
    if facts.waiting and not facts.lines:
        return StepView(Stage.DONE)
    if not facts.lines:
        # Servers can be chosen and signed in on before there is anything to upload.
        return StepView(Stage.AHEAD)
    text = ngettext("{count} line", "{count} lines", facts.lines)
    return StepView(Stage.AHEAD, text.format(count=number(facts.lines)))


def _report(facts: StepFacts) -> StepView:
    if facts.waiting:
        return StepView(Stage.ATTENTION, _("Answer awaited"))
    if not facts.report:
        return StepView(Stage.CLOSED)
    if not facts.exceptions:
        return StepView(Stage.DONE if facts.report_seen else Stage.AHEAD)
    text = ngettext("{count} exception", "{count} exceptions", facts.exceptions)
    caption = text.format(count=number(facts.exceptions))
    return StepView(Stage.DONE if facts.report_seen else Stage.ATTENTION, caption)


def _followup(facts: StepFacts) -> StepView:
    if not facts.todo_all:
        if not facts.report:
            return StepView(Stage.CLOSED)
        return StepView(Stage.AHEAD if facts.exceptions else Stage.DONE)
    if facts.todo:
        text = ngettext("{count} to do", "{count} to do", facts.todo)
        return StepView(Stage.ATTENTION, text.format(count=number(facts.todo)))
    return StepView(Stage.DONE)


def _close(facts: StepFacts) -> StepView:
    if facts.to_close:
        return StepView(Stage.AHEAD, _files(facts.to_close))
    if facts.closed:
        return StepView(Stage.DONE)
    return StepView(Stage.CLOSED)


def _files(count: int) -> str:
    return ngettext("{count} file", "{count} files", count).format(count=number(count))


_VIEWS = {
    StepPlace.COLLECT: _collect,
    StepPlace.CHECK: _check,
    StepPlace.UPLOAD: _upload,
    StepPlace.REPORT: _report,
    StepPlace.FOLLOWUP: _followup,
    StepPlace.CLOSE: _close,
}
