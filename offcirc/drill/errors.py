"""What can keep a drill from being begun or judged."""

from __future__ import annotations


class DrillError(Exception):
    """Something outside the program; the message is a sentence for a librarian."""
