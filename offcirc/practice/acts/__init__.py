"""What somebody does at the practice server by hand, and what it does at night.

Here: acts on readers, loans, items, requests, registrations, letters, rules, uploaded files; each
is a function on the database, inside a transaction. Not here: pages and who may see them (web).
"""
