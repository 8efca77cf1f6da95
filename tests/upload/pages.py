"""What a browser would show and load of a report in HTML."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """A page.

    Attributes:
        tags: every element's name.
        attributes: every attribute with its value.
        text: every piece of text to be seen.
        tables: each table as rows of cells.
        scripts: what would run, if the page is let.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.scripts: list[str] = []
        self._inside: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag in ("script", "style", "td", "th"):
            self._inside.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag == "div" and self._inside:
            self.tables[-1][-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        where = self._inside[-1] if self._inside else ""
        if where == "script":
            self.scripts.append(data)
            return
        if where == "style":
            return
        if where:
            self.tables[-1][-1][-1] += data
        if data.strip():
            self.text.append(data.strip())
