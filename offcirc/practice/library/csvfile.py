"""CSV files as spreadsheets write them, every fault a sentence that names file and line.

UTF-8 with or without a byte order mark, any line ends, commas or (in French spreadsheets)
semicolons. Columns are found by name, in any order; further columns are ignored.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo

from offcirc.i18n import _
from offcirc.practice.errors import LibraryError


def decoded(file: str, raw: bytes) -> str:
    """The text of a file of this name.

    Raises:
        LibraryError: it is not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise LibraryError(
            _("{file}, line {line}: not UTF-8. Save the file as UTF-8.").format(
                file=file, line=line
            )
        ) from None


class CsvFile:
    """One CSV file: its rows as cells by column name, with the line they come from.

    Args:
        file: its name.
        contents: the bytes of the files of the folder, by name.

    Raises:
        LibraryError: it is not UTF-8.
    """

    def __init__(self, file: str, contents: Mapping[str, bytes]) -> None:
        self.file = file
        self.text = decoded(file, contents[file])
        self.line = 1

    def rows(self, *columns: str) -> Iterator[dict[str, str]]:
        """Every row that is not blank, the columns asked for alone, blanks around cells removed.

        Raises:
            LibraryError: a column is missing, a row is too short, or it is no CSV.
        """
        first = self.text.split("\n", 1)[0]
        separator = ";" if ";" in first and "," not in first else ","
        patron = csv.reader(io.StringIO(self.text, newline=""), delimiter=separator, strict=True)
        header: list[str] = []
        try:
            for cells in patron:
                self.line = patron.line_num
                if not any(cell.strip() for cell in cells):
                    continue
                if not header:
                    header = self._header(cells, columns)
                    continue
                if len(cells) < len(header):
                    raise self.wrong(
                        _("{found} cells where the first line names {wanted} columns").format(
                            found=len(cells), wanted=len(header)
                        )
                    )
                # Cells beyond the header are a spreadsheet's trailing separators.
                row = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
                yield {name: row[name] for name in columns}
        except csv.Error as error:
            self.line = patron.line_num
            raise self.wrong(_("not readable as CSV ({reason})").format(reason=error)) from None
        if not header:
            raise self.wrong(_("the line of column names is missing"))

    def wrong(self, what: str) -> LibraryError:
        """The error that says what is wrong with the line just read."""
        return LibraryError(
            _("{file}, line {line}: {what}.").format(file=self.file, line=self.line, what=what)
        )

    def filled(self, row: dict[str, str], *columns: str) -> None:
        """Check that these cells are not empty.

        Raises:
            LibraryError: one of them is.
        """
        for column in columns:
            if not row[column]:
                raise self.wrong(_("the cell '{column}' is empty").format(column=column))

    def moment(self, row: dict[str, str], column: str, zone: tzinfo) -> datetime:
        """A cell as an aware moment; without an offset it is the library's local time.

        Raises:
            LibraryError: the cell holds no time.
        """
        try:
            moment = datetime.fromisoformat(row[column])
            if not 1900 <= moment.year <= 2999:
                raise ValueError
        except ValueError:
            raise self.wrong(
                _("the cell '{column}' must be a time such as 2018-01-15T14:20").format(
                    column=column
                )
            ) from None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)

    def _header(self, cells: list[str], columns: tuple[str, ...]) -> list[str]:
        header = [cell.strip().lower() for cell in cells]
        for column in columns:
            if column not in header:
                raise self.wrong(
                    _("the column '{column}' is missing; found: {found}").format(
                        column=column, found=", ".join(name for name in header if name)
                    )
                )
        return header
