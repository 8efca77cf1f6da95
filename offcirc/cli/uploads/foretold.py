"""What an upload would come to, as ``upload --dry-run`` prints it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.uploads import reports
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.upload.preview.preview import Preview


def show(preview: Preview, form: str, *, names: bool) -> None:
    """Print a preview.

    Args:
        preview: what to print.
        form: ``text`` or ``json``.
        names: whether readers' names are shown; programs never get them.
    """
    if form == "json":
        output.say(json.dumps(_as_json(preview), ensure_ascii=False, indent=2))
        return
    from offcirc.upload.preview import previewwords as words

    reports.show(preview.report, form, names=names)
    output.heading(_("Before the upload"))
    for sentence in (words.how(preview), words.refused(preview), words.overdue(preview)):
        if sentence:
            output.say(sentence)
    for name, count in words.remarks(preview):
        output.say(f"  {count:>6}  {name}")
    for heading, after in ((_("Make sure of this"), False), (_("Afterwards"), True)):
        items = [item.text for item in preview.preflight if item.after is after]
        if items:
            output.heading(heading)
        for text in items:
            output.say(f"  [ ] {text}")


def _as_json(preview: Preview) -> dict[str, object]:
    from offcirc.upload.render.render_json import as_json
    from offcirc.upload.report.report import nameless

    return {
        **as_json(nameless(preview.report)),
        "preview": {
            "how": preview.how.value,
            "overdue_lines": preview.overdue_lines,
            "overdue_patrons": preview.overdue_patrons,
            "remarks": dict(preview.remarks),
            "preflight": [
                {"code": item.code, "text": item.text, "must": item.must, "after": item.after}
                for item in preview.preflight
            ],
        },
    }
