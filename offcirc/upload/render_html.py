"""A report to read, mail and print: one file that needs nothing else and runs nothing."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from offcirc import i18n, resources
from offcirc.upload import reportview as view
from offcirc.upload import words
from offcirc.upload.report import JobReport, LineStatus

TEMPLATE = "report.html.j2"
MOST_SKIPPED = 2000
"""Lines already recorded that are listed; a browser chokes on a million, and nobody reads them."""


def render(report: JobReport) -> str:
    """The report as an HTML document."""
    skipped = view.told(report, LineStatus.SKIPPED)
    return _template().render(
        report=report,
        language=i18n.language(),
        job_row=view.job_row(report),
        counts=view.count_rows(report),
        groups=view.groups(report),
        remarks=view.remarks(report),
        same_files=view.same_files(report),
        several=view.several_files(report),
        skipped=skipped[:MOST_SKIPPED],
        skipped_left=len(skipped) - len(skipped[:MOST_SKIPPED]),
    )


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(resources.path("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=i18n._,
        ngettext=i18n.ngettext,
        when=view.when,
        operation=view.operation,
        item_note=words.item_note,
    )
    return environment.get_template(TEMPLATE)
