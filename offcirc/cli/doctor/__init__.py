"""The doctor: what is wrong with this PC, a look each, and what to do about it.

Here: looks and findings. Not here: how the desk's window shows them.
"""
