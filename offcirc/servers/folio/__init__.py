"""FOLIO, over the JSON of its gateway.

Here: signing in and staying so, lines sent and looked back at, items and readers looked up.
Not here: what becomes of a line in the ledger (``upload``).
"""
