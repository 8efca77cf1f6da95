"""Keep the translation catalogue in step with the code: extract, update, compile, check.

``python installer/catalogue.py update`` after a change of texts, then translate what is empty in
``resources/locale/fr/LC_MESSAGES/offcirc.po``; ``compile`` makes the ``.mo`` the program reads.
Babel does the work: it reads Python and Jinja alike and needs no gettext tools on the machine.
"""

from __future__ import annotations

import io
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).resolve().parent.parent
LOCALE = TOP / "resources" / "locale"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
METHODS = [("**.py", "python"), ("**.html.j2", "jinja2")]
# Written as it stands: Babel's own header changes with the day and with Babel's version, and a
# catalogue should change only when a text does.
HEADER = """\
# {language} texts of OffCirc.
# Copyright (C) The OffCirc contributors
# This file is distributed under the same licence as OffCirc (MIT).
#
msgid ""
msgstr ""
"Project-Id-Version: OffCirc\\n"
"Language: {code}\\n"
"Plural-Forms: {plural_forms};\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def extracted() -> Catalog:
    """The texts that the code asks for now."""
    catalogue = Catalog(project="offcirc", charset="utf-8", fuzzy=False)
    for folder in ("offcirc", "resources", "installer"):
        found = extract_from_dir(
            TOP / folder, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for name, _line, message, comments, context in found:
            # No line numbers: they would change the file with every edit of the code.
            place: Any = (f"{folder}/{name}", None)
            catalogue.add(message, None, [place], context=context, auto_comments=comments)
    return catalogue


def po_path(language: str) -> Path:
    """Where a language's catalogue lies."""
    return LOCALE / language / "LC_MESSAGES" / "offcirc.po"


def load(language: str) -> Catalog:
    """A language's catalogue as it stands; empty if there is none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="offcirc", charset="utf-8", fuzzy=False)
    with path.open("rb") as stream:
        return read_po(stream, locale=language, domain="offcirc")


def updated(language: str) -> Catalog:
    """A language's catalogue brought in step with the code, nothing guessed, nothing obsolete."""
    catalogue = load(language)
    catalogue.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def to_bytes(catalogue: Catalog) -> bytes:
    """A catalogue as the text of a .po file; the same catalogue always gives the same bytes."""
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalogue,
        sort_output=True,
        width=100,
        omit_header=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    if catalogue.locale is None:
        raise ValueError("a catalogue without a language has no place to go")
    header = HEADER.format(
        language=catalogue.locale.english_name,
        code=catalogue.locale,
        plural_forms=catalogue.plural_forms.rstrip("; "),
    )
    return header.encode() + buffer.getvalue().lstrip(b"\n")


def compile_all() -> list[Path]:
    """Write the .mo file of every language that has a catalogue; returns what was written."""
    written = []
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/offcirc.po")):
        with po.open("rb") as stream:
            catalogue = read_po(stream, locale=po.parts[-3], domain="offcirc")
        # Babel would write today's: the same texts are to give the same bytes.
        catalogue.creation_date = catalogue.revision_date = _ANY_DAY
        mo = po.with_suffix(".mo")
        # Replaced in one go: a program that starts meanwhile reads the old texts or the new ones.
        fresh = mo.with_name(f"{mo.name}.{os.getpid()}")
        with fresh.open("wb") as stream:
            write_mo(stream, catalogue)
        fresh.replace(mo)
        written.append(mo)
    return written


def main(arguments: list[str]) -> int:
    """Run ``update`` or ``compile``."""
    if arguments == ["update"]:
        po_path("fr").parent.mkdir(parents=True, exist_ok=True)
        catalogue = updated("fr")
        po_path("fr").write_bytes(to_bytes(catalogue))
        missing = [m.id for m in catalogue if m.id and not all(_forms(m.string))]
        print(f"{len(catalogue)} texts, {len(missing)} without a French translation")
        for text in missing:
            print("  ", text)
        compile_all()
        return 0
    if arguments == ["compile"]:
        compile_all()
        return 0
    print("usage: catalogue.py update | compile", file=sys.stderr)
    return 2


def _forms(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    if string is None:
        return [""]
    return [string] if isinstance(string, str) else list(string)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
