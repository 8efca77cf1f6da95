"""What an upload would come to, and what a person makes sure of before: a card to be read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from offcirc.i18n import _, ngettext
from offcirc.referent.kit.figures import named, number
from offcirc.referent.kit.flow_layout import Flow
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import Tile, button, heading, label, make_card

if TYPE_CHECKING:
    from offcirc.servers.protocol import PreflightItem
    from offcirc.upload.preview.preview import Preview

REASONS_SHOWN = 5


class Foresight(QFrame):
    """Shows a preview.

    Signals:
        report_wanted: somebody wants to see the lines one by one.
        filled: how many previews it shows: one, or none.
    """

    report_wanted = Signal()
    filled = Signal(int)

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        column = make_card(self, look)
        top = Flow(look.px(0.5))
        top.addWidget(heading(_("What would come of it"), look, self))
        self.see = button(_("Sh&ow the lines"), look, self, self.report_wanted.emit)
        top.addWidget(self.see)
        column.addLayout(top)
        tiles = Flow(look.px(0.7))
        self.recorded = Tile(look, _("Would be recorded"), "good", self)
        self.refused = Tile(look, _("Would be refused"), "bad", self)
        self.earlier = Tile(look, _("Already recorded"), "plain", self)
        self.overdue = Tile(look, _("Readers overdue at once"), "look", self)
        for tile in (self.recorded, self.refused, self.earlier, self.overdue):
            tile.setMinimumWidth(look.px(8))
            tile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            tiles.addWidget(tile)
        column.addLayout(tiles)
        self.text = label("", look.text, self, wrap=True)
        column.addWidget(self.text)
        column.addStretch(1)

    def show_preview(self, preview: Preview | None) -> None:
        """Show what would come of an upload; ``None`` when nothing is known any more."""
        self.filled.emit(int(preview is not None))
        if preview is None:
            return
        report = preview.report
        self.recorded.show_figure(number(report.recorded))
        self.refused.show_figure(number(report.exceptions), "" if report.exceptions else "plain")
        self.earlier.setVisible(bool(report.skipped))
        self.earlier.show_figure(number(report.skipped))
        self.overdue.setVisible(preview.overdue_patrons is not None)
        overdue = preview.overdue_patrons or 0
        self.overdue.show_figure(number(overdue), "" if overdue else "plain")
        self.text.setText("\n".join(sentences(preview)))
        self.setAccessibleName(self.text.text())


def sentences(preview: Preview) -> list[str]:
    """What there is to say of a preview besides its figures."""
    from offcirc.upload.preview.preview import PreviewSource
    from offcirc.upload.report import words

    told = []
    if preview.how is PreviewSource.LOOK_UP:
        told.append(_("The server was asked about every item and reader; it tried no line."))
    if preview.how is PreviewSource.NONE:
        told.append(_("This server can tell nothing beforehand."))
    reasons = Counter(words.mark(line) for line in preview.report.exception_lines)
    for reason, count in reasons.most_common(REASONS_SHOWN):
        told.append("• " + named(reason, number(count)))
    if preview.overdue_lines:
        text = ngettext(
            "{count} loan would be overdue at once: its due date has passed.",
            "{count} loans would be overdue at once: their due dates have passed.",
            preview.overdue_lines,
        )
        told.append(text.format(count=number(preview.overdue_lines)))
    for code, count in preview.remarks:
        name = words.note_names((code,))
        if name:
            told.append("• " + named(name, number(count)))
    return told


def checklist(items: tuple[PreflightItem, ...]) -> str:
    """What a person makes sure of before an upload, one line each; empty for nothing."""
    return "\n".join(f"• {item.text}" for item in items if not item.after)
