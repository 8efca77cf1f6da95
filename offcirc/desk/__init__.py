"""The desk's blue window.

Here: the door for desk staff. Not here: anything that uploads.
"""
