"""Handing lines over to Alma as files, and taking its report back in.

Here: which lines go in which file, the checklist, the joining of the report. Not here: reading
the report's formats (alma).
"""
