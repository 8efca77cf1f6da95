"""PySide, loaded without what slows down every start and every import that follows."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

_HOME = "shibokensupport.signature"
_LATER = frozenset(
    f"{_HOME}.{name}"
    for name in ("errorhandler", "layout", "parser", "lib.enum_sig", "lib.pyi_generator")
)
"""What PySide's core imports, and uses for nothing but signatures: in help texts, and in the
message of a ``TypeError``."""


def load_qt() -> None:
    """Import PySide's core and leave Python's own import as it was.

    PySide puts a function of its own in front of it that reads the source of each module, to learn
    whether it asks for PySide's other spelling of names (``from __feature__ import snake_case``),
    and that looks again at each import statement passed later. Nobody here asks for it: a start is
    10 ms quicker without, and a scan 20 µs. Another 20 ms are saved by importing what is
    :data:`_LATER` when it is asked for.
    """
    plain = builtins.__import__

    def lazily(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if name.startswith(_HOME):
            for each in fromlist or ():
                _put_off(name, each)
        return plain(name, globals, locals, fromlist or (), level)

    builtins.__import__ = lazily
    try:
        import PySide6.QtCore  # noqa: F401, PLC0415 - here and nowhere else
    finally:
        builtins.__import__ = plain


def _put_off(package: str, name: str) -> None:
    """Stand in for a module that can wait; where PySide is built otherwise, do nothing."""
    whole = f"{package}.{name}"
    home = sys.modules.get(package)
    if whole not in _LATER or whole in sys.modules or home is None:
        return
    finder: Any = getattr(home, "__loader__", None)
    spec = finder.find_spec(whole, None) if hasattr(finder, "zfile") else None
    if spec is None:
        return
    module = ModuleType(whole)
    module.__spec__ = spec

    def load(wanted: str) -> Any:
        if wanted.startswith("__"):
            raise AttributeError(wanted)
        del module.__dict__["__getattr__"]
        spec.name = whole  # PySide has given it another
        spec.loader.exec_module(module)
        sys.modules[whole] = module
        return getattr(module, wanted)

    module.__dict__["__getattr__"] = load
    sys.modules[whole] = module
    setattr(home, name, module)
