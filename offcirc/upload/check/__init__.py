"""Checking a plan before it is sent, and what was found in words.

Here: line by line and across desks. Not here: the judgements themselves (core.checks).
"""
