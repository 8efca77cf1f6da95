"""The command line.

Here: the door for scripts and administrators. Not here: anything a window needs too.
"""
