"""PySide, loaded without what slows down every import that follows."""

from __future__ import annotations

import builtins


def load_qt() -> None:
    """Import PySide's core and leave Python's own import as it was.

    PySide puts a function of its own in front of it that reads the source of each module, to learn
    whether it asks for PySide's other spelling of names (``from __feature__ import snake_case``),
    and that looks again at each import statement passed later. Nobody here asks for it: a start is
    10 ms quicker without, and a scan 20 µs.
    """
    plain = builtins.__import__
    import PySide6.QtCore  # noqa: F401, PLC0415 - here and nowhere else

    builtins.__import__ = plain
