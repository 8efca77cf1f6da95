"""PySide loaded without what can wait: nothing is missing when it is asked for."""

from __future__ import annotations

import subprocess
import sys

_QUICK = "from offcirc.windows.quick import load_qt; load_qt()"
_ASKED = """
from PySide6.QtWidgets import QApplication, QLabel, QWidget
app = QApplication([])
label = QLabel("x")
wrong = (
    lambda: label.setText(3), lambda: QLabel(nonsense=3), label.setText, lambda: label.move("a"),
    lambda: QWidget.grab(label, 1, 2),
)
for call in wrong:
    try:
        call()
    except (TypeError, AttributeError) as error:
        print(repr(error))
print(QLabel.setText.__doc__)
from shibokensupport.signature import get_signature
from shibokensupport.signature.lib import enum_sig
print(get_signature(QLabel.move), enum_sig.SimplifyingEnumerator.__name__)
import PySide6.support.signature.lib.pyi_generator as one
import shibokensupport.signature.lib.pyi_generator as other
print(one.generate_pyi.__name__, one is other)
"""
_LEFT = """
import builtins, sys
plain = builtins.__import__
from offcirc.windows.quick import load_qt
load_qt()
from PySide6.QtWidgets import QApplication, QLabel
QApplication([])
QLabel("x").setObjectName("y")
assert builtins.__import__ is plain
signature = "shibokensupport.signature"
print("generate_pyi" in vars(sys.modules[signature + ".lib.pyi_generator"]))
print("create_signature" in vars(sys.modules[signature + ".layout"]))
"""


def _said(*programs: str) -> str:
    command = [sys.executable, "-c", "\n".join(programs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def test_messages_and_signatures_are_the_same_as_without() -> None:
    said = _said(_QUICK, _ASKED)
    assert said == _said(_ASKED)
    assert said.count("TypeError") >= 3
    assert said.endswith("generate_pyi True\n")


def test_what_is_for_signatures_alone_is_not_read_at_the_start() -> None:
    assert _said(_LEFT) == "False\nFalse\n"
