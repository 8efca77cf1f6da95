"""The mail in which Alma sends its report: its parts, decoded, as they are or forwarded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from itertools import islice

from offcirc.upload.alma import almacells

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
