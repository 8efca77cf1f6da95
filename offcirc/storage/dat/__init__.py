"""OffCirc.dat on the disk: writing it from the journal, comparing, mending, splitting.

Here: everything that reads or writes the desk's own file. Not here: its format (core.dat), copies
of it (copies), or putting it away (closing).
"""
