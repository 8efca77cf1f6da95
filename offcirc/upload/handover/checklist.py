"""The page that goes with files carried to a library system: what to do, box by box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc import i18n, resources
from offcirc import words as core_words
from offcirc.disk import durable
from offcirc.i18n import _, ngettext
from offcirc.upload.handover.handoverfiles import plain

if TYPE_CHECKING:
    from offcirc.upload.handover.handedfile import HandedFile, Handover

TEMPLATE = "checklist.html.j2"
_WIDTH = 78


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in the order in which it goes up; all texts in the active language.

    Attributes:
        place: its number in that order.
        desk: the circulation desk to choose.
        library: the library's name; may be empty.
        lines: how many lines the system must process.
        contents: loans and returns, in words.
        days: when it was recorded.
    """

    place: int
    name: str
    desk: str
    library: str
    lines: int
    contents: str
    days: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The page, in the active language.

    Attributes:
        title: its heading.
        made: who made the files, and when.
        folder: where the files are.
        files: in the order in which they go up.
        order: why the order matters; empty when there is but one file.
        before: what to do first.
        each: what to do for each file.
        after: what to do last.
    """

    title: str
    made: str
    folder: str
    files: tuple[FileRow, ...]
    order: str
    before: tuple[str, ...]
    each: tuple[str, ...]
    after: tuple[str, ...]


def checklist(handover: Handover) -> Checklist:
    """The page for a handover."""
    at = handover.at.astimezone()
    several = len(handover.files) > 1
    target = handover.target
    return Checklist(
        _("Loans and returns for {system}").format(system=target.name),
        _("Made by {who}, {when}").format(who=handover.who, when=core_words.when(at)),
        str(handover.folder),
        tuple(map(_row, handover.files)),
        _(
            "Keep to this order, one file after the other: {system} takes what happened to an item "
            "only in the order in which it happened."
        ).format(system=target.name)
        if several
        else "",
        (*target.limits(), *target.before()),
        target.each(),
        target.after(),
    )


def write(handover: Handover) -> Path:
    """Write the page beside the files, to print and as text; never over another one.

    Returns:
        The page; the text has the same name and ends in ``.txt``.

    Raises:
        StorageError: it cannot be written.
    """
    page = checklist(handover)
    data = render_html(page).encode("utf-8")
    path = _free(handover.folder, handover.files)
    durable.create(path, data)
    # With the mark that has Notepad of old Windows read it as UTF-8.
    durable.create(path.with_suffix(".txt"), b"\xef\xbb\xbf" + render_text(page).encode("utf-8"))
    return path


def render_html(page: Checklist) -> str:
    """The page as an HTML document of one sheet of paper."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - takes long

    environment = Environment(
        loader=FileSystemLoader(resources.path("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=i18n._, language=i18n.language())
    return environment.get_template(TEMPLATE).render(page=page, sections=sections(page))


def render_text(page: Checklist) -> str:
    """The page as plain text, with CRLF for old editors."""
    import textwrap  # noqa: PLC0415

    lines = [page.title, "=" * len(page.title), page.made, page.folder, ""]
    for file in page.files:
        lines.append(f"{file.place}. {file.name}")
        desk = f"{file.desk} – {file.library}" if file.library else file.desk
        lines.append("   " + _("circulation desk: {desk}").format(desk=desk))
        count = ngettext("{count} line", "{count} lines", file.lines).format(count=file.lines)
        lines.append(f"   {count} ({file.contents}) · {file.days}")
        lines.append("   [ ] " + _("uploaded") + "   [ ] " + _("report read"))
        lines.append("")
    if page.order:
        lines += [*textwrap.wrap(page.order, _WIDTH), ""]
    for title, steps in sections(page):
        lines += [title, "-" * len(title)]
        for step in steps:
            lines += textwrap.wrap(
                step,
                _WIDTH,
                initial_indent="[ ] ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        lines.append("")
    return "\r\n".join(lines)


def sections(page: Checklist) -> Sequence[tuple[str, tuple[str, ...]]]:
    """The steps under their headings."""
    return (
        (_("Before the first file"), page.before),
        (_("For each file"), page.each),
        (_("After the last file"), page.after),
    )


def _row(file: HandedFile) -> FileRow:
    loans = ngettext("{count} loan", "{count} loans", file.loans).format(count=file.loans)
    returns = ngettext("{count} return", "{count} returns", file.returns).format(count=file.returns)
    contents = _("{loans}, {returns}").format(loans=loans, returns=returns)
    return FileRow(
        file.place, file.path.name, file.desk, file.library, file.lines, contents, days(file)
    )


def days(file: HandedFile) -> str:
    """When the lines of a file were recorded."""
    if file.first is None or file.last is None:
        return ""
    if file.first.date() == file.last.date():
        return f"{core_words.when(file.first)} – {file.last:%H:%M}"
    return f"{core_words.when(file.first)} – {core_words.when(file.last)}"


def _free(folder: Path, files: Sequence[HandedFile]) -> Path:
    """A name that nothing in the folder has, after the first file's."""
    stem = files[0].path.stem.replace("OffCirc_", "", 1)
    title = plain(_("Checklist"))
    first = folder / f"{title}_{stem}.html"
    path, number = first, 1
    while path.exists() or path.with_suffix(".txt").exists():
        number += 1
        path = first.with_name(f"{first.stem}_{number}.html")
    return path
