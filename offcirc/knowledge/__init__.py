"""What a desk may know without the library system: dated, little of it, without names.

Here: OffCirc.knowledge (its hashes, its building and reading, its place on a desk PC), the exports
it is built from. Not here: how the desk shows what is known, or the rules in words (rulewords).
"""
