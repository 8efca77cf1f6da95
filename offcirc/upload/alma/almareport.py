"""Reading Alma's own report of an upload: as Excel, CSV, page, mail, or text copied out of one.

Alma takes OffCirc.dat by hand only, and answers with a report that names lines and barcodes. It is
viewed in the browser, exported to Excel, and mailed to the person who uploaded; people forward,
copy and rename it. So it is known by what it says: every way of reading the bytes is tried, and
the one that finds most wins.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from itertools import islice
from pathlib import Path

from offcirc.core.answers import Reason
from offcirc.disk import durable
from offcirc.disk.reasons import why
from offcirc.i18n import _
from offcirc.servers.almawords import reason
from offcirc.upload.alma import almacells, almafacts, almarows
from offcirc.upload.alma.almacells import Rows, UnreadableContainerError
from offcirc.upload.alma.almafacts import JobFacts
from offcirc.upload.alma.almarows import AlmaRow
from offcirc.upload.base.errors import NotAlmaReportError

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_PDF = b"%PDF"
_ARCHIVE = b"PK"


@dataclass(frozen=True, slots=True)
class AlmaReport:
    """A report of Alma's.

    Attributes:
        facts: what it says of the job.
        rows: the refused lines, in its order.
    """

    facts: JobFacts
    rows: tuple[AlmaRow, ...]

    @property
    def digest(self) -> str:
        """What makes it this report, in whatever file it came; SHA-256, hexadecimal."""
        text = repr((self.facts, self.rows))
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def read_alma_report(path: Path) -> AlmaReport:
    """Read a report of Alma's from a file.

    Raises:
        NotAlmaReportError: it cannot be opened, is too big, or is something else.
    """
    if durable.is_database(path):
        raise NotAlmaReportError(path.name, _("it is a database of OffCirc."))
    try:
        with path.open("rb") as stream:
            data = stream.read(almacells.MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        detail = why(error) if isinstance(error, OSError) else str(error)
        raise NotAlmaReportError(path.name, detail) from error
    return parse(data, path.name)


def parse(data: bytes, name: str) -> AlmaReport:
    """Read a report of Alma's from a file's bytes.

    Args:
        data: the bytes, whatever they are.
        name: what to call the file in errors.

    Raises:
        NotAlmaReportError: it is something else, damaged or too big.
    """
    if len(data) > almacells.MOST_BYTES:
        raise NotAlmaReportError(name, _("it is too big."))
    if data.startswith(_OLD_EXCEL):
        raise NotAlmaReportError(
            name, _("it is of an old kind. Save it as an Excel workbook (.xlsx), CSV or text.")
        )
    if data.startswith(_PDF):
        raise NotAlmaReportError(
            name, _("it is a PDF. Export the report from Alma to Excel, or use its mail.")
        )
    try:
        readings = [_reading(rows) for rows in _ways(data)]
    except UnreadableContainerError as error:
        raise NotAlmaReportError(name, _("the file is damaged.")) from error
    best = max(readings, key=_weight, default=None)
    if best is None or not _is_one(best):
        raise NotAlmaReportError(
            name, _("neither the row of a job nor lines with error messages are in it.")
        )
    facts = best.facts
    for other in readings:
        if facts.process_id in ("", other.facts.process_id) or not other.facts.process_id:
            facts = facts.completed_by(other.facts)
    return AlmaReport(facts, best.rows)


def _ways(data: bytes, depth: int = 0) -> Iterator[Rows]:
    """Every way of reading the bytes as rows of cells.

    Raises:
        UnreadableContainerError: they promise to be something that they are not.
    """
    if data.startswith(_ARCHIVE):
        yield from almacells.of_xlsx(data)
        return
    if is_mail(data):
        if depth < DEEPEST:
            for part in parts(data):
                if isinstance(part, bytes):
                    yield from _attached(part, depth)
                else:
                    yield from _of_text(part)
        if is_encoded(data):
            return
    yield from _of_text(almacells.decoded(data))


def _attached(data: bytes, depth: int) -> Iterator[Rows]:
    """An attachment: one that is damaged does not spoil the mail around it."""
    try:
        yield from _ways(data, depth + 1)
    except UnreadableContainerError:
        return


def _of_text(text: str) -> Iterator[Rows]:
    if _is_page(text):
        yield almacells.of_html(text)
        return
    yield almacells.of_text(text)
    for delimiter in almacells.delimiters(text):
        try:
            yield almacells.of_csv(text, delimiter)
        except UnreadableContainerError:
            continue


def _is_page(text: str) -> bool:
    head = text[:4000].lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head:
        return True  # what Excel of 2003 calls XML, and report pages still export
    return "<html" in head or "<!doctype html" in head or "<table" in head or "<body" in head


def _reading(rows: Rows) -> AlmaReport:
    return AlmaReport(almafacts.of_rows(rows), tuple(almarows.of_rows(rows)))


def _weight(report: AlmaReport) -> tuple[int, int]:
    """How much was understood; of equals, the one with less around it is the cleaner."""
    rows = [row for row in report.rows if not row.unread]
    known = sum(reason(row.message) is not Reason.OTHER for row in rows)
    named = sum(bool(row.code) for row in rows)
    numbered = sum(row.number is not None for row in rows)
    length = sum(len(row.message) for row in report.rows)
    return 2 * known + named + numbered + len(rows) + report.facts.said, -length


def _is_one(report: AlmaReport) -> bool:
    """Whether this says something that only a report of Alma's says."""
    facts = report.facts
    if any(row.code for row in report.rows):
        return True
    counted = facts.records is not None or facts.exceptions is not None
    return counted or (facts.said >= 2 and bool(report.rows or facts.process_id))


DEEPEST = 3
"""How deep mails may hold mails."""
_MOST_PARTS = 100
_HEAD = 1 << 16
_FIELD = re.compile(rb"\A(?:From |[!-9;-~]{1,80}:[ \t\r\n])")
_MAIL = re.compile(
    rb"^(?:from|subject|received|mime-version|content-type|message-id):",
    re.IGNORECASE | re.MULTILINE,
)
_ENCODED = re.compile(
    rb"^(?:mime-version|content-transfer-encoding):", re.IGNORECASE | re.MULTILINE
)


def is_mail(data: bytes) -> bool:
    """Whether a file begins like a mail; one has a head of some size, and then a blank line."""
    fields = _fields(data)
    whole = len(fields) < min(len(data), _HEAD) - 1
    return whole and bool(_FIELD.match(data)) and bool(_MAIL.search(fields))


def is_encoded(data: bytes) -> bool:
    """Whether a mail is as it was sent, and not text that was copied with a mail's head."""
    return bool(_ENCODED.search(_fields(data)))


def parts(data: bytes) -> Iterator[str | bytes]:
    """Texts and attachments of a mail, those of the mails in it included."""
    try:
        mail = BytesParser(policy=policy.compat32).parsebytes(data)
        leaves = [part for part in mail.walk() if not part.is_multipart()]
    except Exception as error:  # a hostile mail makes it raise nearly anything
        raise almacells.UnreadableContainerError(type(error).__name__) from error
    for part in islice(leaves, _MOST_PARTS):
        content = _content(part)
        if content is not None:
            yield content


def _content(part: Message) -> str | bytes | None:
    try:
        payload = part.get_payload(decode=True)
        kind = part.get_content_type()
        charset = part.get_content_charset() or ""
        attached = part.get_filename() is not None
    except Exception:  # a hostile mail makes it raise nearly anything
        return None
    if not isinstance(payload, bytes) or len(payload) > almacells.MOST_BYTES:
        return None
    if attached or not kind.startswith("text/"):
        return None if kind.startswith(("image/", "audio/", "video/")) else payload
    try:
        return payload.decode(charset)
    except (LookupError, ValueError):
        return almacells.decoded(payload)


def _fields(data: bytes) -> bytes:
    head = data[:_HEAD].replace(b"\r\n", b"\n")
    return head.split(b"\n\n", 1)[0]
