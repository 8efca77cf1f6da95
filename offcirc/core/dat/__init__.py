"""The format of OffCirc.dat: one line, and a whole file as a stream.

Here: the codec and every damage it knows. Not here: files on a disk (storage) or what lines of
several files say about each other (order, checks).
"""
