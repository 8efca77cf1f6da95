"""The commands about uploads: upload, report, jobs, follow-up, archive.

Here: sending and all that comes after. Not here: the engine (upload).
"""
