"""Registrations of readers without a card, as the referent meets them.

Here: taking them in with the desks' files, their words.
Not here: where they are kept (:mod:`offcirc.storage.registrations`), the windows and commands.
"""
