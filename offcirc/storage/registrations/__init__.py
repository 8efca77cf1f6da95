"""Readers without a card, from the desk that wrote them down to the decision about them.

Here: sealing them, the desk's own file, what the uploader knows of them.
Not here: what becomes of the loans to them; that is the plan's (:mod:`offcirc.upload.lines`).
"""
