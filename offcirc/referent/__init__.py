"""The referent's window.

Here: the door for who uploads. Not here: the work itself (upload), done in other threads.
"""
