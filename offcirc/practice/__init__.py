"""The practice server: a small library system of our own, for training, drills, tests and the demo.

It applies the circulation rules of a real library to the files of an outage and answers in the
words of Alma, over SQLite, on this machine alone. Nothing here reaches a real library system.
"""
