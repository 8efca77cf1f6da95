"""Files that are on the disk when we say so: the lowest room that touches files.

Here: durable and atomic writes, private modes, probes, room left, locks, opening an SQLite file,
what kind of place a folder is in. Not here: what is written (storage, settings, practice).
"""
