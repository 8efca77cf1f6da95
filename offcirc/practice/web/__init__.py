"""The practice server's door: its JSON service, its pages, its description, the running of it.

Here: HTTP. Not here: what a loan or return does.
"""
