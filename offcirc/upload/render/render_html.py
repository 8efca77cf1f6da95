"""A report to read, mail and print: one file that needs nothing else.

Its only script sorts and searches the tables in the page itself. A mailed report goes without it:
mail filters distrust attachments that hold any.
"""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from offcirc import i18n, resources
from offcirc.upload.base.celltext import legible
from offcirc.upload.report import opinionwords
from offcirc.upload.report import reportview as view
from offcirc.upload.report.pagetable import page_columns, page_rows
from offcirc.upload.report.report import Grouping, JobReport, LineStatus, ReportLine, nameless

TEMPLATE = "report.html.j2"
SCRIPT = "templates/report.js"
MOST_SKIPPED = 2000
"""Lines already recorded that are listed; a browser chokes on a million, and nobody reads them."""


def render(
    report: JobReport,
    grouping: Grouping = Grouping.REASON,
    *,
    scripted: bool = True,
    names: bool = False,
) -> str:
    """The report as an HTML document.

    Args:
        report: what to show.
        grouping: by what the exceptions are put together.
        scripted: whether the page can sort and search.
        names: whether readers' names are shown.
    """
    report = nameless(report, names)
    skipped = view.told(report, LineStatus.SKIPPED)
    script = resources.path(SCRIPT).read_text("utf-8") if scripted else ""
    return _template().render(
        report=report,
        language=i18n.language(),
        policy=_policy(script),
        script=Markup(script),  # noqa: S704 - our own file, and no text of others in it
        job_row=view.job_row(report),
        counts=view.count_rows(report),
        groups=view.groups(report, grouping),
        grouping=grouping,
        remarks=view.remarks(report),
        sentences=view.sentences(report),
        several=view.several_files(report),
        opinion=opinionwords.sentence(report.opinion) if report.opinion else "",
        opinion_detail=opinionwords.detail(report.opinion) if report.opinion else "",
        opinion_good=report.opinion is not None and report.opinion.good,
        differences=opinionwords.groups(report),
        skipped=view.Group("skipped", "", "", tuple(skipped[:MOST_SKIPPED]), harmless=True),
        skipped_left=len(skipped) - len(skipped[:MOST_SKIPPED]),
    )


def _policy(script: str) -> str:
    """What the browser may do: style the page, run exactly this script, load nothing."""
    parts = ["default-src 'none'", "style-src 'unsafe-inline'"]
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        parts.append(f"script-src 'sha256-{digest}'")
    return "; ".join(parts)


def _stamp(line: ReportLine) -> str:
    """When it happened, as a text that sorts."""
    at = line.exact or line.at
    return at.isoformat() if at else ""


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(resources.path("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["legible"] = legible
    environment.globals.update(
        _=i18n._,
        ngettext=i18n.ngettext,
        stamp=_stamp,
        page_columns=page_columns,
        page_rows=page_rows,
    )
    return environment.get_template(TEMPLATE)
