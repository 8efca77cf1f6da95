"""What a scanned or typed text may be: rules, patterns, check digits, symbologies, layouts.

Here: anything that judges or mends the text of one barcode. Not here: what a barcode means at the
desk (:mod:`offcirc.core.session`), or how keys become a text (scanning).
"""
