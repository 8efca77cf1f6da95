"""The practice server: a small library system of our own, for training, drills, tests, the demo.

Here: its library, its answers, its pages. Not here: rules that the desk needs too (core.rules).
"""
