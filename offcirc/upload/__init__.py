"""From the desks' files to the library system and back: collect, plan, replay, report, follow up.

Here: the referent's work without windows. Not here: what is kept (storage), the wire (servers).
"""
