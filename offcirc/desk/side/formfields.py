"""Which field goes with which option."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from offcirc.desk.face.look import Look
from offcirc.desk.side.settingfields import (
    ChoiceField,
    PathField,
    SettingField,
    SeveralField,
    SwitchField,
    TextField,
)
from offcirc.settings.kinds import Form
from offcirc.settings.option import Option


def field_for(option: Option, look: Look, parent: QWidget) -> SettingField:
    """The field that goes with an option."""
    from offcirc.desk.side.rulesfield import RulesField

    makers: dict[Form, Callable[[Option, Look, QWidget], SettingField]] = {
        Form.FOLDER: PathField,
        Form.FILE: PathField,
        Form.SWITCH: SwitchField,
        Form.CHOICE: ChoiceField,
        Form.SEVERAL: SeveralField,
        Form.RULES: RulesField,
    }
    return makers.get(option.kind.form, TextField)(option, look, parent)
