"""The work list: what past uploads leave to be done, and what was done about it.

Here: tasks, their words, corrections sent again, likely typing slips. Not here: the report they
come from (report), putting files away (close).
"""
