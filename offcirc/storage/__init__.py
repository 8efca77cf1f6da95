"""What is kept on disk: journal, OffCirc.dat, fallback place, copies, upload ledger.

Here: our own files and databases, each room one of them. Not here: how a file gets safely onto a
disk (disk), or what an upload does with it (upload).
"""
