"""What an upload came to: one model, its words, its columns, read back from the ledger.

Here: what there is to say. Not here: how a file format says it (render), or what people do next
(followup).
"""
