"""The replay engine: planned lines go to the server, each at most once.

Here: what may go now, side by side, waiting, settling answers. Not here: the wire (servers), what
is kept (storage.ledger), what is shown (report).
"""
