"""Everything the desk says, in the active language.

Here: sentences from codes and values; no Qt. Not here: where and how they are shown (face).
"""
