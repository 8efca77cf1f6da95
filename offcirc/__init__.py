"""OffCirc keeps a library lending when its system is down and puts everything right afterwards."""

__version__ = "0.1.0"
