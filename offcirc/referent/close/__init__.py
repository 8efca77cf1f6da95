"""The last step: files are put away.

Here: page, model and controller of the step. Not here: the closing itself (upload.close).
"""
