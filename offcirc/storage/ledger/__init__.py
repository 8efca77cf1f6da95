"""The ledger of uploads, ledger.db: what was sent where, and what came back, line by line.

Here: its tables and the questions asked of them. Not here: sending (upload.replay), or deciding
what an answer means (upload.replay.settlements).
"""
