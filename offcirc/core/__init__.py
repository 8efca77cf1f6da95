"""The trade's rules: no Qt, no files, no network; time is passed in.

Here: transactions, barcodes, OffCirc.dat's format, the desk's session, orders, checks, lending
rules. Not here: words for people, anything that is kept or sent.
"""
