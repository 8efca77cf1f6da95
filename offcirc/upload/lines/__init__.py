"""From files and folders to lines in one order, each with its key and its fate.

Here: collecting, reading, recognising copies, decisions, the plan. Not here: judging lines
(check), sending them (replay).
"""
