"""Lists of readers that are no tables: Alma's exports as XML, Evergreen's list of blocks."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from offcirc.i18n import _
from offcirc.knowledge.errors import BuildError
from offcirc.knowledge.known import PatronFlag
from offcirc.knowledge.records import PatronRecord
from offcirc.knowledge.sources.columns import ExportReading, blocks, patrons

_EVERGREEN = re.compile(rb"\A\s*\S+[ \t]+[LEBD]\s*$", re.MULTILINE)
_LETTERS = {
    "L": PatronFlag.BLOCKED,  # the card was reported lost
    "E": PatronFlag.EXPIRED,
    "B": PatronFlag.BLOCKED,
    "D": PatronFlag.BLOCKED,  # penalised
}
_CARDS = {"userid", "primaryid", "identifier", "value", "barcode"}
_WORDS = {"blockdescription", "description", "blocktype", "type", "blockcode", "note"}
_MOST_XML = 512 << 20


def patron_records(path: Path, reading: ExportReading) -> Iterator[PatronRecord]:
    """The readers of an export, whatever its form.

    Raises:
        BuildError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return _alma(path, path.read_bytes(), reading)
        if head.startswith(b"PK") and (inside := _xml_inside(path)):
            return (record for data in inside for record in _alma(path, data, reading))
    except (OSError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise BuildError(_("{file}: {what}.").format(file=path.name, what=reason)) from None
    if _EVERGREEN.match(head.split(b"\n", 1)[0]):
        return _evergreen(path, reading)
    return patrons(path, reading)


def _xml_inside(path: Path) -> list[bytes]:
    """The XML files of an archive as Alma writes them; none in a workbook."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if any(one.filename == "[Content_Types].xml" for one in members):
            return []
        wanted = [one for one in members if one.filename.lower().endswith(".xml")]
        if sum(one.file_size for one in wanted) > _MOST_XML:
            raise BuildError(_("{file}: {what}.").format(file=path.name, what=_("too big")))
        return [archive.read(one) for one in wanted]


def _evergreen(path: Path, reading: ExportReading) -> Iterator[PatronRecord]:
    with path.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            card, _blank, letter = line.strip().rpartition(" ")
            if letter in _LETTERS and card.strip():
                yield PatronRecord({card.strip()}, {_LETTERS[letter]})
            elif line.strip():
                reading.wrong(path, number, _("the row is no card and one of L, E, B and D"))


def _alma(path: Path, data: bytes, reading: ExportReading) -> Iterator[PatronRecord]:
    """The users of Alma's export of blocks, or of users: elements are known by their names.

    The names differ by version and capitals (``userId``, ``primary_id``), so both are put aside.
    """
    import defusedxml.ElementTree as Xml  # noqa: PLC0415 - rarely needed

    try:
        root = Xml.fromstring(data)
    except Exception as error:  # a hostile file makes it raise nearly anything
        what = _("not readable as XML ({reason})").format(reason=type(error).__name__)
        raise BuildError(_("{file}: {what}.").format(file=path.name, what=what)) from None
    while len(root) == 1 and not _is_card(root[0]):
        root = root[0]
    users = [root] if any(_is_card(each) for each in root) else list(root)
    for number, user in enumerate(users, start=1):
        cards = {text for each in user.iter() if _is_card(each) and (text := _text(each))}
        if not cards:
            reading.wrong(path, 0, _("user {number} has no identifier").format(number=number))
            continue
        try:
            yield _user(user, cards, reading)
        except ValueError:
            reading.wrong(path, 0, _("user {number} has no readable date").format(number=number))


def _user(user: Any, cards: set[str], reading: ExportReading) -> PatronRecord:
    record = PatronRecord(cards)
    for each in user:
        if _name(each) == "usergroup":
            record.group = _text(each)
        elif _name(each) == "expirydate" and _text(each):
            record.expires_on = reading.day(_text(each))
    for block in user.iter():
        if "block" not in _name(block) or not len(block):
            continue
        told = {_name(each): _text(each) for each in block}
        words = [told[name] for name in _WORDS if told.get(name)]
        if not words or told.get("blockstatus", "").lower() == "inactive":
            continue
        flags = set().union(*(blocks(text) for text in words))
        record.flags |= flags - {PatronFlag.BLOCKED} or flags
        until = _until(told, reading)
        if until is not None and PatronFlag.SUSPENDED in flags:
            record.suspended_until = max(until, record.suspended_until or until)
    return record


def _until(told: dict[str, str], reading: ExportReading) -> date | None:
    text = told.get("expirydate") or told.get("blockexpirydate") or ""
    return reading.day(text) if text else None


def _is_card(element: Any) -> bool:
    return _name(element) in _CARDS and not len(element)


def _name(element: Any) -> str:
    """An element's name without namespace, capitals and signs."""
    return re.sub(r"[^a-z]", "", str(element.tag).rpartition("}")[2].lower())


def _text(element: Any) -> str:
    return (element.text or "").strip()
