"""Evergreen, over its offline script ``offline.pl``.

Here: sessions created, loaded, executed, watched; what came of each line.
Not here: what becomes of a line in the ledger (``upload``).
"""
