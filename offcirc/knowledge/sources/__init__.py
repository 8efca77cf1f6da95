"""The exports that knowledge is built from, one module for each form they come in.

Here: tables (CSV, XLSX), Alma's XML, Evergreen's list, the practice server. Not here: what is
written from them.
"""
