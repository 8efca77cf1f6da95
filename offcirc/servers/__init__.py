"""One module per library system, behind one protocol.

Here: the wire of each system and what it can keep. Not here: when and in which order lines are
sent (upload).
"""
