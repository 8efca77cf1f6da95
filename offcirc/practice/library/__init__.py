"""The folder that describes a practice library, read and judged line by line.

Here: policy.toml and the CSV files. Not here: the database that is made of them.
"""
