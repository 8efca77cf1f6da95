"""Closing: files of an upload are put away, readers' identifiers erased in time.

Here: whether and in which order it is done, and taken back. Not here: moving the files
(storage.closing).
"""
