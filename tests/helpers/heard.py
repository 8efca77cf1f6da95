"""What a screen reader finds in a window: Qt's own tree, which UI Automation is given as it is."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

_ROLE = QAccessible.Role
_NAMED = (
    *(_ROLE.Button, _ROLE.PushButton, _ROLE.CheckBox, _ROLE.RadioButton, _ROLE.ComboBox),
    *(_ROLE.EditableText, _ROLE.SpinBox, _ROLE.Slider, _ROLE.List, _ROLE.Table, _ROLE.Tree),
    *(_ROLE.PageTab, _ROLE.MenuItem, _ROLE.ProgressBar, _ROLE.Link),
)


def controls(window: QWidget) -> Iterator[QAccessibleInterface]:
    """Everything in sight that can be used."""
    top = QAccessible.queryAccessibleInterface(window)
    assert top is not None
    waiting = [top]
    while waiting:
        here = waiting.pop()
        if here.state().invisible:
            continue
        if here.role() in _NAMED:
            yield here
        if here.role() not in (_ROLE.ComboBox, _ROLE.SpinBox, _ROLE.List, _ROLE.Table):
            children = (here.child(number) for number in range(here.childCount()))
            waiting += [child for child in children if child is not None]


def nameless(window: QWidget) -> list[str]:
    """Those of them that have no name to be read out."""
    return [
        f"{each.role()} {each.object()!r}"
        for each in controls(window)
        if not each.text(QAccessible.Text.Name).strip()
    ]
