"""The page of readers whom a desk has registered without a card.

Here: its table, its panel, what they ask of the registry.
Not here: the registry itself, which is in :mod:`offcirc.storage.registrations`.
"""
