"""What several rooms' tests share."""

from helpers.checkout import TOP, project_files, raw
from helpers.processes import ask_to_end, pseudo_terminal, with_window
from helpers.waiting import wait_until

__all__ = [
    "TOP",
    "ask_to_end",
    "project_files",
    "pseudo_terminal",
    "raw",
    "wait_until",
    "with_window",
]
