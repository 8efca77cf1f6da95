"""What the commands print: tables and progress on a terminal, plain lines in a pipe.

Results go to standard output, everything else (progress, warnings, errors) to standard error, so
that a script can read the results alone.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from offcirc.commandline import is_terminal

if TYPE_CHECKING:
    from rich.console import Console

TABLE_ROWS = 500
"""Rows of a table that are kept back to be drawn nicely; the rest of a long one runs through."""


def say(text: str = "") -> None:
    """Print a line of the result."""
    print(text)


def note(text: str) -> None:
    """Print a line that is not part of the result."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


def heading(text: str) -> None:
    """Print a heading."""
    if on_terminal(sys.stdout):
        _console(sys.stdout).print(f"\n{text}", style="bold", markup=False, highlight=False)
    else:
        print(f"\n{text}\n{'-' * len(text)}")


def on_terminal(stream: TextIO) -> bool:
    """Whether a person looks at it."""
    return is_terminal(stream)


def visible(text: str) -> str:
    """``text`` without anything that a terminal would obey: control characters, direction marks.

    The no-break space stays: French has it before a colon.
    """
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable() or char == "\N{NO-BREAK SPACE}"
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # heavy, and only for people who look

    return Console(file=stream)


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """A column of a table.

    Attributes:
        title: its heading, in the active language.
        width: characters it takes at least in plain lines, where the rows cannot be measured
            beforehand; 0 for the last one.
        right: numbers stand to the right.
    """

    title: str
    width: int
    right: bool = False


class Table:
    """A table that may be endless: rows in, drawn on a terminal, one plain line each in a pipe.

    Use it in a ``with`` block.
    """

    def __init__(self, columns: Sequence[PrintedColumn]) -> None:
        self._columns = columns
        self._stream = sys.stdout
        self._kept: list[tuple[Sequence[str], str]] = []
        self._drawing = on_terminal(self._stream)
        self._begun = False
        self._widths = [max(column.width, len(column.title)) for column in columns]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._draw()

    def add(self, cells: Sequence[str], style: str = "") -> None:
        """Add a row; ``style`` is a colour for a terminal, never the only sign of anything."""
        if self._drawing:
            self._kept.append((cells, style))
            if len(self._kept) >= TABLE_ROWS:
                self._draw()
                self._drawing = False
            return
        if not self._begun:
            self._begun = True
            self._write([column.title for column in self._columns])
        self._write(cells)

    def _write(self, cells: Sequence[str]) -> None:
        padded = [
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, column, width in zip(cells, self._columns, self._widths, strict=True)
        ]
        self._stream.write("  ".join(padded).rstrip() + "\n")

    def _draw(self) -> None:
        if not self._kept:
            return
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for column in self._columns:
            table.add_column(
                column.title,
                justify="right" if column.right else "left",
                no_wrap=column.right,
                overflow="fold",
            )
        for cells, style in self._kept:
            table.add_row(*(Text(cell, style=style) for cell in cells))
        _console(self._stream).print(table)
        self._kept.clear()
        self._begun = True


class Gauge(Protocol):
    """A progress display."""

    def show(self, done: int, total: int, text: str) -> None:
        """Show how far the work has come; ``total`` 0 means that nobody knows yet."""


class _NoGauge:
    """Nobody looks."""

    def show(self, done: int, total: int, text: str) -> None:
        pass


def silent() -> Gauge:
    """A progress display for work that is over at once."""
    return _NoGauge()


@contextmanager
def gauge(title: str) -> Iterator[Gauge]:
    """A progress bar on standard error while a person looks at it; silent in a pipe."""
    if not on_terminal(sys.stderr):
        yield silent()
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=max(10, min(40, shutil.get_terminal_size().columns - 50))),
        TaskProgressColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        console=_console(sys.stderr),
        transient=True,
    )
    with progress:
        task = progress.add_task(title, total=None, words="")

        class _Bar:
            def show(self, done: int, total: int, text: str) -> None:
                progress.update(task, completed=done, total=total or None, words=text)

        yield _Bar()
