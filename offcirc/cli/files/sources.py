"""The files given to a command, folders searched, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Stop
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.upload.lines.source import CollectedFile


def within(given: Sequence[Path], *, every: bool = False) -> list[Path]:
    """The files given, and those in the folders given.

    Args:
        given: files and folders.
        every: those of other programs, too; else they are named and left out.

    Raises:
        Stop: a folder holds too many, or none holds any.
    """
    if not any(path.is_dir() for path in given):
        return list(given)
    from offcirc.upload.lines.collect import search, too_many

    files: list[Path] = []
    for path in given:
        if not path.is_dir():
            files.append(path)
            continue
        inside, overfull = search([path])
        if overfull:
            raise Stop(too_many(path))
        ours = [file for file in inside if every or not _passed_over(file)]
        if not ours:
            name, reason = output.visible(str(path)), _("there is no OffCirc.dat file in it.")
            sentence = _("{name}: {reason}").format(name=name, reason=reason)
            if len(given) == 1:
                raise Stop(sentence)
            output.note(sentence)
        files += ours
    if not files:
        raise Stop(_("There is no OffCirc.dat file in these folders."))
    return list(dict.fromkeys(files))


def _passed_over(file: Path) -> bool:
    """Whether a file of a folder is none of ours; then that is said."""
    from offcirc.upload.base.errors import NotOffCircError, PlanError
    from offcirc.upload.lines.datread import open_dat

    try:
        stream, _head = open_dat(file, output.visible(str(file)))
        stream.close()
    except NotOffCircError as error:
        output.note(_("Passed over: {reason}").format(reason=error.words()))
        return True
    except PlanError:
        pass  # what cannot be read may be ours: whoever reads it says why not
    return False


def sources(given: Sequence[Path]) -> list[CollectedFile]:
    """Look at the files given, and at those in the folders given; each content once.

    What is no OffCirc.dat is passed over in a folder, and a mistake when it was given by name.

    Raises:
        Stop: one cannot be read, is no OffCirc.dat, or there is none.
    """
    from offcirc.upload.base.errors import NotOffCircError, PlanError
    from offcirc.upload.lines.collect import look, search, too_many
    from offcirc.upload.lines.copies import settle_copies
    from offcirc.upload.lines.source import short_names

    named = {path for path in given if not path.is_dir()}
    files, overfull = search(given)
    if overfull:
        raise Stop(too_many(overfull[0]))
    found = []
    for path, name in zip(files, short_names(files), strict=True):
        shown = output.visible(str(path) if path in named else name)
        try:
            found.append(look(path, shown))
        except NotOffCircError as error:
            if path in named:
                raise Stop(error.words()) from error
            output.note(_("Passed over: {reason}").format(reason=error.words()))
        except PlanError as error:
            raise Stop(error.words()) from error
    if not found:
        raise Stop(_("There is no OffCirc.dat file in these folders."))
    return list(settle_copies(found))


def tell(found: Sequence[CollectedFile]) -> None:
    """Say what is left out and what is corrected, on standard error."""
    from offcirc.upload.check import checkwords, findingwords
    from offcirc.upload.lines.source import FileNote

    for source in found:
        for note in source.notes:
            if note is FileNote.CLOCK_MOVED:
                continue
            text = checkwords.source_note(note, source)
            output.note(_("{name}: {reason}").format(name=source.name, reason=text))
        for fix in () if source.same_as else source.corrections:
            text = _("lines {first} to {last}: {offset}, as the desk noted when its clock was set.")
            sentence = text.format(
                first=fix.first, last=fix.last, offset=findingwords.offset(fix.seconds)
            )
            output.note(_("{name}: {reason}").format(name=source.name, reason=sentence))
