"""Every option, declared once, typed, layered, lockable.

Here: files, layers, complaints. Not here: what an option does.
"""
