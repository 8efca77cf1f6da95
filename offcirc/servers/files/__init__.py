"""Systems that people carry files to, and the files of other offline tools.

Here: what each file holds, and what to do with it. Not here: which lines, and when (upload).
"""
