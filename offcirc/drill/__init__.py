"""Drills: an outage that is played, with a truth that the trainees' work is compared with.

Here: the scenarios, the folder of a drill, its papers, the score. Not here: the rules of a library
(practice), what a desk keeps (storage), the commands (cli).
"""
