"""What the desk prints: control cards, the page to pin up, the manual.

Here: pages drawn to PDF. Not here: the manual on the screen (side).
"""
