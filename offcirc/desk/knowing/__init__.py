"""What the desk knows of readers and items while the library system is away, and how it says so.

Here: asking OffCirc.knowledge in the background, once a row is kept and shown. Not here: the file
itself, its words, or anything that could keep a row from being recorded.
"""
