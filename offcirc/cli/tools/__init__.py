"""The other commands: demo, server, second opinion, settings, cards, manual, the windows.

Here: what is neither about files nor part of an upload. Not here: what they start.
"""
