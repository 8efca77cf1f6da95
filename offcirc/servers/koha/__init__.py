"""The adapter for Koha: its offline service line by line, what it says of items and readers.

Here: one module a door of Koha's, and the judgement about answers that were lost. Not here: HTTP
itself and what every adapter has in common (servers).
"""
