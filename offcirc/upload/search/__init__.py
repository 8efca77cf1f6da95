"""What happened to a barcode, a reader, on a day: all uploads searched.

Here: the question and the answer in words. Not here: the tables asked (storage.ledger).
"""
