"""The windows beside the desk window: settings, scanner test, this PC, manual.

Here: windows that open and close; a scan there goes on to the desk. Not here: what the main
window shows.
"""
