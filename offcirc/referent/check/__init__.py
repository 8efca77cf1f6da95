"""The first two steps: collecting the files, and checking their lines.

Here: pages, models, controller and work of Collect and Check. Not here: the judgements (upload).
"""
