"""Tables as library systems export them, row by row with its line: CSV in any dress, XLSX.

A million rows go through without being kept. Lines above the column names, as Analytics writes
them, are looked through for the moment as of which the data holds.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from offcirc.i18n import _
from offcirc.knowledge.errors import BuildError

HEADER_WITHIN = 30
"""Lines among which the column names are looked for."""
_MOST_UNPACKED = 2 << 30
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_AS_OF = re.compile(
    r"(?:data updated as of|updated as of|donnees mises a jour|a jour au)\D{0,20}(.*)"
)


@dataclass(slots=True)
class SourceProblem:
    """Something wrong in an export; names no reader.

    Attributes:
        file: its name.
        line: its line, from 1; 0: the whole file.
        text: what is wrong, in the active language.
    """

    file: str
    line: int
    text: str

    def words(self) -> str:
        """The sentence."""
        if not self.line:
            return _("{file}: {what}.").format(file=self.file, what=self.text)
        return _("{file}, line {line}: {what}.").format(
            file=self.file, line=self.line, what=self.text
        )


@dataclass(slots=True)
class ExportTable:
    """An open table.

    Attributes:
        name: the file's name.
        columns: of each field asked for, the positions of its columns.
        as_of: the moment that stands above the column names, naive; ``None``: none does.
    """

    name: str
    columns: dict[str, list[int]]
    as_of: datetime | None
    _rows: Iterator[tuple[int, list[str]]] = field(repr=False)

    def rows(self) -> Iterator[tuple[int, dict[str, list[str]]]]:
        """Each row that is not blank: its line, and of each field its cells that are not empty."""
        for line, cells in self._rows:
            if any(cells):
                yield (
                    line,
                    {
                        name: [cells[at] for at in places if at < len(cells) and cells[at]]
                        for name, places in self.columns.items()
                    },
                )


def open_table(path: Path, fields: Mapping[str, Iterable[str]]) -> ExportTable:
    """Open a table and find its columns.

    Args:
        path: the file; XLSX by its first bytes, CSV otherwise.
        fields: of each field, the names its columns may have; the first field is needed.

    Raises:
        BuildError: it cannot be read, or has no such column.
    """
    known = {plain(name): key for key, names in fields.items() for name in names}
    needed = next(iter(fields))
    rows = _all_rows(path)
    as_of, seen = None, 0
    for seen, cells in rows:
        found = [known.get(plain(cell), "") for cell in cells]
        if needed in found:
            places: dict[str, list[int]] = {key: [] for key in fields}
            for at, key in enumerate(found):
                if key:
                    places[key].append(at)
            return ExportTable(path.name, places, as_of, rows)
        as_of = as_of or _as_of(" ".join(cells))
        if seen >= HEADER_WITHIN:
            break
    raise BuildError(
        _("{file}: no column is called {names}. Name it in the settings ({setting}).").format(
            file=path.name,
            names=", ".join(list(fields[needed])[:3]),
            setting="knowledge.patron_columns, knowledge.item_columns",
        )
    )


def plain(text: str) -> str:
    """A column's name without capitals, accents and signs."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    letters = text.encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", letters.lower()))


def day(text: str, *, month_first: bool) -> date:
    """A cell as a day: ISO, or three numbers as Europe or North America write them.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?", text.strip())
    if found is None:
        return datetime.fromisoformat(text.strip().replace("/", "-")[:10]).date()
    first, second, year = (int(part) for part in found.groups())
    month, number = (first, second) if month_first else (second, first)
    return date(year, month, number)


def _as_of(line: str) -> datetime | None:
    plain_line = unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode().lower()
    found = _AS_OF.search(plain_line)
    if found is None:
        return None
    told = found[1].strip().rstrip(".")
    for form in (
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dt%H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%m/%d/%Y %I:%M:%S %p",
        "%d/%m/%Y %H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%Y-%m-%d",
    ):
        for words in (told, " ".join(told.split()[:3]), " ".join(told.split()[:2])):
            try:
                return datetime.strptime(words, form)  # noqa: DTZ007 - the library's local time
            except ValueError:
                continue
    return None


def _all_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
        if head.startswith(b"PK"):
            yield from _xlsx(path)
        else:
            yield from _csv(path, head)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BuildError(_("{file}: {what}.").format(file=path.name, what=reason)) from None


def _csv(path: Path, head: bytes) -> Iterator[tuple[int, list[str]]]:
    encoding = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    if not encoding:
        encoding = "utf-8" if _is_utf8(path) else "cp1252"
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        first = [stream.readline() for _number in range(HEADER_WITHIN)]
        counts = {mark: max(line.count(mark) for line in first) for mark in ",;\t|"}
        delimiter = max(counts, key=lambda mark: counts[mark])
        stream.seek(0)
        reader = csv.reader(stream, delimiter=delimiter)
        try:
            for cells in reader:
                yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise BuildError(
                SourceProblem(path.name, reader.line_num, str(error)).words()
            ) from None


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as stream:
            while stream.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    import openpyxl  # noqa: PLC0415 - takes long to load

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MOST_UNPACKED:
                raise ValueError("too big")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles that exports lack
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            with closing(book):
                rows = book.worksheets[0].iter_rows(values_only=True)
                for number, cells in enumerate(rows, start=1):
                    yield number, [_cell(value) for value in cells]
    except OSError:
        raise
    except Exception as error:  # a hostile file makes it raise nearly anything
        reason = type(error).__name__
        raise BuildError(_("{file}: {what}.").format(file=path.name, what=reason)) from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
