"""OffCirc keeps a library lending when its system is down and puts everything right afterwards."""

__version__ = "0.1.0"

RELEASED = "2026-11-25"
"""The day this version was made; no clock that is right is earlier."""
