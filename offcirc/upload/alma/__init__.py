"""Reading Alma's own report: Excel, CSV, page, mail or text, row by row.

Here: what a report says, as values. Not here: what it means for our lines (handover).
"""
