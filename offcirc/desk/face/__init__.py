"""What the desk window looks and sounds like: colours, type, band, list, controls.

Here: widgets that show and know no journal. Not here: what a scan means (scan), or sentences
(words).
"""
