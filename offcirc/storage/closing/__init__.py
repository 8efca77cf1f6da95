"""Putting uploaded files away: the archive, and the desk's own file closed.

Here: files moved for good, exactly once. Not here: which files may be closed (upload.close), or
erasing readers (:mod:`offcirc.storage.erasing`).
"""
