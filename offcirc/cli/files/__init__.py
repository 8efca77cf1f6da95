"""The commands about files: check, merge, decide.

Here: what is done before anything is sent. Not here: uploads.
"""
