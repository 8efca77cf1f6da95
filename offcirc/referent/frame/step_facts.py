"""Where the job stands, from what the pages hold; and what the line under each page says of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from offcirc.i18n import _, ngettext
from offcirc.referent.frame.header import step_name
from offcirc.referent.frame.nextbar import Turn
from offcirc.referent.frame.steps import STEPS, StepFacts, StepPlace
from offcirc.referent.kit.figures import number

if TYPE_CHECKING:
    from offcirc.referent.frame.window import Window
    from offcirc.upload.report.report import JobReport


class Guide:
    """Looks at the window and says how far the job is.

    Attributes:
        steps: the steps that this window has, in their order.
    """

    def __init__(self, window: Window, places: Sequence[StepPlace]) -> None:
        self._window = window
        self.steps = [place for place in STEPS if place in places]
        self._checked: frozenset[str] = frozenset()
        self._seen = 0

    def went(self, place: StepPlace) -> None:
        """Somebody has gone to a page: what was seen there counts as looked at."""
        if place is StepPlace.UPLOAD:
            self._checked = self._contents()
        if place is StepPlace.REPORT:
            self._seen = id(self._window.reports.page.report)

    def facts(self) -> StepFacts:
        """How things stand."""
        window = self._window
        files = window.collect.model.things
        ready = window.collect.ready_files
        report = window.reports.page.report
        job = window.unfinished()
        contents = self._contents()
        done = report is not None and report.complete and not report.dry_run
        return StepFacts(
            sources=len(ready),
            left_out=sum(file.read and not file.ready for file in files),
            reading=any(not file.read for file in files) or window.collect.reading,
            lines=sum(file.lines for file in ready if file.taken),
            open_questions=window.check.open_questions,
            checked=bool(contents) and contents == self._checked,
            uploading=window.flow.uploading.running,
            unfinished=job.left if job is not None else 0,
            uploaded=window.collect.model.all_uploaded or (done and not ready),
            report=report is not None,
            exceptions=report.exceptions if report is not None else 0,
            report_seen=report is not None and self._seen == id(report),
            waiting=len(window.alma.waiting),
            todo=window.todo.left,
            todo_all=len(window.todo.tasks),
            to_close=len(window.closing.shelf.candidates),
            closed=sum(one.in_force for one in window.closing.shelf.closings),
        )

    def _contents(self) -> frozenset[str]:
        return frozenset(file.sha256 for file in self._window.collect.ready_files)

    def before(self, place: StepPlace) -> StepPlace | None:
        """The step before a page; ``None`` for the first."""
        if place not in self.steps:
            return self.steps[0]
        position = self.steps.index(place)
        return self.steps[position - 1] if position else None

    def after(self, place: StepPlace) -> StepPlace | None:
        """The step after a page; ``None`` for the last."""
        position = self.steps.index(place) + 1 if place in self.steps else len(self.steps)
        return self.steps[position] if position < len(self.steps) else None

    def turn(self, place: StepPlace, facts: StepFacts) -> Turn:
        """What the line under a page says."""
        window = self._window
        if place is StepPlace.UPLOAD:
            return Turn(*window.upload.turn())
        if place is StepPlace.REPORT and facts.waiting:
            count = ngettext(
                "{count} file waits for an answer.",
                "{count} files wait for an answer.",
                facts.waiting,
            )
            first = window.alma.waiting[0]
            action = _("Read Alma’s re&port…") if first.reports else _("Look the lines &up there")
            return Turn(count.format(count=number(facts.waiting)), action, window.alma.answer)
        if place is StepPlace.CLOSE:
            page = window.closing.page()
            if facts.closed and not facts.to_close:
                text = _("Everything is put away.")
                return Turn(text, _("&New collection"), window.course.begin_anew)
            return Turn(page.summary, _("Put a&way"), page.put_away, bool(page.ready))
        texts = {
            StepPlace.COLLECT: window.collect.summary,
            StepPlace.CHECK: window.check.summary,
            StepPlace.REPORT: _report_text(window.reports.page.report),
            StepPlace.FOLLOWUP: window.todo.summary,
            StepPlace.REGISTRATIONS: window.registrar.summary,
        }
        if place not in texts:
            return Turn()
        ready = facts.lines > 0 if place in (StepPlace.COLLECT, StepPlace.CHECK) else True
        return self._onwards(place, texts[place], ready=ready)

    def _onwards(self, place: StepPlace, text: str, *, ready: bool = True) -> Turn:
        following = self.after(place)
        if following is None:
            return Turn(text)
        name = step_name(following).replace("&", "")
        action = _("&Continue: {step}").format(step=name)
        return Turn(text, action, partial(self._window.go, following), ready)


def _report_text(report: JobReport | None) -> str:
    from offcirc.referent.background.jobwords import attention

    if report is None:
        return ""
    return attention(report) or _("Every line was recorded.")
