"""The other commands: demo, server, settings, cards, manual, the windows.

Here: what is neither about files nor about uploads. Not here: what they start.
"""
