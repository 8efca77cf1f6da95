"""The papers of a drill: the trainer's script, and the cards that trainees scan. A4, PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.colors import HexColor
from reportlab.lib.fonts import addMapping
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from offcirc.drill import drillwords
from offcirc.drill.truth import DrillAct, DrillLine, Truth
from offcirc.i18n import _, language
from offcirc.upload.render.pdftext import CODE, STRONG, TEXT, WIDE, load_fonts

_BODY = ParagraphStyle("body", fontName=TEXT, fontSize=10.5, leading=14)
_SAID = ParagraphStyle("said", parent=_BODY, fontName=STRONG, spaceBefore=4, keepWithNext=1)
_STEP = ParagraphStyle("step", parent=_BODY, leftIndent=14, spaceAfter=4)
_TITLE = ParagraphStyle("title", fontName=STRONG, fontSize=20, leading=25, spaceAfter=6)
_HEAD = ParagraphStyle(
    "head", fontName=STRONG, fontSize=13, leading=17, spaceBefore=10, keepWithNext=1
)
_LABEL = ParagraphStyle("label", fontName=TEXT, fontSize=8.5, leading=10.5)
_CODE = ParagraphStyle("code", parent=_LABEL, fontName=CODE)
_BAR_HIGH, _MODULE = 12 * mm, 0.30 * mm
_ACROSS = 2
_TICK = f'<font name="{WIDE}">☐</font> '
_WIDE = 86 * mm


def script(truth: Truth) -> bytes:
    """What the trainer says and keeps to himself, as a PDF."""
    _load()
    story: list[Any] = [
        Paragraph(escape(drillwords.title(truth.drill)), _TITLE),
        Paragraph(escape(drillwords.about(truth.drill)), _BODY),
        Paragraph(escape(_("Before")), _HEAD),
        *(Paragraph(escape(each), _STEP) for each in drillwords.before(truth)),
    ]
    for part, lines in groupby(sorted(truth.lines, key=lambda line: line.part), _part):
        story.append(Paragraph(escape(_("Part {number}").format(number=part)), _HEAD))
        for desk, own in groupby(sorted(lines, key=lambda line: line.desk), _desk):
            story += _desk_part(truth, desk, list(own))
    story.append(PageBreak())
    story.append(Paragraph(escape(_("Afterwards: for the trainer alone")), _HEAD))
    story += [Paragraph(escape(each), _STEP) for each in drillwords.after(truth)]
    story += [Paragraph(_TICK + escape(_act(truth, act)), _STEP) for act in truth.acts]
    return _pdf(story, drillwords.title(truth.drill))


def cards(truth: Truth) -> bytes:
    """Barcodes of the readers and of the items, to cut out, as a PDF."""
    _load()
    title = drillwords.title(truth.drill)
    patrons = dict.fromkeys(line.patron for line in truth.lines if line.patron)
    items = dict.fromkeys(line.item for line in truth.lines)
    story: list[Any] = [
        Paragraph(
            escape(_("Cards of the drill “{name}”").format(name=drillwords.title(truth.drill))),
            _TITLE,
        ),
        Paragraph(escape(_("Readers")), _HEAD),
        *_sheet(truth, list(patrons)),
        Paragraph(escape(_("Items")), _HEAD),
        *_sheet(truth, list(items)),
    ]
    return _pdf(story, title)


def _load() -> None:
    load_fonts()
    for name in (TEXT, STRONG, CODE, WIDE):
        addMapping(name, 0, 0, name)


def _part(line: DrillLine) -> int:
    return line.part


def _desk(line: DrillLine) -> str:
    return line.desk


def _desk_part(truth: Truth, desk: str, lines: Sequence[DrillLine]) -> list[Any]:
    steps: list[Any] = [Paragraph(escape(_("Desk {letter}").format(letter=desk)), _HEAD)]
    for (operation, patron, box), group in groupby(
        lines, lambda line: (line.operation, line.patron, line.box)
    ):
        said = escape(drillwords.step(operation, named(truth, patron), box=box))
        steps.append(Paragraph(said, _SAID))
        steps += [Paragraph(_TICK + escape(named(truth, line.item)), _STEP) for line in group]
    return steps


def _act(truth: Truth, act: DrillAct) -> str:
    items = ", ".join(named(truth, item) for item in act.items)
    return drillwords.act(act.kind, items, named(truth, act.patron))


def named(truth: Truth, code: str) -> str:
    """A reader or item as the papers call it: its name, if it has one, and its barcode."""
    return " · ".join(filter(None, (truth.labels.get(code, ""), code)))


def _sheet(truth: Truth, codes: Sequence[str]) -> list[Any]:
    cells: list[Any] = [
        [
            Code128(code, barHeight=_BAR_HIGH, barWidth=_MODULE, quiet=True),
            Spacer(1, 3),
            Paragraph(escape(code), _CODE),
            Paragraph(escape(truth.labels.get(code, "") or _("(unknown to the library)")), _LABEL),
        ]
        for code in codes
    ]
    cells += [""] * (-len(cells) % _ACROSS)
    rows = [cells[at : at + _ACROSS] for at in range(0, len(cells), _ACROSS)]
    style = [
        ("GRID", (0, 0), (-1, -1), 0.4, HexColor("#9aa7bd")),
        ("TOPPADDING", (0, 0), (-1, -1), 8),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
    ]
    return [Table(rows, colWidths=[_WIDE] * _ACROSS, style=style), Spacer(1, 8)]


def _pdf(story: list[Any], title: str) -> bytes:
    content = io.BytesIO()
    margin = 18 * mm
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        title=title,
        author="OffCirc",
        lang=language(),
        invariant=1,
        **{f"{side}Margin": margin for side in ("left", "right", "top", "bottom")},
    )
    document.build(story)
    return content.getvalue()
