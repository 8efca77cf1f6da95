"""The program around the window: putting it together, starting, single instance, trials.

Here: the one place where all parts meet. Not here: any part itself.
"""
