"""What desks recorded in practice is for practice servers alone."""

from __future__ import annotations

from offcirc.i18n import _
from offcirc.upload.base.errors import PlanError
from offcirc.upload.lines.plan import Plan
from offcirc.upload.lines.source import Uploadable


class PracticeFileError(PlanError):
    """Files of desks that play were to go to a real library system."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "Recorded in practice: {name}. Such files go to a practice server alone; nothing was"
            " sent or written."
        ).format(name=self.name)


def refuse(plan: Uploadable) -> None:
    """Make sure that a plan has no file of a desk that plays.

    Raises:
        PracticeFileError: it has.
    """
    sources = plan.sources if isinstance(plan, Plan) else ()
    names = [each.name for each in sources if each.identity.practice]
    if names:
        raise PracticeFileError(", ".join(names))
