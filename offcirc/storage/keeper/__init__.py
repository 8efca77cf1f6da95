"""Going on whatever fails: the main place, the fallback place, and the way back.

Here: which place is used now, and how rows come home. Not here: the journal itself, or words for
the desk's window.
"""
