"""Before anything is sent: what would be refused, and who would be in for a surprise.

Here: dry runs and forecasts; nothing is kept. Not here: sending for good (replay).
"""
