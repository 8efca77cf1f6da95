"""Tables: wide enough for what stands in them, and no code broken on a narrow terminal."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest

from offcirc.cli.frame import output
from offcirc.cli.frame.output import PrintedColumn

COLUMNS = [
    PrintedColumn("Line", 4, right=True),
    PrintedColumn("Message", 10),
    PrintedColumn("Item", 8),
    PrintedColumn("Borrower", 0),
]
ROW = ("18", "Item not found in the catalogue", "37000034179", "9921000000164")


def printed(rows: int = 1) -> list[str]:
    with redirect_stdout(io.StringIO()) as stream, output.Table(COLUMNS) as table:
        for _row in range(rows):
            table.add(ROW)
    return stream.getvalue().splitlines()


def test_in_a_pipe_each_column_is_as_wide_as_its_cells() -> None:
    heading, *rows = printed(output.TABLE_ROWS + 2)
    assert len(rows) == output.TABLE_ROWS + 2
    assert {row.index("37000034179") for row in rows} == {heading.index("Item")}
    assert {row.index("9921000000164") for row in rows} == {heading.index("Borrower")}


@pytest.mark.parametrize("width", [24, 50, 60, 200])
def test_on_a_narrow_terminal_no_code_is_broken(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(output, "on_terminal", lambda _stream: True)
    monkeypatch.setenv("COLUMNS", str(width))
    lines = printed()
    text = "\n".join(lines)
    assert "37000034179" in text
    assert "9921000000164" in text
    assert max(map(len, lines)) <= width
    assert (lines[0].split() == ["Line", "18"]) == (width < 50)
