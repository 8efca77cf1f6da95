"""Handing lines over as files that people carry, and taking in or looking up the answers.

Here: which lines go in which file, the checklist, the joining of the report. Not here: reading
the report's formats (alma).
"""
