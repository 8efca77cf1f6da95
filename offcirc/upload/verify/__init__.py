"""The second opinion: after an upload, the system is read back and compared with the files.

Here: what should be true by the ledger, asking, comparing, keeping what was found. Not here: its
words and its place in reports (report).
"""
