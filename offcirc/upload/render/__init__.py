"""A report as a file: text, HTML, CSV, XLSX, JSON, PDF.

Here: formats, each with what its readers can bear. Not here: which columns and sentences there
are (report).
"""
