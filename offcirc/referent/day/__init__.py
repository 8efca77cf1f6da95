"""The picture of the day: its figures, its drawing, its words.

Here: loans and returns over time for each desk. Not here: the pages that show it.
"""
