"""What the steps are made of: tables, lists, cells, parts, look, background tasks.

Here: widgets and models that know no upload. Not here: pages, or words about uploads.
"""
