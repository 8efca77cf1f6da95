"""The step of the report: lines, job, past uploads, search, mail.

Here: page, model and controller of the step. Not here: what a report says (upload.report).
"""
