"""What the desk does with what is kept: store, rows, the day's figures, watches.

Here: the window's work on journal, file, copies, disk and clock. Not here: widgets (face) or the
keeping itself (storage).
"""
